"""What a version lets go out: to recipients, by exceptions and consents, as files of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seiyaku.laws import Laws
from seiyaku.policy.diff.fact import PolicyFact
from seiyaku.policy.diff.handling import item_detail, items_with_context
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.model import Policy, Recipient


def sending(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Who gets what for which purpose, where and on which basis."""
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
    for item, context in items_with_context(recipient):
        if policy.ban(item, "send"):
            continue
        for purpose in recipient.purposes:
            for country, route in _countries(laws, recipient):
                way = "/".join((recipient.basis, country, route)).rstrip("/")
                detail = f"{item_detail(item, '', context)} for {purpose} by {way}"
                yield PolicyFact("send", part, detail, "permits", recipient.clause)


def _countries(laws: Laws, recipient: Recipient) -> Iterator[tuple[str, str]]:
    """Single countries with their route: groups are taken apart, so that they compare."""
    for code in recipient.countries:
        for country in sorted(laws.expand_country(code)):
            route = recipient.routes.get(country) or recipient.routes.get(code)
            yield country, route or ""


def openings(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Exceptions, what a consent may open, and what browsers send out."""
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


def exports(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Files in which nobody is recognised."""
    for word, export in policy.exports.items():
        part = f"exports.{word}"
        inside = "everyone" if export.kind == "publication" else "nobody outside"
        for recipient in export.recipients or (inside,):
            for item in export.items:
                detail = f"{item} in {export.kind} to {recipient}"
                yield PolicyFact("export", part, detail, "permits", export.clause)
        fact = PolicyFact("group_size", part, "", "binds", export.clause)
        yield replace(fact, amount=export.k, amount_sense="binds")
