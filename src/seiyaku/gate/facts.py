"""Assurances filed by what they are about, so that a look-up does not walk through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from seiyaku.assurance.model import Assurance, Assurances, Membership


class Facts:
    """The facts of one `Assurances`, by kind and subject, and memberships by member."""

    def __init__(self, assurances: Assurances) -> None:
        facts: defaultdict[tuple[str, str], list[Assurance]] = defaultdict(list)
        for fact in assurances.facts:
            facts[fact.kind, fact.subject].append(fact)
        members: defaultdict[str, list[Membership]] = defaultdict(list)
        registers: defaultdict[str, list[Membership]] = defaultdict(list)
        for membership in assurances.memberships:
            members[membership.member].append(membership)
            registers[membership.register].append(membership)
        self._facts = dict(facts)
        self._members = dict(members)
        self._registers = dict(registers)

    def gap(self, kind: str, subject: str, about: str | None, at: datetime) -> str | None:
        """None where a fact is live, else whether it is ``missing`` or has ``lapsed``."""
        ever = False
        for fact in self._facts.get((kind, subject), ()):
            if about is None or fact.about == about:
                if fact.holds_at(at):
                    return None
                ever = True
        return "lapsed" if ever else "missing"

    def reading(self, dispute: str, at: datetime) -> str | None:
        """The one clause that all live readings of a contradiction name, if it is one."""
        live = self._facts.get(("reading", dispute), ())
        named = {fact.about for fact in live if fact.holds_at(at)}
        return named.pop() if len(named) == 1 else None

    def memberships(self, member: str, at: datetime) -> Iterator[Membership]:
        """Live memberships of `member`, one a register, in the order recorded."""
        seen: set[str] = set()
        for found in self._members.get(member, ()):
            if found.holds_at(at) and found.register not in seen:
                seen.add(found.register)
                yield found

    def has_members(self, register: str, at: datetime) -> bool:
        """Whether the register has a live member."""
        return any(found.holds_at(at) for found in self._registers.get(register, ()))
