"""A database of an installation behind its door: permits laid, each statement judged.

```python
engine = home.doors.database("app", ["shipping"], staff_only=True)
with purpose("shipping", staff="mori"), engine.connect() as connection:
    connection.execute(sa.text("SELECT phone FROM shipping_addresses"))
```

Permits are brought up to what people said whenever a connection is taken from the pool. What
staff read is witnessed: who, for what, which tables, whether it was granted; no row of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import sqlalchemy as sa

from seiyaku.app import said
from seiyaku.app.people import HomePeople
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.doors.handling import Occasion
from seiyaku.doors.permits import Laid, Layout, Permits, WithRows, layout_of
from seiyaku.doors.staff import GRANT, Staff
from seiyaku.evidence import Entry
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.errors import InvalidInput, NotPermitted
from seiyaku.kernel.ids import SystemId

if TYPE_CHECKING:
    from seiyaku.doors.sql import Refused, Rewritten, SqlDoor

NEEDS: Final = {"employee_supervision": "staff_training", "written_pledges": "staff_pledge"}
"""Measures of a policy that want a fact of everybody who is granted something, and its kind."""
_BY_MEASURE: Final = "need_to_know"


class Queries:
    """One SQLite database and the purposes it is read for.

    Args:
        staff_only: every statement must be of staff with a live grant for its purpose.
        refused: columns refused for everybody are NULL, or naming one is an error.
    """

    def __init__(
        self,
        parts: Parts,
        system: SystemId,
        purposes: Iterable[str],
        *,
        staff_only: bool,
        refused: Refused,
    ) -> None:
        path = parts.paths.system(system).path
        if path is None or parts.datamap.systems[system].kind != "sqlite":
            raise InvalidInput(
                f"`{system}` is no SQLite database of this installation",
                code="SY152",
                hint="other databases: lay permits with `seiyaku guard push`, then `SqlDoor`",
            )
        handlings = [Handling("use", purpose) for purpose in purposes]
        self._parts, self._path = parts, path
        self._staff_only, self._refused = staff_only, refused
        self._layout: Layout = layout_of(parts.policy(), parts.datamap, system, handlings)
        self._traits = Traits()
        self._door: SqlDoor | None = None

    def engine(self) -> sa.Engine:
        """An engine every statement of which passes the door."""
        from seiyaku.doors.sql.alchemy import watch

        engine = sa.create_engine(f"sqlite:///{self._path}")
        sa.event.listen(engine, "checkout", lambda *_: self._bring_up())
        watch(engine, self._at_hand, self._admit if self._staff_only else None)
        return engine

    def _bring_up(self) -> None:
        """Lay what people said since, and read the facts anew."""
        from seiyaku.doors.sql import Database, SqlDoor

        parts, at = self._parts, self._parts.clock.now()
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            laid = Laid(connection, "sqlite", self._layout)
            without = HomePeople(parts, without=(self._layout.system,))
            people = WithRows(without, laid, self._layout)
            laid.push(Permits(self._layout, parts.gate, people, at, self._traits), people)
        database = Database(parts.datamap, self._layout.system, "sqlite")
        facts = parts.repositories.assurances.all()
        policy = parts.policy()
        self._door = SqlDoor(
            database,
            self._layout,
            policy,
            parts.gate,
            facts,
            at,
            refused=self._refused,
            at=at,
        )

    def _at_hand(self) -> SqlDoor:
        assert self._door is not None  # a connection was taken before it sent anything
        return self._door

    def _admit(self, occasion: Occasion, found: Rewritten) -> None:
        """Let staff with a grant pass; either way it is witnessed."""
        who, purpose = occasion.staff or "", occasion.purpose or ""
        try:
            if not who:
                raise NotPermitted(
                    "this database is for staff, and nobody is named",
                    code="SY291",
                    hint='`with purpose("...", staff="..."):`',
                )
            on_file(self._parts).require_grant(who, purpose, self._parts.clock.now())
        except NotPermitted as error:
            self._witness(who, purpose, found, f"refused_{error.code}")
            raise
        self._witness(who, purpose, found, "permitted")

    def _witness(self, who: str, purpose: str, found: Rewritten, outcome: str) -> None:
        policy = self._parts.policy()
        measure = policy.measures.get(_BY_MEASURE)
        entry = Entry(
            act_id=f"read-{uuid4().hex[:12]}",
            kind="decision",
            at=self._parts.clock.now(),
            service=self._parts.settings.service,
            clauses=(policy.cite(measure.clause),) if measure else (),
            act="read",
            outcome=outcome,
            system=",".join(found.datasets)[:200],
            actor=who,
            version=policy.version.id,
            detail={"purpose": purpose},
        )
        self._parts.log.append([entry])


def on_file(parts: Parts) -> Staff:
    """What is on file about the staff, and what the policy wants of them."""
    measures = parts.policy().measures
    needs = tuple(kind for measure, kind in NEEDS.items() if measure in measures)
    return Staff(parts.repositories.assurances.all(), needs)


def grant(parts: Parts, given: Assurance) -> None:
    """Grant somebody of the staff a purpose, until a date.

    Raises:
        InvalidInput: SY151 it names no purpose of the policy, or no end.
        NotPermitted: SY293, SY294 as in `Staff.require_fit`.
    """
    if given.kind != GRANT or given.about not in parts.policy().purposes or not given.until_at:
        raise InvalidInput(
            "a grant is for one purpose of the policy and has an end",
            code="SY151",
            hint=f"kind `{GRANT}`, subject the staff identifier, about the purpose, `until_at`",
        )
    on_file(parts).require_fit(given.subject, parts.clock.now())
    said.record_facts(parts, (given,))
