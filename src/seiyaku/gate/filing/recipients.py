"""Purposes and recipients: what they have, on which basis, by which route.

Law: APPI 18, 27, 28.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from seiyaku.gate.book import Aim, Ground, Receiver, Way, Whens
from seiyaku.gate.masks import expand
from seiyaku.laws import Laws
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.model import Policy, Purpose, Recipient


def cited(policy: Policy, clause: str | None) -> str | None:
    """The citation of a clause, where there is one."""
    return policy.cite(clause) if clause else None


def file_purpose(policy: Policy, purpose: Purpose) -> Aim:
    """A declared purpose."""
    return Aim(
        clause=purpose.clause,
        cite=policy.cite(purpose.clause),
        items=frozenset(purpose.items),
        whens=_whens(purpose.items_when),
        consent=cited(policy, purpose.consent.clause if purpose.consent else None),
        acknowledgement=purpose.acknowledgement,
        people=frozenset(purpose.people),
        opt_out=cited(policy, purpose.opt_out),
        empty=not purpose.items and not any(purpose.items_when.values()),
    )


def _whens(items_when: Mapping[str, Sequence[str]]) -> Whens:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for context, items in items_when.items():
        for item in items:
            found[item].add(context)
    return {item: frozenset(contexts) for item, contexts in found.items()}


def file_recipient(policy: Policy, word: str, laws: Laws) -> Receiver:
    """A declared recipient, its countries and routes written out."""
    recipient = policy.recipients[word]
    cite = policy.cite(recipient.clause)
    return Receiver(
        word=word,
        cite=cite,
        register=recipient.register_name,
        relation=recipient.relation,
        ground=file_basis(recipient.basis, laws),
        by_exception=recipient.basis == "exception",
        purposes=frozenset(recipient.purposes),
        items=frozenset(recipient.items),
        whens=_whens(recipient.items_when),
        countries=expand(recipient.countries, laws),
        ways=_ways(recipient, cite, laws),
        requires=recipient.requires,
        opt_out=cited(policy, recipient.opt_out),
        gaps=tuple(_gaps(policy, word, laws)),
        reference=recipient.reference,
        masked=cited(policy, recipient.masked),
    )


def _gaps(policy: Policy, word: str, laws: Laws) -> Iterator[str]:
    recipient = policy.recipients[word]
    if recipient.basis == "exception":
        return
    basis = laws.basis(recipient.basis)
    for element in missing_elements(policy.controller, recipient, basis):
        if element not in ("items", "purposes_of_users"):
            yield f"{element}:{word}"
    if not recipient.items and not any(recipient.items_when.values()):
        yield f"items:{word}"
    if not recipient.purposes:
        yield f"purposes:{word}"


def file_basis(basis: str, laws: Laws) -> Ground | None:
    """A basis as the laws have it; None where they do not know it."""
    found = laws.basis(basis)
    if found is None:
        return None
    return Ground(
        str(found.citation),
        found.requires,
        found.needs_consent,
        found.escapes_foreign_rule,
        "special_care" in found.never_for,
    )


def _ways(recipient: Recipient, cite: str, laws: Laws) -> dict[str, Way]:
    """The way to each country: its own where declared, else the first group's that holds it."""
    ways = {
        c: file_route(r, c, cite, laws)
        for c, r in recipient.routes.items()
        if laws.known_country(c)
    }
    for group, route in recipient.routes.items():
        for country in laws.expand_country(group):
            ways.setdefault(country, file_route(route, country, cite, laws))
    return ways


def file_route(code: str, country: str, cite: str, laws: Laws) -> Way:
    """A route to a country as the laws have it."""
    route = laws.route(code)
    if route is None:
        return Way(code, cite, False, (), False, frozenset())
    leads = not route.countries or country in route.countries
    return Way(
        code,
        str(route.citation),
        leads,
        route.requires,
        route.needs_consent,
        frozenset(route.elements),
    )


def file_classes(receivers: Iterable[Receiver]) -> dict[str, tuple[Receiver, ...]]:
    """Recipient classes by register."""
    found: defaultdict[str, list[Receiver]] = defaultdict(list)
    for receiver in receivers:
        if receiver.register is not None:
            found[receiver.register].append(receiver)
    return {register: tuple(classes) for register, classes in found.items()}
