"""Every statement of a SQLAlchemy engine goes through the door, ORM and core alike.

    watch(engine, door)
    with purpose("newsletter"):
        session.scalars(select(User)).all()

Parameters stay as they are. A handling that names a person sees that person's rows alone. Outside
of any handling nothing is sent at all. What a session has already read it keeps: open one for
each purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import sqlalchemy as sa

from seiyaku.doors.handling import Occasion, current_handling, handling
from seiyaku.doors.sql.door import SqlDoor
from seiyaku.doors.sql.rewrite import Rewritten
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import NotPermitted

_BOUNDARY: Final = re.compile(
    r"(?:SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT) \w+", re.ASCII
)
"""What SQLAlchemy sends at the edges of a nested transaction."""


def purpose(
    word: str, *, recipient: str | None = None, **known: Any
) -> AbstractContextManager[Occasion]:
    """Say what queries inside are for; `recipient` where their rows go to somebody.

    Args:
        known: further words of `seiyaku.doors.handling.handling`.
    """
    return handling(purpose=word, recipient=recipient, **known)


def watch(
    engine: sa.Engine,
    door: SqlDoor | Callable[[], SqlDoor],
    admit: Callable[[Occasion, Rewritten], None] | None = None,
) -> None:
    """Put the door before every statement of an engine.

    What the policy never keeps is looked for in the values of statements that write.

    Args:
        engine: of an async engine its `sync_engine`.
        door: or how to come by the door of the moment, asked for each statement.
        admit: told of each statement before it is sent; raises where nobody may send it.
    """
    at_hand = door if not isinstance(door, SqlDoor) else (lambda: door)
    percent = engine.dialect.paramstyle in ("format", "pyformat")

    def before(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        if _BOUNDARY.fullmatch(statement):
            return statement, parameters
        occasion, handling = _occasion()
        now = at_hand()
        found = now.rewrite(statement, handling, percent=percent, person=occasion.person)
        if admit is not None:
            admit(occasion, found)
        now.require_keepable(statement, parameters)
        return found.sql, _arranged(found, parameters, many=many)

    sa.event.listen(engine, "before_cursor_execute", before, retval=True)


def _occasion() -> tuple[Occasion, Handling]:
    occasion = current_handling()
    if occasion is None or occasion.purpose is None:
        raise NotPermitted(
            "a query was sent outside of any purpose",
            code="SY236",
            hint='say what it is for: `with purpose("..."):`',
        )
    return occasion, occasion.handling("send" if occasion.recipient else "use")


def _arranged(found: Rewritten, parameters: Any, *, many: bool) -> Any:
    if found.order is None:
        return parameters
    if many:
        return [_tuple(found, each) for each in parameters]
    return _tuple(found, parameters)


def _tuple(found: Rewritten, parameters: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(found.arrange(parameters))
