"""Open the control plane's database; every failure becomes an error without data."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable
from seiyaku.store.tables import METADATA

BUSY_MS = 10_000
MAKING = 0x5E19A001
"""Number of the lock under which the tables are made."""


def open_engine(place: Path | sa.URL) -> sa.Engine:
    """The store at `place`: a SQLite file, or a database of PostgreSQL; its tables are made.

    SQLite: WAL lets readers go on while a run writes; FULL means that what was acknowledged is
    on the disk. Deleted values are overwritten (`secure_delete`). PostgreSQL: what was deleted
    is gone from the disk when it was vacuumed.

    Raises:
        SystemUnavailable: SY330 it cannot be opened.
    """
    engine = _sqlite(place) if isinstance(place, Path) else _postgres(place)
    with answering(), engine.begin() as connection:
        if not isinstance(place, Path):  # two processes may come first
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
        METADATA.create_all(connection)
        _add_columns(connection)
    return engine


def _add_columns(connection: sa.Connection) -> None:
    """Give the tables of a store made by an earlier version the columns they lack.

    # INVARIANT: a column that comes later may be NULL: rows of before have nothing to say there.
    """
    quote = connection.dialect.identifier_preparer.quote
    there = sa.inspect(connection).get_multi_columns(filter_names=list(METADATA.tables))
    known = {name: {c["name"] for c in columns} for (_, name), columns in there.items()}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if column.name not in known[table.name]:
                kind = column.type.compile(connection.dialect)
                words = f"{quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"
                connection.execute(sa.text(f"ALTER TABLE {words}"))


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"check_same_thread": False}, pool_size=4
    )
    event.listen(engine, "connect", _prepare)
    return engine


def reading_alone(engine: sa.Engine, options: str = "") -> sa.Engine:
    """Where a query goes that belongs to no transaction.

    A server is spared the journeys that begin and end one: it gets connections of its own.

    Args:
        options: of each session on a server, as PostgreSQL writes them.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return _postgres(engine.url, options, isolation_level="AUTOCOMMIT")


def _postgres(url: sa.URL, options: str = "", **more: Any) -> sa.Engine:
    """PostgreSQL; a connection that the server closed is noticed before it is used."""
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=24,
        paramstyle="format",
        connect_args={"connect_timeout": 5, "options": options or f"-c lock_timeout={BUSY_MS}"},
        **more,
    )
    event.listen(engine, "checkout", require_silent)
    return engine


def require_silent(connection: Any, _record: Any, _proxy: Any) -> None:
    """Refuse a connection at rest on which the server said something: that it goes, mostly.

    It is a look at the socket, where asking the server would be a journey each time.
    """
    if not connection.closed:
        looking = select.poll()
        looking.register(connection.fileno(), select.POLLIN)
        if not looking.poll(0):
            return
    raise exc.InvalidatePoolError


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def answering() -> Iterator[None]:
    """Turn trouble of the database into our errors.

    # INVARIANT: the database's own words are dropped: they carry values of rows.

    Raises:
        Conflict: SY521 a row of this name exists already.
        SystemUnavailable: SY330 locked, full, read-only or gone.
    """
    try:
        yield
    except SeiyakuError:
        raise
    except exc.IntegrityError:
        raise Conflict(
            "the store has this already, or another process changed it", code="SY521"
        ) from None
    except exc.SQLAlchemyError as error:
        origin = getattr(error, "orig", None)
        name = getattr(origin, "sqlite_errorname", type(origin or error).__name__)
        raise SystemUnavailable(
            f"the store does not answer: {name}",
            code="SY330",
            hint="check that its file is writable, not locked, and the disk not full; or that "
            "its server is up",
        ) from None
