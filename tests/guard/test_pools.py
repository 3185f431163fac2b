"""The application works through one pool for each purpose, chosen by what it is doing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from guard.conftest import Guarded
from seiyaku.doors.handling import handling
from seiyaku.doors.postgres import Pools
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import InvalidInput, NotPermitted

EMAILS = "SELECT email FROM customers ORDER BY id"


@pytest.fixture
def pools(guarded: Guarded) -> Iterator[Pools]:
    layout, prefix = guarded.wanted.layout, guarded.wanted.prefix
    pools = Pools(guarded.database.url, layout, prefix=prefix, pool_size=2)
    yield pools
    pools.close()


def _emails(pools: Pools) -> int:
    with pools.engine().connect() as connection:
        return len(connection.exec_driver_sql(EMAILS).all())


def test_the_handling_around_chooses_the_pool(pools: Pools) -> None:
    with handling(purpose="tea_letter"):
        assert _emails(pools) == 2
        assert pools.engine() is pools.engine()
    with handling(purpose="ship_goods"):
        assert _emails(pools) == 3


def test_threads_of_different_purposes_never_share_a_connection(pools: Pools) -> None:
    def ask(purpose: str) -> int:
        with handling(purpose=purpose):
            return _emails(pools)

    purposes = ["tea_letter", "ship_goods"] * 20
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, purposes)) == [2, 3] * 20


def test_outside_of_any_handling_there_is_no_pool(pools: Pools) -> None:
    with pytest.raises(NotPermitted) as told:
        pools.engine()
    assert told.value.code == "SY251"


def test_a_purpose_without_a_role_has_no_pool(pools: Pools) -> None:
    with handling(purpose="payment"), pytest.raises(InvalidInput) as told:
        pools.engine()
    assert told.value.code == "SY141"


def test_a_password_is_asked_for_once_and_shown_nowhere(guarded: Guarded) -> None:
    asked: list[str] = []

    def password(role: str) -> str:
        asked.append(role)
        return "secret-word"

    layout, prefix = guarded.wanted.layout, guarded.wanted.prefix
    pools = Pools(guarded.database.url, layout, prefix=prefix, password=password)
    engine = pools.engine(Handling("use", "tea_letter"))
    assert pools.engine(Handling("use", "tea_letter")) is engine
    assert asked == [f"{prefix}_tea_letter"]
    assert "secret-word" not in repr(engine) + repr(pools)
    pools.close()
