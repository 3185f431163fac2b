"""Seiyaku's own store as a System: found, exported and erased like every other.

What the store holds of people is declared here as a data map of its own, and merged into the
service's. The person stands in it by the service's own key as text, whatever its type there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.engine import URL

from seiyaku.datamap import find
from seiyaku.datamap.model import DataMap, Dataset, EraseRule, Field, Link, SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    DatasetRows,
    HandleColumn,
    Handles,
    Located,
    Step,
    System,
    TableSurface,
    Value,
)
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.kernel.text import Text
from seiyaku.laws import Laws, end_of_record
from seiyaku.plans.survey import OwnHold
from seiyaku.store.tables import METADATA
from seiyaku.systems.open import SystemSettings, open_system
from seiyaku.systems.sqlite import SqliteSystem

OWN = SystemId("seiyaku")
OF_PEOPLE = (
    "standing_events",
    "changes",
    "asked",
    "request_people",
    "request_details",
    "handles",
    "nonces",
    "packages",
    "releases",
    "incident_people",
    "stale",
)
"""Tables with a column `person`; every other table says nothing of anybody."""
UNTIL_ANSWERED = frozenset(
    DatasetId(f"{OWN}.{t}")
    for t in ("request_people", "request_details", "handles", "nonces", "packages")
)
"""They carry the request itself, and go when its answer has been handed over."""
RELEASES = DatasetId(f"{OWN}.releases")


def own_holds(laws: Laws, today: date) -> tuple[OwnHold, ...]:
    """What a law keeps of our own records: those of provision and receipt. Law: APPI 29, 30.

    Args:
        laws: of the day `today`.
    """
    keeping = laws.record_keeping.values()
    ends = {end_of_record(rule, today): str(rule.citation) for rule in keeping}
    if not ends:
        return ()
    latest_on = max(ends)
    return (OwnHold(RELEASES, "held_until", ends[latest_on], latest_on, ("reference",)),)


def with_own_store(datamap: DataMap) -> DataMap:
    """The service's data map with Seiyaku's own store as its last system."""
    persons = tuple(str(i) for i, _ in datamap.persons())
    entry = SystemEntry(
        kind="own_store",
        name=Text(ja="Seiyaku自身の記録", en="Seiyaku's own store"),
        datasets={t.name: _dataset(t.name, persons) for t in METADATA.sorted_tables},
    )
    return datamap.model_copy(update={"systems": {**datamap.systems, OWN: entry}})


def prefix_of(datamap: DataMap, dataset: str) -> str:
    """What stands before the key of a person of this dataset.

    The first kind of the data map stands bare (``42``), others with their kind
    (``seller:42``), so that two people never share an id.
    """
    first = next(d.person for _, d in datamap.persons())
    kind = datamap.dataset(dataset).person
    return "" if kind == first else f"{kind}:"


def _dataset(table: str, persons: tuple[str, ...]) -> Dataset:
    columns = METADATA.tables[table].columns
    of_people = table in OF_PEOPLE
    return Dataset(
        key=tuple(c.name for c in columns if c.primary_key),
        links=tuple(Link(by=("person",), to=p) for p in persons) if of_people else (),
        fields={c.name: Field() for c in columns},
        erase=EraseRule(),
        shared=not of_people,
    )


class OwnStore:
    """The control plane's database, acted on like a company system.

    Handles of people arrive with the types of the service's database; here a person is text.

    Args:
        place: a SQLite file, or a database of PostgreSQL.
    """

    def __init__(self, datamap: DataMap, place: Path | URL) -> None:
        self._persons = {
            HandleColumn(i, d.key): prefix_of(datamap, i) for i, d in datamap.persons()
        }
        self._system = _opened(datamap.systems[OWN], place)

    @property
    def id(self) -> SystemId:
        return OWN

    @property
    def capabilities(self) -> Capabilities:
        return self._system.capabilities

    def surface(self) -> tuple[TableSurface, ...]:
        return self._system.surface()

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        return self._system.texts(table, column)

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        return self._system.locate(steps, self._as_text(handles))

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        return self._system.export(steps, self._as_text(handles))

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        return self._system.apply(run, actions, self._as_text(handles), values)

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        return self._system.read_again(steps, self._as_text(handles))

    def close(self) -> None:
        self._system.close()

    def _as_text(self, handles: Handles) -> Handles:
        return Handles(
            {
                column: frozenset((self._persons[column] + find.person_id(row),) for row in rows)
                for column, rows in handles.values.items()
                if column in self._persons
            }
        )


def _opened(entry: SystemEntry, place: Path | URL) -> System:
    if isinstance(place, Path):
        return SqliteSystem(OWN, entry, place)
    url = place.set(drivername="postgresql", password=None)
    settings = SystemSettings(url=url.render_as_string(), secret=place.password)
    return open_system(OWN, entry.model_copy(update={"kind": "postgres"}), settings)
