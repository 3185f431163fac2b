"""A vendor as its declaration describes it: nothing else is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.assurance.model import Assurance
from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, ColumnSurface, Left, Row, TableSurface, Value, Verb
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import Conflict
from seiyaku.laws import tokyo_day
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.orders import Order, Orders
from seiyaku.systems.http.answers import holds, parsed, require
from seiyaku.systems.http.bodies import body_of, filled
from seiyaku.systems.http.client import Calls
from seiyaku.systems.http.model import Api, ApiDataset, Leaves, Send
from seiyaku.systems.http.reading import Reader, address

_CHANGES: tuple[Verb, ...] = ("blank", "unlink", "keep", "set")


@dataclass(frozen=True)
class Proven:
    """What a vendor's API answered about one of its promises.

    Args:
        kind, subject: of the assurance. holds: whether the answer was one of those expected.
        days: how long it counts.
    """

    kind: str
    subject: str
    holds: bool
    days: int

    def assurance(self, at: datetime, system: str) -> Assurance | None:
        """The dated fact a gate may lean on, until its days are over; None where it fails."""
        if not self.holds:
            return None
        until = at + timedelta(days=self.days)
        return Assurance(self.kind, self.subject, at, f"API of {system}", until_at=until)


class ApiVendor:
    """Calls an API as declared; see `seiyaku.systems._shared.vendor.Vendor`.

    Args:
        entry: the system in the data map, which names tables and keys.
        clock: from which waiting is counted. orders: what was only acknowledged.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        api: Api,
        calls: Calls,
        clock: Clock,
        orders: Orders,
    ) -> None:
        self._system, self._api, self._calls, self._clock = system, api, calls, clock
        self._orders = orders
        self._reader = Reader(system, api, calls)
        self._entry = entry
        self._names = {d.table or n: n for n, d in entry.datasets.items()}

    @property
    def capabilities(self) -> Capabilities:
        datasets = self._api.datasets.values()
        removes: tuple[Verb, ...] = ("delete",) if any(d.delete for d in datasets) else ()
        changes = _CHANGES if any(d.change for d in datasets) else ()
        waits = any(r.left and r.left.outcome == "pending" for d in datasets for r in d.delete)
        return Capabilities(
            asynchronous=waits,
            countries=self._api.countries,
            covers=self._api.covers,
            excludes=self._api.excludes,
            verbs=removes + changes,
        )

    def surface(self) -> tuple[TableSurface, ...]:
        """The tables and columns of the declaration: an API does not describe itself."""
        tables = {n: t for t, n in self._names.items()}
        return tuple(
            self._table(tables.get(name, name), name, dataset)
            for name, dataset in self._api.datasets.items()
        )

    def fetch(self, table: str, by: tuple[str, ...], row: Row) -> Iterable[Record]:
        """Rows by each rule that asks by these columns; see `Vendor.fetch`.

        Raises:
            Conflict: SY501 no rule does.
        """
        dataset = self._dataset(table)
        rules = [rule for rule in dataset.find if rule.by == by]
        if not rules:
            raise Conflict(
                f"`{self._system}.{table}`: the API is not asked by `{', '.join(by)}`",
                code="SY501",
                hint="declare under `find` how rows are found by it",
            )
        return [record for rule in rules for record in self._reader.fetch(dataset, rule, row)]

    def every(self, table: str) -> Iterator[Record]:
        """Every row, where the API lists them."""
        return self._reader.every(self._dataset(table))

    def remove(self, table: str, record: Record, once: str) -> Left | None:
        """Let a row go as the first rule that fits it says."""
        for rule in self._dataset(table).delete:
            if all(record.get(c) in values for c, values in rule.when.items()):
                if rule.left and rule.left.outcome == "pending" and rule.left.days:
                    return self._asked(rule, rule.left, rule.left.days, table, record, once)
                self._send(rule, record, once)
                return self._left(rule.left)
        raise self.cannot(table, "delete")

    def _asked(
        self, rule: Send, leaves: Leaves, days: int, table: str, record: Record, once: str
    ) -> Left | None:
        """What is only acknowledged is asked for once, and is open until it is confirmed."""
        today = tokyo_day(self._clock.now())
        order = self._orders.get(once)
        if order is None:
            self._send(rule, record, once)
            due, mark = today + timedelta(days=days), self._orders.mark(table, record)
            order = Order(once, "delete", today, due, about=mark, answer=leaves.why)
            self._orders.put(order)
        return order.waits(today, pending=leaves.why, late=f"{leaves.why}_not_confirmed")

    def remains(self, table: str, record: Record) -> bool:
        """What was only acknowledged is there until somebody confirms that it is not."""
        return self._orders.remains(table, record)

    def change(
        self, table: str, record: Record, values: Mapping[str, Value], once: str
    ) -> Left | None:
        """Set columns of a row."""
        dataset = self._dataset(table)
        rule = dataset.change
        if rule is None:
            raise self.cannot(table, "change")
        body = {**(rule.body or {}), **body_of(dataset, values)}
        self._send(rule.model_copy(update={"body": body}), record, once)
        return self._left(rule.left)

    def require_calls(self, table: str, verb: Verb, columns: Iterable[str]) -> None:
        """Refuse a verb the declaration has no call for, before anything is changed.

        Raises:
            Conflict: SY508.
        """
        dataset = self._dataset(table)
        if verb == "delete" and not dataset.delete:
            raise self.cannot(table, verb)
        body = body_of(dataset, dict.fromkeys(columns))
        if body and dataset.change is None:
            raise self.cannot(table, verb)

    def prove(self) -> tuple[Proven, ...]:
        """Ask about the vendor's promises."""
        proven = []
        for proof in self._api.proofs:
            answer = self._calls.call("GET", proof.get)
            there = answer.status not in self._api.gone
            content = parsed(self._system, self._api, answer.data) if there else None
            shown = all(holds(content, place, v) for place, v in proof.expect.items())
            proven.append(Proven(proof.kind, proof.subject, there and shown, proof.days))
        return tuple(proven)

    def close(self) -> None:
        """Let go of connections."""
        self._calls.close()

    def cannot(self, table: str, verb: str) -> Conflict:
        """SY508: the declaration has no such call."""
        return Conflict(
            f"`{self._system}.{table}`: the API has no call that can `{verb}` it",
            code="SY508",
            hint="choose another `erase` for the dataset, or declare the call",
        )

    def _send(self, rule: Send, record: Record, once: str) -> None:
        if rule.send is not None:
            method, _, path = rule.send.partition(" ")
            body = None if rule.body is None else filled(rule.body, record)
            answer = self._calls.call(method, address(path, record), body, once)
            said = answer.data.strip() not in (b"", b'""')
            if answer.status not in self._api.gone and (said or rule.expect):
                content = parsed(self._system, self._api, answer.data)
                require(self._system, content, rule.expect)
        for number, after in enumerate(rule.then, 1):
            self._send(after, record, f"{once}-{number}")

    def _left(self, leaves: Leaves | None) -> Left | None:
        if leaves is None:
            return None
        today = tokyo_day(self._clock.now())
        until = today + timedelta(days=leaves.days) if leaves.days else None
        return Left(leaves.outcome, 1, leaves.why, until)

    def _dataset(self, table: str) -> ApiDataset:
        name = self._names.get(table, table)
        if name not in self._api.datasets:
            raise Conflict(
                f"`{self._system}.{table}` is not in the declaration of the API",
                code="SY501",
                hint="declare it under `datasets`",
            )
        return self._api.datasets[name]

    def _table(self, table: str, name: str, dataset: ApiDataset) -> TableSurface:
        declared = self._entry.datasets.get(name)
        columns = tuple(
            ColumnSurface(n, c.kind or "text", text=c.kind in (None, "text"))
            for n, c in dataset.columns.items()
        )
        return TableSurface(table, columns, declared.key if declared else ())
