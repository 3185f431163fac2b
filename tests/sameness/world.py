"""A named world: a policy, people who said things, facts on record, and tables of their data.

The worlds of the tables of decisions are taken as they stand, and those of
``tests/scenarios/worlds``; everybody of a service lives in each of its worlds. Questions are
drawn from the policy, so that most of them are about words it puts together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from pydantic import TypeAdapter

from decisions import table
from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.datamap.model import DataMap
from seiyaku.gate.model import Handling, Question
from seiyaku.kernel.document import read_document
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import Laws, load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import LEGAL_RETENTION, Policy, Recipient
from seiyaku.standing import Event, Standing, event_from_json, fold
from seiyaku.testing.crowd import Crowd

HERE = Path(__file__).parent
NAMED = HERE.parent / "scenarios" / "worlds"
Json = dict[str, Any]
_FACTS = TypeAdapter(tuple[Assurance, ...])
_MEMBERS = TypeAdapter(tuple[Membership, ...])


@dataclass(frozen=True)
class World:
    """One world at one moment.

    Args:
        kinds: kind of each person. events: what each said.
    """

    name: str
    history: History
    assurances: Assurances
    at: datetime
    kinds: Mapping[PersonId, str]
    events: Mapping[PersonId, tuple[Event, ...]]

    @cached_property
    def policy(self) -> Policy:
        """The version in force."""
        policy = self.history.in_force(self.at)
        assert policy is not None
        return policy

    @cached_property
    def laws(self) -> Laws:
        """The packs its policy names."""
        return load_packs(self.policy.regimes)

    @cached_property
    def standings(self) -> Mapping[PersonId, Standing]:
        """Where everybody stands at the moment of the world."""
        return {p: fold(p, kind, self.events[p], self.at) for p, kind in self.kinds.items()}

    @cached_property
    def people(self) -> Crowd:
        """Everybody and what they said, as doors read it."""
        crowd = Crowd(next(iter(self.policy.people)))
        for person, kind in self.kinds.items():
            crowd.add(person, kind)
            crowd.say(*self.events[person])
        crowd.record(*self.assurances.facts)
        crowd.enrol(*self.assurances.memberships)
        return crowd

    @cached_property
    def datamap(self) -> DataMap:
        """A database with a row for each person and a second table that hangs on it.

        People of each kind have tables of their own. Columns are called as `column` says;
        every other item lies in the second table.
        """
        datasets: Json = {}
        for kind in dict.fromkeys(self.kinds.values()):
            halves = [dict(self.columns[n::2]) for n in (0, 1)]
            datasets[f"{kind}_people"] = {
                "person": kind,
                "key": "id",
                "fields": {"id": None, **halves[0]},
            }
            datasets[f"{kind}_notes"] = {
                "key": "id",
                "links": [{"by": "person_id", "to": f"{kind}_people"}],
                "fields": {"id": None, "person_id": None, **halves[1]},
            }
        system = {"kind": "sqlite", "name": {"ja": "例", "en": "app"}, "datasets": datasets}
        return DataMap.model_validate(
            {"seiyaku_datamap": 1, "service": self.policy.service, "systems": {"app": system}}
        )

    @cached_property
    def columns(self) -> tuple[tuple[str, Json], ...]:
        """Every column holding an item: without its source, and one for each source."""
        return tuple(
            (column(item, source), {"item": item, **({"source": source} if source else {})})
            for item, declared in self.policy.items.items()
            for source in (None, *declared.sources)
        )

    def rows(self, dataset: str) -> Iterator[Mapping[str, str]]:
        """The rows of a dataset: what a column holds names its column and its person."""
        found = self.datamap.systems["app"].datasets[dataset]
        kind = dataset.rpartition("_")[0]
        for person, its_kind in self.kinds.items():
            if its_kind == kind:
                held = {c: f"{c} of {person}" for c, f in found.fields.items() if f.item}
                link = {"person_id": person} if found.links else {}
                yield {"id": person, **link, **held}

    def place(self, item: str, source: str | None, person: PersonId) -> tuple[str, str]:
        """Dataset and column in which a person's item of a source lies."""
        where, kind = column(item, source), self.kinds[person]
        for dataset in (f"{kind}_people", f"{kind}_notes"):
            if where in self.datamap.systems["app"].datasets[dataset].fields:
                return dataset, where
        raise KeyError(where)


def column(item: str, source: str | None) -> str:
    """The column of an item from a source."""
    return f"{item}__{source}" if source else item


def questions(world: World, count: int) -> list[Question]:
    """About `count` questions of a world, everybody asked about a few handlings."""
    dice = Random(world.name)
    people = list(world.kinds)
    asked: list[Question] = []
    while len(asked) < count:
        handling, items = _handling(dice, world.policy, world.assurances)
        for person in dice.sample(people, min(len(people), 12)):
            asked += _about(dice, world, handling, items, person)
    return asked


