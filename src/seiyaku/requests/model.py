"""A request of a person (開示等の請求) and the states it goes through.

incomplete → received → identity_shown → planned → approved → running → answered
before running: → refused      a plan that no longer fits: running, open → planned
                               running → open → running → answered

*Open* means that something is pending, by hand or unreachable: the request is never
complete while it is. Kinds that touch no system are answered without a plan, and a complaint
also before it is known who complains; a stop of provision stays open until everybody who got
something has confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import PlanId, RequestId
from seiyaku.kernel.text import Language
from seiyaku.policy.model import RequestKind
from seiyaku.standing.model import Scope

RequestState = Literal[
    "incomplete",
    "received",
    "identity_shown",
    "planned",
    "approved",
    "running",
    "open",
    "answered",
    "refused",
]
Channel = Literal["email", "web", "post", "settings"]

_NEXT: dict[RequestState, frozenset[RequestState]] = {
    "incomplete": frozenset({"incomplete", "received", "refused"}),
    "received": frozenset({"incomplete", "identity_shown", "answered", "refused"}),
    "identity_shown": frozenset({"received", "planned", "open", "answered", "refused"}),
    "planned": frozenset({"planned", "approved", "refused"}),
    "approved": frozenset({"planned", "running", "refused"}),
    "running": frozenset({"planned", "running", "open", "answered"}),
    "open": frozenset({"planned", "running", "open", "answered"}),
    "answered": frozenset(),
    "refused": frozenset(),
}
WITH_PLAN: frozenset[RequestKind] = frozenset(
    {"disclosure", "correction", "addition", "deletion", "closure"}
)
"""Kinds carried out in the company's systems; the others change what may be done, or tell."""


@dataclass(frozen=True)
class Request:
    """One request. Who asks stands in the store beside it, never in here.

    Args:
        kind: what is asked. people: how many it is about, one but for requests in bulk.
        person_kind: kind of people, a word of the policy.
        received_at: when it arrived; the clocks of the law start here.
        version: policy version in force at receipt; the fee is taken from it.
        scope: items, purposes, recipients it is limited to; empty means everything.
        fee_jpy: yen due, 0 for none.
        reason, cite: why it was refused, or what was found, and the clause or article.
    """

    id: RequestId
    kind: RequestKind
    person_kind: str
    received_at: datetime
    version: str
    state: RequestState = "received"
    people: int = 1
    channel: Channel = "web"
    language: Language = "ja"
    scope: Scope = field(default_factory=Scope)
    fee_jpy: int = 0
    plan: PlanId | None = None
    ended_at: datetime | None = None
    reason: str = ""
    cite: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return not _NEXT[self.state]

    def to(self, state: RequestState, **changes: object) -> Request:
        """The request in its next state.

        Raises:
            Conflict: SY522 it does not go there from where it is.
        """
        if state not in _NEXT[self.state]:
            raise Conflict(
                f"request `{self.id}` is {self.state} and cannot become {state}",
                code="SY522",
                hint="from here it goes to: " + (", ".join(sorted(_NEXT[self.state])) or "nothing"),
            )
        return replace(self, state=state, **changes)  # type: ignore[arg-type]
