"""A holder of our data that is told by mail, and answers when it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, ColumnSurface, Left, Row, TableSurface
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.errors import InvalidInput
from seiyaku.laws import tokyo_day
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.orders import Order, Orders
from seiyaku.systems._shared.vendor import Values, VendorSystem

_CAN = Capabilities(
    asynchronous=True,
    covers=("whether the holder confirmed each order",),
    excludes=("what the holder has: it cannot be read", "copies the holder gave to others"),
    verbs=("delete",),
)


@dataclass(frozen=True)
class Told:
    """What a holder is told.

    Args:
        order: its name; the answer quotes it. kind: ``delete`` or ``contract_end``.
        about: column and value by which the holder finds the person; empty at the end of a
            contract, which is about everybody.
        holder: which of several holders; empty where there is one.
    """

    order: str
    kind: str
    about: tuple[tuple[str, str], ...] = ()
    holder: str = ""


Send = Callable[[Told], None]
"""Sends an order; called again after a crash, it must not go out twice."""


@dataclass(frozen=True)
class Holders:
    """Several holders of one class, each with an address: the sellers of a marketplace.

    Args:
        column: of every dataset, names the holder of a row. known: who has an address.
    """

    column: str
    known: Collection[str]


@dataclass(frozen=True)
class _Holder:
    entry: SystemEntry
    send: Send
    orders: Orders
    clock: Clock
    answer_days: int
    holders: Holders | None
    capabilities: Capabilities = field(default=_CAN)

    def surface(self) -> tuple[TableSurface, ...]:
        return tuple(
            TableSurface(d.table or n, tuple(ColumnSurface(c, "text") for c in d.fields), d.key)
            for n, d in self.entry.datasets.items()
        )

    def fetch(self, table: str, by: tuple[str, ...], row: Row) -> Iterable[Record]:
        """What we order by: the holder is not read."""
        return [dict(zip(by, row, strict=True))]

    def every(self, table: str) -> Iterator[Record]:
        return iter(())

    def remove(self, table: str, record: Record, once: str) -> Left | None:
        order = self.orders.get(once)
        if order is None:
            holder = str(record[self.holders.column]) if self.holders else ""
            if self.holders and holder not in self.holders.known:
                return Left("by_hand", 1, "no_address")
            order = self.tell("delete", once, holder, table, record)
        today = tokyo_day(self.clock.now())
        return order.waits(today, pending="waits_for_confirmation", late="not_confirmed")

    def change(self, table: str, record: Record, values: Values, once: str) -> Left | None:
        return Left("by_hand", 1, "cannot_be_written")

    def remains(self, table: str, record: Record) -> bool:
        """What nobody confirmed is still there."""
        return self.orders.remains(table, record)

    def close(self) -> None:
        """Nothing is held open."""

    def tell(
        self, kind: str, once: str, holder: str, table: str = "", record: Record | None = None
    ) -> Order:
        """Send an order and write it down, in this order: a crash between sends it again."""
        own = self.holders.column if self.holders else None
        said = ((c, v) for c, v in (record or {}).items() if v is not None and c != own)
        self.send(Told(once, kind, tuple((c, str(v)) for c, v in said), holder))
        today = tokyo_day(self.clock.now())
        mark = self.orders.mark(table, record) if record else ""
        due = today + timedelta(days=self.answer_days)
        order = Order(once, kind, today, due, holder, mark)
        self.orders.put(order)
        return order


class NoticeSystem(VendorSystem):
    """A holder of our data without an API.

    Args:
        system: its id in the data map. entry: its declaration; datasets say by which values
            the holder finds a person. send: sends an order.
        memory: folder in which runs and orders are written down.
        answer_days: days after which a person asks what became of an order.
        holders: where the system is a class of them; None where it is one.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        send: Send,
        memory: Path,
        *,
        answer_days: int = 14,
        holders: Holders | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        orders = Orders(system, memory)
        self._holder = _Holder(entry, send, orders, self._clock, answer_days, holders)
        super().__init__(system, entry, self._holder, memory)

    def confirm(self, order: str, evidence: bytes, by: str) -> Order:
        """Take in a confirmation or a certificate; the next attempt of its run ends with it.

        Args:
            evidence: the letter or certificate; its digest is kept, the file is the caller's.
            by: who took it in.

        Raises:
            InvalidInput: SY133 no such order went out.
        """
        on = tokyo_day(self._clock.now())
        return self.orders.answered(order, "confirmed", sha256_hex(evidence), by, on)

    def end_contract(self, contract: str, holder: str = "") -> Order:
        """Order everything back at the end of a contract; open until a certificate comes in.

        Args:
            contract: its number; ordered twice it goes out once. holder: which of several.

        Raises:
            InvalidInput: SY177 there is no such holder, or none is named.
        """
        known: Collection[str] = self._holder.holders.known if self._holder.holders else ("",)
        if holder not in known:
            raise InvalidInput(
                f"`{self.id}` knows no holder `{holder}`",
                code="SY177",
                hint="name one of those whose addresses `seiyaku.yaml` points at",
            )
        digest = sha256_hex(f"{self.id}\n{holder}\n{contract}".encode())
        once = f"contract.{digest[:16]}"
        return self.orders.get(once) or self._holder.tell("contract_end", once, holder)
