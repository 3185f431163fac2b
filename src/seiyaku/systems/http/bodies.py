"""The bodies of calls that change something, made from the values of a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from seiyaku.datamap.system import Value
from seiyaku.kernel.errors import Conflict
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.text import shown
from seiyaku.systems.http.model import PLACEHOLDER, ApiDataset


def body_of(dataset: ApiDataset, values: Mapping[str, Value]) -> dict[str, Any]:
    """The body that sets columns at their places.

    Raises:
        Conflict: SY508 a column is composed of others and cannot be set.
    """
    body: dict[str, Any] = {}
    for name, value in values.items():
        column = dataset.columns[name]
        place = column.at
        if place is None or "{" in place:
            raise Conflict(
                f"`{name}` is made of other values and cannot be set",
                code="SY508",
                hint="set those instead",
            )
        *outer, last = place.split(".")
        inner = body
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = plain(value)
    return body


def filled(body: Any, record: Record) -> Any:
    """`body` with the values of a row in the places of their names."""
    if isinstance(body, str):
        whole = PLACEHOLDER.fullmatch(body)
        if whole:
            return plain(record.get(whole[1]))
        return PLACEHOLDER.sub(lambda m: shown(record.get(m[1], "")), body)
    if isinstance(body, dict):
        return {k: filled(v, record) for k, v in body.items()}
    return [filled(v, record) for v in body] if isinstance(body, list) else body


def plain(value: Value) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return shown(value) if isinstance(value, bytes) else value