def _about(
    dice: Random, world: World, handling: Handling, items: list[str], person: PersonId
) -> Iterator[Question]:
    for item in items:
        declared = world.policy.items[item].sources if item in world.policy.items else ()
        source = dice.choice([None, *declared])
        old = dice.choice([None, timedelta(days=dice.choice([1, 200, 4000]))])
        born = world.at - old if old and handling.act in ("collect", "keep") else None
        yield handling.question(person, item, world.at, source=source, data_at=born)


def _handling(dice: Random, policy: Policy, facts: Assurances) -> tuple[Handling, list[str]]:
    """A use, or in two cases of five a send, seldom another act; and the items to ask about."""
    if dice.random() < 0.12:
        return _storing(dice, policy)
    contexts = frozenset(dice.choice([(), tuple(policy.contexts)]))
    word, recipient = dice.choice([(None, None), *policy.recipients.items()])
    if word is None or recipient is None or dice.random() < 0.6:
        purpose = dice.choice(
            [*_with_consent(policy), *policy.purposes, LEGAL_RETENTION, "unheard"]
        )
        found = policy.purposes.get(purpose)
        held = [*found.items, *(i for w in found.items_when.values() for i in w)] if found else []
        return Handling("use", purpose, contexts=contexts), _some(dice, policy, held)
    return _sending(dice, word, recipient, contexts, facts), _some(dice, policy, recipient.items)


def _with_consent(policy: Policy) -> list[str]:
    """Purposes that ask the person something, twice each: their answers differ most."""
    asking = [w for w, p in policy.purposes.items() if p.consent or p.acknowledgement or p.opt_out]
    return asking * max(2, len(policy.purposes) // (2 * len(asking) + 1))


def _storing(dice: Random, policy: Policy) -> tuple[Handling, list[str]]:
    """Collecting or keeping, with or without what a linked service would have to grant."""
    scopes = {s.scope for item in policy.items.values() for s in item.sources.values() if s.scope}
    act = dice.choice(["collect", "collect", "keep"])
    contexts = frozenset(dice.choice([(), tuple(policy.contexts)]))
    given = frozenset(dice.choice([set(), scopes]))
    return Handling(act, contexts=contexts, scopes=given), _some(dice, policy, policy.items)


def _sending(
    dice: Random, word: str, recipient: Recipient, contexts: frozenset[str], facts: Assurances
) -> Handling:
    members = [m.member for m in facts.memberships if m.register == recipient.register_name]
    countries = [c for c in recipient.countries if len(c) == 2] or ["US", "JP"]
    return Handling(
        "send",
        dice.choice(recipient.purposes) if recipient.purposes else None,
        recipient=dice.choice(members) if members else word,
        relation=dice.choice([None, recipient.relation]),
        country=dice.choice([None, *countries]),
        contexts=contexts,
        masked=dice.random() < 0.5,
    )


def _some(dice: Random, policy: Policy, likely: Any) -> list[str]:
    """A few items, three of four among the likely ones."""
    usual = dice.sample(list(likely), min(len(likely), 5))
    odd = ["unheard_of"] if dice.random() < 0.1 else []
    return list(dict.fromkeys([*usual, *dice.sample(list(policy.items), 2), *odd]))


# -- where worlds come from ----------------------------------------------------------------


def worlds() -> list[World]:
    """Every world, by name."""
    found = [w for path in table.tables() for w in _of_table(path)]
    found += [_named(path) for path in sorted(NAMED.glob("*.yaml"))]
    return sorted(found, key=lambda w: w.name)


def _of_table(path: Path) -> Iterator[World]:
    """The worlds of a table that differ in what is on record, each with all its people."""
    data = read_document(path).data
    built = {name: table._world(name, data["worlds"]) for name in data["worlds"]}
    people = {PersonId(name): world for name, world in built.items()}
    seen: set[str] = set()
    for name, world in built.items():
        record = (world["assurances"], world["memberships"], tuple(world["versions"]))
        if repr(record) not in seen:
            seen.add(repr(record))
            history = table.history(data["service"], record[2])
            yield _world(f"{data['service']}: {name}", history, record, data["at"], people)


def _named(path: Path) -> World:
    """A world written for this suite, over a packaged service or a policy beside the tests."""
    data = read_document(path).data
    if "policy" in data:
        document = read_document(HERE.parent / "policies" / data["policy"]).data
        history = History((Policy.model_validate(document),))
    else:
        history = table.history(data["service"])
    people = {PersonId(word): person for word, person in data["people"].items()}
    record = (data.get("assurances", []), data.get("memberships", []))
    return _world(data["world"], history, record, data["at"], people)


def _world(
    name: str, history: History, record: Any, at: datetime, people: Mapping[PersonId, Json]
) -> World:
    kinds = {
        p: said.get("kind") or next(iter(history.versions[0].people)) for p, said in people.items()
    }
    events = {p: tuple(_events(p, said.get("events", []))) for p, said in people.items()}
    facts = Assurances(_FACTS.validate_python(record[0]), _MEMBERS.validate_python(record[1]))
    return World(name, history, facts, at, kinds, events)


def _events(person: PersonId, said: list[Json]) -> Iterator[Event]:
    for event in said:
        yield event_from_json({**table._event(event), "person": person})
