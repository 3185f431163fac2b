"""The address a person is reached at: as it stands on file, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.app import persons
from seiyaku.app.self_map import OWN
from seiyaku.app.wiring import Parts
from seiyaku.datamap.answer import answer
from seiyaku.datamap.system import DatasetRows
from seiyaku.kernel.ids import DatasetId, PersonId, SystemId
from seiyaku.requests.model import Request


def address_on_file(parts: Parts, person: PersonId) -> str | None:
    """The first e-mail address in the person's own rows; None where there is none.

    Raises:
        SystemUnavailable: a system does not answer.
    """
    systems = (s for s in parts.read_systems() if s != OWN)
    found = (a for s in systems for rows in _own_rows(parts, s, person) for a in _in(parts, rows))
    return next(found, None)


def corrects_address(parts: Parts, request: Request) -> bool:
    """Whether a request changes the address its own notice goes to."""
    items = parts.policy().items
    named = (items[i] for i in request.scope.items if i in items)
    return request.kind == "correction" and any(i.personal == persons.EMAIL for i in named)


def _own_rows(parts: Parts, system: SystemId, person: PersonId) -> Iterator[DatasetRows]:
    kind = persons.kind_of(parts, person)
    steps = [s for s in parts.resolution(kind).of_system(system) if s.root]
    if steps:
        opened = parts.system(system)
        handles = persons.roots(parts, kind, [person], {system: opened.surface()})
        with answer(opened, steps, handles) as datasets:
            yield from datasets


def _in(parts: Parts, rows: DatasetRows) -> Iterator[str]:
    places = [n for n, c in enumerate(rows.columns) if _holds_address(parts, rows.dataset, c)]
    for row in rows.rows:
        yield from (v for n in places if isinstance(v := row[n], str) and "@" in v)


def _holds_address(parts: Parts, dataset: DatasetId, column: str) -> bool:
    field = parts.datamap.dataset(dataset).fields.get(column)
    item = parts.policy().items.get(field.item or "") if field else None
    return item is not None and item.personal == persons.EMAIL
