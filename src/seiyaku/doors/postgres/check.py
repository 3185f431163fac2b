"""How the guard in a database differs from the plan; only read, but for a trial taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from seiyaku.doors.postgres.plan import q
from seiyaku.doors.postgres.present import Present
from seiyaku.doors.postgres.wanted import Wanted
from seiyaku.kernel.text import Text

if TYPE_CHECKING:
    import psycopg

WORDS: Final[Mapping[str, Text]] = {
    "role_missing": Text(ja="ロールがない", en="the role is not there"),
    "role_too_strong": Text(ja="ロールの権限が強すぎる", en="the role has powers it may not have"),
    "role_has_members": Text(ja="ロールの所属がある", en="a membership leads past the guard"),
    "role_owns": Text(ja="ロールが所有している", en="the role owns things"),
    "table_missing": Text(ja="表がない", en="the table is not there"),
    "table_unguarded": Text(ja="行の保護がない", en="row-level security is not forced"),
    "policy_unknown": Text(ja="別の行規則がある", en="another policy lets roles through"),
    "view_differs": Text(ja="ビューが計画と違う", en="the view is not the planned one"),
    "readable": Text(ja="保護の外で読める", en="it can be read past the guard"),
    "definer_function": Text(
        ja="所有者の権限で動く関数を呼べる", en="a function with its owner's rights may be called"
    ),
}


@dataclass(frozen=True, order=True)
class Finding:
    """One way in which the guard is not as planned.

    Args:
        code: a word of `WORDS`. about: role, table or function concerned.
    """

    code: str
    about: str

    @property
    def says(self) -> Text:
        """What it means, in words."""
        return WORDS[self.code]


def findings(
    connection: psycopg.Connection[Any], wanted: Wanted, present: Present
) -> tuple[Finding, ...]:
    """Everything that differs, sorted; empty where the guard stands as planned."""
    found = {
        *_of_roles(wanted, present),
        *_of_tables(wanted, present),
        *_of_views(connection, wanted, present),
        *(Finding("readable", f"{role}: {relation}") for role, relation in present.open),
        *(Finding("definer_function", f"{role}: {name}") for role, name in present.callable),
    }
    return tuple(sorted(found))


def _of_roles(wanted: Wanted, present: Present) -> Iterator[Finding]:
    for role in (wanted.keeper, *wanted.roles()):
        there = present.roles.get(role)
        if there is None:
            yield Finding("role_missing", role)
        elif there.powers:
            yield Finding("role_too_strong", f"{role}: {', '.join(there.powers)}")
    for member, group in present.memberships:
        yield Finding("role_has_members", f"{member} in {group}")
    for role, count in present.owned:
        yield Finding("role_owns", f"{role}: {count}")


def _of_tables(wanted: Wanted, present: Present) -> Iterator[Finding]:
    ours = {"seiyaku_views": {wanted.keeper}, "seiyaku_trusted": {*wanted.trusted}}
    for name in wanted.tables.values():
        table = present.tables.get(name)
        if table is None:
            yield Finding("table_missing", name)
        elif not (table.enabled and table.forced):
            yield Finding("table_unguarded", name)
    for policy in present.policies:
        if policy.table in wanted.tables.values() and ours.get(policy.name) != {*policy.roles}:
            yield Finding("policy_unknown", f"{policy.table}: {policy.name}")


def _of_views(
    connection: psycopg.Connection[Any], wanted: Wanted, present: Present
) -> Iterator[Finding]:
    for name, handling in wanted.layout.handlings.items():
        role = wanted.role(name)
        there = {view: text for (schema, view), text in present.views.items() if schema == role}
        bodies = {view.name: view.body for view in wanted.views(handling)}
        planned = _as_written(connection, bodies) if there else {}
        for view in sorted({*bodies, *there}):
            if there.get(view) is None or there[view] != planned.get(view):
                yield Finding("view_differs", f"{role}.{view}")


def _as_written(
    connection: psycopg.Connection[Any], bodies: Mapping[str, str]
) -> dict[str, str | None]:
    """How the database itself writes these views: made in a schema that is taken back."""
    import psycopg

    written: dict[str, str | None] = {}
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE SCHEMA seiyaku_trial")
        for name, body in bodies.items():
            view = f"seiyaku_trial.{q(name)}"
            try:
                with connection.transaction():
                    connection.execute(
                        f"CREATE VIEW {view} WITH (security_barrier) AS {body}".encode()
                    )
                    [text] = connection.execute(_WRITTEN, [view]).fetchone() or (None,)
                    written[name] = text
            except psycopg.Error:
                written[name] = None
    return written


_WRITTEN = (
    "SELECT pg_get_viewdef(oid) || array_to_string(reloptions, ',') FROM pg_class "
    "WHERE oid = %s::regclass"
)
