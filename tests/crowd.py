"""People who say things, kept in memory, and a policy to ask about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.gate.decide import Gate
from seiyaku.kernel.ids import PersonId
from seiyaku.policy import History, ParsedPolicy, Policy, parse_policy
from seiyaku.policy.history import effective_at
from seiyaku.standing import (
    Acceptance,
    AgeBand,
    Closure,
    Consent,
    Event,
    Freeze,
    Guardian,
    OptOut,
    Scope,
    Standing,
    Suspension,
    Withdrawal,
    fold,
)


@cache
def parsed() -> ParsedPolicy:
    """The policy of a tea shop: a letter that asks consent, a measurer abroad, minors."""
    return parse_policy(Path(__file__).parent / "policies" / "teashop.yaml")


def policy() -> Policy:
    return parsed().policy


@cache
def gate() -> Gate:
    """The gate over that one version."""
    return Gate(History((policy(),)), parsed().laws)


def start() -> datetime:
    """The moment from which the version counts."""
    found = effective_at(policy())
    assert found is not None
    return found


def day(n: float) -> datetime:
    return start() + timedelta(days=n)


class Crowd:
    """`seiyaku.doors.people.People` over a dictionary."""

    def __init__(self) -> None:
        self.events: dict[PersonId, list[Event]] = {}
        self.facts: list[Assurance] = []
        self._changes: list[PersonId | None] = []

    def join(self, *people: str) -> None:
        """People have rows from now on; they have said nothing."""
        self.events.update({PersonId(p): [] for p in people})

    def leave(self, person: str) -> None:
        """A row goes, and with it all that was said."""
        del self.events[PersonId(person)]
        self._changes.append(PersonId(person))

    def say(self, *events: Event) -> None:
        """Someone says something."""
        for event in events:
            self.events.setdefault(event.person, []).append(event)
            self._changes.append(event.person)

    def record(self, fact: Assurance) -> None:
        """A fact is recorded."""
        self.facts.append(fact)
        self._changes.append(None)

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        said = self.events.get(person)
        return None if said is None else fold(person, "customer", said, at)

    def everybody(self) -> Iterator[PersonId]:
        return iter(tuple(self.events))

    def assurances(self) -> Assurances:
        return Assurances(tuple(self.facts))

    def change(self) -> int:
        return len(self._changes)

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        since = self._changes[change:]
        return None if None in since else frozenset(p for p in since if p is not None)


def consent(person: str, n: float, **scope: tuple[str, ...]) -> Consent:
    """An informed consent given on day `n`."""
    shown = day(n) - timedelta(minutes=5)
    return Consent(PersonId(person), day(n), Scope(**scope), policy().version.id, shown)


def crowd(people: int, seed: int = 1) -> Crowd:
    """People who said this and that within the first twenty days."""
    dice, made = Random(seed), Crowd()
    purposes, items = [*policy().purposes, "tea_letter", "tea_letter"], sorted(policy().items)
    for n in range(people):
        person = PersonId(f"p{n}")
        made.join(person)
        made.say(*dice.choice([*[[AgeBand(person, day(0), 18)]] * 5, _minor(person), []]))
        for _ in range(dice.choice([0, 1, 2, 4])):
            scope = Scope(
                tuple(dice.sample(items, dice.choice([0, 0, 2]))),
                tuple(dice.sample(purposes, dice.choice([0, 1, 2]))),
            )
            made.say(_said(dice, person, scope, dice.uniform(1, 20)))
    return made


def _minor(person: PersonId) -> list[Event]:
    return [AgeBand(person, day(0), 13, 16), Guardian(person, day(0))]


def _said(dice: Random, person: PersonId, scope: Scope, n: float) -> Event:
    agreed = consent(person, n, items=scope.items, purposes=scope.purposes)
    kinds: list[Any] = [Suspension, OptOut, Withdrawal]
    rare: list[Event] = [Freeze(person, day(n)), Closure(person, day(n))]
    stop = dice.choice(kinds)(person, day(n), scope)
    accepted = Acceptance(person, day(n), policy().version.id)
    return dice.choice([agreed, agreed, agreed, accepted, stop, stop, dice.choice(rare)])
