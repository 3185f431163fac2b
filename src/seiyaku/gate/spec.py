"""The definitional gate: what a policy means, with no thought for speed.

Read `seiyaku.gate.model` first: its docstring is this file in words. One function a step, in
the order of precedence; a step gives its reasons, or none, and the first that gives any
answers. Every other gate must give the same decision for every input.

Laws: APPI 17-18 (purpose of use), 20 (collecting), 22 (erasing in time), 25 and 27 (provision,
entrusting), 28 (abroad), 32-39 (requests). Their consequences are asked of the law packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Decision, OutcomeOfGate, Question, Reason, ReasonCode
from seiyaku.laws import Basis, KeepingRule, Laws, RecipientKind, tokyo_day
from seiyaku.policy.history import History
from seiyaku.policy.model import (
    LEGAL_RETENTION,
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
_PERMITTING = {"own_request", "legal_demand", "exception", "legal_retention", "granted"}


def decide(
    history: History, laws: Laws, standing: Standing, assurances: Assurances, question: Question
) -> Decision:
    """What the policy in force, the law and the person's own words say to `question`.

    Args:
        history: every version of one service's policy.
        laws: the packs the policy names; asked as they stand on the day of the question.
        standing: the person's standing, folded at `question.at`.
        assurances: dated facts and registers.
    """
    policy = history.in_force(question.at)
    if policy is None:
        return Decision("undecided", (Reason("no_policy_in_force"),), "", 0)
    laws = laws.at(tokyo_day(question.at))
    asked = Asked(history, policy, laws, standing, assurances, question)
    for number, step in enumerate(STEPS, start=1):
        reasons = tuple(sorted(set(step(asked))))
        if reasons:
            return Decision(_outcome(number, reasons), reasons, policy.version.id, number)
    raise AssertionError("the last step always answers")


def _outcome(step: int, reasons: Iterable[Reason]) -> OutcomeOfGate:
    if step == 2:
        return "undecided"
    return "permitted" if {r.code for r in reasons} <= _PERMITTING else "refused"


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
        pairs = zip(_parts(withdrawal.scope), self.words, strict=True)
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

    def reading(self, word: str, c: Contradiction) -> str | None:
        """The clause a named person decided for."""
        facts = [f for f in self.assurances.facts if f.kind == "reading" and f.subject == word]
        named = {f.about for f in facts if f.holds_at(self.q.at)}
        clause = next(iter(named)) if len(named) == 1 else None
        return clause if clause in c.clauses else None

    def lifted(self, clause: str) -> bool:
        """Whether a reading lifts the conditions of `clause` for this question."""
        readings = ((self.reading(word, c), c) for word, c in self.touched())
        return any(won and won != clause and clause in c.clauses for won, c in readings)


# -- 1. never ---------------------------------------------------------------------------


def never(a: Asked) -> Reasons:
    """Acts the policy says never happen, purposes outside a closed list."""
    yield from _barred(a, a.policy)
    cared = a.sends and a.item is not None and a.item.special_care is not None
    if cared and a.basis and "special_care" in a.basis.never_for:
        yield Reason("never", str(a.basis.citation), "special_care")


def _barred(a: Asked, policy: Policy) -> Reasons:
    """What `policy` (the version in force, or an older one) bars outright."""
    item = policy.items.get(a.q.item)
    for ban, clause in (*policy.never.items(), *(item.never.items() if item else ())):
        if ban == a.q.act or (ban == "train" and a.q.purpose == "train_model"):
            yield Reason("never", policy.cite(clause), ban)
    if item is None or a.q.purpose is None or _kept_by_law(a, policy):
        return
    if item.only and a.q.purpose not in item.only.purposes:
        yield Reason("outside_only", policy.cite(item.only.clause), a.q.purpose)
    narrow = _narrow(a, item)
    for source, clause in narrow.items():
        if source == a.q.source or (a.q.source is None and len(narrow) == len(item.sources)):
            yield Reason("outside_only", policy.cite(clause), a.q.purpose)


def _kept_by_law(a: Asked, policy: Policy) -> bool:
    return a.q.purpose == LEGAL_RETENTION and bool(a.held(policy))


def _narrow(a: Asked, item: Item) -> dict[str, str]:
    """The item's sources whose closed list the purpose is outside of, with their clauses."""
    sources = item.sources.items()
    narrow = ((s, d) for s, d in sources if d.only is not None and a.q.purpose not in d.only)
    return {source: detail.clause or item.clause for source, detail in narrow}


