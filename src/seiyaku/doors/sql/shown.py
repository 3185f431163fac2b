# ruff: noqa: S608 - names are quoted, and every word comes from the policy or the data map
"""A table as one handling may see it: a query in its place, written once and used in every query.

A row is there if everybody it belongs to has permitted something of what the table holds; a
column shows its value where its item is permitted, else NULL. People are found along the ways
of the data map: by joins where each row has one at most, else by sub-queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from seiyaku.datamap.model import DataMap, Dataset, Field, system_of
from seiyaku.doors.permits import EPOCH_TABLE, Hop, Slot, chains_of
from seiyaku.doors.sql import own
from seiyaku.doors.sql.dialects import Dialect
from seiyaku.doors.sql.sight import Sight
from seiyaku.doors.sql.whose import NEVER, Joined, Searched, Way, any_of, same_values, way_of
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import DatasetId


@dataclass(frozen=True)
class Shown:
    """A table in its guise.

    Args:
        sql: the query that stands for it, in brackets.
        columns: what it shows, as the data map calls it.
        refused: columns whose item is refused for everybody, with their item.
        key: columns that identify a row of it.
    """

    sql: str
    columns: tuple[str, ...]
    refused: dict[str, str]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Showing:
    """Writes tables as one handling may see them.

    Args:
        schema: where the tables lie; None where the connection's own database is meant.
        at: the moment periods end by; None asks the database's clock.
    """

    datamap: DataMap
    dialect: Dialect
    sight: Sight
    schema: str | None
    at: datetime | None = None

    def show(self, dataset_id: DatasetId) -> Shown:
        """The query that stands for a dataset.

        Raises:
            NotPermitted: SY232 whose its rows are cannot be told.
        """
        dataset = self.datamap.dataset(dataset_id)
        if dataset.shared:
            return self._shared(dataset_id, dataset)
        chains = chains_of(self.datamap, dataset_id)
        belongs = tuple(dict.fromkeys(way_of(self.datamap, chain) for chain in chains))
        if not belongs:
            raise NotPermitted(
                f"whose rows `{dataset_id}` holds is not said",
                code="SY232",
                hint="give it a link to people, or mark it `shared` if it is about nobody",
            )
        return _Table(self, dataset_id, dataset, belongs).shown()

    def _shared(self, dataset_id: DatasetId, dataset: Dataset) -> Shown:
        columns = ", ".join(map(self.dialect.name_of, dataset.fields))
        sql = f"(SELECT {columns} FROM {self.place(dataset_id)})"
        return Shown(sql, tuple(dataset.fields), {}, dataset.key)

    def place(self, dataset_id: DatasetId) -> str:
        """The real table of a dataset, with its schema."""
        dataset = self.datamap.dataset(dataset_id)
        return self.table(dataset.table or dataset_id.partition(".")[2])

    def table(self, name: str) -> str:
        """A real table, with its schema."""
        q = self.dialect.name_of
        return f"{q(self.schema)}.{q(name)}" if self.schema else q(name)

    def permits(self, root: DatasetId) -> str:
        """The table of permits of people of one kind."""
        return self.table(self.sight.layout.root(root).table)

    def permitted(self, alias: str, slots: Iterable[Slot]) -> str:
        """That the permits called `alias` permit one of these."""
        q = self.dialect.name_of
        return any_of(f"({alias}.{q(c)} & {mask}) <> 0" for c, mask in self.sight.masks(slots))

    def named(self, key: str, root: DatasetId) -> str:
        """That `key` is of the person the query names; empty where it names none."""
        if not self.sight.own:
            return ""
        return own.is_of(key, self.sight.layout.roots.index(self.sight.layout.root(root)))

    @cached_property
    def valid(self) -> str:
        """That the permits in the database are those meant here, and their time is not over."""
        text, sight = self.dialect.text_of, self.sight
        return (
            f"EXISTS (SELECT 1 FROM {self.table(EPOCH_TABLE)} AS e "
            f"WHERE e.handling = {text(sight.word)} AND e.layout = {text(sight.layout.digest)} "
            f"AND e.version = {text(sight.policy.version.id)} "
            f"AND (e.ends_at IS NULL OR e.ends_at > {self.dialect.now(self.at)}))"
        )


class _Table:
    """One table being written."""

    def __init__(
        self, showing: Showing, dataset_id: DatasetId, dataset: Dataset, belongs: tuple[Way, ...]
    ) -> None:
        self.to, self.id, self.dataset = showing, dataset_id, dataset
        self.q = showing.dialect.name_of
        alone = len(belongs) == 1
        kinds = [Joined if way.exact else Searched for way in belongs]
        self.people = [
            kind(showing, way, number, alone=alone)
            for number, (kind, way) in enumerate(zip(kinds, belongs, strict=True))
        ]
        self.whole = {p: frozenset(self._held(p.way.role)) for p in self.people}

    def shown(self) -> Shown:
        """The query, and what it shows."""
        refused: dict[str, str] = {}
        columns = []
        for name, field in self.dataset.fields.items():
            if field.item is not None and not self.to.sight.slots(field):
                refused[name] = field.item
            columns.append(self._column(name, field))
        joins = "".join(p.joins() for p in self.people)
        sql = (
            f"(SELECT {', '.join(columns)} FROM {self.to.place(self.id)} AS t{joins} "
            f"WHERE {self._rows()})"
        )
        return Shown(sql, tuple(self.dataset.fields), refused, self.dataset.key)

    # -- rows ----------------------------------------------------------------------------

    def _rows(self) -> str:
        everyone = [p.everyone(self.whole[p]) for p in self.people]
        someone = any_of(p.someone() for p in self.people)
        return " AND ".join(filter(None, (*everyone, someone, self.to.valid)))

    def _held(self, role: str | None) -> Iterator[Slot]:
        """Everything the table holds of the person of a role."""
        for field in self.dataset.fields.values():
            if field.subject in (None, role):
                yield from self.to.sight.slots(field)

    # -- columns -------------------------------------------------------------------------

    def _column(self, name: str, field: Field) -> str:
        value = f"t.{self.q(name)}"
        condition = self._condition(field)
        if condition is None:
            return value
        return f"CASE WHEN {condition} THEN {value} END AS {self.q(name)}"

    def _condition(self, field: Field) -> str | None:
        """When a column shows its value; None where it does whenever the row is there."""
        if field.item is None:
            return None
        if not self.to.sight.slots(field):
            return NEVER
        tests = (self._permitted(field), self._in_time(field.item))
        return " AND ".join(filter(None, tests)) or None

    def _permitted(self, field: Field) -> str:
        if field.source_column is None:
            return self._by_all(field, *self.to.sight.slots(field))
        told = f"t.{self.q(field.source_column)}"
        return any_of(
            " AND ".join(filter(None, (self._same(told, slot.source), self._by_all(field, slot))))
            for slot in self.to.sight.slots(field)
        )

    def _same(self, column: str, word: str | None) -> str:
        return (
            f"{column} IS NULL" if word is None else f"{column} = {self.to.dialect.text_of(word)}"
        )

    def _by_all(self, field: Field, slot: Slot) -> str:
        """That everybody whom a value is about permits it; empty where the row says so."""
        concerned = [p for p in self.people if field.subject in (None, p.way.role)]
        if not concerned:
            return NEVER
        tests = []
        for person in concerned:
            if self.whole[person] != {slot}:
                tests.append(person.everyone(frozenset({slot})))
            if field.subject is not None and len(self.people) > 1:
                tests.append(person.someone())
        return " AND ".join(tests)

    def _in_time(self, item: str) -> str:
        """That the item's period is not over, by the time the row was collected."""
        length, collected = self.to.sight.windows.get(item), self._collected()
        if length is None or collected is None:
            return ""
        seconds = self.to.dialect.seconds.format(collected)
        since = f"{self.to.dialect.now(self.to.at)} - {int(length.total_seconds())}"
        return f"({collected} IS NULL OR {seconds} > {since})"

    def _collected(self) -> str | None:
        place = self.dataset.times.get("collected")
        if place is None:
            return None
        parent, dot, column = place.rpartition(".")
        if not dot:
            return f"t.{self.q(column)}"
        return self._of_parent(parent, column)

    def _of_parent(self, parent: str, column: str) -> str:
        """The oldest moment of the rows this one hangs on."""
        system = system_of(self.id)
        for link in self.dataset.links:
            target = self.to.datamap.target(system, link)
            if target in (parent, f"{system}.{parent}") and system_of(target) == system:
                columns = self.to.datamap.target_columns(system, link)
                hop = Hop(link.by, target, columns, exact=False)
                where = same_values(self.q, "t", "c", hop)
                source = self.to.place(target)
                return f"(SELECT MIN(c.{self.q(column)}) FROM {source} AS c WHERE {where})"
        raise NotPermitted(
            f"when rows of `{self.id}` were collected cannot be told in a query",
            code="SY232",
            hint=f"link it to `{parent}`, or date it by a column of its own",
        )
