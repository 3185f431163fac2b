"""Open the control plane's database; every failure becomes an error without data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable
from seiyaku.store.tables import METADATA

BUSY_MS = 10_000


def open_engine(path: Path) -> sa.Engine:
    """The SQLite file at `path`, made when it does not exist.

    WAL lets readers go on while a run writes; FULL means that what was acknowledged is on
    the disk. Deleted values are overwritten (`secure_delete`).

    Raises:
        SystemUnavailable: SY330 it cannot be opened.
    """
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"check_same_thread": False}, pool_size=4
    )
    event.listen(engine, "connect", _prepare)
    with answering():
        METADATA.create_all(engine)
    return engine


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
            hint="check that its file is writable, not locked, and the disk not full",
        ) from None