# -- 2. undecided -----------------------------------------------------------------------


def gaps(a: Asked) -> Reasons:
    """Words nobody declared, parts unstated, empty lists, open questions, lapsed facts."""
    yield from _unknown_words(a)
    if a.item and a.q.purpose and a.q.source is None and not _kept_by_law(a, a.policy):
        narrow = _narrow(a, a.item)
        for source, clause in narrow.items() if len(narrow) < len(a.item.sources) else ():
            yield Reason("source_unstated", a.policy.cite(clause), source)
    own = a.carried and a.q.case is not None and a.q.case.kind == "own_request"
    if a.q.act == "send" and a.q.recipient is None and not own:
        yield Reason("recipient_unstated")
    if a.carried:
        return
    if a.q.act in ("use", "send") and a.q.purpose is None:
        yield Reason("purpose_unstated")
    if a.purpose and not a.purpose.items and not a.purpose.items_when:
        yield Reason("empty_list", a.policy.cite(a.purpose.clause), f"items:{a.q.purpose}")
    for word, c in a.touched():
        if c.stricter is None and a.reading(word, c) is None:
            yield from (Reason("open_contradiction", a.policy.cite(k), word) for k in c.clauses)
    if a.sends and (a.recipient or a.opening):
        yield from _recipient_gaps(a)


def _unknown_words(a: Asked) -> Reasons:
    q, policy = a.q, a.policy
    opened = policy.opened_by_consent
    named = opened and opened.purposes and any(q.purpose in c.scope.purposes for c in a.live())
    known: tuple[tuple[ReasonCode, str | None, bool], ...] = (
        ("unknown_item", q.item, a.item is not None),
        ("unknown_purpose", q.purpose, bool(a.purpose or q.purpose == LEGAL_RETENTION or named)),
        ("unknown_source", q.source, q.source in policy.sources),
        ("unknown_recipient", q.recipient, bool(a.recipient or a.kind or a.opening)),
        ("unknown_country", q.country, a.laws.known_country(q.country or "")),
    )
    yield from (Reason(code, "", word) for code, word, ok in known if word is not None and not ok)
    yield from (Reason("unknown_context", "", w) for w in q.contexts if w not in policy.contexts)


def _recipient_gaps(a: Asked) -> Reasons:
    """What the pledge leaves open about this recipient."""
    r, cite, asked = a.recipient, a.recipient_cite, a.q.recipient or ""
    if r and r.register_name and not a.classes:
        yield Reason("member_unstated", cite, asked)
        members = (m for m in a.assurances.memberships if m.register == r.register_name)
        if not any(m.holds_at(a.q.at) for m in members):
            yield Reason("empty_list", cite, f"members:{asked}")
        return
    if len(a.classes) > 1:
        clauses = (a.policy.recipients[word].clause for word in a.classes)
        yield from (Reason("member_unstated", a.policy.cite(c), asked) for c in clauses)
        return
    if a.basis is None:
        yield Reason("basis_unstated", cite, asked)
    if r and r.basis != "exception":
        if not r.items and not r.items_when:
            yield Reason("empty_list", cite, f"items:{a.declared}")
        if not r.purposes:
            yield Reason("empty_list", cite, f"purposes:{a.declared}")
    if not a.countries and (r or a.country is None):
        yield Reason("empty_list", cite, f"countries:{asked}")
    if a.countries and a.country is None:
        yield Reason("country_unstated", cite, asked)
    if r:
        yield from _assurance_gaps(a, r, a.basis)


def _assurance_gaps(a: Asked, r: Recipient, basis: Basis | None) -> Reasons:
    """Facts that basis, route and recipient lean on and that do not stand."""
    needed = [(kind, str(basis.citation), None) for kind in basis.requires] if basis else []
    needed += [(kind, a.recipient_cite, None) for kind in r.requires]
    asked = a.q.recipient or ""
    if a.abroad and a.abroad in a.countries:
        law = a.laws.route(a.route or "")
        if a.route is None:
            yield Reason("route_unstated", a.recipient_cite, f"{asked}:{a.abroad}")
        for kind in law.requires if law else ():
            yield from _assured(a, kind, str(law.citation) if law else "", a.abroad)
    for kind, cite, about in needed:
        yield from _assured(a, kind, cite, about)


