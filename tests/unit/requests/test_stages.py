"""Which letter is owed when, from the state of a request and what was told before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seiyaku.kernel.ids import RequestId, SystemId
from seiyaku.letters import Stage
from seiyaku.plans.model import ItemOutcome
from seiyaku.policy.model import RequestKind
from seiyaku.requests.model import Request, RequestState
from seiyaku.requests.stages import stages_due

KEPT = (ItemOutcome(SystemId("app"), None, ("order",), "kept_by_law", 3),)
CASES: list[tuple[RequestState, set[Stage], bool, bool, tuple[Stage, ...]]] = [
    ("received", set(), False, False, ("identity_wanted",)),
    ("received", {"identity_wanted"}, False, False, ()),
    ("identity_shown", {"identity_wanted"}, False, False, ("received",)),
    ("planned", {"received"}, False, True, ("extended",)),
    ("open", {"received"}, False, True, ("pending",)),
    ("open", set(), True, False, ("package_ready", "pending")),
    ("open", {"package_ready", "pending"}, True, False, ()),
    ("answered", {"package_ready", "pending"}, True, False, ("done",)),
    ("answered", {"received"}, True, False, ("package_ready",)),
    ("answered", {"package_ready"}, True, False, ()),
    ("answered", {"pending"}, False, False, ("done",)),
    ("answered", {"done"}, False, True, ()),
    ("refused", {"identity_wanted"}, False, True, ("refused",)),
    ("refused", {"refused"}, False, False, ()),
]


def _request(state: RequestState, kind: RequestKind = "deletion") -> Request:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    ended = at if state in ("answered", "refused") else None
    return Request(
        RequestId("r"), kind, "user", at, "1", state=state, reason="", cite="", ended_at=ended
    )


@pytest.mark.parametrize(("state", "told", "package", "extended", "due"), CASES)
def test_each_letter_is_owed_in_its_state_and_only_until_it_was_told(
    state: RequestState,
    told: set[Stage],
    package: bool,
    extended: bool,
    due: tuple[Stage, ...],
) -> None:
    assert stages_due(_request(state), told, package=package, extended=extended) == due


def test_what_a_law_keeps_is_said_and_a_complaint_needs_no_proof() -> None:
    assert stages_due(_request("answered"), (), KEPT) == ("kept_by_law",)
    assert stages_due(_request("received", "complaint"), ()) == ("received",)
