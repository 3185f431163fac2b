"""SQL, rewritten: a query and what it is for become a query that returns only what it may.

Wherever a query names a table of the data map, a query takes its place that has only the rows of
people who permit something of it for this handling, and NULL for what they do not (Law: APPI
17-18, use within the purpose). The decisions themselves lie beside the data, laid there by
`seiyaku.doors.permits`; this door decides nothing, it joins them. It knows a list of what may
stand in a query and refuses all else.

It governs what a query *returns*. What an error message or the time it takes may tell of a row
is the business of the guard inside the database, whoever writes the queries.

Life: a `SqlDoor` stands for one database and one version · `rewrite` reads a query once and
remembers it · `alchemy` puts it before every statement of a SQLAlchemy engine.
"""

try:
    import sqlglot  # noqa: F401
except ImportError as error:
    from seiyaku.kernel.errors import InvalidInput

    raise InvalidInput(
        "queries are read by sqlglot, which is not installed",
        code="SY149",
        hint='pip install "seiyaku[sql]"',
    ) from error

from seiyaku.doors.sql.door import Database, SqlDoor, rewrite
from seiyaku.doors.sql.rewrite import Refused, Rewritten
from seiyaku.doors.sql.sight import Sight, closed_to

__all__ = ["Database", "Refused", "Rewritten", "Sight", "SqlDoor", "closed_to", "rewrite"]
