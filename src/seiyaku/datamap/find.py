"""From a person to the rows they have everywhere: the first handles, then every system in turn.

A person is known by the service's own key (`first_handles`), or by a value such as their
e-mail address (`asked_by`). `locate_everywhere` then asks the systems in order, hands on what
each one yields, and asks again while something new turns up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from seiyaku.datamap.graph import Resolution
from seiyaku.datamap.model import DataMap, system_of
from seiyaku.datamap.system import (
    HandleColumn,
    Handles,
    Located,
    Path,
    Row,
    Step,
    System,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, PersonId, SystemId

Surfaces = Mapping[SystemId, tuple[TableSurface, ...]]
_ASKED = DatasetId("asked.by")


@dataclass(frozen=True)
class Everywhere:
    """What was found in every system that answered.

    Args:
        located: by system. handles: all handles together, for reading again later.
        unreachable: systems that did not answer, with the error that says why.
    """

    located: Mapping[SystemId, Located]
    handles: Handles
    unreachable: Mapping[SystemId, SystemUnavailable]


def first_handles(
    datamap: DataMap, kind: str, people: Iterable[PersonId], surfaces: Surfaces | None = None
) -> Handles:
    """The handles people of `kind` are known by before anything is read.

    Args:
        people: own keys as text; a key of several columns is a JSON list (``["7", "a"]``).
        surfaces: what the systems look like now, to turn keys into numbers where they are.

    Raises:
        InvalidInput: SY171 the data map has no such kind; SY172 a key does not fit its columns.
    """
    roots = [(i, d) for i, d in datamap.persons() if d.person == kind]
    if not roots:
        raise InvalidInput(
            f"no dataset of the data map holds people of kind `{kind}`",
            code="SY171",
            hint="write `person: " + kind + "` at the dataset whose rows are these people",
        )
    known = list(people)
    values: dict[HandleColumn, frozenset[Row]] = {}
    for dataset_id, dataset in roots:
        numeric = _numeric(datamap, dataset_id, surfaces or {})
        rows = frozenset(_key_row(p, dataset.key, numeric) for p in known)
        values[HandleColumn(dataset_id, dataset.key)] = rows
    return Handles(values)


def person_id(row: Row) -> PersonId:
    """The key of a person's row as a `PersonId`.

    Examples:
        >>> person_id((42,)), person_id((7, "a"))
        ('42', '["7", "a"]')
    """
    if len(row) == 1:
        return PersonId(str(row[0]))
    return PersonId(json.dumps([str(v) for v in row], ensure_ascii=False))


def asked_by(
    datamap: DataMap, kind: str, item: str, value: Value
) -> Iterator[tuple[SystemId, Step, Handles]]:
    """Questions that find people of `kind` by a value they hold, such as an e-mail address.

    Each answer's handles at the dataset's key are people: see `people_in`.
    """
    for dataset_id, dataset in datamap.persons():
        if dataset.person != kind:
            continue
        for column, field in dataset.fields.items():
            if field.item == item:
                asked = HandleColumn(_ASKED, (column,))
                step = Step(dataset_id, (Path((column,), asked),), (dataset.key,))
                yield system_of(dataset_id), step, Handles({asked: frozenset({(value,)})})


def people_in(datamap: DataMap, kind: str, handles: Handles) -> frozenset[PersonId]:
    """The people of `kind` whose keys stand among `handles`."""
    return frozenset(
        person_id(row)
        for i, d in datamap.persons()
        if d.person == kind
        for row in handles.at(HandleColumn(i, d.key))
    )


def find_people(
    systems: Mapping[SystemId, System], datamap: DataMap, kind: str, item: str, value: Value
) -> frozenset[PersonId]:
    """People of `kind` who hold `value` as `item`, read from the systems."""
    found: set[PersonId] = set()
    for system, step, handles in asked_by(datamap, kind, item, value):
        located = systems[system].locate([step], handles)
        found |= people_in(datamap, kind, located.handles)
    return frozenset(found)


def locate_everywhere(
    systems: Mapping[SystemId, System], resolution: Resolution, handles: Handles
) -> Everywhere:
    """Ask every system for the rows behind `handles` until nothing new turns up.

    A system that does not answer is reported and the others are asked all the same.

    Raises:
        Conflict: a table or column of the data map does not exist.
    """
    located: dict[SystemId, Located] = {}
    unreachable: dict[SystemId, SystemUnavailable] = {}
    asked: dict[SystemId, Mapping[HandleColumn, frozenset[Row]]] = {}
    growing = True
    while growing:
        growing = False
        for system in resolution.system_order:
            steps = resolution.of_system(system)
            question = _question(steps, handles)
            if not steps or system not in systems or asked.get(system) == question:
                continue
            asked[system] = question
            try:
                located[system] = systems[system].locate(steps, handles)
            except SystemUnavailable as error:
                unreachable[system] = error
                continue
            grown = handles.merged(located[system].handles)
            growing = growing or grown != handles
            handles = grown
            asked[system] = _question(steps, handles)  # it followed its own values to the end
    return Everywhere(located, handles, unreachable)


def _question(steps: tuple[Step, ...], handles: Handles) -> Mapping[HandleColumn, frozenset[Row]]:
    """The handles that decide what these steps find, but those they yield themselves."""
    own = {s.dataset for s in steps if not s.root}
    targets = {p.target for s in steps for p in s.paths if p.target.dataset not in own}
    return {c: rows for c, rows in handles.values.items() if c in targets or _root(c, steps)}


def _root(column: HandleColumn, steps: tuple[Step, ...]) -> bool:
    return any(s.root and s.dataset == column.dataset for s in steps)


def _numeric(datamap: DataMap, dataset_id: DatasetId, surfaces: Surfaces) -> frozenset[str]:
    """Key columns of a dataset that hold whole numbers."""
    system, name = system_of(dataset_id), dataset_id.partition(".")[2]
    wanted = datamap.dataset(dataset_id).table or name
    for table in surfaces.get(system, ()):
        if table.name == wanted:
            return frozenset(c.name for c in table.columns if "INT" in c.type.upper())
    return frozenset()


def _key_row(person: PersonId, key: tuple[str, ...], numeric: frozenset[str]) -> Row:
    parts = [str(person)] if len(key) == 1 else _parts(person)
    if len(parts) != len(key):
        raise InvalidInput(
            f"a person here is known by {len(key)} values ({', '.join(key)})",
            code="SY172",
            hint='write them as a JSON list: ["7", "a"]',
        )
    pairs = zip(parts, key, strict=True)
    return tuple(int(v) if c in numeric and _is_number(v) else v for v, c in pairs)


def _is_number(text: str) -> bool:
    return text.lstrip("-").isascii() and text.lstrip("-").isdigit()


def _parts(person: PersonId) -> list[str]:
    try:
        read = json.loads(person)
    except ValueError:
        return []
    return [str(v) for v in read] if isinstance(read, list) else []
