"""Which process runs plans: one a home, or where the store lies on a server one a plan.

A lease on a server is a session's advisory lock: PostgreSQL lets go of it when the process that
held it dies, at once where it hears of it, else after `DEAD_AFTER_S`. No clock of ours decides,
so a clock that jumps takes nobody's lease. Losing one does no harm: two workers that do the same
step change nothing twice.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.store.engine import answering, reading_alone

DEAD_AFTER_S = 6
"""Seconds after which a server gives up a machine that is gone: 3, then 3 questions a second."""
_SESSION = (
    "-c lock_timeout=0 -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 "
    "-c tcp_keepalives_count=3"
)
_NUMBER = sa.bindparam("number", type_=sa.BigInteger)
_TAKE = sa.select(sa.func.pg_advisory_lock(_NUMBER))
_GIVE_BACK = sa.select(sa.func.pg_advisory_unlock(_NUMBER))


class Leases(Protocol):
    """Who may run what."""

    def held(self, plan: str) -> AbstractContextManager[None]:
        """The lease of one plan, waited for."""
        ...

    def taken(self, plan: str) -> bool:
        """Whether a living process runs it now."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class HomeLease:
    """One process runs the plans of a home: a lock file, held until it is closed.

    Raises:
        Conflict: SY520 another process runs plans of this home.
        SystemUnavailable: SY331 the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = _lock(path)

    def held(self, plan: str) -> AbstractContextManager[None]:
        """Nothing more: whoever got here is alone."""
        return nullcontext()

    def taken(self, plan: str) -> bool:
        """Never by another process."""
        return False

    def close(self) -> None:
        """Let another process begin."""
        os.close(self._descriptor)


class PlanLeases:
    """One process runs a plan; many run many. A session serves one run after another.

    Args:
        engine: the control plane's, on PostgreSQL.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = reading_alone(engine, _SESSION)

    @contextmanager
    def held(self, plan: str) -> Iterator[None]:
        """The lease of one plan; who comes second waits until the first is done or dead."""
        number = {"number": _number(plan)}
        with answering(), self._sessions.connect() as session:
            session.execute(_TAKE, number)
            try:
                yield
            finally:
                with suppress(sa.exc.SQLAlchemyError):
                    _let_go(session, number)

    def taken(self, plan: str) -> bool:
        """Whether a living process runs it now."""
        number = _number(plan)
        with answering(), self._engine.connect() as session:
            if not session.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
                return True
            session.execute(sa.select(sa.func.pg_advisory_unlock(number)))
            return False

    def close(self) -> None:
        """Let go of the sessions; each lease ended with its run."""
        self._sessions.dispose()


def _let_go(session: sa.Connection, number: Mapping[str, int]) -> None:
    """Give the lease back, or else the session: the server lets go with it, whatever it did."""
    try:
        given_back = session.scalar(_GIVE_BACK, number)
    except sa.exc.SQLAlchemyError:
        given_back = False
    if not given_back:
        session.invalidate()


def _number(plan: str) -> int:
    return int.from_bytes(sha256(f"lease:{plan}".encode()).digest()[:7])


def _lock(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SystemUnavailable(
            f"`{path.name}` cannot be opened: {error.strerror}",
            code="SY331",
            hint="the home folder must be writable by this process",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Conflict(
            "another process runs plans of this home", code="SY520", hint="wait for it to end"
        ) from None
    return descriptor
