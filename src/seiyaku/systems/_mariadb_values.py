"""Values as MariaDB and MySQL take them, and as their columns mean them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from seiyaku.datamap.system import Value
from seiyaku.systems._mariadb_dialect import SHAPES, base


def fitting(kind: str, value: Value) -> Any:
    """A value as a column of its family takes it; None where it cannot be one."""
    if value is None or kind == "binary":
        return value.encode() if isinstance(value, str) else value
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
        text = "" if any("\udc80" <= c <= "\udcff" for c in text) else text
    else:
        text = str(int(value)) if isinstance(value, bool) else _written(value)
    shape = SHAPES.get(kind)
    if not text or (shape is not None and not re.search(shape, text)):
        return None
    return text


def _written(value: Value) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else str(value)


def reader_for(declared: str) -> Callable[[Any], Value] | None:
    """How to read values of a column of a type; None where they stay as they are."""
    if declared.startswith("tinyint(1)"):
        return lambda value: bool(value) if value in (0, 1) else value
    if declared.startswith("timestamp"):
        return lambda value: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    if base(declared) == "time":
        return lambda value: str(value) if isinstance(value, timedelta) else value
    return None
