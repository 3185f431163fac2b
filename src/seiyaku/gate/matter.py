"""A question with its words resolved: who receives, where, on which clauses already read.

Held for one decision only; the steps read it and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seiyaku.gate.book import Aim, Book, Dispute, Ground, Receiver, Thing, Way
from seiyaku.gate.facts import Facts
from seiyaku.gate.masks import ANY, UNLISTED, expand
from seiyaku.gate.model import Decision, OutcomeOfGate, Question, Reason
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import LiveConsent, Scope, Standing, Withdrawal

DECLARED, MEMBER, KIND, OPENED = "declared", "member", "kind", "opened"
_ASKED_BY_PERSON = frozenset({"use", "send"})
_CORRECTED = frozenset({"correction", "addition"})


class Matter:
    """One question in one book.

    Args:
        receivers: the declared recipient, or every class the recipient is a member of.
        resolved: how the recipient's word resolved; empty where it did not.
        words: the recipient and the classes it belongs to; a scope may name either.
        aim, opened_aim: the declared purpose; whether a live consent opened it.
        countries, country: where the recipient handles data; the one this question means.
        ground: the law's basis of the recipient; that of consent for an opened one.
        way: the route to the country, as declared; ``consent`` for an opened recipient.
        abroad: whether the foreign rule speaks: a country abroad, a basis that does not
            escape it. within: whether the country is one of the recipient's.
        carried: whether the case carries the question.
    """

    __slots__ = (
        "abroad",
        "aim",
        "book",
        "carried",
        "countries",
        "country",
        "facts",
        "ground",
        "opened_aim",
        "q",
        "receivers",
        "resolved",
        "standing",
        "thing",
        "way",
        "within",
        "words",
    )

    def __init__(self, book: Book, facts: Facts, standing: Standing, q: Question) -> None:
        self.book, self.facts, self.standing, self.q = book, facts, standing, q
        self.thing: Thing | None = book.things.get(q.item)
        self.receivers: tuple[Receiver, ...] = ()
        self.resolved = ""
        self.words: tuple[str, ...] = ()
        self.countries: frozenset[str] = frozenset()
        if q.recipient is not None:
            self._resolve(q.recipient)
        self.country: str | None = q.country
        if self.country is None and len(self.countries) == 1:
            (self.country,) = self.countries
        self.ground: Ground | None = None
        self.way: Way | None = None
        self.abroad = self.within = False
        if self.resolved:
            self._find_way()
        self.carried = q.case is not None and carries(q)
        self.aim: Aim | None = None
        self.opened_aim = False
        if q.purpose is not None:
            self.aim = book.aims.get(q.purpose)
            if self.aim is None and book.opens_purposes and q.purpose != LEGAL_RETENTION:
                self.opened_aim = self._opens_purpose(q.purpose)

    def _resolve(self, word: str) -> None:
        book, at = self.book, self.q.at
        declared = book.receivers.get(word)
        classes: list[Receiver] = []
        countries: frozenset[str] = frozenset()
        if book.classes:
            for found in self.facts.memberships(word, at):
                here = book.classes.get(found.register, ())
                if here and not classes:
                    countries = expand(found.countries, book.laws)
                classes.extend(here)
        self.words = (word, *(c.word for c in classes))
        if declared is not None:
            self.resolved, self.receivers, self.countries = (
                DECLARED,
                (declared,),
                declared.countries,
            )
        elif classes:
            self.resolved, self.receivers, self.countries = MEMBER, tuple(classes), countries
        elif word in book.kinds:
            self.resolved = KIND
        elif book.opens_recipients:
            self._open_recipient(word)

    def _open_recipient(self, word: str) -> None:
        opening = [c for c in self.standing.consents if word in c.consent.scope.recipients]
        live = [c for c in opening if self.live(c)]
        if live:
            self.resolved = OPENED
            named = tuple(country for c in live for country in c.consent.countries)
            self.countries = expand(named, self.book.laws)

    def _opens_purpose(self, word: str) -> bool:
        return any(
            word in c.consent.scope.purposes and self.live(c) for c in self.standing.consents
        )

    def live(self, found: LiveConsent) -> bool:
        """Explicit, given by now, and not taken back for this question."""
        consent = found.consent
        explicit = consent.kind == "explicit" and consent.at <= self.q.at
        return explicit and not self.taken_back(found)

    def taken_back(self, found: LiveConsent) -> bool:
        """Whether a withdrawal reaches this question; parts it does not name are no way out."""
        return any(self._reaches(withdrawal) for withdrawal in found.withdrawn)

    def _reaches(self, withdrawal: Withdrawal) -> bool:
        scope, q = withdrawal.scope, self.q
        if scope.items and q.item not in scope.items:
            return False
        if scope.purposes and q.purpose is not None and q.purpose not in scope.purposes:
            return False
        return not (scope.recipients and self.words and not self.named_in(scope))

    def named_in(self, scope: Scope) -> bool:
        """Whether the scope names the recipient or a class of it."""
        return any(word in scope.recipients for word in self.words)

    # -- what the policy disputes, what time has ended ----------------------------------

    def disputes(self) -> Iterator[Dispute]:
        """Contradictions that touch this question."""
        disputes = self.book.disputes
        for dispute in disputes.get(self.q.item, disputes[ANY]):
            if not dispute.purposes or self.q.purpose in dispute.purposes:
                yield dispute

    def reading(self, dispute: Dispute) -> str | None:
        """The clause that a named person let stand, where one did."""
        clause = self.facts.reading(dispute.word, self.q.at)
        return clause if clause in dispute.sides else None

    def lifted(self, cite: str) -> bool:
        """Whether a reading lifts the conditions of a clause for this question."""
        return bool(self.book.disputes) and any(
            cite != dispute.sides[clause] and cite in dispute.sides.values()
            for dispute in self.disputes()
            if (clause := self.reading(dispute)) is not None
        )

    def meant(self, receiver: Receiver) -> str | None:
        """The clause that a named person read the recipient's broken reference as."""
        clause = self.facts.reading(receiver.word, self.q.at)
        return clause if clause in receiver.reference else None

    def periods_over(self) -> list[tuple[str, str]]:
        """Rules counted from collecting whose days have passed, as (rule, cite)."""
        q, thing = self.q, self.thing
        if thing is None or q.data_at is None:
            return []
        age = q.at - q.data_at
        return [(rule, cite) for rule, cite, length in thing.windows if age >= length]

    # -- abroad ------------------------------------------------------------------------

    def _find_way(self) -> None:
        """The law's basis, whether the foreign rule speaks, and the declared route."""
        if self.resolved == OPENED:
            self.ground, self.way = self.book.consent_ground, self.book.consent_way
        elif self.receivers:
            receiver = self.receivers[0]
            self.ground, self.way = receiver.ground, receiver.ways.get(self.country or ANY)
        else:
            return
        self.within = self.country in self.countries
        escapes = self.ground is not None and self.ground.escapes
        at_home = self.country is None or self.country in self.book.homes
        self.abroad = not (at_home or escapes)

    def answer(self, outcome: OutcomeOfGate, reasons: Sequence[Reason], step: int) -> Decision:
        """What a step decides, its reasons sorted and each told once."""
        found = tuple(reasons) if len(reasons) == 1 else tuple(sorted(set(reasons)))
        return Decision(outcome, found, self.book.version, step)

    def source_key(self) -> str:
        """The source as the closed lists know it."""
        source = self.q.source
        if source is None:
            return ANY
        return source if self.thing is not None and source in self.thing.sources else UNLISTED

    def purpose_key(self) -> str:
        """The purpose as the closed lists know it."""
        purpose = self.q.purpose or ANY
        return purpose if purpose in self.book.listed else ANY


def carries(q: Question) -> bool:
    """Whether the case, and not the policy's lists, is to answer the question."""
    if q.case is None:
        return False
    if q.case.kind != "own_request":
        return True
    if q.purpose is not None or q.recipient is not None:
        return False
    return q.act in _ASKED_BY_PERSON or (q.act == "collect" and q.case.code in _CORRECTED)
