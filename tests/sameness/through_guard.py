"""Inside PostgreSQL: each handling logs in as its role and reads the tables it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Literal

import psycopg

from guard.said import Said
from sameness.world import World
from seiyaku.doors.permits import Laid, Permits, layout_of
from seiyaku.doors.permits.layout import handling_name
from seiyaku.doors.postgres import Wanted, install, plan_guard, read_present
from seiyaku.doors.postgres.plan import q
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling, Question
from seiyaku.gate.traits import Traits
from seiyaku.testing.servers import Server

Cells = set[tuple[str, str]]


class Guard:
    """`seiyaku.doors.postgres`, a database for each world."""

    name: ClassVar[str] = "in-database"
    needs: ClassVar[tuple[str, ...]] = ("postgres",)
    outcomes: ClassVar[Literal["three", "two"]] = "two"
    least: ClassVar[float] = 0.8

    def __init__(self, postgres: Server) -> None:
        self._server = postgres

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """Whether each value is there to be read; None where no column can hold it."""
        placed = [self._place(world, q) for q in questions]
        handlings = dict.fromkeys(_handling(q) for q, p in zip(questions, placed, strict=True) if p)
        with ExitStack() as stack:
            database = stack.enter_context(self._server.database())
            guarded = _Guarded(world, database, list(handlings))
            stack.callback(guarded.forget)
            seen = {h: set(guarded.cells(h)) for h in handlings}
        return [
            None if place is None else _word((q.person, place) in seen[_handling(q)])
            for q, place in zip(questions, placed, strict=True)
        ]

    def _place(self, world: World, question: Question) -> str | None:
        if question.data_at is not None or question.case is not None:
            return None
        try:
            return world.place(question.item, question.source, question.person)[1]
        except KeyError:
            return None


class _Guarded:
    """One world in one database."""

    def __init__(self, world: World, database: Any, handlings: list[Handling]) -> None:
        self._database, self._world = database, world
        gate = Gate(world.history, world.laws)
        layout = layout_of(world.policy, world.datamap, "app", handlings)
        self._wanted = Wanted(
            world.policy, world.datamap, layout, gate, world.at, prefix=database.name
        )
        people = Said(dict(world.kinds), world.assurances)
        people.say(*(event for events in world.events.values() for event in events))
        with psycopg.connect(database.dsn) as connection:
            self._furnish(connection)
            permits = Permits(layout, gate, people, world.at, Traits())
            Laid(connection, "postgres", layout).push(permits, people)
            # The world has a moment of its own, the database the clock of today.
            connection.execute("UPDATE seiyaku_permits_epoch SET ends_at = NULL")
            connection.commit()
            install(connection, plan_guard(self._wanted, read_present(connection, self._wanted)))

    def _furnish(self, connection: psycopg.Connection[Any]) -> None:
        for name, dataset in self._world.datamap.systems["app"].datasets.items():
            columns = ", ".join(f"{q(c)} text" for c in dataset.fields)
            connection.execute(f"CREATE TABLE {q(name)} ({columns}, PRIMARY KEY (id))".encode())
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY {q(name)} FROM STDIN".encode()) as copy,
            ):
                for row in self._world.rows(name):
                    copy.write_row([row.get(c) for c in dataset.fields])

    def cells(self, handling: Handling) -> Iterator[tuple[str, str]]:
        """Every (person, column) the role of a handling reads a value in."""
        role = self._wanted.role(handling_name(handling))
        with psycopg.connect(self._database.as_user(role).dsn) as session:
            for name, dataset in self._world.datamap.systems["app"].datasets.items():
                cursor = session.execute(f"SELECT * FROM {q(name)}".encode())
                columns = [c.name for c in cursor.description or ()]
                whose = columns.index("person_id" if dataset.links else "id")
                for row in cursor:
                    yield from (
                        (row[whose], c) for c, v in zip(columns, row, strict=True) if v is not None
                    )

    def forget(self) -> None:
        """Drop its roles: they are the server's, not the database's."""
        with psycopg.connect(self._database.dsn, autocommit=True) as connection:
            for role in (*self._wanted.roles(), self._wanted.keeper):
                connection.execute(f"DROP OWNED BY {q(role)} CASCADE".encode())
                connection.execute(f"DROP ROLE {q(role)}".encode())


def _handling(question: Question) -> Handling:
    return Handling(
        question.act,
        question.purpose,
        question.recipient,
        question.relation,
        question.country,
        question.route,
        question.contexts,
        question.scopes,
        question.masked,
    )


def _word(there: bool) -> str:
    return "permitted" if there else "not_permitted"
