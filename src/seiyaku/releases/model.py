"""A release as data, and the Protocol of whatever keeps releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from seiyaku.kernel.ids import PersonId

ReleaseState = Literal["intended", "sent", "failed", "unknown"]


@dataclass(frozen=True)
class Release:
    """One giving of items of one person to one recipient, or one receipt of them.

    Args:
        id: unique; the same id twice is the same release.
        direction: ``provided`` to the recipient, or ``received`` from it (Law: APPI 30).
        recipient: the word asked at the gate: a declared recipient or a member of a register.
        items: words of the items that went, never their values.
        basis, route, country: by which the law lets it go; no route at home.
        version: of the policy in force. cites: the clauses and articles that permitted it.
        at: when it was intended. ended_at: when its state was last known.
        record: what the law wants written, element by element (`laws.record_content`); empty
            where the law wants no record and the controller keeps it for itself.
        required: whether the law wants the record.
        reference: the caller's own word for the occasion (an order number), never a value of
            the person.
    """

    id: str
    direction: Literal["provided", "received"]
    person: PersonId
    recipient: str
    items: tuple[str, ...]
    purpose: str | None
    basis: str
    route: str | None
    country: str | None
    version: str
    cites: tuple[str, ...]
    at: datetime
    state: ReleaseState = "intended"
    ended_at: datetime | None = None
    record: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    reference: str = ""


class ReleaseBook(Protocol):
    """Keeps releases; the store implements it, doors write to it."""

    def intend(self, releases: Sequence[Release]) -> None:
        """Write them down, durably, before anything goes; the same id twice is one.

        Raises:
            NotPermitted: SY220 a record the law wants is incomplete; nothing may go.
        """
        ...

    def settle(self, ids: Sequence[str], state: ReleaseState, at: datetime) -> None:
        """Say what became of them."""
        ...
