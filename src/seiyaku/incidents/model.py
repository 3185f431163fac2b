"""What is known of a leak, what was done about it, and what is still owed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.text import Text
from seiyaku.laws import BreachClock, breach_clock, tokyo_day
from seiyaku.laws.model import BreachRule
from seiyaku.policy.model import Incidents as Promised

IncidentKind = Literal["leak", "self_disclosed", "third_person_identified"]
DueTo = Literal["us", "processor", "person", "other", "unknown"]
ReportStage = Literal["preliminary", "final"]
Owed = Literal["preliminary", "final", "people", "publication"]


@dataclass(frozen=True)
class Report:
    """A report that went to the authority, by the digest of its file."""

    stage: ReportStage
    at: datetime
    sha256: str


@dataclass(frozen=True)
class Incident:
    """One leak, or what looks like one.

    Args:
        kind: `self_disclosed` and `third_person_identified` start no clock unless somebody
            decides that they do. due_to: whose doing it was; no duty hangs on it.
        known_at: when we came to know; the clocks count from its day. datasets: what leaked.
        triggers: codes of the law pack that are met. counts: whether the clocks run.
        content: where the words or picture stand it is about, ``app.uploads:17``.
        statement_sha256: digest of what was published; empty while nothing was.
    """

    id: str
    kind: IncidentKind
    known_at: datetime
    due_to: DueTo = "unknown"
    datasets: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    counts: bool = True
    content: str = ""
    people: int = 0
    reports: tuple[Report, ...] = ()
    statement_sha256: str = ""
    substitute: str = ""
    ended_at: datetime | None = None

    def reported(self, stage: ReportStage) -> bool:
        """Whether a report of this stage went out; the final one stands for both."""
        return any(r.stage in (stage, "final") for r in self.reports)


@dataclass(frozen=True)
class Notice:
    """What the people are told. Law: APPI Rule 10; the items that leaked are added."""

    summary: Text
    cause: Text
    damage: Text
    other: Text


@dataclass(frozen=True)
class Statement:
    """What is published: the facts, and what prevents the next one."""

    facts: Text = field(default_factory=lambda: Text(ja="-", en="-"))
    prevention: Text = field(default_factory=lambda: Text(ja="-", en="-"))

    @property
    def empty(self) -> bool:
        """Whether one of the two says nothing in one of the languages."""
        said = (self.facts.ja, self.facts.en, self.prevention.ja, self.prevention.en)
        return not all(words.strip(" -") for words in said)

    @property
    def sha256(self) -> str:
        """Digest of its words."""
        said = (self.facts.ja, self.facts.en, self.prevention.ja, self.prevention.en)
        return sha256_hex("\n".join(said).encode())


def clock_of(
    incident: Incident,
    rule: BreachRule | None,
    promised: Promised | None,
    holidays: frozenset[date],
) -> BreachClock | None:
    """By when the authority is told; None where nothing runs. Pure.

    Where the law's triggers are not met and the policy promises to report all the same, the
    spans of the law count as if they were.
    """
    if rule is None or not incident.counts:
        return None
    met = set(incident.triggers) | {
        t.code for t in rule.triggers if 1 < t.min_persons <= incident.people
    }
    if not met and promised and promised.authority:
        met = {t.code for t in rule.triggers}
    return breach_clock(rule, met, tokyo_day(incident.known_at), holidays)


def late(incident: Incident, clock: BreachClock | None, today: date) -> Iterator[ReportStage]:
    """Reports whose last day is over and that did not go out."""
    if clock is None or incident.ended_at is not None:
        return
    if not incident.reported("preliminary") and today >= clock.preliminary_to_on:
        yield "preliminary"
    if not incident.reported("final") and today >= clock.final_on:
        yield "final"


def owed(
    incident: Incident,
    clock: BreachClock | None,
    promised: Promised | None,
    untold: Collection[str],
) -> Iterator[Owed]:
    """What must be done before the incident can be closed.

    Args:
        untold: people concerned whom nobody reached.
    """
    if clock is not None and not incident.reported("final"):
        yield "final"
    if incident.counts and untold and not incident.substitute:
        yield "people"
    if incident.counts and promised and promised.publication and not incident.statement_sha256:
        yield "publication"
