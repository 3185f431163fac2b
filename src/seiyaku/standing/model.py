"""What each person said, as an append-only list of events, and the state they fold to.

A `Standing` is the state of one person at one moment, folded from events
(`standing.fold`). Nothing is ever overwritten: a withdrawal is an event of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from seiyaku.kernel.ids import PersonId

ConsentKind = Literal["explicit", "deemed"]
Status = Literal["active", "frozen", "closed", "erased"]


@dataclass(frozen=True)
class Scope:
    """What an event is about; None means every one of that kind.

    Args:
        items, purposes, recipients: words of the policy. An empty tuple means *all*
            for stops (suspension, opt-out) and *none named* for consents.
    """

    items: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consent:
    """The person agreed (同意).

    Args:
        scope: the items, purposes and recipients agreed to. A part left empty was not named
            and opens nothing on its own.
        at: when they agreed. presented_at: when items and purpose were shown before.
        version: policy version shown. countries: countries shown, for foreign provision.
        text_sha256: digest of what was presented.
        informed: elements told beforehand (``country_name`` ...). Law: APPI 28(2).
    """

    person: PersonId
    at: datetime
    scope: Scope
    version: str
    presented_at: datetime | None = None
    countries: tuple[str, ...] = ()
    kind: ConsentKind = "explicit"
    text_sha256: str | None = None
    informed: tuple[str, ...] = ()
    by_guardian: bool = False


@dataclass(frozen=True)
class Withdrawal:
    """The person took a consent back (撤回); covers what the scope covers, all when empty."""

    person: PersonId
    at: datetime
    scope: Scope = Scope()


@dataclass(frozen=True)
class Acceptance:
    """The person accepted a version of the policy."""

    person: PersonId
    at: datetime
    version: str


@dataclass(frozen=True)
class Suspension:
    """Use is suspended (利用停止) for the scope; everything when it is empty."""

    person: PersonId
    at: datetime
    scope: Scope = Scope()
    request: str | None = None


@dataclass(frozen=True)
class Resumption:
    """A suspension is lifted for the scope; every suspension when it is empty."""

    person: PersonId
    at: datetime
    scope: Scope = Scope()


@dataclass(frozen=True)
class OptOut:
    """The person said no to a purpose or recipient that is otherwise allowed."""

    person: PersonId
    at: datetime
    scope: Scope = Scope()


@dataclass(frozen=True)
class OptIn:
    """The person took an opt-out back."""

    person: PersonId
    at: datetime
    scope: Scope = Scope()


@dataclass(frozen=True)
class AgeBand:
    """What is known of the age: at least so many years, or below so many; no birth date."""

    person: PersonId
    at: datetime
    at_least: int | None = None
    below: int | None = None


@dataclass(frozen=True)
class Guardian:
    """A guardian acts for the person from now on."""

    person: PersonId
    at: datetime


@dataclass(frozen=True)
class Acknowledged:
    """The person confirmed knowing something irreversible."""

    person: PersonId
    at: datetime
    what: str
    version: str


@dataclass(frozen=True)
class Freeze:
    """The account is frozen (for instance found to be under age)."""

    person: PersonId
    at: datetime


@dataclass(frozen=True)
class Closure:
    """The person left the service (退会); only what the law demands stays."""

    person: PersonId
    at: datetime


@dataclass(frozen=True)
class Erasure:
    """The person's data was erased (消去)."""

    person: PersonId
    at: datetime


Event = (
    Consent
    | Withdrawal
    | Acceptance
    | Suspension
    | Resumption
    | OptOut
    | OptIn
    | AgeBand
    | Guardian
    | Acknowledged
    | Freeze
    | Closure
    | Erasure
)


@dataclass(frozen=True)
class LiveConsent:
    """A consent as it stands at the moment of the `Standing`."""

    consent: Consent
    withdrawn: tuple[Withdrawal, ...] = ()


@dataclass(frozen=True)
class Standing:
    """State of one person at one moment.

    Args:
        kind: kind of person (``user``); a word of the policy.
        at: the moment this state holds for; later events are not in it.
        consents: consents given so far, each with the withdrawals that touch it.
        suspensions, opt_outs: scopes in force now (resumed ones are gone).
        accepted: versions accepted so far, as (version, when), oldest first.
        acknowledged: what was acknowledged, as (what, when).
        at_least, below: what is known of the age.
    """

    person: PersonId
    kind: str
    at: datetime
    status: Status = "active"
    since: datetime | None = None
    consents: tuple[LiveConsent, ...] = ()
    suspensions: tuple[Scope, ...] = ()
    opt_outs: tuple[Scope, ...] = ()
    accepted: tuple[tuple[str, datetime], ...] = ()
    acknowledged: tuple[tuple[str, datetime], ...] = ()
    at_least: int | None = None
    below: int | None = None
    guardian: bool = False
    events: int = field(default=0, compare=False)
