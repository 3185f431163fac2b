"""An object locked by retention: two duties in conflict, told and waited for, never forced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bookshop
from object_store import Door, client, moto_server
from seiyaku.app import Home
from seiyaku.app.settings import Place
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.servers import Database

pytestmark = pytest.mark.slow
LOCKED_S = 6.0
BUCKET: dict[str, Any] = {
    "invoices": {
        "table": "invoices/{user_id}/*",
        "key": ["name", "version"],
        "links": [{"by": "user_id", "to": "app.users"}],
        "fields": {"name": "purchase", "version": None, "user_id": None, "content": "purchase"},
    }
}


@pytest.fixture
def home(postgres_database: Database, tmp_path: Path) -> Iterator[tuple[Home, FixedClock, Any]]:
    """A bookshop of which one invoice lies under a lock for a few seconds of the real clock."""
    with ExitStack() as stack:
        door = Door(stack.enter_context(moto_server()))
        stack.callback(door.close)
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("BOOKSHOP_KEY", "test")
        bookshop.stock(postgres_database, 3)
        options = {"bucket": "books", "access_key": "test"}
        place = Place(url=door.url, secret="env:BOOKSHOP_KEY", options=options)
        beside = {"bucket": ("objects", BUCKET, place)}
        bookshop.settle(tmp_path / "home", postgres_database, beside=beside)
        store = client(door.url)
        store.create_bucket(Bucket="books", ObjectLockEnabledForBucket=True)
        clock = FixedClock(datetime.now(UTC))
        yield stack.enter_context(bookshop.opened(tmp_path / "home", clock)), clock, store


def test_a_locked_object_keeps_the_request_open_until_its_day_and_goes_then(
    home: tuple[Home, FixedClock, Any],
) -> None:
    opened, clock, store = home
    until = datetime.now(UTC) + timedelta(seconds=LOCKED_S)
    locked = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    store.put_object(Bucket="books", Key="invoices/2/a.pdf", Body=b"canary", **locked)
    store.put_object(Bucket="books", Key="invoices/2/b.pdf", Body=b"canary")
    store.put_object(Bucket="books", Key="invoices/3/a.pdf", Body=b"other", **locked)
    plan = bookshop.approved(opened, 2)
    first = opened.run(plan)
    told = [(o.outcome, o.rows, o.note) for o in first.outcomes if o.system == "bucket"]
    assert told == [("done", 1, ""), ("pending", 1, "object_lock")]
    [waits] = opened.waiting()
    assert [(w.need, w.until is not None) for w in waits.waits] == [("day", True)]
    assert opened.carry_on().results == (), "its day has not come"
    assert opened.requests()[-1].state == "open"
    time.sleep(LOCKED_S)
    clock.advance(days=2)
    [ended] = opened.carry_on().results
    assert ended.state == "done"
    assert opened.requests()[-1].state == "answered"
    left = store.list_object_versions(Bucket="books").get("Versions", ())
    assert [v["Key"] for v in left if v["Key"].startswith("invoices/")] == ["invoices/3/a.pdf"]