def _assured(a: Asked, kind: str, cite: str, about: str | None) -> Reasons:
    subject = a.q.recipient or ""
    if not a.assurances.live(kind, subject, about, a.q.at):
        ever = a.assurances.ever(kind, subject, about)
        word = f"{kind}:{subject}" + (f":{about}" if about else "")
        yield Reason("assurance_lapsed" if ever else "assurance_missing", cite, word)


# -- 3. the case ------------------------------------------------------------------------


def case(a: Asked) -> Reasons:
    """The person's own request, a legal demand, an exception with all its conditions."""
    if a.q.case is None or not a.carried:
        return
    code = a.q.case.code
    if a.q.case.kind == "own_request":
        law, right = a.laws.request(code), {str(k): r for k, r in a.policy.rights.items()}.get(code)
        cites = [str(law.citation)] if law else []
        cites += [a.policy.cite(right.clause)] if right else []
        yield from (Reason("own_request", cite, code) for cite in cites)
        if not cites:
            yield Reason("no_such_exception", "", code)
        return
    yield from _exceptional(a, a.q.case.kind == "legal_demand", code, a.q.case.recorded())


def _exceptional(a: Asked, demand: bool, code: str, recorded: frozenset[str]) -> Reasons:
    named = a.policy.exceptions.get(code)
    law_code = named.law if named else code
    find = a.laws.exception if a.q.act == "send" else a.laws.purpose_exception
    law = find(law_code)
    if law is None:
        yield Reason("no_such_exception", a.policy.cite(named.clause) if named else "", code)
        return
    same = [e for e in a.policy.exceptions.values() if e.law == law_code]
    own = [named] if named else same
    conditions = [(c, str(law.citation)) for c in law.conditions]
    conditions += [("document", str(law.citation))] if demand else []
    conditions += [(c, a.policy.cite(e.clause)) for e in own for c in e.conditions]
    refused = [Reason("condition_missing", k, c) for c, k in conditions if c not in recorded]
    allowed = law_code in a.kind.exceptions if a.kind else not demand
    if a.q.act == "send" and not allowed:
        cite = str(a.kind.citation) if a.kind else ""
        refused.append(Reason("not_an_authority", cite, a.q.recipient or ""))
    permit: ReasonCode = "legal_demand" if demand else "exception"
    cites = (str(law.citation), *(a.policy.cite(e.clause) for e in own))
    yield from refused or (Reason(permit, cite, code) for cite in cites)


# -- 4. legal retention, 5. the person, 6. their stops ------------------------------------


def legal_retention(a: Asked) -> Reasons:
    """What is kept only because the law demands it serves nothing else."""
    only = a.standing.status in ("closed", "erased") or bool(a.over())
    for_law = a.q.purpose == LEGAL_RETENTION
    serves = (a.q.act == "keep" and (for_law or a.q.purpose is None)) or (
        a.q.act == "use" and for_law
    )
    if only or (a.standing.status == "frozen" and serves):
        code: ReasonCode = "legal_retention" if serves else "legal_retention_only"
        for name, rule, law in a.held(a.policy):
            yield Reason(code, a.policy.cite(rule.clause), name)
            yield Reason(code, str(law.citation), name)


def person(a: Asked) -> Reasons:
    """Frozen, closed and erased people; minors."""
    s, m = a.standing, a.policy.minors
    if s.status != "active":
        yield Reason(s.status)
    if m is None:
        return
    cite, minimum, guarded = a.policy.cite(m.clause), m.minimum_age, m.guardian_below
    unknown = s.at_least is None and s.below is None
    at_least = -1 if s.at_least is None else s.at_least
    if minimum is not None and s.below is not None and s.below <= minimum:
        yield Reason("under_age", cite, str(minimum))
    if guarded is not None and not unknown and at_least < guarded and not s.guardian:
        yield Reason("guardian_missing", cite, str(guarded))
    if a.q.act == "collect" and a.q.item != m.attestation:
        if minimum is not None and at_least < minimum:
            yield Reason("age_not_attested", cite, str(minimum))
        if minimum is None and guarded is not None and unknown:
            yield Reason("age_not_attested", cite, str(guarded))


