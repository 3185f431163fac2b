"""What a version owes: periods, rights, measures, ages, and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seiyaku.laws import Laws
from seiyaku.policy.diff.fact import PolicyFact
from seiyaku.policy.model import Policy, Retention, Right


def keeping(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """How long items are kept."""
    for rule in policy.retention.values():
        for item in rule.items:
            if rule.law or rule.days is not None:
                yield _period(f"items.{item}", rule)
            if rule.ends_early:
                part = f"items.{item}"
                yield PolicyFact("ends_early", part, rule.ends_early, "binds", rule.clause)
    if policy.backups:
        kept = PolicyFact("retention", "backups", "days", "binds", policy.backups.clause)
        yield replace(kept, amount=policy.backups.days, amount_sense="permits")


def _period(part: str, rule: Retention) -> PolicyFact:
    """A rule of keeping binds by being there; more days permit more."""
    length = f"law {rule.law}" if rule.law else "days"
    fact = PolicyFact("retention", part, f"{length} after {rule.after}", "binds", rule.clause)
    return replace(fact, amount=rule.days, amount_sense="permits")


def rights(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """What a person may ask, and on which terms."""
    for kind, right in policy.rights.items():
        part = f"rights.{kind}"
        yield PolicyFact("right", part, "", "binds", right.clause)
        yield from _terms_of_right(part, right)
    for word, clause in policy.contents.items():  # what people must write is a burden on them
        yield PolicyFact("contents", "contents", word, "permits", clause)


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
    for duty, clause in (("told", right.told), ("investigated", right.investigated)):
        if clause is not None:
            yield PolicyFact(duty, part, "", "binds", clause)
    proofs = ",".join(sorted(right.identity))
    yield PolicyFact("identity", part, "", "tells", right.identity_clause or "", value=proofs)


def duties(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Measures, notices of leaks, how the policy changes."""
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


def ages(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Age bands."""
    if policy.minors is None:
        return
    for name in ("minimum_age", "guardian_below"):
        age = getattr(policy.minors, name)
        if age is not None:
            yield PolicyFact("age", "minors", name, "binds", policy.minors.clause, age, "binds")


def told(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Who is in charge and how to reach them: it only tells."""
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


def words(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """What a clause says and how strongly; `same_words` matches a clause that only moved."""
    for clause, text in policy.clauses.items():
        part = f"clauses.{clause}"
        if text.force in ("must", "must-not"):
            yield PolicyFact("duty", part, "", "binds", clause, value=text.sha256)
        yield PolicyFact("wording", part, "", "tells", clause, value=text.sha256)
