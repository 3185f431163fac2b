"""The occasion is what stands at the innermost `with`, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from seiyaku.doors.handling import current_handling, handling, require_handling
from seiyaku.kernel.errors import NotPermitted

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_outside_of_any_handling_there_is_none_and_doors_may_insist() -> None:
    assert current_handling() is None
    with pytest.raises(NotPermitted) as refused:
        require_handling()
    assert refused.value.code == "SY251"


def test_an_inner_handling_replaces_the_outer_whole_and_gives_way_again() -> None:
    with handling(person="p-1", purpose="ship_goods", recipient="printful") as outer:
        with handling(purpose="newsletter") as inner:
            assert current_handling() is inner
            assert (inner.person, inner.recipient) == (None, None)
        assert current_handling() is outer
    assert current_handling() is None


def test_a_handling_ends_with_an_error_too() -> None:
    with pytest.raises(ValueError, match="inside"), handling(person="p-1"):
        raise ValueError("inside")
    assert current_handling() is None


def test_concurrent_tasks_each_have_their_own() -> None:
    async def work(person: str) -> str | None:
        async with handling(person=person):
            await asyncio.sleep(0)
            occasion = require_handling()
            return occasion.person

    async def everybody() -> list[str | None]:
        return await asyncio.gather(*(work(f"p-{i}") for i in range(20)))

    assert asyncio.run(everybody()) == [f"p-{i}" for i in range(20)]


def test_a_bare_thread_inherits_nothing() -> None:
    seen = []
    with handling(person="p-1", purpose="ship_goods"):
        thread = threading.Thread(target=lambda: seen.append(current_handling()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_the_question_carries_all_that_was_said() -> None:
    with handling(
        person="p-1", purpose="ship_goods", relation="buyer_of", contexts=["order"], scopes=["x"]
    ) as occasion:
        asked = occasion.question(
            occasion.handling("send", recipient="printful", country="US", masked=True), "name", AT
        )
    assert (asked.act, asked.person, asked.item, asked.at) == ("send", "p-1", "name", AT)
    assert (asked.recipient, asked.country, asked.masked) == ("printful", "US", True)
    assert (asked.purpose, asked.relation) == ("ship_goods", "buyer_of")
    assert (asked.contexts, asked.scopes) == (frozenset({"order"}), frozenset({"x"}))


def test_a_question_about_nobody_is_refused() -> None:
    with handling(purpose="newsletter") as occasion, pytest.raises(NotPermitted) as refused:
        occasion.question(occasion.handling("use"), "email", AT)
    assert refused.value.code == "SY250"


def test_known_values_never_show() -> None:
    with handling(person="p-1", known=["Hanako Yamada"]) as occasion:
        assert "Hanako" not in repr(occasion)
