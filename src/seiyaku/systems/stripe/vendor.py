"""What can be done with Stripe's records, and what must wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, Left, Row, TableSurface
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.errors import Conflict
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.pace import FileTurns, Pace, Turns
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems._shared.vendor import Values, VendorSystem
from seiyaku.systems.stripe.redaction import redact
from seiyaku.systems.stripe.tables import TRANSACTIONS, is_redacted, nested, row, tables

if TYPE_CHECKING:
    from seiyaku.systems.stripe.client import Calls

REDACTABLE_DAYS = 90
CALLS_A_SECOND = 25
"""What Stripe lets a test account do; a live one may do four times as much."""
_WRITABLE = {
    "customers": ("name", "email", "phone", "description", "address", "shipping"),
    "payment_methods": ("billing_details",),
    "charges": ("receipt_email", "description"),
    "payment_intents": ("receipt_email", "description"),
}
_LIVE = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused")
_RUNNING_DISPUTE = ("needs_response", "under_review", "warning_needs_response",
                    "warning_under_review")  # fmt: skip

_CAN = Capabilities(
    asynchronous=True,
    covers=("customers", "running subscriptions", "payment methods", "transactions"),
    excludes=(
        "cancelled subscriptions (ids and amounts)",
        "events and logs of requests, which Stripe ages out",
        "what Stripe keeps for its own duties",
    ),
    verbs=("delete", "blank", "keep", "set"),
)


@dataclass(frozen=True)
class StripeVendor:
    """Stripe's records.

    Args:
        system: its id in the data map. calls: the API. clock: the present, for ages.
    """

    system: str
    calls: Calls
    clock: Clock = field(default_factory=SystemClock)

    @property
    def capabilities(self) -> Capabilities:
        return _CAN

    def surface(self) -> tuple[TableSurface, ...]:
        return tables()

    def fetch(self, table: str, by: tuple[str, ...], row: Row) -> Iterable[Record]:
        (column,), (value,) = by, row
        found = self._found(table, column, str(value))
        return [r for r in found if self._stands(table, r) and str(r.get(column)) == str(value)]

    def every(self, table: str) -> Iterator[Record]:
        if table == "payment_methods":
            for customer in self.calls.all("/v1/customers"):
                yield from self._found(table, "customer", customer["id"])
            return
        for read in self.calls.all(f"/v1/{table}"):
            if self._stands(table, record := row(table, read)):
                yield record

    def remove(self, table: str, record: Record, once: str) -> Left | None:
        path = _path(table, record)
        if table in TRANSACTIONS:
            return self._transaction(table, record, once)
        if table == "payment_methods":
            self.calls.post(f"{path}/detach", once)
            return None
        held = self._held(str(record["id"])) if table == "customers" else None
        if held is None:
            self.calls.delete(path)
        return held

    def change(self, table: str, record: Record, values: Values, once: str) -> Left | None:
        may = _WRITABLE.get(table, ())
        written = {c: v for c, v in values.items() if c.partition(".")[0] in may}
        if written:
            self.calls.post(_path(table, record), once, **nested(written))
        rest = [c for c in values if c not in written and record.get(c) is not None]
        return Left("by_hand", 1, "cannot_be_written") if rest else None

    def remains(self, table: str, record: Record) -> bool:
        return True

    def close(self) -> None:
        self.calls.close()

    def _found(self, table: str, column: str, value: str) -> Iterator[Record]:
        from seiyaku.systems.stripe.client import Missing

        try:
            if column == "id":
                yield row(table, self.calls.get(table, value))
            elif column == "customer" and table != "customers":
                yield from (row(table, r) for r in self.calls.all(f"/v1/{table}", customer=value))
            elif (table, column) == ("customers", "email"):
                yield from (row(table, r) for r in self.calls.all("/v1/customers", email=value))
            else:
                raise Conflict(
                    f"`{self.system}`: {table} cannot be asked for by `{column}`",
                    code="SY508",
                    hint="link them by `id`, by `customer`, or customers by `email`",
                )
        except Missing:
            return

    def _stands(self, table: str, record: Record) -> bool:
        """Whether a record still says something: ended subscriptions hold ids and amounts."""
        if table == "subscriptions":
            return record["status"] in _LIVE
        return not is_redacted(record)

    def _transaction(self, table: str, record: Record, once: str) -> Left | None:
        if record.get("status") == "draft":
            self.calls.delete(_path(table, record))
            return None
        if table == "invoices" and record.get("status") == "open":
            return Left("by_hand", 1, "invoice_open")
        due_on = redactable_on(record["created"])
        if self.clock.now().date() < due_on:
            return Left("pending", 1, "redaction_after_90_days", due_on)
        return redact(self.calls, table, str(record["id"]), once, self.clock.now().date())

    def _held(self, customer: str) -> Left | None:
        """What a person must settle before a customer may go."""
        invoices = self.calls.all("/v1/invoices", customer=customer)
        if any(i.get("status") == "open" for i in invoices):
            return Left("by_hand", 1, "invoice_open")
        charges = self.calls.all("/v1/charges", customer=customer)
        disputed = [c["id"] for c in charges if c.get("disputed")]
        disputes = (d for c in disputed for d in self.calls.all("/v1/disputes", charge=c))
        if any(d.get("status") in _RUNNING_DISPUTE for d in disputes):
            return Left("by_hand", 1, "dispute_runs")
        return None


def _path(table: str, record: Record) -> str:
    return f"/v1/{table}/{record['id']!s}"


def redactable_on(created: object) -> date:
    """First day on which Stripe redacts a transaction: 90 whole days lie behind it."""
    if not isinstance(created, datetime):
        raise TypeError("a transaction says when it was made")
    return created.date() + timedelta(days=REDACTABLE_DAYS + 1)


def stripe_system(
    system: str,
    entry: SystemEntry,
    *,
    key: str,
    memory: Path,
    url: str | None = None,
    timeout_s: float = 30.0,
    clock: Clock | None = None,
    patience: Patience | None = None,
    calls_a_second: int = CALLS_A_SECOND,
    turns: Turns | None = None,
) -> VendorSystem:
    """Stripe as a company system.

    Args:
        key: a restricted key with rights to write customers, subscriptions, payment methods,
            invoices and redaction jobs, and to read charges, payment intents and disputes.
        memory: folder in which runs are written down. url: None for Stripe itself.
        calls_a_second: of all workers together. turns: of calls; in `memory` by default.
    """
    from seiyaku.systems.stripe.client import Calls

    pace = Pace(system, calls_a_second, 1.0, turns or FileTurns(memory))
    calls = Calls(system, key, url, timeout_s, patience or Patience(), pace)
    return VendorSystem(system, entry, StripeVendor(system, calls, clock or SystemClock()), memory)
