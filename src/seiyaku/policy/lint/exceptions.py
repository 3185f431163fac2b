"""Rules on exceptions, contradictions and consent: where the policy claims more than the law."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seiyaku.kernel.document import Loc
from seiyaku.laws import Fact
from seiyaku.policy.lint.context import Context, Found, items_of, listed

_RECORDED: Final = frozenset({"approver", "document", "legal_basis"})
"""Conditions that are kept as records of the case, which no policy prints."""
_COMPULSORY: Final = "law"


def exception_not_in_law(context: Context) -> Iterator[Found]:
    """The policy provides without consent in a case the law does not know."""
    for word, exception in context.policy.exceptions.items():
        if context.laws.exception(exception.law) is None:
            yield Found(
                ("exceptions", word),
                f"the law has no exception like `{word}`: it never opens",
                "ask consent, entrust, or drop it",
                exception.clause,
                at_key=True,
            )


def exception_broader_than_law(context: Context) -> Iterator[Found]:
    """The policy prints an exception without a condition that the law sets."""
    for word, exception in context.policy.exceptions.items():
        law = context.laws.exception(exception.law)
        if law is None:
            continue
        wanted = [c for c in law.conditions if c not in _RECORDED]
        missing = [c for c in wanted if c not in exception.conditions]
        if missing:
            yield Found(
                ("exceptions", word),
                f"`{word}` is printed without {listed(missing)} ({law.citation})",
                "print the condition; until then the law's own conditions are asked",
                exception.clause,
                at_key=True,
            )


def missing_exceptions(context: Context) -> Iterator[Found]:
    """Provision is banned without exception: a court order would break the promise."""
    known = {e.law for e in context.policy.exceptions.values()}
    if _COMPULSORY not in known and context.laws.exception(_COMPULSORY) is not None:
        yield Found(
            ("exceptions",) if context.policy.exceptions else (),
            "nothing is provided for demands that the law makes compulsory",
            "declare the exception with `law: law`",
        )


def contradiction(context: Context) -> Iterator[Found]:
    """Two sentences cannot both hold."""
    for word, pair in context.policy.contradictions.items():
        side = f"`{pair.stricter}` binds" if pair.stricter else "the gate is undecided"
        yield Found(
            ("contradictions", word),
            f"{listed(list(pair.clauses))} contradict each other; {side} until a person decides",
            "change the text, or record a named person's reading",
            pair.clauses[0],
            at_key=True,
        )
    yield from _banned_yet_kept(context)
    yield from _banned_yet_sent(context)
    yield from _closed_yet_used(context)


def _banned_yet_kept(context: Context) -> Iterator[Found]:
    for word, rule in context.policy.retention.items():
        for item in rule.items:
            ban = context.policy.ban(item, "keep")
            if ban:
                yield Found(
                    ("retention", word, "items"),
                    f"`{item}` is kept under `{rule.clause}` and never kept under `{ban}`",
                    "drop one of the two; the ban binds",
                    ban,
                )


def _banned_yet_sent(context: Context) -> Iterator[Found]:
    for word, recipient in context.policy.recipients.items():
        for item in items_of(recipient):
            ban = context.policy.ban(item, "send")
            if ban:
                yield Found(
                    ("recipients", word, "items"),
                    f"`{item}` goes to `{word}` and is never sent under `{ban}`",
                    "drop one of the two; the ban binds",
                    ban,
                )


def _closed_yet_used(context: Context) -> Iterator[Found]:
    lists = [
        (word, of is context.policy.items[word], of.only)
        for word in context.policy.items
        for of in context.policy.lineage(word)
        if of.only is not None
    ]
    for word, own, only in lists:
        beyond = [p for p in context.purposes_of_item[word] if p not in only.purposes]
        if beyond:
            yield Found(
                ("items", word, "only" if own else "derived_from"),
                f"`{word}` is closed by `{only.clause}`, yet {listed(beyond)} uses it",
                "drop it there; the closed list binds",
                only.clause,
            )


def unresolved_reference(context: Context) -> Iterator[Found]:
    """A recipient's clause sends the reader to another that it cannot mean."""
    for word, recipient in context.policy.recipients.items():
        purposes = [context.purpose(p) for p in recipient.purposes]
        clauses = {purpose.clause for purpose in purposes if purpose}
        if recipient.reference:
            idle = clauses.isdisjoint(recipient.reference)
            more = ", and none of its purposes rests on one of them" if idle else ""
            yield Found(
                ("recipients", word, "reference"),
                f"what `{word}` gets data for is one of {listed(recipient.reference)}, and nothing "
                f"goes there until a person decides{more}",
                "correct the reference in the text, or record a named person's reading",
                recipient.clause,
            )


def reference_of_a_limit(context: Context) -> Iterator[Found]:
    """A clause that limits a right sends the reader to another that it cannot mean."""
    for kind, right in context.policy.rights.items():
        for index, limit in enumerate(right.exceptions):
            if limit.reference:
                yield Found(
                    ("rights", kind, "except", index),
                    f"`{limit.clause}` points at {limit.reference[0]}; it may mean one of "
                    f"{listed(limit.reference)}; nobody is refused by it until a person decides",
                    "correct the reference in the text, or record a named person's reading",
                    limit.clause,
                )


def consent_vs_unilateral_change(context: Context) -> Iterator[Found]:
    """Consent is taken to a list that the controller may change without asking again."""
    consent, revisions = context.policy.foreign_consent, context.policy.revisions
    if consent and revisions and revisions.material_needs_consent is None:
        yield Found(
            ("foreign_consent",),
            f"consent under `{consent.clause}` is to a list that `{revisions.clause}` lets "
            "the controller change alone",
            "ask anew when the list grows: `revisions.material_needs_consent`",
            consent.clause,
        )


def deemed_consent(context: Context) -> Iterator[Found]:
    """Consent to sending abroad is deemed from use, which the law does not accept."""
    consent = context.policy.foreign_consent
    if consent and consent.deemed and not context.laws.deemed_consent_opens_foreign_transfer:
        yield Found(
            ("foreign_consent",),
            "consent deemed from use opens no route abroad",
            "ask each person after telling country, regime and measures",
            consent.clause,
        )


def unverified_law_fact(context: Context) -> Iterator[Found]:
    """The policy leans on a fact of a law pack that nobody has checked against its source."""
    for loc, clause, fact in _leaning(context):
        if fact is not None and not fact.verified:
            yield Found(
                loc,
                f"leans on {fact.citation}, which is not verified",
                "have it checked against its source before relying on it",
                clause,
            )


def _leaning(context: Context) -> Iterator[tuple[Loc, str, Fact | None]]:
    """Every fact of the law the policy leans on, where it does, and under which clause."""
    policy, laws = context.policy, context.laws
    for word, rule in policy.legal_holds():
        yield ("retention", word, "law"), rule.clause, laws.keeping(rule.law or "")
    for word, exception in policy.exceptions.items():
        yield ("exceptions", word), exception.clause, laws.exception(exception.law)
    for word, recipient in policy.recipients.items():
        yield ("recipients", word, "basis"), recipient.clause, laws.basis(recipient.basis)
        for code, route in recipient.routes.items():
            yield ("recipients", word, "routes", code), recipient.clause, laws.route(route)
