"""Connecting to PostgreSQL as whoever installs or pushes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seiyaku.doors.postgres.plan import q
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable

if TYPE_CHECKING:
    import psycopg

    from seiyaku.doors.postgres.wanted import Wanted


@contextmanager
def connected(dsn: str, schema: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection whose names mean the tables of `schema`; nothing of the DSN is told in errors.

    Raises:
        InvalidInput: SY145 psycopg is not installed.
        SystemUnavailable: SY342 the database cannot be reached; SY343 it refused a statement.
    """
    try:
        import psycopg
    except ImportError:
        raise InvalidInput(
            "psycopg is not installed", code="SY145", hint='pip install "seiyaku[postgres]"'
        ) from None
    try:
        connection = psycopg.connect(dsn)
    except psycopg.Error as error:
        raise SystemUnavailable(
            f"the database cannot be reached ({error.sqlstate or type(error).__name__})",
            code="SY342",
            hint="check the DSN: postgresql://role@host/database",
        ) from None
    try:
        with connection:
            connection.execute(f"SET search_path = {q(schema)}, pg_catalog".encode())
            connection.commit()
            yield connection
    except psycopg.Error as error:
        # INVARIANT: the driver's own words may hold values of a row.
        raise SystemUnavailable(
            f"the database refused a statement ({error.sqlstate or type(error).__name__})",
            code="SY343",
            hint="connect as a role named with --trusted, or as a superuser",
        ) from None


def require_sight(connection: psycopg.Connection[Any], wanted: Wanted) -> None:
    """See that this session reads every row of the people's tables, guarded or not.

    Raises:
        InvalidInput: SY146 row-level security hides them: who has a row would seem unknown.
    """
    for root in (root for root in wanted.layout.roots if not root.away):
        found = connection.execute(_SIGHT, [wanted.schema, root.of_table, root.of_table]).fetchone()
        if found is None or not found[0]:
            raise InvalidInput(
                f"this role sees no rows of `{root.of_table}`",
                code="SY146",
                hint="connect as a role named with --trusted, or as a superuser",
            )


_SIGHT = (
    "SELECT NOT row_security_active(quote_ident(%s) || '.' || quote_ident(%s)) OR EXISTS "
    "(SELECT 1 FROM pg_policies p, unnest(p.roles) AS r(name) WHERE p.tablename = %s "
    "AND p.policyname = 'seiyaku_trusted' AND pg_has_role(current_user, r.name, 'USAGE'))"
)
