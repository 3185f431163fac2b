"""Every statement that makes the guard, in order; the same state, the same statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seiyaku.doors.permits.layout import short_name
from seiyaku.doors.postgres.present import Present
from seiyaku.doors.postgres.wanted import Wanted
from seiyaku.kernel.errors import Conflict

if TYPE_CHECKING:
    import psycopg

_VIEWS_POLICY, _TRUSTED_POLICY = "seiyaku_views", "seiyaku_trusted"


@dataclass(frozen=True)
class GuardPlan:
    """What an installation would run.

    Args:
        statements: in order, one transaction. closed: datasets that stay shut to all, and why.
        shut_out: roles that own tables or have rights on them, are not trusted, and read no
            row afterwards.
    """

    statements: tuple[str, ...]
    closed: tuple[tuple[str, str], ...]
    shut_out: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The whole as a script."""
        return "BEGIN;\n" + "".join(f"{s};\n" for s in self.statements) + "COMMIT;\n"


def plan_guard(wanted: Wanted, present: Present) -> GuardPlan:
    """The statements that make of `present` what is wanted; pure."""
    statements = [
        *_roles(wanted, present),
        *_schema(wanted, present),
        *_tables(wanted, present),
        *_statistics(wanted, present),
    ]
    # The keeper makes the views itself: whoever installs need not be able to give them away.
    statements.append(f"GRANT {q(wanted.keeper)} TO CURRENT_USER")
    for name, handling in wanted.layout.handlings.items():
        statements += _views(wanted, wanted.role(name), wanted.views(handling))
    statements.append(f"REVOKE {q(wanted.keeper)} FROM CURRENT_USER")
    passing = {*wanted.trusted, *present.strong, wanted.keeper, *wanted.roles()}
    shut_out = tuple(sorted(_known(present) - passing))
    return GuardPlan(tuple(statements), tuple(wanted.closed.items()), shut_out)


def install(connection: psycopg.Connection[Any], plan: GuardPlan) -> None:
    """Run a plan in one transaction; the permits' tables must be there.

    Raises:
        Conflict: SY541 the database refused a statement; nothing was changed.
    """
    import psycopg

    at = ""
    try:
        with connection.transaction():
            for at in plan.statements:
                connection.execute(at.encode())
    except psycopg.Error as error:
        state = error.sqlstate or "no answer"
        raise Conflict(
            f"PostgreSQL refused `{at.splitlines()[0][:120]}` ({state}); nothing was changed",
            code="SY541",
            hint="install as the owner of the tables, or as a superuser",
        ) from None


def _roles(wanted: Wanted, present: Present) -> Iterator[str]:
    for role in (wanted.keeper, *wanted.roles()):
        there = present.roles.get(role)
        # A new role has no power but to inherit; to take one away may need a superuser.
        powers = there.powers if there else ("INHERIT",)
        words = ["NOLOGIN" if role == wanted.keeper else "LOGIN", *(f"NO{p}" for p in powers)]
        yield f"{'ALTER' if there else 'CREATE'} ROLE {q(role)} {' '.join(words)}"
    for member, group in present.memberships:
        yield f"REVOKE {q(group)} FROM {q(member)}"
    for role in wanted.roles():
        # A session may set another path: it finds nothing there it has a right on.
        path = f"{q(role)}, pg_catalog, pg_temp"
        yield f"ALTER ROLE {q(role)} IN DATABASE {q(present.database)} SET search_path = {path}"


def _schema(wanted: Wanted, present: Present) -> Iterator[str]:
    """Nobody enters the tables' schema or makes temporary things by being anybody."""
    schema, database = q(wanted.schema), q(present.database)
    known = (_known(present) | {*wanted.trusted}) - {wanted.keeper, *wanted.roles()}
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC"
    if known:
        yield f"GRANT USAGE ON SCHEMA {schema} TO {_all(sorted(known))}"
        yield f"GRANT TEMPORARY ON DATABASE {database} TO {_all(sorted(known))}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {q(wanted.keeper)}"
    for role in wanted.roles():
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {q(role)}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {q(role)}"


def _tables(wanted: Wanted, present: Present) -> Iterator[str]:
    """Forced row-level security; only the keeper of the views and trusted roles pass."""
    for table in wanted.tables.values():
        name = f"{q(wanted.schema)}.{q(table)}"
        yield f"REVOKE ALL ON {name} FROM PUBLIC"
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        for policy in (p for p in present.policies if p.table == table and _ours(p.name)):
            yield f"DROP POLICY {q(policy.name)} ON {name}"
        to = f"FOR SELECT TO {q(wanted.keeper)} USING (true)"
        yield f"CREATE POLICY {_VIEWS_POLICY} ON {name} {to}"
        if wanted.trusted:
            to = f"TO {_all(wanted.trusted)} USING (true) WITH CHECK (true)"
            yield f"CREATE POLICY {_TRUSTED_POLICY} ON {name} {to}"
    for table in (*wanted.tables.values(), *wanted.shared, *wanted.kept):
        yield f"GRANT SELECT ON {q(wanted.schema)}.{q(table)} TO {q(wanted.keeper)}"


def _statistics(wanted: Wanted, present: Present) -> Iterator[str]:
    """Let the planner know how many rows a bit lets by: without, it takes them for all.

    Where consent is asked first few may have given it: an index holds those alone.
    """
    schema = q(wanted.schema)
    yield from (f"DROP STATISTICS {schema}.{q(name)}" for name in present.statistics)
    indexes: set[str] = set()
    for root in wanted.layout.roots:
        table = f"{schema}.{q(root.table)}"
        for column, mask in wanted.tests():
            name, test = f"{root.table}_{column}_{mask:x}", f"({q(column)} & {mask})"
            yield f"CREATE STATISTICS {schema}.{q(short_name(name))} ON {test} FROM {table}"
            if wanted.seldom(column):
                index = short_name(f"{name}_agreed")
                indexes.add(index)
                where = f"(person) WHERE {test} <> 0"
                yield f"CREATE INDEX IF NOT EXISTS {q(index)} ON {table} {where}"
        yield f"ANALYZE {table}"
    gone = (index for index in present.indexes if index not in indexes)
    yield from (f"DROP INDEX {schema}.{q(index)}" for index in gone)


def _views(wanted: Wanted, role: str, views: Iterable[Any]) -> Iterator[str]:
    """The schema of one role, made anew: it holds nothing but these views."""
    yield f"DROP SCHEMA IF EXISTS {q(role)} CASCADE"
    yield f"CREATE SCHEMA {q(role)} AUTHORIZATION {q(wanted.keeper)}"
    yield f"SET LOCAL ROLE {q(wanted.keeper)}"
    yield f"GRANT USAGE ON SCHEMA {q(role)} TO {q(role)}"
    for view in views:
        name = f"{q(role)}.{q(view.name)}"
        yield f"CREATE VIEW {name} WITH (security_barrier) AS {view.body}"
        if view.columns:
            yield f"GRANT SELECT ({_all(view.columns)}) ON {name} TO {q(role)}"
    yield "RESET ROLE"


def _known(present: Present) -> set[str]:
    """Roles that work with the tables now: their owners, and who was given rights on them."""
    return {*present.grantees, *(table.owner for table in present.tables.values())}


def _ours(policy: str) -> bool:
    return policy in (_VIEWS_POLICY, _TRUSTED_POLICY)


def _all(names: Iterable[str]) -> str:
    return ", ".join(map(q, dict.fromkeys(names)))


def q(name: str) -> str:
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'
