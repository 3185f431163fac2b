"""What two versions are asked beside each other: everything either of them declares.

Each question is asked as it stands, and once more in the most favourable circumstances (every
context there, everything granted that a linked service asks, identifying words masked): so a
condition which comes or goes is seen, and so is what lies behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Handling
from seiyaku.laws import Laws
from seiyaku.policy.model import Policy, Purpose, Recipient


@dataclass(frozen=True)
class Asked:
    """A question without its person."""

    handling: Handling
    item: str
    source: str | None


def asked_of(
    policies: Sequence[Policy], laws: Laws, assurances: Assurances, at: datetime
) -> dict[Asked, Asked]:
    """Every question that some of the policies may permit, to the same at its most favourable.

    Args:
        assurances: whose registers name the members of recipient classes at `at`.
    """
    favourable = _favourable(policies)
    return {
        asked: replace(asked, handling=_in(handling, favourable))
        for policy in policies
        for handling, items in _handlings(policy, laws, assurances, at)
        for asked in _with_sources(policy, handling, items)
    }


def _favourable(policies: Sequence[Policy]) -> Handling:
    items = [item for policy in policies for item in policy.items.values()]
    scopes = (source.scope for item in items for source in item.sources.values())
    contexts = (word for policy in policies for word in policy.contexts)
    return Handling("use", contexts=frozenset(contexts), scopes=frozenset(filter(None, scopes)))


def _in(handling: Handling, favourable: Handling) -> Handling:
    """A handling in favourable circumstances, of those that may matter to it."""
    if handling.act == "keep":
        return handling
    scopes = favourable.scopes if handling.act == "collect" else frozenset()
    masked = handling.act == "send"
    return replace(handling, contexts=favourable.contexts, scopes=scopes, masked=masked)


def _handlings(
    policy: Policy, laws: Laws, assurances: Assurances, at: datetime
) -> Iterator[tuple[Handling, Iterable[str]]]:
    yield Handling("collect"), policy.items
    yield Handling("keep"), policy.items
    for word, purpose in policy.purposes.items():
        yield Handling("use", word), _having(purpose)
    for word, recipient in policy.recipients.items():
        to = [
            m.member
            for m in assurances.memberships
            if m.register == recipient.register_name and m.holds_at(at)
        ]
        for purpose_word in recipient.purposes or (None,):
            for country in _countries(recipient, laws):
                for receiver in to or (word,):
                    handling = Handling("send", purpose_word, receiver, recipient.relation, country)
                    yield handling, _having(recipient)


def _having(part: Purpose | Recipient) -> Iterator[str]:
    yield from part.items
    for items in part.items_when.values():
        yield from items


def _countries(recipient: Recipient, laws: Laws) -> Iterable[str | None]:
    """Declared countries; a group of them stands for its first."""
    found = {min(laws.expand_country(code), default=code) for code in recipient.countries}
    return sorted(found) or (None,)


def _with_sources(policy: Policy, handling: Handling, items: Iterable[str]) -> Iterator[Asked]:
    for item in items:
        declared = policy.items[item].sources if item in policy.items else {}
        for source in declared or (None,):
            yield Asked(handling, item, source)
