"""Values of company systems as JSON that keeps their types.

| value | written as |
|---|---|
| text, whole number, true, false, null | itself |
| number with a fraction | itself; ``{"$float": "nan"}`` where JSON has no word for it |
| decimal | ``{"$decimal": "1.10"}`` |
| day | ``{"$date": "2026-02-16"}`` |
| moment | ``{"$datetime": "2026-02-16T09:00:00+09:00"}``, its zone kept; none where it had none |
| bytes | ``{"$bytes": "aGk="}`` (base64) |

# INVARIANT: `from_json(to_json(v))` is `v`, of the same type.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from seiyaku.datamap.system import Content, Handles, Row, Value
from seiyaku.kernel.errors import InvalidInput

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def to_json(value: Value) -> Json:
    """One value as JSON.

    Examples:
        >>> to_json(date(2026, 2, 16))
        {'$date': '2026-02-16'}

    Raises:
        InvalidInput: SY190 it is the content of a file, which is written beside, not within.
    """
    if isinstance(value, datetime):  # before date: a datetime is one
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, Content):
        raise InvalidInput("a file's content is no value within JSON", code="SY190")
    return value


def from_json(value: Json) -> Value:
    """The value that `to_json` wrote.

    Raises:
        InvalidInput: SY190 it is none of the forms above.
    """
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise InvalidInput("a list is no value of a system", code="SY190")
        return value
    (tag, text), *more = value.items() or [("", None)]
    read = _READERS.get(tag)
    if read is None or more or not isinstance(text, str):
        raise InvalidInput("an object that is no typed value", code="SY190")
    try:
        return read(text)
    except (ValueError, ArithmeticError, binascii.Error):
        raise InvalidInput(f"a value of kind `{tag}` cannot be read", code="SY190") from None


_READERS: dict[str, Callable[[str], Value]] = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$float": float,
    "$bytes": lambda text: base64.b64decode(text, validate=True),
}


def rows_to_json(rows: frozenset[Row]) -> list[Json]:
    """Rows of handles as JSON, in a stable order; a row of one value stands without its list."""
    written: list[Json] = [
        to_json(row[0]) if len(row) == 1 else [to_json(value) for value in row] for row in rows
    ]
    try:
        return sorted(written)  # type: ignore[type-var]
    except TypeError:  # of several kinds; the words for them would fill the memory of a long one
        return sorted(written, key=repr)


def rows_from_json(rows: Json) -> frozenset[Row]:
    """What `rows_to_json` wrote."""
    if not isinstance(rows, list):
        raise InvalidInput("rows of handles are a list", code="SY190")
    return frozenset(
        tuple(from_json(v) for v in row) if isinstance(row, list) else (from_json(row),)
        for row in rows
    )


def count_of(handles: Handles) -> int:
    """How many values there are, over all columns."""
    return sum(len(rows) for rows in handles.values.values())
