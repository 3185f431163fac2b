"""A release as data, and the Protocol of whatever keeps releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import PersonId

ReleaseState = Literal["intended", "sent", "failed", "unknown"]
Manner = Literal["other", "bulk", "contract_in_lieu"]
"""How the record is made: each time · one for many · the contract's papers stand for it."""
Means = Literal["written", "recorded", "electromagnetic"]
"""How it goes: on paper, on recording media, or by wire."""


@dataclass(frozen=True)
class Party:
    """Who a recipient or giver is, as a record must tell it.

    Args:
        word: the recipient's word in the policy, or of the member in its register.
        name, address: of the company or person. representative: who represents it; empty for
            a single person.
    """

    word: str
    name: str
    address: str
    representative: str = ""


@dataclass(frozen=True)
class Giving:
    """What is about to go to whom, and why: what a door knows.

    Args:
        recipient: the word asked at the gate. items: words of what goes.
        cites: clauses and articles of the decision that permitted it.
        case: it goes under a compulsory demand or an exception instead of the declared basis.
        reference: the caller's own word for the occasion, never a value of the person.
        means: how it goes; None where nobody knows, and then it may not.
    """

    person: PersonId
    recipient: str
    items: tuple[str, ...]
    purpose: str | None = None
    country: str | None = None
    route: str | None = None
    cites: tuple[str, ...] = ()
    case: Literal["legal_demand", "exception"] | None = None
    reference: str = ""
    manner: Manner = "other"
    means: Means | None = "electromagnetic"


@dataclass(frozen=True)
class Receiving:
    """What was received of a person from someone else.

    Args:
        giver: word of who gave it. basis: on which they may give it (``consent``, ``opt_out``,
            ``related_info``; ``entrust`` and the like where they are no third party).
        how_acquired: how the giver came by it, as they told. Law: APPI 30(1)(ii).
        published: where the commission lists the giver's opt-out filing, for ``opt_out``.
        agreed: where the person's consent is written, for ``related_info``; for ``consent``
            too, where it was given to the giver and not to us.
    """

    person: PersonId
    giver: str
    items: tuple[str, ...]
    basis: str
    country: str | None = None
    how_acquired: str = ""
    published: str = ""
    agreed: str = ""
    cites: tuple[str, ...] = ()
    reference: str = ""
    manner: Manner = "other"


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
        record: what the law wants written, element by element (`laws.record_content`), an
            element nobody could tell being empty; none at all where the law wants no record
            and the controller keeps it for itself.
        required: whether the law wants the record. manner: how it is made.
        means: how it goes, of what is provided.
        kept_until: last day of its period; one the law does not want is kept no longer than
            one it wants, and goes with the person's data. None where no pack tells a period.
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
    manner: Manner = "other"
    means: Means | None = None
    kept_until: date | None = None
    reference: str = ""

    @property
    def held_until(self) -> date | None:
        """Last day the law wants it kept, whatever becomes of the rest; None: it wants none."""
        return self.kept_until if self.required and self.state != "failed" else None

    @property
    def missing(self) -> tuple[str, ...]:
        """What nobody could tell of a record the law wants; ``record_content``: nor what it is."""
        if self.required and not self.record:
            return ("record_content",)
        empty = [element for element, text in self.record.items() if not text]
        unsaid = self.required and self.direction == "provided" and self.means is None
        return (*empty, "means") if unsaid else tuple(empty)


def require_complete(releases: Sequence[Release]) -> None:
    """Let nothing go whose record the law wants and nobody can write.

    Raises:
        NotPermitted: SY220 naming the recipient and what its record lacks.
    """
    for release in releases:
        if release.missing:
            lacks = ", ".join(f"`{element}`" for element in release.missing)
            raise NotPermitted(
                f"the record of a release to `{release.recipient}` lacks {lacks}",
                code="SY220",
                hint="name the third party with its address and representative; see the consent",
            )


class ReleaseBook(Protocol):
    """Keeps releases; the store implements it, doors write to it."""

    def intend(self, releases: Sequence[Release]) -> None:
        """Write them down, durably, before anything goes; the same id twice is one.

        Raises:
            NotPermitted: SY220 a record the law wants is incomplete; nothing may go.
        """
        ...

    def settle(self, ids: Sequence[str], state: ReleaseState, at: datetime) -> None:
        """Say what became of them; said twice is said once.

        An unknown one may turn out sent or failed; what was sent or failed stays so.

        Raises:
            NotPermitted: SY260 one was never intended; SY261 one ended otherwise.
        """
        ...
