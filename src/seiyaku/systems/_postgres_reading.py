"""Values as PostgreSQL holds them: days, moments and decimals keep their type.

What has no plain type here (JSON, UUID, times of day, spans, ranges, addresses of the net) is
read as PostgreSQL writes it; so is a day beyond those Python knows (``infinity``, ``44-03-15 BC``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast

import psycopg
from psycopg import adapt
from psycopg.abc import Buffer
from psycopg.types import datetime as moments
from psycopg.types.string import TextLoader

_AS_WRITTEN = (
    *("json", "jsonb", "uuid", "inet", "cidr", "time", "timetz", "interval"),
    *("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"),
    *("int4multirange", "int8multirange", "nummultirange", "tsmultirange"),
    *("tstzmultirange", "datemultirange"),
)


class _Date(moments.DateLoader):
    def load(self, data: Buffer) -> date:
        try:
            return super().load(data)
        except psycopg.DataError:
            return cast("date", bytes(data).decode())


class _Timestamp(moments.TimestampLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except psycopg.DataError:
            return cast("datetime", bytes(data).decode())


class _Timestamptz(moments.TimestamptzLoader):
    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data).astimezone(UTC)
        except psycopg.DataError:
            return cast("datetime", bytes(data).decode())


def _reading() -> adapt.AdaptersMap:
    found = adapt.AdaptersMap(psycopg.adapters)
    for name in _AS_WRITTEN:
        found.register_loader(name, TextLoader)
    loaders: dict[str, type[Any]] = {
        "date": _Date,
        "timestamp": _Timestamp,
        "timestamptz": _Timestamptz,
    }
    for name, loader in loaders.items():
        found.register_loader(name, loader)
    return found


class _Reading:
    """The context a connection is opened with."""

    adapters = _reading()
    connection = None


READING = _Reading()
