"""`seiyaku why`: what is held of a person, and what was asked and decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seiyaku.app import persons, planning
from seiyaku.app.wiring import Parts
from seiyaku.kernel.ids import DatasetId, PersonId
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Standing
from seiyaku.store.witness import Asked


@dataclass(frozen=True)
class Held:
    """Columns of a dataset in which the person has rows now."""

    dataset: DatasetId
    items: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Why:
    """The answer.

    Args:
        at: up to when decisions are told; what is held is read now.
        version: policy version in force at `at`, empty when there was none.
        asked: questions put to the gate, with outcome, reasons and version, in order.
    """

    person: PersonId
    at: datetime
    version: str
    standing: Standing
    held: tuple[Held, ...]
    asked: tuple[Asked, ...]


def why(parts: Parts, person: PersonId, item: str | None, at: datetime) -> Why:
    """What is held of `person` and which uses were decided; see `Home.why`."""
    kind = persons.kind_of(parts, person)
    survey, _ = planning.survey_of(parts, kind, [person], parts.clock.now())
    held = []
    for step in survey.resolution.steps:
        fields = parts.datamap.dataset(step.dataset).fields
        columns = tuple(c for c, f in fields.items() if f.item and item in (None, f.item))
        rows = survey.rows(step.dataset)
        if columns and rows:
            items = tuple(sorted({fields[c].item or "" for c in columns}))
            held.append(Held(step.dataset, items, columns, rows))
    policy = parts.history.in_force(at)
    return Why(
        person=person,
        at=at,
        version=policy.version.id if policy else "",
        standing=fold(person, kind, parts.repositories.standing.of(person), at),
        held=tuple(held),
        asked=parts.repositories.asked.of(person, item, at),
    )
