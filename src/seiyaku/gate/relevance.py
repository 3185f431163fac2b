"""Which traits may matter to a question asked now, read off the order of precedence.

Steps 1 and 2 look at a person only where a consent may open a word. The status matters to every
question that gets past them, a stop where its scope reaches the question, a consent where it
covers a need, an acceptance where a grant is newer than the first version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seiyaku.assurance.model import Assurances
from seiyaku.gate import consents, gaps, grants, stops, together
from seiyaku.gate.decide import Gate
from seiyaku.gate.matter import Matter
from seiyaku.gate.model import Question
from seiyaku.gate.traits import NOBODY, Agreed, Trait, Traits
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Scope, Standing


class Relevance:
    """The traits that may matter to one question, as they become known.

    Args:
        question: of nobody, now; without a case and a moment of the data.
    """

    def __init__(
        self, gate: Gate, traits: Traits, assurances: Assurances, question: Question
    ) -> None:
        self._traits, self._at = traits, question.at
        plain = Standing(NOBODY, "", question.at)
        matter = gate.matter(plain, assurances, question)
        self._kind = _neutral(matter) if matter else ""
        matter = gate.matter(replace(plain, kind=self._kind), assurances, question)
        self._matters = _Matters(matter) if matter and _feels(matter) else None
        self._known, self._relevant = 0, 0

    def grown(self) -> tuple[int, int]:
        """The relevant bits and the bits of every trait known."""
        known = self._known
        if known < len(self._traits):
            self._known, self._relevant = self._learn(known, self._relevant)
        return self._relevant, (1 << self._known) - 1

    def _learn(self, known: int, relevant: int) -> tuple[int, int]:
        came = self._traits.since(known)
        for n, trait in enumerate(came, known):
            if self._matters is not None and self._matters(trait):
                relevant |= 1 << n
        return known + len(came), relevant

    def standing(self, mask: int) -> Standing:
        """A standing with these relevant traits; the kind is one that changes nothing."""
        found = self._traits.standing(mask, NOBODY, self._at)
        return found if found.kind else replace(found, kind=self._kind)


def _neutral(m: Matter) -> str:
    """A kind of people that the question does not exclude; empty where it excludes all."""
    return next((kind for kind in sorted(m.book.people) if _concerns(m, kind)), "")


def _concerns(m: Matter, kind: str) -> bool:
    parts = (part for part in (m.thing, m.aim) if part is not None and part.people)
    return kind in m.book.people and all(kind in part.people for part in parts)


def _feels(m: Matter) -> bool:
    """Whether any person could change the answer of steps 1 and 2, or gets past them."""
    return gaps.never(m) is None and (_openable(m) or gaps.gaps(m) is None)


def _openable(m: Matter) -> bool:
    """Whether a consent could make a word of the question known."""
    q, book = m.q, m.book
    purpose = q.purpose not in (None, LEGAL_RETENTION) and m.aim is None
    recipient = q.recipient is not None and not m.resolved
    return bool((purpose and book.opens_purposes) or (recipient and book.opens_recipients))


class _Matters:
    """Whether a trait may matter, part by part."""

    def __init__(self, m: Matter) -> None:
        self._m, self._openable = m, _openable(m)
        self._last = self._openable or together.apart(m) is None
        self._needs = tuple(consents.needs(m)) if self._last else ()
        self._wanted = {what for what, _ in consents.acknowledgements(m)}
        self._first_material = grants.first_material(m) if self._last and m.book.rank else 0

    def __call__(self, trait: Trait) -> bool:
        judge: Callable[[object], bool] = getattr(self, f"_{trait.part}")
        return judge(trait.value)

    def _kind(self, kind: str) -> bool:
        return not _concerns(self._m, kind)

    def _status(self, status: str) -> bool:
        return True

    def _age(self, band: tuple[int | None, int | None]) -> bool:
        return self._m.book.ages is not None

    def _guardian(self, _: bool) -> bool:
        ages = self._m.book.ages
        return ages is not None and ages.guardian_below is not None

    def _suspended(self, scope: Scope) -> bool:
        return self._m.q.act != "keep" and stops.stops(self._m, scope)

    def _opted_out(self, scope: Scope) -> bool:
        return self._suspended(scope)

    def _accepted(self, version: str) -> bool:
        rank = self._m.book.ranks.get(version, -1)
        return self._first_material > 0 and rank >= self._first_material

    def _acknowledged(self, what: str) -> bool:
        return self._last and what in self._wanted

    def _agreed(self, agreed: Agreed) -> bool:
        m, q = self._m, self._m.q
        if self._openable:
            scope = agreed.scope
            if q.purpose in scope.purposes or q.recipient in scope.recipients:
                return True
        consent = agreed.live_consent(NOBODY, q.at).consent
        return self._last and (
            any(consents.covers(m, consent, need) for need in self._needs)
            or consents.may_carry(m, consent)
        )