def stops(a: Asked) -> Reasons:
    """Suspensions and opt-outs; what is stored stays stored."""
    if a.q.act == "keep":
        return
    law, right = a.laws.request("suspension"), a.policy.rights.get("suspension")
    asked = a.policy.cite(right.clause) if right else str(law.citation) if law else ""
    suspended = (s for s in a.standing.suspensions if _stops(a, s))
    yield from (Reason("suspended", asked, _say(scope)) for scope in suspended)
    for scope in (s for s in a.standing.opt_outs if _stops(a, s)):
        purpose = a.purpose.opt_out if a.purpose and scope.purposes else None
        recipient = a.recipient.opt_out if a.recipient and scope.recipients else None
        cites = [a.policy.cite(clause) for clause in (purpose, recipient) if clause]
        yield from (Reason("opted_out", cite, _say(scope)) for cite in cites or [""])


def _stops(a: Asked, scope: Scope) -> bool:
    return all(not part or part & words for part, words in zip(_parts(scope), a.words, strict=True))


def _say(scope: Scope) -> str:
    return ",".join(sorted({*scope.items, *scope.purposes, *scope.recipients})) or "all"


def _parts(scope: Scope) -> tuple[frozenset[str], ...]:
    return frozenset(scope.items), frozenset(scope.purposes), frozenset(scope.recipients)


# -- 7. not declared together -----------------------------------------------------------


def together(a: Asked) -> Reasons:
    """Known words, but the policy does not put them together."""
    item, q, cite = _item(a), a.q, a.policy.cite
    if a.standing.kind not in a.policy.people:
        yield Reason("other_people", "", a.standing.kind)
    else:
        limited = [(item.people, item.clause)]
        limited += [(a.purpose.people, a.purpose.clause)] if a.purpose else []
        for people, clause in limited:
            if people and a.standing.kind not in people:
                yield Reason("other_people", cite(clause), a.standing.kind)
    if q.source is not None and q.source not in item.sources:
        yield Reason("source_not_declared", cite(item.clause), q.source)
    c = a.collecting
    if c and c.contexts and not q.contexts & set(c.contexts):
        yield Reason("context_missing", cite(c.clause), ",".join(sorted(c.contexts)))
    if a.purpose:
        yield from _has_item(a, a.purpose, "item_not_for_purpose")
    if q.purpose == LEGAL_RETENTION and not a.held(a.policy):
        yield Reason("item_not_for_purpose", cite(item.clause), q.item)
    yield from (Reason("period_over", cite(rule.clause), name) for name, rule in a.over())
    if a.sends:
        yield from _with_recipient(a)


def _has_item(a: Asked, part: Purpose | Recipient, code: ReasonCode) -> Reasons:
    """Nothing where `part` has the item, outright or in a context that is present."""
    contexts = {word for word, items in part.items_when.items() if a.q.item in items}
    if a.q.item not in part.items and not contexts & a.q.contexts:
        waits = ",".join(sorted(contexts))
        cite = a.policy.cite(part.clause)
        yield Reason("context_missing", cite, waits) if waits else Reason(code, cite, a.q.item)


def _with_recipient(a: Asked) -> Reasons:
    r, q, cite = a.recipient, a.q, a.recipient_cite
    if r is None and a.kind:
        yield Reason("kind_needs_case", str(a.kind.citation), q.recipient or "")
        return
    if r and r.basis == "exception":
        yield Reason("kind_needs_case", cite, q.recipient or "")
        return
    if r:
        if q.purpose not in r.purposes:
            yield Reason("purpose_not_for_recipient", cite, q.purpose or "")
        yield from _has_item(a, r, "item_not_for_recipient")
        if r.relation and q.relation != r.relation:
            yield Reason("relation_missing", cite, r.relation)
    home = r is None and a.laws.is_domestic(a.country)
    if a.country not in a.countries and not home:
        yield Reason("country_not_declared", cite, a.country or "")
    elif a.abroad:
        yield from _by_route(a, a.abroad)


def _by_route(a: Asked, country: str) -> Reasons:
    law = a.laws.route(a.route or "")
    if a.recipient and a.q.route is not None and a.q.route != a.route:
        yield Reason("route_not_declared", a.recipient_cite, a.q.route)
    if law is None or (law.countries and country not in law.countries):
        cite = str(law.citation) if law else a.recipient_cite
        yield Reason("route_not_open", cite, f"{a.route}:{country}")


