"""A service full of invented people: database, pictures, access logs, copies.

`generate` builds it from the service's schema and data map; the same seed always gives the
same bytes. What a service's data looks like beyond that stands in its module in
`seiyaku.testing.worlds`.
"""

from __future__ import annotations

import importlib
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.services import path as service_path
from seiyaku.testing.book import Book, default_fill
from seiyaku.testing.files import write_files
from seiyaku.testing.person import Person, invent
from seiyaku.testing.values import VALUES

FIRST_AT = datetime(2026, 2, 16, tzinfo=UTC)
"""Nobody joined earlier, unless a service's module says so."""
LAST_AT = datetime(2026, 11, 20, tzinfo=UTC)
"""The end of the generated time: the present of a test or demonstration."""

_WORLDS = "seiyaku.testing.worlds"


@dataclass(frozen=True)
class World:
    """A generated service.

    Args:
        service: its id. home: the folder holding everything.
        db: the SQLite database, the first one where there are several.
        folders: folder of every system of files, by system id.
        databases: every SQLite database, by system id.
        everyone: the people, in the order of their keys.
        at: the end of the generated time.
    """

    service: str
    home: Path
    db: Path
    folders: Mapping[str, Path]
    everyone: tuple[Person, ...]
    at: datetime = LAST_AT
    databases: Mapping[str, Path] = field(default_factory=dict)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """The service's keys of all people."""
        return tuple(person.id for person in self.everyone)

    def person(self, short: str) -> Person:
        """The person called `short` (``aki``), or with that key.

        Raises:
            KeyError: nobody is called so.
        """
        for person in self.everyone:
            if short in (person.short, person.id):
                return person
        raise KeyError(short)

    def canaries_of_others(self, person: Person) -> frozenset[str]:
        """Values that may stand in nobody's package but their own: none of them in `person`'s."""
        return frozenset(c for other in self.everyone if other != person for c in other.canaries)


def generate(
    service: str, home: Path, people: int = 1000, seed: int = 7, traps: bool = False
) -> World:
    """Fill `home` with the data of `people` invented people.

    Args:
        service: id of a service, ``closm-i``.
        home: folder to fill; it must be empty or absent.
        people: how many, at least as many as the service has named people.
        seed: same seed, same bytes.
        traps: also plant what a scan has to find.

    Raises:
        InvalidInput: SY105 unknown service, SY106 the folder is not empty or too few people.
    """
    module = _module(service)
    named: tuple[str, ...] = getattr(module, "NAMED", ())
    _require_room(home, people, named)
    data_map = check_model(read_document(service_path(service) / "datamap.yaml"), DataMap)
    rng = random.Random(f"{service}:{seed}")  # noqa: S311 - invented data, no secret
    first_at: datetime = getattr(module, "FIRST_AT", FIRST_AT)
    everyone = tuple(invent(people, named, rng, first_at, LAST_AT))
    home.mkdir(parents=True, exist_ok=True)
    files = {i: s for i, s in data_map.systems.items() if s.kind in _FILES}
    folders = {i: home / i for i in files}
    databases = {i: home / f"{i}.db" for i, s in data_map.systems.items() if s.kind == "sqlite"}
    first = next(iter(databases))
    world = World(service, home, databases[first], folders, everyone, databases=databases)
    values = {**VALUES, **getattr(module, "VALUES", {})}
    books: dict[str, Book] = {}
    for i, path in databases.items():
        with closing(sqlite3.connect(path)) as db:
            db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
            db.executescript(f"BEGIN; {_schema(service, i, first)} COMMIT;")
            book = Book(db, data_map.systems[i], everyone, values, rng, LAST_AT)
            _fill(module, book, i, books)
            books[i] = book
            _write(db, book)
    for i, system in files.items():
        write_files(system, folders[i], books[first])
    if traps:
        with closing(sqlite3.connect(world.db)) as db:
            getattr(module, "plant", _no_traps)(db, world)
            db.commit()
    return world


def _schema(service: str, system_id: str, first: str) -> str:
    """``schema.sql`` for the first database, ``schema_lessons.sql`` for a further one."""
    name = "schema.sql" if system_id == first else f"schema_{system_id}.sql"
    return (service_path(service) / name).read_text("utf-8")


def _fill(module: ModuleType | None, book: Book, system_id: str, books: Mapping[str, Book]) -> None:
    """Fill the first database, or a further one after those in `books`."""
    if not books:
        getattr(module, "fill", default_fill)(book)
    elif hasattr(module, f"fill_{system_id}"):
        getattr(module, f"fill_{system_id}")(book, books)
    else:
        default_fill(book)


def _no_traps(db: sqlite3.Connection, world: World) -> None:
    """A service whose module plants nothing."""


_FILES = ("folder", "access_log", "jsonl")


def _module(service: str) -> ModuleType | None:
    """The module of the service in `worlds`; None when the data map is enough."""
    name = f"{_WORLDS}.{service.replace('-', '_')}"
    return importlib.import_module(name) if find_spec(name) else None


def _require_room(home: Path, people: int, named: tuple[str, ...]) -> None:
    if people < len(named):
        raise InvalidInput(
            f"{people} people are fewer than the {len(named)} named ones",
            code="SY106",
            hint=f"ask for {len(named)} or more",
        )
    if home.exists() and any(home.iterdir()):
        raise InvalidInput(f"`{home}` is not empty", code="SY106", hint="name a new folder")


def _write(db: sqlite3.Connection, book: Book) -> None:
    """Write every row in one transaction; the foreign keys are checked at the end."""
    for table in book.tables.values():
        if table.rows:
            marks = ", ".join("?" * len(table.columns))
            db.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', table.rows)  # noqa: S608
    broken = db.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise AssertionError(f"a generated row of `{broken[0]}` points at nothing")
    db.commit()
