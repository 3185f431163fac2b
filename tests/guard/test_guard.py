"""A login role of the guard sees what its purpose may see, and nothing else by any way we know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import errors

from guard.conftest import Guarded
from guard.teahouse import AT, LETTER, furnish, teahouse
from seiyaku.doors.permits import Laid, Permits, layout_of
from seiyaku.doors.postgres import (
    Wanted,
    findings,
    install,
    plan_guard,
    read_present,
    require_sight,
)
from seiyaku.gate.traits import Traits
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import OptOut, Scope, Suspension
from seiyaku.testing.servers import Server

DENIED = errors.InsufficientPrivilege
LATE = datetime(2026, 7, 1, tzinfo=UTC)


# -- what is seen ------------------------------------------------------------------------


def test_each_purpose_sees_its_people_and_its_items(guarded: Guarded) -> None:
    letter = guarded.ask("tea_letter", "SELECT id, email, name, address FROM customers ORDER BY 1")
    assert letter == [(1, "mail1@tea.example", None, None), (2, "mail2@tea.example", None, None)]
    ship = guarded.ask("ship_goods", "SELECT id, email, name, address FROM customers ORDER BY 1")
    assert ship == [(n, f"mail{n}@tea.example", f"name {n}", f"street {n}") for n in (1, 2, 3)]
    assert guarded.ask("measure", "SELECT count(*) FROM customers") == [(0,)]


def test_rows_follow_their_owner_through_every_link(guarded: Guarded) -> None:
    assert guarded.ask("ship_goods", "SELECT id FROM orders ORDER BY 1") == [(1,), (2,), (3,)]
    lines = "SELECT tea FROM order_lines JOIN orders ON orders.id = order_id ORDER BY 1"
    assert guarded.ask("ship_goods", lines) == [("leaves 1",), ("leaves 2",), ("leaves 3",)]
    assert guarded.ask("tea_letter", "SELECT * FROM orders") == []
    assert guarded.ask("measure", "SELECT count(*) FROM views") == [(3,)]


def test_what_concerns_nobody_is_there_for_all(guarded: Guarded) -> None:
    assert guarded.ask("tea_letter", "SELECT name FROM teas ORDER BY 1") == [("sayama",), ("uji",)]


def test_a_table_the_data_map_does_not_know_is_not_there(guarded: Guarded) -> None:
    with pytest.raises(errors.UndefinedTable):
        guarded.ask("ship_goods", "SELECT * FROM secrets")


def test_one_event_reaches_the_next_query(fresh: Guarded) -> None:
    fresh.shop.people.say(OptOut(PersonId("1"), LATE, Scope(purposes=("tea_letter",))))
    assert fresh.push().written == 1
    assert fresh.ask("tea_letter", "SELECT id FROM customers") == [(2,)]
    fresh.shop.people.say(Suspension(PersonId("2"), LATE))
    fresh.push()
    assert fresh.ask("tea_letter", "SELECT id FROM customers") == []
    assert fresh.ask("ship_goods", "SELECT id FROM customers ORDER BY 1") == [(1,), (3,)]


def test_an_epoch_that_is_over_shows_nothing(fresh: Guarded) -> None:
    past = int(datetime.now(UTC).timestamp()) - 1
    fresh.admin.execute("UPDATE seiyaku_permits_epoch SET ends_at = %s", [past])
    assert fresh.ask("ship_goods", "SELECT * FROM customers") == []
    fresh.admin.execute("UPDATE seiyaku_permits_epoch SET ends_at = %s", [past + 3600])
    assert len(fresh.ask("ship_goods", "SELECT * FROM customers")) == 3


def test_permits_of_another_layout_or_version_show_nothing(fresh: Guarded) -> None:
    for column in ("layout", "version"):
        fresh.admin.execute(f"UPDATE seiyaku_permits_epoch SET {column} = 'other'".encode())
        assert fresh.ask("ship_goods", "SELECT * FROM customers") == []


def test_a_refused_column_is_an_error_where_that_is_wanted(fresh: Guarded) -> None:
    fresh.wanted = replace(fresh.wanted, refused="error")
    fresh.install()
    assert fresh.ask("tea_letter", "SELECT id, email FROM customers ORDER BY 1")[0][0] == 1
    for query in ("SELECT name FROM customers", "SELECT * FROM customers"):
        with pytest.raises(DENIED):
            fresh.ask("tea_letter", query)


def test_the_applications_own_role_writes_as_before(guarded: Guarded) -> None:
    app = guarded.database.as_user(guarded.wanted.trusted[0])
    with psycopg.connect(app.dsn) as session:
        assert session.execute("SELECT count(*) FROM customers").fetchone() == (4,)
        session.execute("UPDATE customers SET name = 'name 1' WHERE id = 1")


def test_even_the_owner_of_a_table_reads_no_row(guarded: Guarded) -> None:
    with psycopg.connect(guarded.database.dsn) as session:
        session.execute(f"SET ROLE {guarded.wanted.prefix}_owner".encode())
        assert session.execute("SELECT count(*) FROM customers").fetchone() == (0,)


# -- ways around -------------------------------------------------------------------------


def _try(guarded: Guarded, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one session of the letter's role; the rows of the last."""
    with guarded.session("tea_letter") as session:
        for statement in statements:
            cursor = session.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


