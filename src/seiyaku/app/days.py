"""The look of every day: what is late, unproven or stale becomes somebody's duty until it is not.

```python
found = home.days.check()
for duty in home.days.duties():
    print(duty.owner, duty.code, duty.subject, duty.since_at)
```

A finding opens one duty, however often the day is looked at, and the duty ends when nothing of
it is found any more, or when whoever did it shows what proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, get_args

from seiyaku.app.accuracy import STALE, UNTOLD, Accuracy, doubts
from seiyaku.app.collecting import MISMATCH, mismatches
from seiyaku.app.found import REPORT_LATE, Found, late_reports
from seiyaku.app.intake import COPY
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurances
from seiyaku.assurance.review import Lapse, LapseCode, owner_of, review, review_training_sets
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Policy
from seiyaku.requests.model import Request
from seiyaku.requests.overdue import Late, Overdue, answer_overdue, proof_overdue
from seiyaku.store.duties import Duty
from seiyaku.store.requests import RequestStep

__all__ = ["Day", "Days", "Duty", "Found"]
COMPLAINT: Final = "complaint-open"
UNKNOWN: Final = "identity_not_shown"
"""Why a request ends that nobody showed a proof for."""
_LOOKED_AT: Final = frozenset[str](
    {COMPLAINT, MISMATCH, REPORT_LATE, STALE, UNTOLD, *get_args(LapseCode), *get_args(Late)}
)
"""What every look finds anew: a duty of these ends once nothing of it is found."""


@dataclass(frozen=True)
class Day:
    """What a look came to: everything found, the duties it opened, and those that ended."""

    found: tuple[Found, ...]
    opened: tuple[Duty, ...]
    ended: tuple[Duty, ...]


class Days:
    """Duties of one installation."""

    def __init__(self, parts: Parts, accuracy: Accuracy) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._accuracy = accuracy

    def check(self) -> Day:
        """Look at everything that may be late; open and end duties by what is found.

        A request for which a proof was asked in time and never came is closed as unidentified.
        """
        now = self._parts.clock.now()
        self._close_unidentified(now)
        stale = self._accuracy.look()
        found = (*_found(self._parts, now), *doubts(self._parts, stale, now))
        found = tuple(dict.fromkeys((*found, *mismatches(self._parts))))
        opened = self.open(found)
        ids = {one.id for one in found}
        gone = [d for d in self.duties() if d.id not in ids and d.code in _LOOKED_AT]
        ended = tuple(replace(d, done_at=now) for d in gone)
        self._r.duties.end(ended)
        return Day(found, opened, ended)

    def open(self, found: Iterable[Found], owner: str = "") -> tuple[Duty, ...]:
        """Make each of these the duty of who owns its subject; those that are new come back."""
        now, facts = self._parts.clock.now(), self._r.assurances.all()
        return self._r.duties.open(
            [
                Duty(
                    one.id,
                    one.code,
                    one.subject,
                    one.cite,
                    owner or self._owner(facts, one.subject, now),
                    one.since_at,
                    now,
                )
                for one in found
            ]
        )

    def take_on(self, request: Request) -> None:
        """Make a complaint the duty of whoever is in charge, the moment it arrives."""
        if request.kind == "complaint":
            self.open([_complaint(self._parts, request)])

    def duties(self, *, done: bool = False) -> tuple[Duty, ...]:
        """What somebody has to see to, oldest first."""
        return self._r.duties.all(done=done)

    def complete(self, duty_id: str, evidence: bytes, actor: Actor) -> Duty:
        """Record that a duty was done, in the evidence first.

        Raises:
            InvalidInput: SY195 there is no such duty; SY183 the evidence is empty.
        """
        duty = self._r.duties.get(duty_id)
        if not evidence:
            raise InvalidInput("a duty is proven by a file, not by nothing", code="SY183")
        if duty.done_at is not None:
            return duty
        digest, now = sha256_hex(evidence), self._parts.clock.now()
        done = replace(duty, done_at=now, actor=actor.name, evidence_sha256=digest)
        self._parts.log.append([_entry(self._parts.settings.service, done, now)])
        self._r.duties.end([done])
        return done

    def _owner(self, facts: Assurances, subject: str, at: datetime) -> str:
        return owner_of(facts, subject, at) or self._parts.settings.in_charge or ""

    def _close_unidentified(self, now: datetime) -> None:
        for request, late in _late_proofs(self._parts, now):
            ended = request.to("refused", ended_at=now, reason=UNKNOWN, cite=late.cite)
            step = RequestStep(now, "", "refused", {"reason": UNKNOWN, "cite": late.cite})
            with self._r.store.together():
                self._r.requests.save(ended)
                self._r.requests.drop_details(request.id, (COPY,))
                self._r.requests.note(request.id, step)


def _found(parts: Parts, now: datetime) -> Iterator[Found]:
    facts = parts.repositories.assurances.all()
    for lapse in (
        *review(parts.policy(), facts, now),
        *review_training_sets(parts.history, facts, now),
    ):
        yield _of_lapse(lapse)
    yield from late_reports(parts, now)
    for request in parts.repositories.requests.all(ended=False):
        if request.kind == "complaint":
            yield _complaint(parts, request)
        late = _late_answer(parts, request, now)
        if late is not None:
            yield Found(late.code, late.request, late.cite, late.since_at)


def _complaint(parts: Parts, request: Request) -> Found:
    right = parts.policy().rights.get("complaint")
    cite = parts.policy().cite(right.clause) if right else ""
    return Found(COMPLAINT, request.id, cite, request.received_at)


def _of_lapse(lapse: Lapse) -> Found:
    about = f":{lapse.about}" if lapse.about else ""
    return Found(lapse.code, f"{lapse.subject}{about}", lapse.cite, lapse.since_at)


def _late_answer(parts: Parts, request: Request, now: datetime) -> Overdue | None:
    known_at = _last(parts, request, "identity_shown")
    if known_at is None or request.state == "received":
        return None
    days = parts.settings.aims.answer_days
    return answer_overdue(request, _version(parts, request), known_at, days, now)


def _late_proofs(parts: Parts, now: datetime) -> list[tuple[Request, Overdue]]:
    """Requests whose sender was told long ago that a proof is wanted."""
    days, late = parts.settings.aims.proof_days, []
    for request in parts.repositories.requests.all(ended=False):
        asked_at = _last(parts, request, "letter", stage="identity_wanted")
        if asked_at is not None:
            found = proof_overdue(request, _version(parts, request), asked_at, days, now)
            late += [(request, found)] if found else []
    return late


def _last(parts: Parts, request: Request, what: str, **facts: str) -> datetime | None:
    steps = parts.repositories.requests.history(request.id)
    found = (s.at for s in steps if s.what == what and facts.items() <= s.facts.items())
    return max(found, default=None)


def _version(parts: Parts, request: Request) -> Policy:
    return next(p for p in parts.history.versions if p.version.id == request.version)


def _entry(service: str, done: Duty, at: datetime) -> Entry:
    return Entry(
        act_id=f"{done.id}:done",
        kind="outcome",
        at=at,
        service=service,
        act=done.code,
        outcome="done",
        system=done.subject,
        clauses=(done.cite,) if done.cite else (),
        actor=done.actor,
        digests={"report": done.evidence_sha256},
    )
