"""A temporary table is opened once in a statement of MySQL: further mentions read copies."""

from __future__ import annotations

from seiyaku.systems._mysql_temps import Copies, apart


def test_a_table_named_once_is_left_as_it_is() -> None:
    told = apart("INSERT IGNORE INTO sy_own_1 (r0) SELECT t.id FROM t, sy_handle_2 WHERE t.a = c0")
    assert (told.copies, told.writes) == ((), "sy_own_1")
    assert "sy_handle_2 " in told.text


def test_a_further_mention_reads_a_copy_under_the_name_of_its_table() -> None:
    told = apart("SELECT (SELECT count(*) FROM sy_own_1), (SELECT sy_own_1.r0 FROM sy_own_1)")
    assert told.copies == (("sy_own_1", "sy_own_1_2"),)
    assert told.text.endswith("(SELECT sy_own_1.r0 FROM sy_own_1_2 AS sy_own_1)")
    named = apart("SELECT 1 FROM sy_own_1 AS one, sy_own_1 AS other")
    assert named.text == "SELECT 1 FROM sy_own_1 AS one, sy_own_1_2 AS other"


def test_words_of_a_value_are_no_mention() -> None:
    statement = "UPDATE t, sy_rows_1 SET a = 'x FROM sy_rows_1', b = 'it''s \\' sy_rows_1'"
    assert apart(statement).text == statement


def test_the_table_a_deletion_names_before_using_is_not_opened_there() -> None:
    statement = "DELETE FROM sy_rows_1 USING sy_rows_1, sy_gone_2 WHERE sy_rows_1.r0 = sy_gone_2.r0"
    told = apart(statement)
    assert (told.text, told.copies, told.writes) == (statement, (), "sy_rows_1")


def test_a_copy_is_filled_anew_only_where_its_table_was_written() -> None:
    ran: list[str] = []
    copies = Copies(ran.append)
    twice = "SELECT (SELECT count(*) FROM sy_own_1), (SELECT count(*) FROM sy_own_1)"
    copies.ready(twice)
    copies.ready(twice)
    assert ran == [
        "CREATE TEMPORARY TABLE sy_own_1_2 LIKE sy_own_1",
        "INSERT INTO sy_own_1_2 SELECT * FROM sy_own_1",
    ]
    copies.ready("DELETE FROM sy_own_1")
    copies.ready(twice)
    assert ran[2:] == ["DELETE FROM sy_own_1_2", ran[1]]
