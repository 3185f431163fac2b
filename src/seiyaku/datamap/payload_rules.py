"""Faults of the payload maps of a data map: words nobody declared, addresses told twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seiyaku.datamap.payload import Endpoint, Intake, origin
from seiyaku.kernel.document import Loc
from seiyaku.kernel.faults import Fault
from seiyaku.laws.countries import expand_country

if TYPE_CHECKING:
    from seiyaku.datamap.checked import Check


def callees(check: Check) -> Iterator[Fault]:
    """Recipients are declared, and a member belongs to a class."""
    recipients = check.policy.recipients
    for name, entry in check.datamap.calls.items():
        at: Loc = ("calls", name)
        word = entry.recipient or name
        yield from check.unknown((*at, "recipient"), word, recipients, "recipient")
        yield from check.unknown((*at, "clause"), entry.clause, check.policy.clauses, "clause")
        if entry.member and word in recipients and not recipients[word].register_name:
            yield check.fault(
                (*at, "member"), "no-class", f"`{word}` is no class, so that it has no members"
            )
        if entry.country and not expand_country(entry.country):
            yield check.fault(
                (*at, "country"), "unknown-country", f"`{entry.country}` is no country"
            )


def payload_words(check: Check) -> Iterator[Fault]:
    """Items, sources and contexts of payload fields are declared."""
    policy = check.policy
    for at, endpoint in _endpoints(check):
        for part, fields in endpoint.parts():
            for path, field in fields.items():
                loc = (*at, part) if part == "body" else (*at, part, path)
                yield from check.unknown(loc, field.item, policy.items, "item")
                yield from check.unknown(loc, field.source, policy.sources, "source")
        if isinstance(endpoint, Intake):
            yield from check.unknown((*at, "source"), endpoint.source, policy.sources, "source")
            for n, context in enumerate(endpoint.contexts):
                yield from check.unknown((*at, "contexts", n), context, policy.contexts, "context")


def told_twice(check: Check) -> Iterator[Fault]:
    """One address is told once: a host belongs to one entry, a path of it to one endpoint."""
    owners: dict[object, str] = {}
    for name, entry in check.datamap.calls.items():
        for n, host in enumerate(entry.hosts):
            if owners.setdefault(origin(host), name) != name:
                yield check.fault(
                    ("calls", name, "hosts", n),
                    "host-of-two",
                    f"`{host}` is a host of `{owners[origin(host)]}` too",
                    "one host is one recipient: else nobody can say who receives",
                )
    seen: set[object] = set()
    for at, endpoint in _endpoints(check):
        for method in endpoint.methods:
            group = at[:2] if at[0] == "calls" else at[:1]
            key = (group, method, _shape(endpoint.path))
            if key in seen:
                yield check.fault(at, "endpoint-twice", f"`{method} {endpoint.path}` is told twice")
            seen.add(key)


def _endpoints(check: Check) -> Iterator[tuple[Loc, Endpoint]]:
    for name, entry in check.datamap.calls.items():
        for n, endpoint in enumerate(entry.endpoints):
            yield ("calls", name, "endpoints", n), endpoint
    for name, intake in check.datamap.intake.items():
        yield ("intake", name), intake


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if part.startswith("{") else part for part in path.split("/"))
