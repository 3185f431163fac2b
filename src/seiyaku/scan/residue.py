"""The residue hunt: what is left of people after an erasure, in places nobody declared.

Every text and JSON column, object name and line of a log within reach is read once, within a
stated budget; so are numbers that could be a telephone number, bytes that could hold a text or
an id, and what is in files and objects, in this order. A hit shows its place and how many
texts, never what stands in them: they may be other people's rows. Whatever was not read is
told, place by place, for finding nothing where nobody looked proves nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal, cast

from seiyaku.datamap.system import ColumnSurface, HoldsFiles, System, TableSurface
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import SystemId
from seiyaku.scan.contents import FileTexts, Piece, forms_of
from seiyaku.scan.needles import Needles

BUDGET_BYTES: Final = 256 * 1024 * 1024
"""Text read by one hunt unless told otherwise."""
_ORDER: Final = ("text", "number", "bytes", "other")
"""Where identifiers stand most often is read first."""
NAME: Final = "(name)"
"""Stands for the column where the name of a table or file itself holds an identifier."""
CONTENT: Final = "content"
"""The column of what a file holds, whether or not the data map names it."""
_NUMBER: Final = re.compile(
    r"(big|u|ubig|huge)?int(eger|8|64|4|32)?\b|(big)?serial|numeric|decimal"
)
_BYTES: Final = re.compile(r"(tiny|medium|long)?blob|bytea|bytes|(var)?binary")
_NO_TEXT: Final = re.compile(
    r"(tiny|small|medium|u)?(int|serial)|float|double|real|bool|date|time"
    r"|interval|year|bit|money|oid|point"
)
Holds = Literal["text", "number", "bytes", "other"]
Why = Literal["budget", "excluded", "not_read", "not_text", "packed", "unreachable"]


@dataclass(frozen=True, order=True)
class Place:
    """A column of a table, folder or log, whether or not the data map names it."""

    system: SystemId
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.system}.{self.table}.{self.column}"


@dataclass(frozen=True)
class Hit:
    """Identifiers stand here.

    Args:
        texts: how many texts hold one. kinds: how many of them hold each kind.
        stays: why they may stand here, where a plan or a clause says so; empty for residue.
    """

    place: Place
    texts: int
    kinds: Mapping[str, int]
    stays: str = ""


@dataclass(frozen=True)
class Unsearched:
    """What was not read, and why.

    Args:
        where: a place, a system, or what a system says it does not see (``backups``).
        read: texts read before the budget ended; files of which a part is packed.
    """

    system: SystemId
    where: str
    why: Why
    read: int = 0


@dataclass(frozen=True)
class Hunt:
    """What a hunt came to.

    Args:
        places: columns read to their end. texts, bytes: how much was read.
    """

    hits: tuple[Hit, ...] = ()
    unsearched: tuple[Unsearched, ...] = ()
    places: int = 0
    texts: int = 0
    bytes: int = 0

    @property
    def residue(self) -> tuple[Hit, ...]:
        """Hits that nothing explains: a person decides about each."""
        return tuple(h for h in self.hits if not h.stays)

    @property
    def copies(self) -> int:
        """Texts that hold an identifier and should not."""
        return sum(h.texts for h in self.residue)


@dataclass
class _Reading:
    """What one hunt has come to so far."""

    needles: Needles
    left: int
    hits: list[Hit] = field(default_factory=list)
    unsearched: list[Unsearched] = field(default_factory=list)
    places: int = 0
    texts: int = 0
    bytes: int = 0


def hunt(
    systems: Mapping[SystemId, System],
    needles: Needles,
    *,
    unread: Sequence[SystemId] = (),
    stays: Mapping[Place, str] | None = None,
    budget_bytes: int = BUDGET_BYTES,
) -> Hunt:
    """Look for `needles` in everything the systems let be read; nothing is changed.

    Args:
        unread: systems of the data map that no driver reads.
        stays: places where identifiers may stand, and why.
        budget_bytes: text to read at most; each place may read an equal share of what is left.
    """
    reading = _Reading(needles, budget_bytes)
    reading.unsearched += [Unsearched(s, s, "not_read") for s in unread]
    found = [p for name, system in systems.items() for p in _places(reading, name, system)]
    found.sort(key=lambda p: _ORDER.index(p[1]))
    for number, (place, holds) in enumerate(found):
        share = reading.left // (len(found) - number)
        system, why = systems[place.system], (stays or {}).get(place, "")
        if place.column == CONTENT and holds == "other":
            _search_files(reading, cast(HoldsFiles, system), place, share, why)
        else:
            _search(reading, system, place, share, why, holds)
    for name, system in systems.items():
        seen_not = system.capabilities.excludes
        reading.unsearched += [Unsearched(name, e, "excluded") for e in seen_not]
    return Hunt(
        tuple(reading.hits),
        tuple(reading.unsearched),
        reading.places,
        reading.texts,
        reading.bytes,
    )


def _places(reading: _Reading, name: SystemId, system: System) -> Iterator[tuple[Place, Holds]]:
    """What can be read now, and what it holds; the other columns are told as not searched."""
    try:
        tables = system.surface()
        folders = system.folders() if isinstance(system, HoldsFiles) else ()
    except SystemUnavailable:
        reading.unsearched.append(Unsearched(name, name, "unreachable"))
        return
    for table in tables:
        if named := reading.needles.kinds(table.name):
            place = Place(name, table.name, NAME)
            reading.hits.append(Hit(place, 1, dict.fromkeys(sorted(named), 1)))
        columns = {c.name: _holds(c, reading.needles) for c in table.columns}
        if table.name in folders:
            columns.pop(CONTENT, None)
        yield from ((Place(name, table.name, c), h) for c, h in columns.items() if h != "other")
        _tell_others(reading, name, table, [c for c, h in columns.items() if h == "other"])
    yield from ((Place(name, folder, CONTENT), "other") for folder in folders)


def _holds(column: ColumnSurface, needles: Needles) -> Holds:
    """What a column can hold somewhere: a text also in JSON, lists, XML, and as an id.

    Numbers are read where one of the identifiers is a number.
    """
    kind = column.type.lower()
    if column.text:
        return "text"
    if _NUMBER.match(kind):
        return "number" if needles.numbers else "other"
    if _BYTES.match(kind):
        return "bytes"
    return "other" if _NO_TEXT.match(kind) else "text"


def _tell_others(
    reading: _Reading, name: SystemId, table: TableSurface, others: Sequence[str]
) -> None:
    if others:
        where = f"{table.name}.({','.join(others)})"
        reading.unsearched.append(Unsearched(name, where, "not_text"))


def _search(
    reading: _Reading, system: System, place: Place, share: int, stays: str, holds: Holds
) -> None:
    """Read one column to its end, or to the end of its share."""
    column = _Column(reading, place, share)
    try:
        for _, text in system.texts(place.table, place.column):
            if not column.take(_forms(text) if holds == "bytes" else (Piece(text),)):
                break
    except (SystemUnavailable, Conflict):
        column.why = "unreachable"
    column.tell(stays)


def _search_files(
    reading: _Reading, system: HoldsFiles, place: Place, share: int, stays: str
) -> None:
    """Read what is in the files of one folder, and the names of those no table speaks of."""
    column, packed, strays = _Column(reading, place, share), 0, place.table.startswith("(")
    try:
        for name, content in system.contents(place.table):
            texts = FileTexts(content)
            whole = column.take(chain((Piece(name),) if strays else (), texts))
            packed += texts.packed
            if not whole:
                break
    except (SystemUnavailable, Conflict):
        column.why = "unreachable"
    column.tell(stays)
    if packed:
        where = f"{place.table}.{place.column}"
        reading.unsearched.append(Unsearched(place.system, where, "packed", packed))


@dataclass
class _Column:
    """One place while it is read."""

    reading: _Reading
    place: Place
    share: int
    found: int = 0
    texts: int = 0
    read: int = 0
    why: Why | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def take(self, pieces: Iterable[Piece]) -> bool:
        """Go through one text, in pieces; False where the share does not reach."""
        held: set[str] = set()
        needles = self.reading.needles
        for text, among_bytes in pieces:
            if self.read + len(text) > self.share:
                self.why = "budget"
                break
            self.read += len(text)
            held |= needles.kinds_among_bytes(text) if among_bytes else needles.kinds(text)
        self.texts += self.why is None
        self.found += bool(held)
        self.kinds.update(held)
        return self.why is None

    def tell(self, stays: str) -> None:
        """Put what was found, and what was not read, beside the rest."""
        reading = self.reading
        reading.texts, reading.bytes = reading.texts + self.texts, reading.bytes + self.read
        reading.left -= self.read
        if self.found:
            reading.hits.append(Hit(self.place, self.found, dict(self.kinds), stays))
        if self.why is None:
            reading.places += 1
        else:
            where = f"{self.place.table}.{self.place.column}"
            reading.unsearched.append(Unsearched(self.place.system, where, self.why, self.texts))


def _forms(text: str) -> Iterator[Piece]:
    """What a value of bytes says; its text is that of `System.texts`."""
    return forms_of(text.encode("utf-8", "surrogateescape"))
