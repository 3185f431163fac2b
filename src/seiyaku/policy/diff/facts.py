"""A policy as a flat set of facts, each of which permits, binds, or only tells.

Two versions are compared fact by fact, so that what a change *means* follows from the fact:
a fact that permits widens when it comes and narrows when it goes; one that binds does the
opposite. Nothing is compared as text except what only tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from seiyaku.laws import Laws
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.model import Item, Policy, Purpose, Recipient, Retention, Right

Sense = Literal["permits", "binds", "tells"]
Key = tuple[str, str, str]
"""Kind, part of the policy, detail: what makes two facts of two versions the same."""


@dataclass(frozen=True)
class PolicyFact:
    """One thing a version says.

    Args:
        kind: what it is about: ``use``, ``send``, ``ban``, ``consent``, ``retention`` ...
        part: where it stands: ``purposes.ship_goods``.
        detail: which of several: ``email (auth0)``.
        sense: what its presence means for what the controller may do.
        clause: clause it rests on.
        amount: a number that may grow: days, yen, years of age.
        amount_sense: what growing means.
        people: kinds of people concerned; empty means all.
        value: text, for what only tells.
    """

    kind: str
    part: str
    detail: str
    sense: Sense
    clause: str = ""
    amount: int | None = None
    amount_sense: Sense = "tells"
    people: tuple[str, ...] = ()
    value: str = ""

    @property
    def key(self) -> Key:
        """What makes it the same fact in another version."""
        return self.kind, self.part, self.detail


def facts_of(policy: Policy, laws: Laws) -> dict[Key, PolicyFact]:
    """Every fact of a version; where two clauses say the same, the first counts."""
    found: dict[Key, PolicyFact] = {}
    for source in _SOURCES:
        for fact in source(policy, laws):
            found.setdefault(fact.key, fact)
    return found


def _collecting(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for word, item in policy.items.items():
        part = f"items.{word}"
        for source in tuple(item.sources) or ("",):
            if not policy.ban(word, "collect"):
                yield PolicyFact(
                    "collect", part, source, "permits", item.clause, people=item.people
                )
        yield from _conditions_of_collecting(part, item)
        yield from _scopes(part, item)
        if item.essential:
            yield PolicyFact("essential", part, "", "permits", item.essential)
        yield from _kinds("people", part, item.clause, item.people, policy)


def _conditions_of_collecting(part: str, item: Item) -> Iterator[PolicyFact]:
    collect = item.collect
    if collect is None:
        return
    if collect.contexts:  # INVARIANT: one of them must hold, so each further one permits more
        yield PolicyFact("context_needed", part, "", "binds", collect.clause)
        for context in collect.contexts:
            yield PolicyFact("context", part, context, "permits", collect.clause)
    if collect.consent:
        yield PolicyFact("consent", part, "", "binds", collect.clause)
    if collect.acknowledgement:
        yield PolicyFact("acknowledge", part, collect.acknowledgement, "binds", collect.clause)


def _scopes(part: str, item: Item) -> Iterator[PolicyFact]:
    for source, entry in item.sources.items():
        if entry.scope:
            clause = entry.clause or item.clause
            yield PolicyFact("scope", f"{part}.sources.{source}", entry.scope, "binds", clause)


def _using(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for word, purpose in policy.purposes.items():
        part = f"purposes.{word}"
        for item, context in _items(purpose):
            for source in _sources_open(policy, item, word):
                detail = _detail(item, source, context)
                yield PolicyFact(
                    "use", part, detail, "permits", purpose.clause, people=purpose.people
                )
        yield from _conditions_of_use(part, purpose)
        yield from _kinds("people", part, purpose.clause, purpose.people, policy)


def _conditions_of_use(part: str, purpose: Purpose) -> Iterator[PolicyFact]:
    if purpose.consent:
        yield PolicyFact("consent", part, "", "binds", purpose.consent.clause)
    if purpose.acknowledgement:
        yield PolicyFact("acknowledge", part, purpose.acknowledgement, "binds", purpose.clause)
    if purpose.opt_out:
        yield PolicyFact("opt_out", part, "", "binds", purpose.opt_out)
    if purpose.promotes:
        yield PolicyFact("promotes", part, "", "permits", purpose.clause)


def _kinds(
    kind: str, part: str, clause: str, people: tuple[str, ...], policy: Policy
) -> Iterator[PolicyFact]:
    for who in people or policy.people:
        yield PolicyFact(kind, part, who, "permits", clause, people=(who,))


def _sources_open(policy: Policy, item_word: str, purpose: str) -> Iterator[str]:
    """Sources from which the item may be used for the purpose."""
    item = policy.items[item_word]
    lists = (of.only for of in policy.lineage(item_word) if of.only is not None)
    closed = any(purpose not in only.purposes for only in lists)
    if closed or policy.ban(item_word, "use"):
        return
    if not item.sources:
        yield ""
    for source, entry in item.sources.items():
        if entry.only is None or purpose in entry.only:
            yield source


def _sending(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for word, recipient in policy.recipients.items():
        part = f"recipients.{word}"
        yield PolicyFact("recipient", part, "", "tells", recipient.clause)
        told = not missing_elements(policy.controller, recipient, laws.basis(recipient.basis))
        if recipient.basis != "none" and told:
            yield from _grants(policy, laws, part, recipient)
        if recipient.opt_out:
            yield PolicyFact("opt_out", part, "", "binds", recipient.opt_out)
        if recipient.relation:
            yield PolicyFact("relation", part, recipient.relation, "binds", recipient.clause)
        for need in recipient.requires:
            yield PolicyFact("requires", part, need, "binds", recipient.clause)
        if recipient.masked:
            yield PolicyFact("masked", part, "", "binds", recipient.masked)
        if recipient.reference:
            clauses = " or ".join(recipient.reference)
            yield PolicyFact("reference", part, clauses, "binds", recipient.clause)
        for safeguard in recipient.safeguards:
            yield PolicyFact("safeguard", part, safeguard, "binds", recipient.clause)
        if recipient.own_policy:
            yield PolicyFact("own_policy", part, "", "permits", recipient.own_policy)


def _grants(policy: Policy, laws: Laws, part: str, recipient: Recipient) -> Iterator[PolicyFact]:
    for item, context in _items(recipient):
        if policy.ban(item, "send"):
            continue
        for purpose in recipient.purposes:
            for country, route in _countries(laws, recipient):
                way = "/".join((recipient.basis, country, route)).rstrip("/")
                detail = f"{_detail(item, '', context)} for {purpose} by {way}"
                yield PolicyFact("send", part, detail, "permits", recipient.clause)


def _countries(laws: Laws, recipient: Recipient) -> Iterator[tuple[str, str]]:
    """Single countries with their route: groups are taken apart, so that they compare."""
    for code in recipient.countries:
        for country in sorted(laws.expand_country(code)):
            route = recipient.routes.get(country) or recipient.routes.get(code)
            yield country, route or ""


def _bans(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for act, clause in policy.never.items():
        yield PolicyFact("ban", "never", act, "binds", clause)
    for word in policy.items:
        for item in policy.lineage(word):
            for act, clause in item.never.items():
                yield PolicyFact("ban", f"items.{word}", act, "binds", clause)
    for word, pair in policy.contradictions.items():
        if pair.stricter is None:
            part = f"contradictions.{word}"
            yield PolicyFact("contradiction", part, "", "binds", pair.clauses[0])


def _openings(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    opened = policy.opened_by_consent
    if opened and opened.purposes:
        yield PolicyFact("opened", "opened_by_consent", "purposes", "permits", opened.purposes)
    if opened and opened.recipients:
        yield PolicyFact("opened", "opened_by_consent", "recipients", "permits", opened.recipients)
    for word, exception in policy.exceptions.items():
        if exception.law is not None:
            part = f"exceptions.{word}"
            yield PolicyFact("exception", part, exception.law, "permits", exception.clause)
            for condition in exception.conditions:
                yield PolicyFact("condition", part, condition, "binds", exception.clause)
    consent = policy.foreign_consent
    if consent:
        yield PolicyFact("consent", "foreign_consent", "", "binds", consent.clause)
        if consent.deemed:
            yield PolicyFact("deemed", "foreign_consent", "", "permits", consent.clause)
    for sent in policy.transmissions:
        for item in sent.items:
            part = f"transmissions.{sent.recipient}"
            detail = f"{item} for {sent.purpose}"
            yield PolicyFact("transmission", part, detail, "permits", sent.clause)


def _keeping(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for rule in policy.retention.values():
        for item in rule.items:
            if rule.law or rule.days is not None:
                yield _period(f"items.{item}", rule)
            if rule.ends_early:
                part = f"items.{item}"
                yield PolicyFact("ends_early", part, rule.ends_early, "binds", rule.clause)


def _period(part: str, rule: Retention) -> PolicyFact:
    """A rule of keeping binds by being there; more days permit more."""
    length = f"law {rule.law}" if rule.law else "days"
    fact = PolicyFact("retention", part, f"{length} after {rule.after}", "binds", rule.clause)
    return replace(fact, amount=rule.days, amount_sense="permits")


def _exports(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for word, export in policy.exports.items():
        part = f"exports.{word}"
        inside = "everyone" if export.kind == "publication" else "nobody outside"
        for recipient in export.recipients or (inside,):
            for item in export.items:
                detail = f"{item} in {export.kind} to {recipient}"
                yield PolicyFact("export", part, detail, "permits", export.clause)
        fact = PolicyFact("group_size", part, "", "binds", export.clause)
        yield replace(fact, amount=export.k, amount_sense="binds")


def _rights(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for kind, right in policy.rights.items():
        part = f"rights.{kind}"
        yield PolicyFact("right", part, "", "binds", right.clause)
        yield from _terms_of_right(part, right)


def _terms_of_right(part: str, right: Right) -> Iterator[PolicyFact]:
    fee_clause = right.fee_clause or right.clause
    yield PolicyFact("fee", part, "", "tells", fee_clause, right.fee_jpy or 0, "permits")
    for channel in right.channels:
        yield PolicyFact("channel", part, channel, "binds", right.clause)
    if right.within_days is not None:
        fact = PolicyFact("within", part, "", "binds", right.clause)
        yield replace(fact, amount=right.within_days, amount_sense="permits")
    for exception in right.exceptions:
        detail = exception.systems or exception.ground or exception.clause
        yield PolicyFact("right_exception", part, detail, "permits", exception.clause)
    proofs = ",".join(sorted(right.identity))
    yield PolicyFact("identity", part, "", "tells", right.identity_clause or "", value=proofs)


def _duties(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    for word, measure in policy.measures.items():
        part = f"measures.{word}"
        kind = "aim" if measure.endeavour else "measure"
        fact = PolicyFact(kind, part, "", "binds", measure.clause)
        yield replace(fact, amount=measure.review_days, amount_sense="permits")
    if policy.incidents:
        for name in ("authority", "persons", "publication"):
            clause = getattr(policy.incidents, name)
            if clause:
                yield PolicyFact("leak_notice", "incidents", name, "binds", clause)
    if policy.revisions:
        for name in ("material_needs_consent", "announced"):
            clause = getattr(policy.revisions, name)
            if clause:
                yield PolicyFact("revision", "revisions", name, "binds", clause)


def _ages(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    if policy.minors is None:
        return
    for name in ("minimum_age", "guardian_below"):
        age = getattr(policy.minors, name)
        if age is not None:
            yield PolicyFact("age", "minors", name, "binds", policy.minors.clause, age, "binds")


def _told(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    who = policy.controller
    for name in ("name", "address", "representative", "responsible"):
        text = getattr(who, name)
        value = f"{text.ja}/{text.en}" if text else ""
        yield PolicyFact("controller", "controller", name, "tells", who.clause or "", value=value)
    for contact in policy.contacts:
        post = contact.post.ja if contact.post else ""
        value = "|".join((contact.email or "", contact.web or "", post))
        yield PolicyFact(
            "contact", "contacts", contact.clause, "tells", contact.clause, value=value
        )
    for code, note in policy.countries.items():
        value = f"{note.regime.ja}/{note.regime.en}" if note.regime else ""
        yield PolicyFact(
            "country_note", f"countries.{code}", "", "tells", note.clause or "", value=value
        )
    yield PolicyFact("regimes", "regimes", "", "tells", value=",".join(sorted(policy.regimes)))


def _words(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """What a clause says and how strongly; `same_words` matches a clause that only moved."""
    for clause, text in policy.clauses.items():
        part = f"clauses.{clause}"
        if text.force in ("must", "must-not"):
            yield PolicyFact("duty", part, "", "binds", clause, value=text.sha256)
        yield PolicyFact("wording", part, "", "tells", clause, value=text.sha256)


def _items(part: Purpose | Recipient) -> Iterator[tuple[str, str]]:
    """Items with the context they need; empty where they need none."""
    yield from ((item, "") for item in part.items)
    for context, items in part.items_when.items():
        yield from ((item, context) for item in items)


def _detail(item: str, source: str, context: str) -> str:
    return item + (f" from {source}" if source else "") + (f" when {context}" if context else "")


_SOURCES = (
    _collecting,
    _using,
    _sending,
    _bans,
    _openings,
    _keeping,
    _exports,
    _rights,
    _duties,
    _ages,
    _told,
    _words,
)
