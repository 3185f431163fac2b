# ruff: noqa: S608 - names are quoted, and every word comes from the policy or the data map
"""Whose a row is, in SQL: people joined where each row has one at most, else searched for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import Chain, Hop, Slot
from seiyaku.kernel.ids import DatasetId

if TYPE_CHECKING:
    from seiyaku.doors.sql.shown import Showing

NEVER: Final = "1 = 0"


@dataclass(frozen=True)
class Way:
    """One way from a row to a person.

    Args:
        hops: the rows between; the last of them, or the row itself, holds `key`, whose value is
            the key of a person of `root`.
    """

    role: str | None
    hops: tuple[Hop, ...]
    key: str
    root: DatasetId

    @property
    def exact(self) -> bool:
        """Whether it leads to one person at most."""
        return all(hop.exact for hop in self.hops)


def way_of(datamap: DataMap, chain: Chain) -> Way:
    """A chain, without the person's own row where the row before holds their key."""
    (key,) = datamap.dataset(chain.root).key
    if chain.hops and chain.hops[-1].exact:
        return Way(chain.role, chain.hops[:-1], chain.hops[-1].by[0], chain.root)
    return Way(chain.role, chain.hops, key, chain.root)


class Joined:
    """The person at the end of a way, joined: there is one at most."""

    def __init__(self, showing: Showing, way: Way, number: int, *, alone: bool) -> None:
        self.to, self.way, self.alone = showing, way, alone
        self.alias = f"p{number}"
        self.rows = ["t", *(f"h{number}_{n}" for n in range(len(way.hops)))]
        self.person = f"{self.rows[-1]}.{showing.dialect.name_of(way.key)}"

    def joins(self) -> str:
        join = " JOIN" if self.alone else " LEFT JOIN"
        q = self.to.dialect.name_of
        found = ""
        for hop, here, there in zip(self.way.hops, self.rows, self.rows[1:], strict=False):
            on = same_values(q, here, there, hop)
            found += f"{join} {self.to.place(hop.dataset)} AS {there} ON {on}"
        permits = self.to.permits(self.way.root)
        return f"{found}{join} {permits} AS {self.alias} ON {self.alias}.person = {self.person}"

    def everyone(self, slots: frozenset[Slot]) -> str:
        """That this person, if there is one, permits one of these."""
        test = self.to.permitted(self.alias, slots)
        return test if self.alone else f"({self.person} IS NULL OR {test})"

    def someone(self) -> str:
        """That there is a person, the one named if any; a join leaves no other rows."""
        named = self.to.named(self.person, self.way.root)
        return named or ("" if self.alone else f"{self.person} IS NOT NULL")


class Searched:
    """The people at the end of a way, searched for: there may be several."""

    def __init__(self, showing: Showing, way: Way, number: int, *, alone: bool) -> None:
        self.to, self.way = showing, way
        self.rows = ["t", *(f"h{number}_{n}" for n in range(len(way.hops)))]
        self.person = f"{self.rows[-1]}.{showing.dialect.name_of(way.key)}"

    def joins(self) -> str:
        return ""

    def everyone(self, slots: frozenset[Slot]) -> str:
        """That each of these people permits one of these."""
        permits = self.to.permits(self.way.root)
        refusing = f"NOT COALESCE({self.to.permitted('p', slots)}, FALSE)"
        join = f" LEFT JOIN {permits} AS p ON p.person = {self.person}"
        return f"NOT {self._exists(join, refusing)}"

    def someone(self) -> str:
        """That there is at least one, among them the one named if any."""
        return self._exists("", self.to.named(self.person, self.way.root))

    def _exists(self, join: str, test: str) -> str:
        q = self.to.dialect.name_of
        (first, *others), aliases = self.way.hops, self.rows[1:]
        chain = f"{self.to.place(first.dataset)} AS {aliases[0]}"
        for hop, here, there in zip(others, aliases, aliases[1:], strict=False):
            chain += f" JOIN {self.to.place(hop.dataset)} AS {there} ON "
            chain += same_values(q, here, there, hop)
        tests = [same_values(q, "t", aliases[0], first), f"{self.person} IS NOT NULL", test]
        return f"EXISTS (SELECT 1 FROM {chain}{join} WHERE {' AND '.join(filter(None, tests))})"


def same_values(quoted: Callable[[str], str], here: str, there: str, hop: Hop) -> str:
    pairs = zip(hop.by, hop.columns, strict=True)
    return " AND ".join(f"{there}.{quoted(to)} = {here}.{quoted(by)}" for by, to in pairs)


def any_of(tests: Iterable[str]) -> str:
    found = list(dict.fromkeys(tests))
    if not found:
        return NEVER
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"
