"""When a vendor may be called next, for workers on several machines.

The server's clock decides and one row is locked for a moment, outside every other transaction:
a plan that reads vendors must not hold up whoever calls them too.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from seiyaku.store.engine import answering
from seiyaku.store.tables import turns

LONGEST_S = 120.0
"""No turn is further away than this."""
_NOW = sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)


class StoreTurns:
    """Turns in the control plane, where it lies on PostgreSQL.

    Args:
        engine: the control plane's.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def take(self, system: str, each_s: float) -> float:
        """Take the next turn; seconds until it comes.

        Raises:
            SystemUnavailable: SY330 the store does not answer.
        """
        return self._moved(system, each_s, 0.0) - each_s

    def hold(self, system: str, seconds: float) -> None:
        """Let no turn come for `seconds`."""
        self._moved(system, 0.0, seconds)

    def _moved(self, system: str, each_s: float, hold_s: float) -> float:
        adding = insert(turns).values(system=system, free_at=_NOW + hold_s + each_s)
        known = sa.func.greatest(turns.c.free_at, _NOW + hold_s)
        free = sa.func.least(known, _NOW + LONGEST_S)
        moved = adding.on_conflict_do_update(
            index_elements=[turns.c.system], set_={"free_at": free + each_s}
        )
        with answering(), self._engine.connect() as connection:
            return float(connection.scalar(moved.returning(turns.c.free_at - _NOW)))