def _item(a: Asked) -> Item:
    return a.policy.items[a.q.item]  # known: step 2 let it pass


# -- 8. consent -------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """A consent the question needs.

    Args:
        names: parts of the scope the consent must name: 0 item, 1 purpose, 2 recipient.
        country: country it must have shown. elements: what must have been told before.
        deemed: whether consent deemed from use counts.
    """

    cite: str
    about: str
    names: tuple[int, ...]
    country: str | None = None
    elements: frozenset[str] = frozenset()
    deemed: bool = False


def consent(a: Asked) -> Reasons:
    """Consents, acknowledgements, and versions the person has not accepted."""
    for need in _needs(a):
        yield from _unmet(a, need)
    f = a.policy.foreign_consent
    if f and a.sends and a.recipient and a.abroad and not a.lifted(f.clause):
        need = Need(a.policy.cite(f.clause), a.abroad, (), a.abroad, deemed=f.deemed)
        covering = (c for c in a.standing.consents if _covers(a, need, c.consent))
        if not any(not a.taken_back(c) and c.consent.at < a.moment for c in covering):
            yield Reason("transfer_consent_missing", need.cite, a.abroad)
    known = {what for what, at in a.standing.acknowledged if at < a.moment}
    for clause, what in _acknowledgements(a):
        own = a.policy.acknowledgements.get(what)
        cites = (clause, own.clause) if own else (clause,)
        missing = (a.policy.cite(c) for c in cites if what not in known)
        yield from (Reason("acknowledgement_missing", cite, what) for cite in missing)
    yield from _unaccepted(a)


def _needs(a: Asked) -> Iterator[Need]:
    q, cite, opened = a.q, a.policy.cite, a.policy.opened_by_consent
    purpose, recipient = q.purpose or "", q.recipient or ""
    if a.purpose and a.purpose.consent and not a.lifted(a.purpose.consent.clause):
        yield Need(cite(a.purpose.consent.clause), purpose, (1,))
    if a.collecting and a.collecting.consent:
        yield Need(cite(a.collecting.clause), q.item, (0,))
    if opened and opened.purposes and _opened_purpose(a):
        yield Need(cite(opened.purposes), purpose, (0, 1))
    if a.sends and a.basis and a.basis.needs_consent:
        yield Need(a.recipient_cite, recipient, (0, 1, 2))
    route = a.laws.route(a.route or "")
    if a.sends and a.abroad and route and route.needs_consent:
        deemed = a.laws.deemed_consent_opens_foreign_transfer
        told = frozenset(route.elements)
        about = f"{recipient}:{a.abroad}"
        yield Need(str(route.citation), about, (2,), a.abroad, told, deemed)


def _opened_purpose(a: Asked) -> bool:
    return a.q.purpose not in (None, LEGAL_RETENTION) and a.purpose is None


def _covers(a: Asked, need: Need, consent: Consent) -> bool:
    """Whether `consent` is about this question at all, as `need` asks."""
    for i, (part, words) in enumerate(zip(_parts(consent.scope), a.words, strict=True)):
        unasked = i == 1 and not words  # no purpose is named: no purpose is excluded
        if not part & words and (i in need.names or (part and not unasked)):
            return False
    if need.country and need.country not in a.expand(consent.countries):
        return False
    return consent.kind == "explicit" or need.deemed


def _unmet(a: Asked, need: Need) -> Reasons:
    """Nothing where one consent meets `need`, else what is wrong with those there are."""
    covering = [c for c in a.standing.consents if _covers(a, need, c.consent)]
    faults = [_faults(a, need, c) for c in covering] or [{"consent_missing"}]
    if all(faults):
        yield from (Reason(code, need.cite, need.about) for found in faults for code in found)


def _faults(a: Asked, need: Need, live: LiveConsent) -> set[ReasonCode]:
    if a.taken_back(live):
        return {"consent_withdrawn"}
    given, shown = live.consent.at, live.consent.presented_at
    faults: set[ReasonCode] = set() if given < a.moment else {"consent_too_late"}
    if shown is None or shown >= given or not need.elements <= set(live.consent.informed):
        faults.add("consent_not_informed")
    return faults


def _acknowledgements(a: Asked) -> Iterator[tuple[str, str]]:
    if a.collecting and a.collecting.acknowledgement:
        yield a.collecting.clause, a.collecting.acknowledgement
    if a.purpose and a.purpose.acknowledgement:
        yield a.purpose.clause, a.purpose.acknowledgement


def _unaccepted(a: Asked) -> Reasons:
    """Grants brought by a version the person has yet to accept."""
    grants: list[Callable[[Asked, Policy], str | None]] = []
    grants += [_grants_item] if a.q.act in ("collect", "keep") else []
    grants += [_grants_purpose] if a.purpose else []
    grants += [_grants_recipient] if a.sends and a.recipient else []
    accepted = max((a.history.rank(v) for v, _ in a.standing.accepted), default=-1)
    for grant in grants:
        bringer = a.policy
        for older in a.history.before(a.policy):
            if grant(a, older) is None:
                break
            bringer = older
        rank = a.history.rank(bringer.version.id)
        related = grant(a, bringer) in bringer.version.related_changes
        if rank > 0 and not related and accepted < rank:
            clause = grant(a, a.policy) or ""
            yield Reason("version_not_accepted", a.policy.cite(clause), bringer.version.id)


def _grants_item(a: Asked, v: Policy) -> str | None:
    """The clause of the item in `v`, where `v` lets it be collected (kept) as now asked."""
    item = v.items.get(a.q.item)
    if item is None or any(_barred(a, v)) or (a.q.source and a.q.source not in item.sources):
        return None
    if a.q.act == "collect" and item.collect:
        now = _item(a).collect
        then = set(item.collect.contexts)
        if now is None or (then and (not now.contexts or not set(now.contexts) <= then)):
            return None
        if item.collect.consent > now.consent or _asks_more(
            item.collect.acknowledgement, now.acknowledgement
        ):
            return None
    return item.clause


def _grants_purpose(a: Asked, v: Policy) -> str | None:
    """The clause of the purpose in `v`, where `v` lets it have the item as now asked."""
    then, now = v.purposes.get(a.q.purpose or ""), a.purpose
    if then is None or now is None or a.q.item not in v.items or any(_barred(a, v)):
        return None
    if (then.consent and not now.consent) or _asks_more(then.acknowledgement, now.acknowledgement):
        return None
    return None if any(_has_item(a, then, "item_not_for_purpose")) else then.clause


def _grants_recipient(a: Asked, v: Policy) -> str | None:
    """The clause of the recipient in `v`, where `v` lets it receive as now asked."""
    then, now = v.recipients.get(a.declared or ""), a.recipient
    if then is None or now is None or then.basis != now.basis or any(_barred(a, v)):
        return None
    if a.q.purpose not in then.purposes or any(_has_item(a, then, "item_not_for_recipient")):
        return None
    known = a.classes or a.country in a.expand(then.countries)
    return then.clause if known else None


def _asks_more(then: str | None, now: str | None) -> bool:
    return then is not None and then != now


# -- 9. permitted -----------------------------------------------------------------------


def granted(a: Asked) -> Reasons:
    """Everything stands; the clauses that carry it."""
    item, cite = _item(a), a.policy.cite
    cites: list[str] = []
    if a.q.act == "collect":
        cites = [cite(item.clause)]
    elif a.q.act == "keep":
        rules = [r for r in a.policy.retention.values() if a.q.item in r.items]
        cites = [cite(r.clause) for r in rules] or [cite(item.clause)]
    else:
        cites = list(_purpose_cites(a))
    source = item.sources.get(a.q.source or "")
    if a.q.act == "use" and source and source.only is not None:
        cites.append(cite(source.clause or item.clause))
    if a.q.act == "send":
        route = a.laws.route(a.route or "") if a.abroad else None
        laws = [str(fact.citation) for fact in (a.basis, route) if fact]
        cites += [a.recipient_cite, *laws]
    yield from (Reason("granted", c) for c in cites)


def _purpose_cites(a: Asked) -> Iterator[str]:
    opened = a.policy.opened_by_consent
    if a.purpose:
        yield a.policy.cite(a.purpose.clause)
    elif a.q.purpose == LEGAL_RETENTION:
        yield from (a.policy.cite(rule.clause) for _, rule, _ in a.held(a.policy))
    elif opened and opened.purposes:
        yield a.policy.cite(opened.purposes)


STEPS: tuple[Callable[[Asked], Reasons], ...] = (
    never,
    gaps,
    case,
    legal_retention,
    person,
    stops,
    together,
    consent,
    granted,
)
