"""A question beside everything it is judged by: the words of `gate.model`, made exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Question, Reason
from seiyaku.laws import Basis, KeepingRule, Laws, RecipientKind
from seiyaku.policy.history import History
from seiyaku.policy.model import (
    Collecting,
    Contradiction,
    Item,
    Policy,
    Purpose,
    Recipient,
    Retention,
)
from seiyaku.standing.model import Consent, LiveConsent, Scope, Standing, Withdrawal

Reasons = Iterator[Reason]


@dataclass(frozen=True)
class Asked:
    """A question beside everything it is judged by, and the words it comes down to."""

    history: History
    policy: Policy
    laws: Laws
    standing: Standing
    assurances: Assurances
    q: Question

    @property
    def item(self) -> Item | None:
        return self.policy.items.get(self.q.item)

    @property
    def known_item(self) -> Item:
        """The item, once step 2 has let its word pass."""
        return self.policy.items[self.q.item]

    @property
    def collecting(self) -> Collecting | None:
        """What must be there to collect the item, unless a reading lifts it."""
        wants = self.item.collect if self.item and self.q.act == "collect" else None
        return None if wants is None or self.lifted(wants.clause) else wants

    @property
    def purpose(self) -> Purpose | None:
        return self.policy.purposes.get(self.q.purpose or "")

    @property
    def carried(self) -> bool:
        """Whether a case carries the question instead of purpose, consent and basis."""
        q, case = self.q, self.q.case
        if case is None or case.kind != "own_request":
            return case is not None
        acts = {"use", "send"} | ({"collect"} if case.code in ("correction", "addition") else set())
        return q.purpose is None and q.recipient is None and q.act in acts

    @property
    def sends(self) -> bool:
        """Whether the rules of a recipient are asked: a send that no case carries."""
        return self.q.act == "send" and not self.carried

    @property
    def classes(self) -> tuple[str, ...]:
        """Declared classes whose register holds the recipient now."""
        if self.q.recipient is None or self.q.recipient in self.policy.recipients:
            return ()
        return tuple(
            word
            for word, r in self.policy.recipients.items()
            if r.register_name
            and self.assurances.membership(r.register_name, self.q.recipient, self.q.at)
        )

    @property
    def declared(self) -> str | None:
        """The declared word that speaks for the recipient: its own, or its class."""
        if self.q.recipient in self.policy.recipients:
            return self.q.recipient
        return self.classes[0] if self.classes else None

    @property
    def recipient(self) -> Recipient | None:
        return self.policy.recipients.get(self.declared or "")

    @property
    def kind(self) -> RecipientKind | None:
        """The kind of the law packs the recipient's word is, declared or not."""
        return self.laws.recipient_kinds.get(self.q.recipient or "")

    @property
    def opening(self) -> tuple[Consent, ...]:
        """The live consents that open a recipient nobody declared."""
        opened = self.policy.opened_by_consent
        if self.recipient or self.kind or opened is None or opened.recipients is None:
            return ()
        return tuple(c for c in self.live() if self.q.recipient in c.scope.recipients)

    @property
    def recipient_cite(self) -> str:
        """The clause that speaks of a declared or opened recipient."""
        opened = self.policy.opened_by_consent
        clause = self.recipient.clause if self.recipient else opened and opened.recipients
        return self.policy.cite(clause) if clause else ""

    @property
    def basis(self) -> Basis | None:
        if self.recipient:
            return self.laws.basis(self.recipient.basis)
        return self.laws.basis("consent") if self.opening else None

    @property
    def bases(self) -> tuple[Basis, ...]:
        """The basis, and where a member is in several classes the basis of each."""
        others = (self.laws.basis(self.policy.recipients[word].basis) for word in self.classes)
        return tuple(basis for basis in (self.basis, *others) if basis)

    @property
    def countries(self) -> frozenset[str]:
        """Where the recipient handles data."""
        written: Iterable[str] = (c for consent in self.opening for c in consent.countries)
        if self.recipient:
            written = self.recipient.countries
        if self.recipient and self.classes and self.recipient.register_name and self.q.recipient:
            register = self.recipient.register_name
            member = self.assurances.membership(register, self.q.recipient, self.q.at)
            written = member.countries if member else ()
        return self.expand(written)

    @property
    def country(self) -> str | None:
        only = next(iter(self.countries)) if len(self.countries) == 1 else None
        return self.q.country or only

    @property
    def abroad(self) -> str | None:
        """The country, where the law's rule on foreign recipients is asked."""
        free = self.basis is None or self.basis.escapes_foreign_rule
        return None if free or self.laws.is_domestic(self.country) else self.country

    @property
    def route(self) -> str | None:
        """How the recipient's country is reached: declared for it, else for a group."""
        if self.recipient is None:
            return "consent"
        routes, country = self.recipient.routes, self.country or ""
        groups = (r for code, r in routes.items() if country in self.laws.expand_country(code))
        return routes.get(country) or next(groups, None)

    @property
    def words(self) -> tuple[frozenset[str], ...]:
        """The question's item, purpose and recipient, part by part as in a `Scope`."""
        recipients = {self.q.recipient, *self.classes}
        parts = ({self.q.item}, {self.q.purpose}, recipients)
        return tuple(frozenset(w for w in part if w) for part in parts)

    @property
    def moment(self) -> datetime:
        """What consents and acknowledgements must be older than."""
        return (self.q.act == "collect" and self.q.data_at) or self.q.at

    def expand(self, codes: Iterable[str]) -> frozenset[str]:
        return frozenset(c for code in codes for c in self.laws.expand_country(code))

    def takes_back(self, withdrawal: Withdrawal) -> bool:
        """Whether a withdrawal reaches this question; a part it does not name is reached."""
        pairs = zip(parts_of(withdrawal.scope), self.words, strict=True)
        return all(not part or not words or part & words for part, words in pairs)

    def taken_back(self, consent: LiveConsent) -> bool:
        return any(self.takes_back(w) for w in consent.withdrawn)

    def live(self) -> tuple[Consent, ...]:
        return tuple(
            c.consent
            for c in self.standing.consents
            if c.consent.kind == "explicit" and c.consent.at <= self.q.at and not self.taken_back(c)
        )

    def held(self, policy: Policy) -> tuple[tuple[str, Retention, KeepingRule], ...]:
        """The rules by which the law demands that the item be kept."""
        rules = ((n, r, self.laws.keeping(r.law or "")) for n, r in policy.legal_holds())
        return tuple((n, r, law) for n, r, law in rules if law and self.q.item in r.items)

    def over(self) -> tuple[tuple[str, Retention], ...]:
        """The rules counted from collecting whose time has passed."""
        born = self.q.data_at
        if born is None or self.q.act == "collect":
            return ()
        return tuple(
            (name, rule)
            for name, rule in self.policy.retention.items()
            if rule.law is None and rule.after == "collected" and rule.days is not None
            if self.q.item in rule.items and born + timedelta(days=rule.days) <= self.q.at
        )

    def touched(self) -> Iterator[tuple[str, Contradiction]]:
        """The contradictions this question falls under."""
        for word, c in self.policy.contradictions.items():
            in_items = not c.items or self.q.item in c.items
            if in_items and (not c.purposes or self.q.purpose in c.purposes):
                yield word, c

    def reading(self, word: str, clauses: tuple[str, ...]) -> str | None:
        """The one of these clauses a named person decided for, about `word`."""
        facts = [f for f in self.assurances.facts if f.kind == "reading" and f.subject == word]
        named = {f.about for f in facts if f.holds_at(self.q.at)}
        clause = next(iter(named)) if len(named) == 1 else None
        return clause if clause in clauses else None

    @property
    def meant(self) -> str | None:
        """The clause the recipient's reference was decided to mean."""
        return self.reading(self.declared or "", self.recipient.reference if self.recipient else ())

    def lifted(self, clause: str) -> bool:
        """Whether a reading lifts the conditions of `clause` for this question."""
        readings = ((self.reading(word, c.clauses), c) for word, c in self.touched())
        return any(won and won != clause and clause in c.clauses for won, c in readings)


def parts_of(scope: Scope) -> tuple[frozenset[str], ...]:
    """Items, purposes and recipients of a scope, in this order."""
    return frozenset(scope.items), frozenset(scope.purposes), frozenset(scope.recipients)
