"""Reads a table of decisions (see README.md) for any engine to be held to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.gate.model import OutcomeOfGate, Question
from seiyaku.kernel.document import read_document
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.services import path as service_path
from seiyaku.standing import Event, Standing, event_from_json, fold

HERE = Path(__file__).parent
PERSON = PersonId("1")
"""Everyone in the tables is this person: worlds differ, not people."""

Json = dict[str, Any]
_QUESTION = TypeAdapter(Question)
_ASSURANCES = TypeAdapter(tuple[Assurance, ...])
_MEMBERSHIPS = TypeAdapter(tuple[Membership, ...])
_ROW_KEYS = {"id", "clauses", "says", "world", "ask", "outcome", "reasons", "cites"}
_WORLD_KEYS = {"says", "extends", "kind", "events", "assurances", "memberships", "versions"}


@dataclass(frozen=True)
class Decided:
    """One row: a question in a world, and the answer the clauses demand.

    Args:
        events: what the person said; `standing` folds them at the question's moment.
        laws: ids of the law packs of the newest version.
        reasons: exactly the codes of the answer. cites: citations that must be among them.
    """

    id: str
    clauses: tuple[str, ...]
    says: str
    history: History
    laws: tuple[str, ...]
    kind: str
    events: tuple[Event, ...]
    assurances: Assurances
    question: Question
    outcome: OutcomeOfGate
    reasons: frozenset[str]
    cites: frozenset[str]

    @property
    def standing(self) -> Standing:
        """Where the person stands when the question is asked."""
        return fold(PERSON, self.kind, self.events, self.question.at)

    def __str__(self) -> str:
        return self.id


def tables() -> tuple[Path, ...]:
    """Every table, by name."""
    return tuple(sorted(HERE.glob("*.yaml")))


def load_table(path: Path) -> list[Decided]:
    """The rows of one table, in written order."""
    data = read_document(path).data
    worlds: Mapping[str, Json] = data["worlds"]
    built = {name: _world(name, worlds) for name in worlds}
    histories: dict[tuple[str, ...], History] = {}
    rows = []
    for row in data["decisions"]:
        _only(row["id"], row, _ROW_KEYS)
        world = built[row["world"]]
        versions = tuple(world["versions"])
        if versions not in histories:
            histories[versions] = history(data["service"], versions)
        rows.append(_decided(row, world, histories[versions], data["at"]))
    return rows


def history(service: str, versions: tuple[str, ...] = ()) -> History:
    """The published policy of a service, and the revisions in `versions/` laid over it."""
    document = read_document(service_path(service) / "policy.yaml").data
    policies = [Policy.model_validate(document)]
    for name in versions:
        document = _merged(
            document, read_document(HERE / "versions" / f"{name}.yaml").data["change"]
        )
        policies.append(Policy.model_validate(document))
    return History(tuple(policies))


def _decided(row: Json, world: Json, policies: History, at: Any) -> Decided:
    question = {"person": PERSON, "at": at, **row["ask"]}
    return Decided(
        id=row["id"],
        clauses=tuple(row["clauses"]),
        says=row["says"],
        history=policies,
        laws=policies.versions[-1].regimes,
        kind=world["kind"],
        events=tuple(event_from_json(_event(e)) for e in world["events"]),
        assurances=Assurances(
            _ASSURANCES.validate_python(world["assurances"]),
            _MEMBERSHIPS.validate_python(world["memberships"]),
        ),
        question=_QUESTION.validate_python(question),
        outcome=row["outcome"],
        reasons=frozenset(row["reasons"]),
        cites=frozenset(row.get("cites", ())),
    )


def _world(name: str, worlds: Mapping[str, Json]) -> Json:
    """A world with everything it takes from the ones it extends, oldest first."""
    own = worlds[name]
    _only(name, own, _WORLD_KEYS)
    base = _world(own["extends"], worlds) if "extends" in own else {}
    parts = ("events", "assurances", "memberships", "versions")
    lists = {part: [*base.get(part, []), *own.get(part, [])] for part in parts}
    return {"kind": own.get("kind", base.get("kind", "user")), **lists}


def _event(value: Json) -> Json:
    """An event as `standing` reads it: with its person, moments as text."""
    moments = {k: v.isoformat() for k, v in value.items() if hasattr(v, "isoformat")}
    return {**value, **moments, "person": PERSON}


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    merged = {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return {key: value for key, value in merged.items() if value is not None or key not in new}


def _only(where: str, value: Json, known: set[str]) -> None:
    unknown = value.keys() - known
    if unknown:
        raise ValueError(f"{where}: unknown keys {sorted(unknown)}")


def every_row() -> Iterator[Decided]:
    """The rows of all tables."""
    for path in tables():
        yield from load_table(path)
