"""What stands in a PostgreSQL database now, as far as the guard cares; only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from seiyaku.doors.postgres.wanted import Wanted

if TYPE_CHECKING:
    import psycopg


class Role(NamedTuple):
    """What a role may do beyond its rights."""

    name: str
    superuser: bool
    inherits: bool
    creates_roles: bool
    creates_databases: bool
    bypasses: bool
    replicates: bool

    @property
    def powers(self) -> tuple[str, ...]:
        """Attributes that no role of the guard may have."""
        named = dict(zip(_POWERS, self[1:], strict=True))
        return tuple(power for power, has in named.items() if has)


_POWERS: Final = ("SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "BYPASSRLS", "REPLICATION")


class Table(NamedTuple):
    """A table and its row-level security."""

    name: str
    owner: str
    enabled: bool
    forced: bool


class PolicyRow(NamedTuple):
    """A policy of row-level security, and whom it lets through."""

    table: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Present:
    """The state of a database.

    Args:
        database: its name. roles: of the guard, by name.
        memberships: (member, group) in which either is a role of the guard.
        tables: in the company's schema. policies: on them. grantees: roles with rights on them.
        schemas: of the guard. views: their definitions, by (schema, name).
        open: (role, relation) that a role of the guard can read though it is no view of its own.
        callable: (role, function) that runs with its owner's rights and may be called.
        owned: (role, count) of objects a login role owns.
        strong: roles whom row-level security does not hold.
        statistics, indexes: names of those the guard keeps of the permits.
    """

    database: str
    roles: Mapping[str, Role]
    memberships: tuple[tuple[str, str], ...]
    tables: Mapping[str, Table]
    policies: tuple[PolicyRow, ...]
    grantees: tuple[str, ...]
    schemas: tuple[str, ...]
    views: Mapping[tuple[str, str], str]
    open: tuple[tuple[str, str], ...]
    callable: tuple[tuple[str, str], ...]
    owned: tuple[tuple[str, int], ...]
    strong: tuple[str, ...]
    statistics: tuple[str, ...]
    indexes: tuple[str, ...]


def read_present(connection: psycopg.Connection[Any], wanted: Wanted) -> Present:
    """Read the catalog."""
    roles, names = [*wanted.roles(), wanted.keeper], list(wanted.roles())

    def rows(query: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        return connection.execute(query.encode(), values).fetchall()

    permits = [root.table for root in wanted.layout.roots]
    tables = [Table(*row) for row in rows(_TABLES, wanted.schema)]
    policies = [PolicyRow(r[0], r[1], tuple(r[2])) for r in rows(_POLICIES, wanted.schema)]
    return Present(
        str(rows("SELECT current_database()")[0][0]),
        {row[0]: Role(*row) for row in rows(_ROLES, roles)},
        tuple((str(m), str(g)) for m, g in rows(_MEMBERSHIPS, roles, roles)),
        {table.name: table for table in tables},
        tuple(policies),
        tuple(str(row[0]) for row in rows(_GRANTEES, wanted.schema)),
        tuple(str(row[0]) for row in rows(_SCHEMAS, roles)),
        {(s, v): text for s, v, text in rows(_VIEWS, roles)},
        tuple((str(r), str(t)) for r, t in rows(_OPEN, names)),
        tuple((str(r), str(f)) for r, f in rows(_CALLABLE, names)),
        tuple((str(r), int(n)) for r, n in rows(_OWNED, names)),
        tuple(str(row[0]) for row in rows(_STRONG)),
        tuple(str(row[0]) for row in rows(_STATISTICS, permits)),
        tuple(str(row[0]) for row in rows(_INDEXES, permits)),
    )


_ROLES = (
    "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls, "
    "rolreplication FROM pg_roles WHERE rolname = ANY(%s)"
)
_MEMBERSHIPS = (
    "SELECT m.rolname, g.rolname FROM pg_auth_members a "
    "JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid "
    "WHERE (m.rolname = ANY(%s) OR g.rolname = ANY(%s)) AND NOT m.rolsuper ORDER BY 1, 2"
)
_TABLES = (
    "SELECT relname, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity "
    "FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND relkind IN ('r', 'p')"
)
_POLICIES = (
    "SELECT tablename, policyname, roles FROM pg_policies WHERE schemaname = %s ORDER BY 1, 2"
)
_GRANTEES = (
    "SELECT DISTINCT pg_get_userbyid(a.grantee) FROM pg_class c, aclexplode(c.relacl) a "
    "WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND a.grantee <> 0 ORDER BY 1"
)
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1"
_VIEWS = (
    "SELECT n.nspname, c.relname, pg_get_viewdef(c.oid) || coalesce(array_to_string("
    "c.reloptions, ','), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'v' AND n.nspname = ANY(%s)"
)
_OPEN = (
    "SELECT r.rolname, n.nspname || '.' || c.relname FROM pg_roles r, pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE r.rolname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND n.nspname !~ '^pg_toast|^pg_temp' AND NOT (n.nspname = r.rolname AND c.relkind = 'v') "
    "AND has_schema_privilege(r.oid, n.oid, 'USAGE') "
    "AND has_any_column_privilege(r.oid, c.oid, 'SELECT') ORDER BY 1, 2"
)
_CALLABLE = (
    "SELECT r.rolname, p.oid::regprocedure::text FROM pg_roles r, pg_proc p "
    "JOIN pg_namespace n ON n.oid = p.pronamespace "
    "WHERE r.rolname = ANY(%s) AND p.prosecdef AND n.nspname <> 'pg_catalog' "
    "AND has_schema_privilege(r.oid, n.oid, 'USAGE') "
    "AND has_function_privilege(r.oid, p.oid, 'EXECUTE') ORDER BY 1, 2"
)
_OWNED = (
    "SELECT r.rolname, count(*) FROM pg_roles r JOIN pg_shdepend d ON d.refobjid = r.oid "
    "AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' "
    "WHERE r.rolname = ANY(%s) GROUP BY 1"
)
_STRONG = "SELECT rolname FROM pg_roles WHERE rolsuper OR rolbypassrls ORDER BY 1"
_STATISTICS = (
    "SELECT s.stxname FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid "
    "WHERE c.relname = ANY(%s) AND starts_with(s.stxname, 'seiyaku_permits_') ORDER BY 1"
)
_INDEXES = (
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_class t ON t.oid = i.indrelid WHERE t.relname = ANY(%s) AND NOT i.indisprimary "
    "AND starts_with(c.relname, 'seiyaku_permits_') ORDER BY 1"
)
