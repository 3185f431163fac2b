"""The store suite on SQLite, and what SQLite alone must show."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.store.plans import RunStore
from seiyaku.store.store import Store
from seiyaku.store.witness import Made, PackageStore
from seiyaku.testing.store_suite import AT, StoreSuite


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.at(tmp_path / "seiyaku.sqlite")
    yield opened
    opened.close()


class TestSqliteStore(StoreSuite):
    """Every test of the suite."""


def test_what_is_acknowledged_is_synced_to_the_disk(store: Store) -> None:
    with store.together() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_store_of_an_earlier_version_gets_the_columns_it_lacks_and_keeps_its_rows(
    store: Store, tmp_path: Path
) -> None:
    made = Made(RequestId("request-1"), "x.zip", "0" * 64, AT)
    PackageStore(store).record(made, PersonId("1"))
    store.close()
    path = tmp_path / "seiyaku.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE packages DROP COLUMN ends_at")
        db.commit()
    reopened = Store.at(path)
    assert PackageStore(reopened).of_request(RequestId("request-1")) == (made,)
    reopened.close()


def test_a_locked_store_says_that_it_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seiyaku.store.engine.BUSY_MS", 50)
    store = Store.at(tmp_path / "seiyaku.sqlite")
    with closing(sqlite3.connect(tmp_path / "seiyaku.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SystemUnavailable) as caught:
            RunStore(store).halt("sato", AT)
        assert caught.value.code == "SY330"
        other.rollback()
    RunStore(store).halt("sato", AT)
    store.close()


@pytest.mark.parametrize("broken", ["a folder", "no database"])
def test_a_store_that_cannot_be_opened_is_a_clear_error(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "seiyaku.sqlite"
    if broken == "a folder":
        os.mkdir(path)
    else:
        path.write_bytes(b"not a database" * 100)
    with pytest.raises(SystemUnavailable) as caught:
        Store.at(path)
    assert caught.value.hint()
