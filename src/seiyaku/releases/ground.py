"""By which basis, route and country something goes: what the law asks a record by.

The words are resolved as at the gate (`seiyaku.gate.model`): declared, member of a register,
kind of the law packs, opened by a consent. What cannot be told stays None, and what no rule of
the law exempts must be recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from seiyaku.assurance.model import Assurances
from seiyaku.laws import Laws
from seiyaku.policy.model import Policy, Recipient
from seiyaku.releases.model import Giving

UNKNOWN = "none"
"""The basis of a recipient nobody declared: no rule exempts it, no record can be written."""


@dataclass(frozen=True)
class Ground:
    """By what the law lets something go.

    Args:
        words: the recipient, and the classes it is a member of; consents name either.
        receiver: the declared part; None for a kind of the law and for an opened one.
    """

    basis: str
    route: str | None
    country: str | None
    words: frozenset[str]
    receiver: Recipient | None = None


def ground_of(
    policy: Policy, laws: Laws, assurances: Assurances, giving: Giving, at: datetime
) -> Ground:
    """The ground on which `giving` goes; `laws` are those of the day."""
    word = giving.recipient
    classes = _classes(policy, assurances, word, at)
    receiver = policy.recipients.get(word) or next(
        (policy.recipients[c] for c in classes if len(classes) == 1), None
    )
    words = frozenset((word, *classes))
    if receiver is None and classes:  # of several classes: nobody can say as which it gets this
        return Ground(UNKNOWN, giving.route, giving.country, words)
    if receiver is None:
        return _undeclared(policy, laws, giving, words)
    basis = "exception" if giving.case else receiver.basis
    countries = _countries(laws, assurances, receiver, word, at)
    country = giving.country or (countries[0] if len(countries) == 1 else None)
    route = giving.route or _route(laws, basis, receiver, country)
    return Ground(basis, route, country, words, receiver)


def record_wanted(laws: Laws, basis: str, route: str | None, country: str | None) -> bool:
    """Whether the law wants a record; a basis free of the foreign rule counts as at home."""
    entry = laws.basis(basis)
    free = entry is not None and entry.escapes_foreign_rule
    return laws.record_required(basis, route, home_of(laws) if free else country)


def home_of(laws: Laws) -> str | None:
    """The country whose law this is."""
    return next((pack.home for pack in laws.packs), None)


def _undeclared(policy: Policy, laws: Laws, giving: Giving, words: frozenset[str]) -> Ground:
    if giving.recipient in laws.recipient_kinds:
        return Ground("exception", None, giving.country or home_of(laws), words)
    opened = policy.opened_by_consent
    if opened is None or opened.recipients is None:
        return Ground(UNKNOWN, giving.route, giving.country, words)
    abroad = giving.country is not None and not laws.is_domestic(giving.country)
    return Ground("consent", "consent" if abroad else None, giving.country, words)


def _classes(policy: Policy, assurances: Assurances, word: str, at: datetime) -> list[str]:
    return [
        name
        for name, recipient in policy.recipients.items()
        if recipient.register_name
        and assurances.membership(recipient.register_name, word, at) is not None
    ]


def _countries(
    laws: Laws, assurances: Assurances, receiver: Recipient, word: str, at: datetime
) -> Sequence[str]:
    declared = receiver.countries
    if receiver.register_name:
        member = assurances.membership(receiver.register_name, word, at)
        declared = member.countries if member else ()
    return sorted({c for code in declared for c in laws.expand_country(code)})


def _route(laws: Laws, basis: str, receiver: Recipient, country: str | None) -> str | None:
    entry = laws.basis(basis)
    if country is None or laws.is_domestic(country) or (entry and entry.escapes_foreign_rule):
        return None
    if country in receiver.routes:
        return receiver.routes[country]
    groups = (r for code, r in receiver.routes.items() if country in laws.expand_country(code))
    return next(groups, None)
