"""What an answer of an API means: records at places, values with types, errors in a success."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from seiyaku.datamap.system import Value
from seiyaku.systems._shared.patience import not_understood
from seiyaku.systems.http.model import PLACEHOLDER, Api, Column, Json

MISSING = object()


def parsed(system: str, api: Api, data: bytes) -> Any:
    """The JSON of a success.

    Raises:
        SystemUnavailable: SY324 it is none: half a body, another format, an error in a 200.
    """
    try:
        answer = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise not_understood(system) from None
    if isinstance(answer, dict) and any(answer.get(name) for name in api.errors):
        raise not_understood(system)
    require(system, answer, api.accept)
    return answer


def require(system: str, answer: Any, expect: Mapping[str, Sequence[Json]]) -> None:
    """Refuse an answer that does not hold what a success must hold; see `holds`."""
    for place, values in expect.items():
        if not holds(answer, place, values):
            raise not_understood(system)


def holds(answer: Any, place: str, values: Sequence[Json]) -> bool:
    """Whether one of `values` stands at `place`, or anything at all where none is named."""
    found = at(answer, place)
    if not values:
        return found is not MISSING and found is not None
    return any(type(found) is type(v) and found == v for v in values)


def at(answer: Any, place: str) -> Any:
    """What stands at ``a.b.c``; ``.`` is the whole, `MISSING` where there is nothing."""
    if place == ".":
        return answer
    for part in place.split("."):
        if not isinstance(answer, dict) or part not in answer:
            return MISSING
        answer = answer[part]
    return answer


def records(system: str, answer: Any, row: str, rows: str | None) -> list[dict[str, Any]]:
    """The records of an answer.

    Raises:
        SystemUnavailable: SY324 there is no list or record where one is declared.
    """
    found = at(answer, row) if rows is None else at(answer, rows)
    if rows is None and isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(r, dict) for r in found):
        raise not_understood(system)
    return found


def value_of(
    system: str, name: str, column: Column, record: Mapping[str, Any], asked: Mapping[str, Value]
) -> Value:
    """The value of a column, typed as declared.

    Raises:
        SystemUnavailable: SY324 it is not of the declared type.
    """
    if column.asked is not None:
        return asked.get(column.asked)
    place = column.at or name
    raw = _composed(record, place) if "{" in place else at(record, place)
    if raw is MISSING or raw is None:
        return None
    try:
        return _typed(raw, column.kind)
    except (ValueError, TypeError, InvalidOperation, OverflowError, OSError):
        raise not_understood(system) from None


def _composed(record: Mapping[str, Any], place: str) -> Any:
    parts = {name: at(record, name) for name in PLACEHOLDER.findall(place)}
    if any(v is MISSING or v is None for v in parts.values()):
        return None
    return PLACEHOLDER.sub(lambda m: str(parts[m[1]]), place)


def _typed(raw: Any, kind: str | None) -> Value:
    if isinstance(raw, dict | list):
        return json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    if kind is None:
        return cast(Value, raw)
    return _KINDS[kind](raw)


def _moment(raw: Any) -> datetime:
    return datetime.fromisoformat(raw)


_KINDS: Mapping[str, Callable[[Any], Value]] = {
    "text": str,
    "integer": int,
    "decimal": lambda raw: Decimal(str(raw)),
    "date": lambda raw: date.fromisoformat(raw[:10]),
    "datetime": _moment,
    "unix": lambda raw: datetime.fromtimestamp(int(raw), UTC),
}
