"""The tables of decisions are whole: nothing a policy declares goes without a decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisions.table import Decided, history, load_table, tables

TABLES = tables()


@pytest.fixture(params=TABLES, ids=lambda path: path.stem)
def rows(request: pytest.FixtureRequest) -> list[Decided]:
    return load_table(request.param)


def test_every_id_stands_once_and_every_sentence_is_one(rows: list[Decided]) -> None:
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.says.endswith(".") for row in rows)


def test_every_clause_cited_is_one_of_a_version(rows: list[Decided]) -> None:
    for row in rows:
        known = {p.cite(clause) for p in row.history.versions for clause in p.clauses}
        assert set(row.clauses) <= known, row.id
        prefix = f"{row.history.versions[0].prefix}-"
        assert {cite for cite in row.cites if cite.startswith(prefix)} <= known, row.id


def test_every_purpose_recipient_and_exception_is_decided_about(rows: list[Decided]) -> None:
    policy = rows[0].history.versions[0]
    asked = [row.question for row in rows]
    assert set(policy.purposes) <= {q.purpose for q in asked}
    named = {word for word, r in policy.recipients.items() if r.register_name is None}
    assert named <= {q.recipient for q in asked}, "classes are asked about by their members"
    assert set(policy.sources) <= {q.source for q in asked}
    laws = {e.law for e in policy.exceptions.values()}
    codes = {q.case.code for q in asked if q.case}
    assert all(
        word in codes or policy.exceptions[word].law in codes & laws for word in policy.exceptions
    )


def test_most_purposes_are_permitted_somewhere_and_most_denied_somewhere(
    rows: list[Decided],
) -> None:
    policy = rows[0].history.versions[0]
    asked = {(row.question.purpose, row.outcome == "permitted") for row in rows}
    for outcome in (True, False):
        found = [purpose for purpose in policy.purposes if (purpose, outcome) in asked]
        assert len(found) * 3 >= len(policy.purposes) * 2, outcome


def test_a_purpose_without_items_is_permitted_nowhere(rows: list[Decided]) -> None:
    policy = rows[0].history.versions[0]
    empty = {w for w, p in policy.purposes.items() if not (p.items or p.items_when)}
    carried = {row.id for row in rows if row.question.case}
    permitted = {
        r.question.purpose for r in rows if r.outcome == "permitted" and r.id not in carried
    }
    assert not empty & permitted


def test_the_standing_of_a_row_is_the_one_at_its_moment(rows: list[Decided]) -> None:
    for row in rows:
        later = [event for event in row.events if event.at > row.question.at]
        assert row.standing.events == len(row.events) - len(later)
        assert row.standing.at == row.question.at


def test_a_revision_is_laid_over_the_published_policy() -> None:
    february, july = history("closm-i", ("closm_i_july",)).versions
    assert july.version.id == "2026-07-01"
    assert set(july.purposes) - set(february.purposes) == {"newsletter"}
    assert july.purposes["billing"] == february.purposes["billing"]
    assert july.recipients["cloudflare"].countries == ("US", "SG")


def test_a_table_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    text = TABLES[0].read_text("utf-8").replace("outcome: undecided", "result: undecided", 1)
    broken = tmp_path / "broken.yaml"
    broken.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="unknown keys"):
        load_table(broken)
