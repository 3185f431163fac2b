"""Items: where they come from, what bars them, what holds and keeps them.

Law: APPI 17, 18, 22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from seiyaku.gate.book import Gathering, Thing
from seiyaku.gate.masks import (
    ANY,
    UNLISTED,
    bans_of,
    lineage,
    narrowing,
    outside,
    scopes_asked,
)
from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.laws import Laws
from seiyaku.policy.model import LEGAL_RETENTION, Item, Policy


def file_item(policy: Policy, word: str, laws: Laws) -> Thing:
    """An item, with what holds and keeps it."""
    item = policy.items[word]
    rules = {name: rule for name, rule in policy.retention.items() if word in rule.items}
    holding = {
        name: (policy.cite(rule.clause), str(law.citation))
        for name, rule in rules.items()
        if rule.law and (law := laws.keeping(rule.law))
    }
    cite = policy.cite(item.clause)
    return Thing(
        cite=cite,
        sources=frozenset(item.sources),
        narrow={
            name: policy.cite(source.clause or item.clause)
            for name, source in item.sources.items()
            if source.only is not None
        },
        scopes=dict(_scopes(policy, item)),
        gathering=_gathering(policy, item),
        people=frozenset(item.people),
        special_care=item.special_care is not None,
        held=_holding("legal_retention", holding),
        only_held=_holding("legal_retention_only", holding),
        holders=tuple(clause for clause, _ in holding.values()),
        windows=tuple(
            (name, policy.cite(rule.clause), timedelta(days=rule.days))
            for name, rule in rules.items()
            if rule.law is None and rule.after == "collected" and rule.days is not None
        ),
        kept=tuple(policy.cite(rule.clause) for rule in rules.values()) or (cite,),
    )


def _holding(code: ReasonCode, holding: Mapping[str, tuple[str, str]]) -> tuple[Reason, ...]:
    reasons = {Reason(code, cite, rule) for rule, cites in holding.items() for cite in cites}
    return tuple(sorted(reasons))


def _gathering(policy: Policy, item: Item) -> Gathering | None:
    if item.collect is None:
        return None
    return Gathering(
        policy.cite(item.collect.clause),
        frozenset(item.collect.contexts),
        item.collect.consent,
        item.collect.acknowledgement,
    )


def _scopes(policy: Policy, item: Item) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    for source in (ANY, *item.sources):
        if asked := scopes_asked(item, source):
            yield source, {s: tuple(map(policy.cite, clauses)) for s, clauses in asked.items()}


def file_bans(policy: Policy) -> dict[tuple[str, str], tuple[Reason, ...]]:
    """Bans by (act, item)."""
    return {
        (act, word): tuple(Reason("never", policy.cite(clause), act) for clause in clauses)
        for word in (ANY, *policy.items)
        for act, clauses in bans_of(policy, word).items()
    }


def file_closed_lists(
    policy: Policy, held: frozenset[str], listed: frozenset[str]
) -> Iterator[tuple[tuple[str, str, str], tuple[str, ...]]]:
    """Closed lists, for every source and purpose; only where one shuts the purpose out."""
    for word, item in policy.items.items():
        if not any(policy.items[one].only for one in lineage(policy, word)) and all(
            source.only is None for source in item.sources.values()
        ):
            continue
        for purpose in (ANY, *listed):
            if purpose == LEGAL_RETENTION and word in held:
                continue
            for source in (ANY, UNLISTED, *item.sources):
                if clauses := outside(policy, word, source, purpose):
                    yield (word, source, purpose), tuple(map(policy.cite, clauses))


def file_unstated_sources(
    policy: Policy, held: frozenset[str], listed: frozenset[str]
) -> Iterator[tuple[tuple[str, str], tuple[tuple[str, str], ...]]]:
    """Sources that would have to be named, by (item, purpose)."""
    for word, item in policy.items.items():
        for purpose in (ANY, *listed):
            shut = narrowing(item, purpose)
            free = purpose == LEGAL_RETENTION and word in held
            if shut and not free and len(shut) < len(item.sources):
                yield (word, purpose), tuple((s, policy.cite(c)) for s, c in shut.items())
