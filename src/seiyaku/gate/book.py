"""What a compiled policy is: words to ready citations, one `Book` for each stretch of time.

What earlier versions said is kept as a mask of versions: bit 0 is the book's own version,
bit *k* the one *k* versions before; the run of ones from bit 0 is how far back a grant goes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.gate.masks import Masks
from seiyaku.gate.model import Reason
from seiyaku.laws import Laws

Whens = Mapping[str, frozenset[str]]
"""Item to the contexts in which alone it is allowed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A basis of the law. `shut` says that special-care items never go on it."""

    cite: str
    requires: tuple[str, ...]
    needs_consent: bool
    escapes: bool
    shut: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How data may go to one country. `cite` is the law's, else the recipient's clause."""

    code: str
    cite: str
    open: bool
    requires: tuple[str, ...]
    needs_consent: bool
    elements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A declared recipient.

    Args:
        ways: by country. gaps: what it leaves empty, as ``what:word``.
        reference: clauses that its broken reference may mean.
        masked: the clause by which it gets masked text only.
    """

    word: str
    cite: str
    register: str | None
    relation: str | None
    ground: Ground | None
    by_exception: bool
    purposes: frozenset[str]
    items: frozenset[str]
    whens: Whens
    countries: frozenset[str]
    ways: Mapping[str, Way]
    requires: tuple[str, ...]
    opt_out: str | None
    gaps: tuple[str, ...]
    reference: tuple[str, ...]
    masked: str | None


@dataclass(frozen=True, slots=True)
class Aim:
    """A declared purpose; `clause` is its own, as written."""

    clause: str
    cite: str
    items: frozenset[str]
    whens: Whens
    consent: str | None
    acknowledgement: str | None
    people: frozenset[str]
    opt_out: str | None
    empty: bool


@dataclass(frozen=True, slots=True)
class Gathering:
    """What must be there before an item is collected."""

    cite: str
    contexts: frozenset[str]
    consent: bool
    acknowledgement: str | None


@dataclass(frozen=True, slots=True)
class Thing:
    """A declared item: where it comes from, what holds it, when its time is over.

    Args:
        narrow: citation of the source, for sources with a closed list of purposes.
        scopes: source, or `ANY` where none is named, to the scopes asked and their citations.
        held, only_held: reasons that permit or refuse where the law holds the item.
        holders: clauses of the rules of law that hold it.
        windows: rules counted from collecting, as (rule, cite, length).
        kept: citations of every rule that keeps it, else its own.
    """

    cite: str
    sources: frozenset[str]
    narrow: Mapping[str, str]
    scopes: Mapping[str, Mapping[str, tuple[str, ...]]]
    gathering: Gathering | None
    people: frozenset[str]
    special_care: bool
    held: tuple[Reason, ...]
    only_held: tuple[Reason, ...]
    holders: tuple[str, ...]
    windows: tuple[tuple[str, str, timedelta], ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """An exception with the conditions of law and policy merged, each as (condition, cite).

    Args:
        code: the law's code; None where the policy's word names no law.
        law: citation of the law's exception; None where the law has none.
        clauses: the policy's clauses concerned. clause: that of the word asked; empty for a
            code of the law.
    """

    code: str | None
    law: str | None = None
    clauses: tuple[str, ...] = ()
    clause: str = ""
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two clauses that cannot both hold. `sides` from the clause as written to its cite."""

    word: str
    sides: Mapping[str, str]
    settled: bool
    items: frozenset[str]
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ages:
    """Age bands of the policy."""

    cite: str
    minimum: int | None
    guardian_below: int | None
    attestation: str | None


@dataclass(frozen=True, slots=True)
class Book:
    """One version under the laws of one stretch of days.

    Args:
        version, rank, ids: id and position of the version, and the ids of all, oldest first.
        classes: register to the recipient classes it keeps.
        bans: (act, item) to reasons; the item `ANY` where nobody declared it.
        outside: (item, source, purpose) to the citations of the closed lists that lack the
            purpose; see `masks.outside` for the words that stand for others.
        unstated: (item, purpose) to the (source, cite) that would have to be named.
        listed: purposes that `outside` and `unstated` know by name; others are `ANY`.
        disputes: item to the contradictions that may touch it; `ANY` for items none names.
        excuses: (whether sending, code) to the exception.
        kinds: recipient kinds of the law to (cite, exceptions they may invoke).
        requests: request kind to the reasons that permit it.
        suspends: what a suspension rests on: the policy's right, else the law's.
        acknowledgements: those the policy declares, to their citations.
        opens_purposes, opens_recipients: clauses by which a live consent opens words.
        transfer: clause of the policy's own consent to sending abroad.
        homes: countries whose law the packs are.
        masks: what earlier versions said.
    """

    version: str
    rank: int
    ids: tuple[str, ...]
    ranks: Mapping[str, int]
    things: Mapping[str, Thing]
    aims: Mapping[str, Aim]
    receivers: Mapping[str, Receiver]
    classes: Mapping[str, tuple[Receiver, ...]]
    sources: frozenset[str]
    contexts: frozenset[str]
    people: frozenset[str]
    bans: Mapping[tuple[str, str], tuple[Reason, ...]]
    outside: Mapping[tuple[str, str, str], tuple[str, ...]]
    unstated: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    listed: frozenset[str]
    disputes: Mapping[str, tuple[Dispute, ...]]
    excuses: Mapping[tuple[bool, str], Excuse]
    kinds: Mapping[str, tuple[str, frozenset[str]]]
    requests: Mapping[str, tuple[Reason, ...]]
    suspends: str
    acknowledgements: Mapping[str, str]
    ages: Ages | None
    opens_purposes: str | None
    opens_recipients: str | None
    transfer: str | None
    transfer_deemed: bool
    deemed_opens: bool
    consent_ground: Ground | None
    consent_way: Way
    homes: frozenset[str]
    masks: Masks
    laws: Laws


@dataclass(frozen=True)
class Rulebook:
    """Every book, by time. Before the first moment no version is in force."""

    moments: tuple[datetime, ...]
    books: tuple[Book | None, ...]

    def at(self, moment: datetime) -> Book | None:
        """The book of `moment`; None while no version is in force."""
        index = bisect_right(self.moments, moment) - 1
        return self.books[index] if index >= 0 else None
