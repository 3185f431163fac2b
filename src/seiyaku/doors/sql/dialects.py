"""How four databases differ: names, schemas, moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from seiyaku.doors.permits import Dialect as DialectName
from seiyaku.doors.permits import now_seconds
from seiyaku.kernel.errors import InvalidInput


@dataclass(frozen=True)
class Dialect:
    """One database language.

    Args:
        parser: as sqlglot calls it.
        quote: the mark that always makes an identifier of what it encloses.
        schema: where tables lie unless told; None where a database is its own schema.
        folds: unquoted names are lower case and quoted ones stand as written (PostgreSQL);
            elsewhere case does not matter.
        seconds: a column's moment as seconds since 1970, UTC, as a template.
        recursive: every WITH may refer to itself, said or not.
    """

    name: DialectName
    parser: str
    quote: str
    schema: str | None
    folds: bool
    seconds: str
    recursive: bool = False

    def name_of(self, word: str) -> str:
        """An identifier, quoted."""
        return self.quote + word.replace(self.quote, self.quote * 2) + self.quote

    def text_of(self, word: str) -> str:
        """A string; only words of policies and data maps are written so."""
        return "'" + word.replace("'", "''") + "'"

    def folded(self, word: str, *, quoted: bool) -> str:
        """What the database makes of a name; only ASCII letters have case."""
        if quoted and self.folds:
            return word
        return "".join(c.lower() if c.isascii() else c for c in word)

    def now(self, at: datetime | None) -> str:
        """`at` in seconds since 1970, or the database's own clock."""
        return now_seconds(self.name) if at is None else str(int(at.timestamp()))


_OF_ANY_TYPE: Final = (
    "CASE typeof({0}) WHEN 'integer' THEN {0} WHEN 'real' THEN {0} "
    "ELSE CAST(strftime('%s', {0}) AS INTEGER) END"
)
_SINCE_1970: Final = "TIMESTAMPDIFF(SECOND, '1970-01-01', {0})"
_DIALECTS: Final[Mapping[str, Dialect]] = {
    d.name: d
    for d in (
        Dialect("postgres", "postgres", '"', "public", True, "EXTRACT(EPOCH FROM {0})"),
        Dialect("mariadb", "mysql", "`", None, False, _SINCE_1970),
        # A name in double quotes that SQLite does not know is taken for a string
        Dialect("sqlite", "sqlite", "`", "main", False, _OF_ANY_TYPE, recursive=True),
        Dialect("duckdb", "duckdb", '"', "main", False, "epoch({0})"),
    )
}
_OTHER_NAMES: Final = {"postgresql": "postgres", "mysql": "mariadb"}


def dialect_of(name: str) -> Dialect:
    """The dialect called so by permits, sqlglot or SQLAlchemy.

    Raises:
        InvalidInput: SY148 no query of this dialect is understood.
    """
    found = _DIALECTS.get(_OTHER_NAMES.get(name, name))
    if found is None:
        raise InvalidInput(
            f"no query in `{name}` is understood",
            code="SY148",
            hint="use postgres, mariadb, sqlite or duckdb",
        )
    return found
