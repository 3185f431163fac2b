"""Rules on what a notice must show: the controller, the contact, the checklist of the law."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from seiyaku.laws import Laws
from seiyaku.policy.addresses import has_postcode, is_placeholder
from seiyaku.policy.lint.context import Context, Found
from seiyaku.policy.model import ClauseRef, Item, Policy
from seiyaku.policy.references import patterns, select

_PARTICULARS: Final = {"name": "name", "address": "address", "representative": "representative"}
"""Items of the law's list that describe the controller, and where they stand."""
_PUBLIC: Final[dict[str, Callable[[Policy], object]]] = {
    "all_purposes": lambda p: p.purposes,
    "procedures_and_fee": lambda p: p.rights,
    "security_measures": lambda p: p.measures,
    "complaint_contact": lambda p: p.contacts,
}
_TOPICS: Final[dict[str, Callable[[Policy], object]]] = {
    "how long data is kept": lambda p: p.retention,
    "minors": lambda p: p.minors,
    "leaks": lambda p: p.incidents,
    "how the policy changes": lambda p: p.revisions,
    "leaving the service": lambda p: p.rights.get("closure"),
    "complaints": lambda p: p.rights.get("complaint"),
}
"""Topics people look for in a notice, beside the law's own list."""


def controller_particulars(context: Context) -> Iterator[Found]:
    """The notice must show the controller's name, address and representative."""
    controller = context.policy.controller
    for element in context.laws.public_items:
        attribute = _PARTICULARS.get(element.code)
        if attribute and getattr(controller, attribute) is None:
            yield Found(
                ("controller",),
                f"the controller's {element.name.en} is missing ({element.citation})",
                f"add `controller.{attribute}`",
                controller.clause or "",
                at_key=True,
            )


def missing_clause(context: Context) -> Iterator[Found]:
    """The policy is silent on a topic that the law or its readers expect."""
    policy = context.policy
    for element in context.laws.public_items:
        shown = _PUBLIC.get(element.code)
        if shown and not shown(policy):
            yield _silent(f"{element.name.en} ({element.citation})")
    for topic, present in _TOPICS.items():
        if not present(policy):
            yield _silent(topic)
    for kind in _requests_of_law(context.laws):
        if kind not in policy.rights:
            yield _silent(f"the right `{kind}`")


def _silent(topic: str) -> Found:
    return Found((), f"nothing is said on {topic}", "add a clause, or say why there is none")


def _requests_of_law(laws: Laws) -> tuple[str, ...]:
    kinds = dict.fromkeys(rule.kind for pack in laws.packs for rule in pack.requests)
    return tuple(kind for kind in kinds if laws.request(kind) is not None)


def missing_contact(context: Context) -> Iterator[Found]:
    """People are told to ask, and no address is given."""
    if not context.policy.contacts:
        yield Found((), "the policy names no contact", "add one under `contacts`")
    for index, contact in enumerate(context.policy.contacts):
        if not (contact.email or contact.web or contact.post):
            yield Found(
                ("contacts", index),
                "the contact names no address",
                "add `email`, `web` or `post`",
                contact.clause,
            )


def contact_placeholder(context: Context) -> Iterator[Found]:
    """An address is only a placeholder: letters to it reach nobody."""
    for index, contact in enumerate(context.policy.contacts):
        if contact.email and is_placeholder(contact.email):
            yield Found(
                ("contacts", index, "email"),
                "the e-mail address is a placeholder",
                "write the real address",
                contact.clause,
            )


def contact_incomplete(context: Context) -> Iterator[Found]:
    """A postal address has no postal code: letters may not arrive."""
    for index, contact in enumerate(context.policy.contacts):
        if contact.post and not (has_postcode(contact.post.ja) and has_postcode(contact.post.en)):
            yield Found(
                ("contacts", index, "post"),
                "the postal address has no postal code",
                "add it, such as `104-0061`",
                contact.clause,
            )


def version_without_history(context: Context) -> Iterator[Found]:
    """Only the day of enactment is told: no history, no day of taking effect."""
    if not context.policy.version.history:
        yield Found(
            ("version",),
            "the version has no history",
            "list what changed and when under `version.history`",
            at_key=True,
        )


def source_unknown(context: Context) -> Iterator[Found]:
    """Where the published text was taken from is not recorded."""
    source = context.policy.source
    if source.retrieved_on == "unknown" or source.url == "unknown":
        yield Found(
            ("source",),
            "address or day of the published text is unknown",
            "fill `source.url` and `source.retrieved_on`",
            at_key=True,
        )


def legal_overlay_off(context: Context) -> Iterator[Found]:
    """No law pack in force is named: nothing checks the policy against a law."""
    if not any(pack.bases and pack.status == "in_force" for pack in context.laws.packs):
        yield Found(
            ("regimes",),
            "no law on providing personal data is named",
            "name the law of the controller's country, such as `jp-appi`",
        )


def clause_stands_alone(context: Context) -> Iterator[Found]:
    """A clause binds or forbids, and nothing in the file rests on it."""
    if context.document is None:
        return
    texts = [t for t in patterns(Policy, ClauseRef) if t != "clauses.~"]
    used = {clause for t in texts for _, clause in select(context.document.data, t)}
    for clause, text in context.policy.clauses.items():
        behaviour = text.force in ("must", "must-not") and text.proof == "behaviour"
        if behaviour and clause not in used:
            yield Found(
                ("clauses", clause),
                f"clause `{clause}` binds, and no part of the file rests on it",
                "say under which part it is carried out",
                clause,
                at_key=True,
            )


def unused_word(context: Context) -> Iterator[Found]:
    """A word is declared and used nowhere."""
    policy = context.policy
    for part, words in _used_words(policy).items():
        for word in getattr(policy, part):
            if word not in words:
                yield Found(
                    (part, word), f"`{word}` is used nowhere", "use or drop it", at_key=True
                )


def _used_words(policy: Policy) -> dict[str, set[str]]:
    """Words in use, by the part that declares them."""
    items, purposes = policy.items.values(), policy.purposes.values()
    bound = [part.items_when for part in purposes]
    bound += [part.items_when for part in policy.recipients.values()]
    return {
        "contexts": {c for item in items for c in _contexts_of(item)}
        | {context for by_context in bound for context in by_context},
        "sources": {source for item in items for source in item.sources},
        "acknowledgements": {p.acknowledgement or "" for p in purposes}
        | {item.collect.acknowledgement or "" for item in items if item.collect},
    }


def _contexts_of(item: Item) -> tuple[str, ...]:
    return item.collect.contexts if item.collect else ()
