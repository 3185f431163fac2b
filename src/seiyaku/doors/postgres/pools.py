"""A pool of connections for each handling, logged in as its role.

pools = Pools("postgresql+psycopg://db.internal/shop", layout, password=secrets.read)
with handling(purpose="ship_goods"):
    with pools.engine().connect() as connection: ...
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import sqlalchemy as sa

from seiyaku.doors.handling import require_handling
from seiyaku.doors.permits import Layout
from seiyaku.doors.postgres.wanted import role_of
from seiyaku.gate.model import Handling


class Pools:
    """Engines by handling, each made at its first use; no connection serves two handlings.

    Args:
        url: of the database, without a user. layout: whose handlings have roles.
        prefix: as the guard was installed with.
        password: gives the password of a role when its engine is made; none is kept elsewhere.
        options: for `sqlalchemy.create_engine`, such as ``pool_size``.
    """

    def __init__(
        self,
        url: str | sa.URL,
        layout: Layout,
        *,
        prefix: str = "seiyaku",
        password: Callable[[str], str | None] = lambda role: None,
        **options: Any,
    ) -> None:
        self._url, self._layout, self._prefix = sa.make_url(url), layout, prefix
        self._password, self._options = password, options
        self._engines: dict[str, sa.Engine] = {}
        self._lock = Lock()

    def engine(self, handling: Handling | None = None) -> sa.Engine:
        """The pool of a handling; without one, of the `handling(...)` around the call.

        Raises:
            NotPermitted: SY251 the call is outside of any handling.
            InvalidInput: SY141 no role is made for this handling.
        """
        wanted = handling or _around()
        role = role_of(self._prefix, self._layout.name(wanted))
        with self._lock:
            if role not in self._engines:
                url = self._url.set(username=role, password=self._password(role))
                self._engines[role] = sa.create_engine(url, **self._options)
            return self._engines[role]

    def close(self) -> None:
        """Give every connection back."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _around() -> Handling:
    """What is being done around the call; the person does not choose the pool, the purpose does."""
    occasion = require_handling()
    return occasion.handling("send" if occasion.recipient else "use")
