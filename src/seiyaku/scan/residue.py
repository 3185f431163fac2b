"""The residue hunt: what is left of people after an erasure, in places nobody declared.

Every text and JSON column, object name and line of a log within reach is read once, within a
stated budget. A hit shows its place and how many texts, never what stands in them: they may be
other people's rows. Whatever was not read is told, place by place, for finding nothing where
nobody looked proves nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from seiyaku.datamap.system import ColumnSurface, System, TableSurface
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import SystemId
from seiyaku.scan.needles import Needles

BUDGET_BYTES: Final = 256 * 1024 * 1024
"""Text read by one hunt unless told otherwise."""
NAME: Final = "(name)"
"""Stands for the column where the name of a table or file itself holds an identifier."""
_NO_TEXT: Final = re.compile(
    r"(tiny|small|medium|big)?(int|serial|blob)|numeric|decimal|float|double|real|bool|date|time"
    r"|interval|year|bit|bytes|bytea|(var)?binary|money|oid|point"
)
Why = Literal["budget", "excluded", "not_read", "not_text", "unreachable"]


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
        read: texts read before the budget ended.
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
    places = [p for name, system in systems.items() for p in _places(reading, name, system)]
    for number, place in enumerate(places):
        share = reading.left // (len(places) - number)
        _search(reading, systems[place.system], place, share, (stays or {}).get(place, ""))
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


def _places(reading: _Reading, name: SystemId, system: System) -> Iterator[Place]:
    """Columns of text that exist now; the others are told as not searched."""
    try:
        tables = system.surface()
    except SystemUnavailable:
        reading.unsearched.append(Unsearched(name, name, "unreachable"))
        return
    for table in tables:
        texts = [c.name for c in table.columns if _is_text(c)]
        if named := reading.needles.kinds(table.name):
            place = Place(name, table.name, NAME)
            reading.hits.append(Hit(place, 1, dict.fromkeys(sorted(named), 1)))
        yield from (Place(name, table.name, column) for column in texts)
        _tell_others(reading, name, table, texts)


def _is_text(column: ColumnSurface) -> bool:
    """Whether a column can hold a text somewhere: also in JSON, lists, XML, and as an id."""
    return column.text or not _NO_TEXT.match(column.type.lower())


def _tell_others(
    reading: _Reading, name: SystemId, table: TableSurface, texts: Sequence[str]
) -> None:
    others = [c.name for c in table.columns if c.name not in texts]
    if others:
        where = f"{table.name}.({','.join(others)})"
        reading.unsearched.append(Unsearched(name, where, "not_text"))


def _search(reading: _Reading, system: System, place: Place, share: int, stays: str) -> None:
    """Read one column to its end, or to the end of its share."""
    found, kinds, texts, read = 0, Counter[str](), 0, 0
    why: Why | None = None
    try:
        for _, text in system.texts(place.table, place.column):
            if read + len(text) > share:
                why = "budget"
                break
            texts, read = texts + 1, read + len(text)
            held = reading.needles.kinds(text)
            found += bool(held)
            kinds.update(held)
    except (SystemUnavailable, Conflict):
        why = "unreachable"
    reading.texts, reading.bytes = reading.texts + texts, reading.bytes + read
    reading.left -= read
    if found:
        reading.hits.append(Hit(place, found, dict(kinds), stays))
    if why is None:
        reading.places += 1
    else:
        where = f"{place.table}.{place.column}"
        reading.unsearched.append(Unsearched(place.system, where, why, texts))
