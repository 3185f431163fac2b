"""Links of every kind in one small shop: composite keys, two people on a row, a shared value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.system_suite import Bench, Correction, Holdings

MAIL = "marker-one@example.com"
LINKED: dict[str, Any] = {
    "orders": {
        "key": ["shop", "no"],
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"shop": None, "no": None, "user_id": None, "note": "order"},
    },
    "lines": {
        "key": ["shop", "no", "sku"],
        "links": [{"by": ["shop", "no"], "to": "orders"}],
        "fields": {"shop": None, "no": None, "sku": "order"},
    },
    "follows": {
        "key": ["a", "b"],
        "links": [
            {"by": "a", "to": "users", "role": "follower"},
            {"by": "b", "to": "users", "role": "followee"},
        ],
        "fields": {
            "a": None,
            "b": None,
            "a_nick": {"item": "nick", "subject": "follower"},
            "b_nick": {"item": "nick", "subject": "followee"},
        },
    },
    "letters": {
        "key": "email",
        "links": [{"by": "email", "to": "users", "columns": "email"}],
        "fields": {"email": "email", "topic": "letter"},
    },
    "likes": {
        "key": ["user_id", "shop", "no"],
        "links": [
            {"by": "user_id", "to": "users"},
            {"by": ["shop", "no"], "to": "orders", "owns": False},
        ],
        "fields": {"user_id": None, "shop": "like", "no": "like"},
    },
}
HELD: dict[str, Sequence[Row]] = {
    "own.orders": [("a", 1, 1, "marker-two"), ("b", 1, 1, None)],
    "own.lines": [("a", 1, "tee"), ("a", 1, "tee"), ("b", 1, "mug")],
    "own.follows": [(1, 2, "one", None), (2, 1, None, "one")],
    "own.letters": [(MAIL, "tea")],
}
ROWS = """
INSERT INTO orders VALUES ('a', 1, 1, 'marker-two'), ('a', 2, 2, 'x'), ('b', 1, 1, NULL);
INSERT INTO lines VALUES ('a', 1, 'tee'), ('a', 1, 'tee'), ('a', 2, 'cap'), ('b', 1, 'mug');
INSERT INTO follows VALUES (1, 2, 'one', 'two'), (2, 1, 'two', 'one'), (2, 2, 'two', 'two');
INSERT INTO letters VALUES ('marker-one@example.com', 'tea'), ('two@example.com', 'tea');
INSERT INTO likes VALUES (2, 'a', 1), (2, 'a', 2);
"""
"""Of the tables beside ``users``, where rows need no key of their own."""


def datamap_of(kind: str, users: dict[str, str | None]) -> DataMap:
    """The linked tables in a system of `kind`, people with `users` fields first."""
    people = {"person": "user", "key": "id", "fields": users}
    own = {
        "kind": kind,
        "name": {"ja": "系", "en": "system"},
        "datasets": {"users": people, **LINKED},
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": {"own": own}})


def known(value: object) -> Handles:
    """The person with this key."""
    return Handles({HandleColumn(DatasetId("own.users"), ("id",)): frozenset({(value,)})})  # type: ignore[arg-type]


@contextmanager
def away(path: Path) -> Iterator[None]:
    """The file or folder is somewhere else for a while."""
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    yield
    elsewhere.rename(path)


def bench_on(
    look: Callable[[], Holdings],
    datamap: DataMap,
    settings: SystemSettings,
    user: Row,
    spoil: Callable[[], Any],
    cut_off: Callable[[], Any],
) -> Bench:
    """A bench whose person is user 1.

    Args:
        look: every row of the tables, read by another client.
    """
    held = {"own.users": [user], **HELD}
    return Bench(
        system=SystemId("own"),
        datamap=datamap,
        open=lambda: open_system("own", datamap.systems["own"], settings),
        person=known(1),
        absent=known(99),
        held={DatasetId(d): rows for d, rows in held.items()},
        referring={DatasetId("own.likes"): 1},
        look=look,
        cut_off=cut_off,
        spoil=spoil,
        markers=(MAIL, "marker-two"),
        correction=Correction(DatasetId("own.users"), "born", date(1990, 4, 2)),
        addition=Correction(DatasetId("own.users"), "nick", "愛"),
        suspension=Correction(DatasetId("own.users"), "vip", False),
    )
