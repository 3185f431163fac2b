"""Stripe's records as tables: which columns each has, and how an object becomes a row.

Nested values have dotted names (``billing_details.name``), lists and free maps are JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from seiyaku.datamap.system import ColumnSurface, TableSurface, Value
from seiyaku.systems._shared.matching import Record

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "subscriptions": ("customer", "status", "currency", "description", "metadata"),
    "invoices": (
        "customer", "status", "currency", "number", "customer_email", "customer_name",
        "customer_phone", *(f"customer_address.{a}" for a in _ADDRESS), "description", "metadata",
    ),
    "payment_methods": (
        "customer", "type", "billing_details.name", "billing_details.email",
        "billing_details.phone", *(f"billing_details.address.{a}" for a in _ADDRESS),
        "card.brand", "card.country", "card.last4", "card.fingerprint", "metadata",
    ),
    "charges": (
        "customer", "status", "currency", "payment_intent", "receipt_email", "description",
        "billing_details.name", "billing_details.email", "billing_details.phone",
        *(f"billing_details.address.{a}" for a in _ADDRESS), "metadata",
    ),
    "payment_intents": (
        "customer", "status", "currency", "receipt_email", "description", "metadata",
    ),
    "customers": (
        "name", "email", "phone", "description", *(f"address.{a}" for a in _ADDRESS),
        "shipping.name", "shipping.phone", *(f"shipping.address.{a}" for a in _ADDRESS),
        "currency", "preferred_locales", "metadata",
    ),
}  # fmt: skip
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "invoices": ("amount_due", "amount_paid", "total"),
    "payment_methods": ("card.exp_month", "card.exp_year"),
    "charges": ("amount", "amount_refunded"),
    "payment_intents": ("amount",),
}
TRANSACTIONS = ("invoices", "charges", "payment_intents")
"""Records that cannot be deleted once they are final."""
REDACTED = "[redacted]"
_FREE = ("metadata", "preferred_locales")


def tables() -> tuple[TableSurface, ...]:
    """Every kind of record, in the order in which they are removed."""
    return tuple(TableSurface(name, tuple(_columns(name)), ("id",)) for name in _TEXTS)


def _columns(name: str) -> Iterator[ColumnSurface]:
    yield ColumnSurface("id", "text", nullable=False, text=True)
    yield ColumnSurface("created", "timestamp", nullable=False)
    yield from (ColumnSurface(c, "text", text=True) for c in _TEXTS[name])
    yield from (ColumnSurface(c, "integer") for c in _NUMBERS.get(name, ()))


def row(table: str, read: Mapping[str, Any]) -> Record:
    """One of Stripe's objects as a row of its table."""
    names = ("id", *_TEXTS[table], *_NUMBERS.get(table, ()))
    record: dict[str, Value] = {c: _value(c, read) for c in names}
    record["created"] = datetime.fromtimestamp(int(read["created"]), UTC)
    return record


def _value(column: str, read: Mapping[str, Any]) -> Value:
    found: Any = read
    for part in column.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if column in _FREE:
        return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else None
    if isinstance(found, Mapping):  # an object put in the place of its id
        found = found.get("id")
    return found if found != "" else None


def is_redacted(record: Record) -> bool:
    """Whether Stripe has already replaced what the record said of a person."""
    return REDACTED in record.values()


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Dotted columns as Stripe's parameters; a column that is emptied is an empty text.

    Examples:
        >>> nested({"name": None, "address.city": "Tokyo"})
        {'name': '', 'address': {'city': 'Tokyo'}}
    """
    made: dict[str, Any] = {}
    for column, value in values.items():
        *parents, last = column.split(".")
        place = made
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = "" if value is None else value
    return made
