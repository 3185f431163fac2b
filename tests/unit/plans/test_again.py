"""Acting once more on rows that came back: no more rows than were approved, no count twice."""

from __future__ import annotations

import pytest

from seiyaku.datamap.expected import require_expected
from seiyaku.datamap.system import Action, Applied, HandleColumn, Path, Repeated
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.plans.run import Again

POSTS, ORDERS = DatasetId("app.posts"), DatasetId("app.orders")
OWN = Path(("user_id",), HandleColumn(DatasetId("app.users"), ("id",)))
DELETE = Action(POSTS, "delete", (OWN,), expected=3)


@pytest.mark.parametrize("found", [0, 2, 4])
def test_an_action_takes_exactly_what_the_plan_counted(found: int) -> None:
    require_expected(POSTS, 3, [DELETE])
    with pytest.raises(Conflict) as caught:
        require_expected(POSTS, found, [DELETE])
    assert caught.value.code == "SY502"


def test_done_once_more_it_takes_at_most_as_many() -> None:
    for found in (0, 1, 3):
        require_expected(POSTS, found, [Repeated.of(DELETE)])
    with pytest.raises(Conflict) as caught:
        require_expected(POSTS, 4, [Repeated.of(DELETE)])
    assert caught.value.code == "SY502"


def test_a_repeated_action_is_the_same_but_for_its_name() -> None:
    again = Repeated.of(DELETE)
    assert vars(again) == vars(DELETE)
    assert again != DELETE, "what a system remembers of the one is nothing of the other"


def test_of_what_stays_after_both_acts_no_more_is_new_than_had_come_back() -> None:
    """Kept rows are found by the second act too; they are not kept twice."""
    before = Applied({POSTS: 3}, {}, {ORDERS: 2})
    now = Applied({POSTS: 1}, {}, {ORDERS: 2})
    together = Again(RunId("run-2"), {POSTS: 1}).after(before, now)
    assert (together.deleted, together.kept) == ({POSTS: 4}, {ORDERS: 2})
    with_new = Again(RunId("run-2"), {ORDERS: 1}).after(before, Applied({}, {}, {ORDERS: 3}))
    assert with_new.kept == {ORDERS: 3}
