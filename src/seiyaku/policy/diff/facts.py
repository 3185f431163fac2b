"""A policy as a flat set of facts, each of which permits, binds, or only tells.

Two versions are compared fact by fact, so that what a change *means* follows from the fact:
a fact that permits widens when it comes and narrows when it goes; one that binds does the
opposite. Nothing is compared as text except what only tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from seiyaku.laws import Laws
from seiyaku.policy.diff import handling, owing, passing
from seiyaku.policy.diff.fact import Key, PolicyFact
from seiyaku.policy.model import Policy


def facts_of(policy: Policy, laws: Laws) -> dict[Key, PolicyFact]:
    """Every fact of a version; where two clauses say the same, the first counts."""
    found: dict[Key, PolicyFact] = {}
    for source in _SOURCES:
        for fact in source(policy, laws):
            found.setdefault(fact.key, fact)
    return found


_SOURCES: Final[tuple[Callable[[Policy, Laws], Iterator[PolicyFact]], ...]] = (
    handling.collecting,
    handling.using,
    passing.sending,
    handling.bans,
    passing.openings,
    owing.keeping,
    passing.exports,
    owing.rights,
    owing.duties,
    owing.ages,
    owing.told,
    owing.words,
)
"""Every kind of fact, in the order of a policy file."""
