"""What a version lets be collected and used, and what it bans."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.laws import Laws
from seiyaku.policy.diff.fact import PolicyFact
from seiyaku.policy.model import Item, Policy, Purpose, Recipient


def collecting(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """What may be collected, from where, and what must be there first."""
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


def using(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """What may be used for which purpose, and what that needs."""
    for word, purpose in policy.purposes.items():
        part = f"purposes.{word}"
        for item, context in items_with_context(purpose):
            for source in _sources_open(policy, item, word):
                detail = item_detail(item, source, context)
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
    """Sources from which the item may be used for the purpose; none for an undeclared item."""
    item = policy.items.get(item_word)
    if item is None:
        return
    lists = (of.only for of in policy.lineage(item_word) if of.only is not None)
    closed = any(purpose not in only.purposes for only in lists)
    if closed or policy.ban(item_word, "use"):
        return
    if not item.sources:
        yield ""
    for source, entry in item.sources.items():
        if entry.only is None or purpose in entry.only:
            yield source


def bans(policy: Policy, laws: Laws) -> Iterator[PolicyFact]:
    """Acts that never happen, and contradictions that leave a gap."""
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


def items_with_context(part: Purpose | Recipient) -> Iterator[tuple[str, str]]:
    """Items with the context they need; empty where they need none."""
    yield from ((item, "") for item in part.items)
    for context, items in part.items_when.items():
        yield from ((item, context) for item in items)


def item_detail(item: str, source: str, context: str) -> str:
    """How a fact names an item: ``email from auth0 when ordering``."""
    return item + (f" from {source}" if source else "") + (f" when {context}" if context else "")