DENIED_TRIES = {
    "direct read": ["SELECT * FROM public.customers"],
    "direct read of one column": ["SELECT name FROM public.customers"],
    "whole row": ["SELECT c FROM public.customers AS c"],
    "unmapped table": ["SELECT * FROM public.secrets"],
    "permits": ["SELECT * FROM public.seiyaku_permits_customers"],
    "epoch": ["UPDATE public.seiyaku_permits_epoch SET ends_at = NULL"],
    "copy out": ["COPY public.customers TO STDOUT"],
    "copy a query": ["COPY (SELECT * FROM public.customers) TO STDOUT"],
    "copy to a program": ["COPY (SELECT 1) TO PROGRAM 'cat'"],
    "copy from a file": ["CREATE TEMP TABLE x (t text)", "COPY x FROM '/etc/passwd'"],
    "read a file": ["SELECT pg_read_file('/etc/passwd')"],
    "list a folder": ["SELECT pg_ls_dir('.')"],
    "table sample": ["SELECT * FROM public.customers TABLESAMPLE BERNOULLI (100)"],
    "another purpose's views": ["SELECT * FROM {prefix}_ship_goods.customers"],
    "temporary table": ["CREATE TEMP TABLE copy_of AS SELECT * FROM customers"],
    "temporary view": ["CREATE TEMP VIEW v AS SELECT * FROM customers"],
    "temporary function": [
        "CREATE FUNCTION pg_temp.leak(t text) RETURNS bool LANGUAGE sql COST 0.001 AS 'SELECT true'"
    ],
    "function": ["CREATE FUNCTION leak() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    "function in the tables' schema": [
        "CREATE FUNCTION public.leak() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    ],
    "operator": ["CREATE OPERATOR public.<<< (LEFTARG = text, FUNCTION = textlen)"],
    "view": ["CREATE VIEW mine AS SELECT * FROM customers"],
    "rule": ["CREATE RULE r AS ON SELECT TO customers DO INSTEAD SELECT * FROM public.customers"],
    "trigger": ["CREATE TRIGGER t AFTER UPDATE ON customers EXECUTE FUNCTION suppress_redundant()"],
    "alter the view": ["ALTER VIEW customers SET (security_barrier = false)"],
    "redefine the view": ["CREATE OR REPLACE VIEW customers AS SELECT 1"],
    "drop the view": ["DROP VIEW customers"],
    "lift the guard of a table": ["ALTER TABLE public.customers NO FORCE ROW LEVEL SECURITY"],
    "a policy of one's own": ["CREATE POLICY p ON public.customers USING (true)"],
    "set role": ["SET ROLE {prefix}_ship_goods"],
    "set role to the keeper": ["SET ROLE {prefix}_guard"],
    "set role to the application": ["SET ROLE {prefix}_app"],
    "set role to the superuser": ["SET ROLE postgres"],
    "session authorization": ["SET SESSION AUTHORIZATION postgres"],
    "another purpose's authorization": ["SET SESSION AUTHORIZATION {prefix}_ship_goods"],
    "make oneself strong": ["ALTER ROLE CURRENT_USER BYPASSRLS"],
    "join a group": ["GRANT {prefix}_ship_goods TO CURRENT_USER"],
    "a role": ["CREATE ROLE {prefix}_mine"],
    "a database": ["CREATE DATABASE {prefix}_mine"],
    "a schema": ["CREATE SCHEMA mine"],
    "an extension": ["CREATE EXTENSION dblink"],
    "an anonymous block": ["DO $$ BEGIN PERFORM * FROM public.customers; END $$"],
    "a prepared statement": ["PREPARE p AS SELECT * FROM public.customers"],
    "a cursor": ["BEGIN", "DECLARE c CURSOR FOR SELECT * FROM public.customers"],
    "explain analyze": ["EXPLAIN ANALYZE SELECT * FROM public.customers"],
    "delete through the view": ["DELETE FROM customers"],
    "update through the view": ["UPDATE customers SET name = 'x'"],
    "insert through the view": ["INSERT INTO customers (id) VALUES (77)"],
    "merge through the view": [
        "MERGE INTO customers c USING (SELECT 1 AS i) s ON c.id = s.i WHEN MATCHED THEN DELETE"
    ],
    "lock the table": ["BEGIN", "LOCK TABLE public.customers"],
    "row security off": ["SET row_security = off", "SELECT email FROM customers"],
    "delete what is for all": ["DELETE FROM teas"],
    "replication": ["SELECT pg_create_logical_replication_slot('x', 'test_decoding')"],
    "foreign key as an oracle": ["CREATE TABLE fk (c int REFERENCES public.customers)"],
    "statistics of its own": ["CREATE STATISTICS s ON name, email FROM public.customers"],
    "raw statistics": ["SELECT * FROM pg_statistic"],
    "password hashes": ["SELECT * FROM pg_authid"],
    "large objects": ["SELECT lo_import('/etc/passwd')"],
    "a table as xml": ["SELECT table_to_xml('public.customers', true, true, '')"],
    "the schema as xml": ["SELECT query_to_xml('TABLE public.customers', true, true, '')"],
    "a foreign data wrapper": ["CREATE FOREIGN DATA WRAPPER w"],
    "large objects of others": ["SELECT * FROM pg_largeobject"],
    "a publication": ["CREATE PUBLICATION p FOR TABLE public.customers"],
    "an event trigger": ["CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION now()"],
    "a cast": ["CREATE CAST (text AS int) WITHOUT FUNCTION"],
    "a domain": ["CREATE DOMAIN public.d AS text CHECK (value <> '')"],
    "library code": ["LOAD 'plpython3u'"],
    "server log": ["SELECT pg_current_logfile()"],
    "the server's settings": ["ALTER SYSTEM SET log_statement = 'all'"],
}


@pytest.mark.parametrize("way", DENIED_TRIES)
def test_it_is_denied(guarded: Guarded, way: str) -> None:
    statements = [s.format(prefix=guarded.wanted.prefix) for s in DENIED_TRIES[way]]
    no_such_act = (errors.ObjectNotInPrerequisiteState, errors.WrongObjectType)
    with pytest.raises((DENIED, errors.FeatureNotSupported, *no_such_act)) as told:
        _try(guarded, *statements)
    assert "tea.example" not in str(told.value)


HARMLESS = {
    "another search path": ["SET search_path = public", "SELECT email FROM {own}.customers"],
    "prepared": ["PREPARE p AS SELECT email FROM customers", "EXECUTE p"],
    "a cursor of the view": [
        "BEGIN", "DECLARE c CURSOR FOR SELECT email FROM customers", "FETCH ALL FROM c",
    ],
    "table command": ["TABLE customers"],
    "lateral": ["SELECT x.* FROM customers c, LATERAL (SELECT c.*) x"],
    "recursive": [
        "WITH RECURSIVE r AS (SELECT * FROM customers UNION SELECT * FROM r) SELECT * FROM r"
    ],
    "row to json": ["SELECT to_jsonb(c)::text FROM customers c"],
    "xml of a query": ["SELECT query_to_xml('SELECT * FROM customers', true, true, '')::text"],
    "set operation": ["SELECT email FROM customers UNION ALL SELECT name FROM customers"],
    "array": ["SELECT array_agg(c)::text FROM customers c"],
    "outer join": ["SELECT c.* FROM teas t LEFT JOIN customers c ON true"],
    "role of nobody": ["SET ROLE NONE", "SELECT * FROM customers"],
}  # fmt: skip


@pytest.mark.parametrize("way", HARMLESS)
def test_it_shows_no_more(guarded: Guarded, way: str) -> None:
    own = guarded.wanted.role("tea_letter")
    rows = str(_try(guarded, *(s.format(own=own) for s in HARMLESS[way])))
    assert "mail1@tea.example" in rows
    assert not [hidden for hidden in ("mail3", "mail4", "name 1", "street") if hidden in rows]


def test_copy_of_a_view_gives_what_the_view_gives(guarded: Guarded) -> None:
    with (
        guarded.session("tea_letter") as session,
        session.cursor() as cursor,
        cursor.copy("COPY (SELECT email, name FROM customers ORDER BY 1) TO STDOUT") as copy,
    ):
        assert list(copy.rows()) == [("mail1@tea.example", None), ("mail2@tea.example", None)]


def test_a_condition_that_breaks_on_hidden_rows_breaks_on_none(guarded: Guarded) -> None:
    rows = guarded.ask("tea_letter", "SELECT id FROM customers WHERE 1 / (4 - id) > -1 ORDER BY 1")
    assert rows == [(1,), (2,)]
    with pytest.raises(errors.DataError) as told:
        guarded.ask("tea_letter", "SELECT id FROM customers WHERE email::int > 0")
    assert "mail1" in str(told.value) or "mail2" in str(told.value)


def test_a_function_that_tells_what_it_is_shown_is_shown_permitted_rows_only(
    guarded: Guarded,
) -> None:
    """An owner's function that leaks its argument: the barrier keeps hidden rows from it."""
    prefix = guarded.wanted.prefix
    guarded.admin.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS tools;
        GRANT USAGE ON SCHEMA tools TO {prefix}_tea_letter;
        CREATE OR REPLACE FUNCTION tools.loud(t text) RETURNS bool LANGUAGE plpgsql
            COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'seen %', t; RETURN true; END $$;
        """.encode()
    )
    seen: list[str] = []
    with guarded.session("tea_letter") as session:
        session.add_notice_handler(lambda notice: seen.append(str(notice.message_primary)))
        session.execute("SELECT id FROM customers WHERE tools.loud(email) AND tools.loud(name)")
        session.execute("SELECT id FROM customers ORDER BY tools.loud(email || coalesce(name, ''))")
    assert {s for s in seen if "@" in s} == {"seen mail1@tea.example", "seen mail2@tea.example"}
    assert not [s for s in seen if "name" in s]


def test_an_explained_query_shows_no_value_of_hidden_rows(guarded: Guarded) -> None:
    guarded.admin.execute("ANALYZE")
    plan = guarded.ask("tea_letter", "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM customers")
    assert not [line for (line,) in plan if "tea.example" in line or "street" in line]
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
        shown = f"SELECT * FROM {view} WHERE schemaname = 'public'"
        assert guarded.ask("tea_letter", shown) == []


def test_a_right_granted_by_mistake_opens_no_row(fresh: Guarded) -> None:
    role = fresh.wanted.role("tea_letter")
    fresh.admin.execute(f"GRANT USAGE ON SCHEMA public TO {role}".encode())
    fresh.admin.execute(f"GRANT SELECT ON public.customers TO {role}".encode())
    assert fresh.ask("tea_letter", "SELECT * FROM public.customers") == []
    assert ("readable", f"{role}: public.customers") in fresh.findings()
    fresh.install()
    assert fresh.findings() == []


# -- plan and findings -------------------------------------------------------------------


def test_installed_is_as_planned_and_again_changes_nothing(fresh: Guarded) -> None:
    assert fresh.findings() == []
    before = read_present(fresh.admin, fresh.wanted)
    fresh.install()
    assert read_present(fresh.admin, fresh.wanted) == before


def test_a_plan_is_only_said(open_guard: Callable[[], Guarded]) -> None:
    guarded = open_guard()
    before = read_present(guarded.admin, guarded.wanted)
    plan = plan_guard(guarded.wanted, before)
    assert plan.sql.startswith("BEGIN;\n")
    assert "tea.example" not in plan.sql
    assert read_present(guarded.admin, guarded.wanted) == before
    assert plan == plan_guard(guarded.wanted, before)


def test_a_plan_tells_who_will_read_no_row(guarded: Guarded) -> None:
    """An owner who is not told beforehand would be an outage."""
    present = read_present(guarded.admin, guarded.wanted)
    prefix = guarded.wanted.prefix
    assert plan_guard(guarded.wanted, present).shut_out == (f"{prefix}_owner",)
    alone = replace(guarded.wanted, trusted=())
    assert plan_guard(alone, present).shut_out == (f"{prefix}_app", f"{prefix}_owner")


TAMPERED = {
    "role_too_strong": "ALTER ROLE {p}_tea_letter BYPASSRLS",
    "role_has_members": "GRANT {p}_ship_goods TO {p}_tea_letter",
    "table_unguarded": "ALTER TABLE customers NO FORCE ROW LEVEL SECURITY",
    "policy_unknown": "CREATE POLICY mine ON customers USING (true)",
    "view_differs": "CREATE OR REPLACE VIEW {p}_measure.teas AS SELECT id, name FROM teas LIMIT 1",
    "readable": "GRANT USAGE ON SCHEMA hall TO PUBLIC; CREATE TABLE hall.h (x int);"
    "GRANT SELECT ON hall.h TO PUBLIC",
    "definer_function": "GRANT USAGE ON SCHEMA hall TO PUBLIC; CREATE FUNCTION hall.f() RETURNS int"
    " SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
    "role_owns": "CREATE TABLE hall.mine (x int); ALTER TABLE hall.mine OWNER TO {p}_measure",
    "table_missing": "ALTER TABLE views RENAME TO sights",
}


@pytest.mark.parametrize("code", TAMPERED)
def test_status_finds(fresh: Guarded, code: str) -> None:
    fresh.admin.execute(TAMPERED[code].format(p=fresh.wanted.prefix).encode())
    assert code in {found for found, _ in fresh.findings()}


def test_a_role_that_is_gone_is_found(fresh: Guarded) -> None:
    fresh.wanted = replace(fresh.wanted, prefix=f"{fresh.wanted.prefix}_other")
    found = {code for code, _ in fresh.findings()}
    assert found == {"role_missing", "view_differs", "policy_unknown"}


def test_an_installation_is_all_or_nothing(fresh: Guarded) -> None:
    before = read_present(fresh.admin, fresh.wanted)
    plan = plan_guard(fresh.wanted, before)
    broken = replace(plan, statements=(*plan.statements, "SELECT * FROM nowhere"))
    with pytest.raises(Conflict) as told:
        install(fresh.admin, broken)
    assert told.value.code == "SY541"
    assert read_present(fresh.admin, fresh.wanted) == before


def test_whoever_owns_tables_and_database_installs_without_being_a_superuser(
    postgres: Server,
) -> None:
    shop = teahouse()
    layout = layout_of(shop.policy, shop.datamap, "app", [LETTER])
    with postgres.database() as database:
        chief = f"{database.name}_chief"
        database.run(
            f"CREATE ROLE {chief} LOGIN CREATEROLE",
            f"ALTER DATABASE {database.name} OWNER TO {chief}",
        )
        wanted = Wanted(
            shop.policy, shop.datamap, layout, shop.gate, AT, prefix=database.name, trusted=(chief,)
        )
        with psycopg.connect(database.as_user(chief).dsn, autocommit=True) as own:
            furnish(own, "%s")
            permits = Permits(layout, shop.gate, shop.people, AT, Traits())
            for _ in range(2):
                Laid(own, "postgres", layout).push(permits, shop.people)
                install(own, plan_guard(wanted, read_present(own, wanted)))
                require_sight(own, wanted)
                assert findings(own, wanted, read_present(own, wanted)) == ()
            role = wanted.role("tea_letter")
            with psycopg.connect(database.as_user(role).dsn) as session:
                assert len(session.execute("SELECT * FROM customers").fetchall()) == 2
        database.run(
            f"ALTER DATABASE {database.name} OWNER TO postgres",
            *(f"DROP OWNED BY {r} CASCADE" for r in (role, wanted.keeper)),
            *(f"DROP ROLE {r}" for r in (role, wanted.keeper)),
            f"DROP OWNED BY {chief} CASCADE",
            f"DROP ROLE {chief}",
        )
