"""What lies in the systems and was never promised is found, cited, and never quoted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seiyaku.datamap.gaps import find_gaps, no_texts
from seiyaku.datamap.parse import ParsedDataMap, parse_datamap_bytes
from seiyaku.datamap.system import ColumnSurface, TableSurface
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import SystemId
from seiyaku.kernel.text import Text
from seiyaku.policy.model import Measure, Policy

MAP = """\
seiyaku_datamap: 1
service: teashop
systems:
  app:
    kind: sqlite
    name: {ja: 店, en: shop}
    datasets:
      customers:
        person: customer
        key: id
        fields: {id: ~, email: email, name: name}
      orders:
        key: id
        links: [{by: customer_id, to: customers}]
        fields: {id: ~, customer_id: ~, note: order, extra_json: order}
      letters:
        key: email
        links: [{by: email, to: customers, columns: email}]
        fields: {email: email, topic: name}
"""
CARD = "4111 1111 1111 1111"


def column(name: str, **more: bool) -> ColumnSurface:
    return ColumnSurface(name, "TEXT", text=True, **more)


def table(name: str, *columns: str, key: str = "id") -> TableSurface:
    return TableSurface(name, tuple(column(c) for c in columns), (key,))


TABLES = (
    table("customers", "id", "email", "name"),
    table("orders", "id", "customer_id", "note", "extra_json"),
    table("letters", "email", "topic", key="email"),
)


@pytest.fixture
def parsed(policy: Policy) -> ParsedDataMap:
    return parse_datamap_bytes(MAP.encode(), "datamap.yaml", policy)


def gaps(
    policy: Policy, *tables: TableSurface, text: str = MAP, texts: object = None
) -> list[Fault]:
    parsed = parse_datamap_bytes(text.encode(), "datamap.yaml", policy)
    held: dict[tuple[str, str], list[tuple[str, str]]] = texts or {}  # type: ignore[assignment]

    def read(_: SystemId, name: str, column: str) -> Iterator[tuple[str, str]]:
        return iter(held.get((name, column), []))

    return list(find_gaps(parsed, policy, {SystemId("app"): tables}, read))


def rules(found: list[Fault]) -> list[str]:
    return [f.rule for f in found]


def test_a_map_that_says_what_exists_has_no_gaps(policy: Policy) -> None:
    assert gaps(policy, *TABLES) == []
    assert list(no_texts(SystemId("app"), "customers", "email")) == []


def test_a_column_nobody_declared_cites_the_list_and_the_nearest_clause(policy: Policy) -> None:
    grown = table("customers", "id", "email", "name", "birth_date")
    (found,) = gaps(policy, grown, *TABLES[1:])
    assert (found.rule, found.severity, found.clause) == ("undeclared-column", "high", "1.1")
    assert "`app.customers.birth_date`" in found.message
    assert "nearest TEA-1.5" in found.message
    assert found.place.line == 11


def test_missing_tables_and_columns_are_errors(policy: Policy) -> None:
    found = gaps(policy, table("customers", "id", "mail", "name"), TABLES[1])
    assert {(f.rule, f.severity) for f in found} == {
        ("missing-column", "error"),
        ("missing-table", "error"),
        ("undeclared-column", "high"),
    }
    assert "was it renamed to `mail`?" in [f.hint for f in found]


def test_a_copy_left_behind_is_told_from_any_other_table(policy: Policy) -> None:
    copy = table("customers_old", "id", "email", "name", "copied_at")
    other = table("migrations", "version")
    found = gaps(policy, *TABLES, copy, other)
    assert rules(found) == ["orphan-copy", "undeclared-table"]
    assert (found[0].clause, found[0].severity) == ("5.1", "high")
    assert "`customers`" in found[0].message
    assert found[1].severity == "medium"


def test_items_nobody_can_be_found_by_are_reported(policy: Policy) -> None:
    text = MAP.replace("to: customers, columns: email", "to: orders, columns: note")
    text = text.replace(
        "links: [{by: customer_id, to: customers}]", "links: [{by: id, to: orders}]"
    )
    found = gaps(policy, *TABLES, text=text)
    assert {f.rule for f in found} == {"unreachable-dataset", "link-cycle"}
    assert {f.severity for f in found if f.rule == "link-cycle"} == {"info"}


def test_words_the_policy_does_not_know_are_findings_with_the_nearest_word(policy: Policy) -> None:
    text = MAP.replace("name: name", "name: nam").replace("person: customer", "person: supplier")
    text = text.replace("    kind: sqlite", "    kind: sqlite\n    recipient: metric")
    found = gaps(policy, *TABLES, text=text)
    assert set(rules(found)) == {
        "item-not-declared",
        "subject-out-of-scope",
        "recipient-not-declared",
    }
    assert {f.hint for f in found} >= {"did you mean `name`?", "did you mean `metrics`?"}
    assert next(f.clause for f in found if f.rule == "recipient-not-declared") == "3.1"


def test_an_item_of_people_it_is_not_collected_from_is_out_of_scope(policy: Policy) -> None:
    items = dict(policy.items)
    items["name"] = items["name"].model_copy(update={"people": ("applicant",)})
    found = gaps(policy.model_copy(update={"items": items}), *TABLES)
    assert {f.rule for f in found} == {"subject-out-of-scope"}
    assert len(found) == 2


def test_every_card_number_is_reported_by_its_row_and_cites_the_clause_that_bans_it(
    policy: Policy,
) -> None:
    texts = {("orders", "extra_json"): [("7", '{"memo": "' + CARD + '"}'), ("8", "tea")]}
    found = gaps(policy, *TABLES, texts=texts)
    (card,) = [f for f in found if f.rule == "forbidden-item"]
    assert card.clause == "1.4"
    assert "row `7`" in card.message
    assert "TEA-1.4" in card.message


def test_a_column_of_numbers_of_which_few_pass_the_check_holds_no_cards(policy: Policy) -> None:
    numbers = [(str(n), f"4{n * 7919 % 10**15:015}") for n in range(400)]
    texts = {("orders", "note"): numbers}
    assert rules(gaps(policy, *TABLES, texts=texts)) == []


def test_an_address_in_a_column_declared_as_something_else_is_one_finding(policy: Policy) -> None:
    rows = [(str(n), f"user{n}@example.com") for n in range(9)]
    texts = {("orders", "note"): rows, ("customers", "email"): rows}
    (found,) = gaps(policy, *TABLES, texts=texts)
    assert (found.rule, found.severity) == ("data-in-wrong-field", "medium")
    assert "row `0`" in found.message
    assert "and 4 more" in found.message


def test_a_row_whose_key_says_who_it_is_is_named_by_its_number(policy: Policy) -> None:
    texts = {("letters", "topic"): [("ai@example.com", CARD)]}
    (found,) = gaps(policy, *TABLES, texts=texts)
    assert "row number 1" in found.message


def test_findings_never_quote_a_value(policy: Policy) -> None:
    texts = {
        ("letters", "topic"): [("MARKER@example.com", "MARKER@example.com " + CARD)],
        ("orders", "note"): [("1", "x MARKER@example.com")],
    }
    found = gaps(policy, *TABLES, texts=texts)
    assert len(found) == 3
    said = " ".join(f"{f} {f.hint}" for f in found)
    assert "MARKER" not in said
    assert "4111" not in said


def test_a_credential_is_a_gap_where_a_measure_leaves_them_to_others(policy: Policy) -> None:
    grown = table("customers", "id", "email", "name", "password_hash")
    assert "credential-held-locally" not in rules(gaps(policy, grown, *TABLES[1:]))
    measure = Measure(clause="7.1", name=Text(ja="x", en="x"), forbids=("credential",))
    strict = policy.model_copy(update={"measures": {**policy.measures, "login": measure}})
    found = gaps(strict, grown, *TABLES[1:])
    assert [f.clause for f in found if f.rule == "credential-held-locally"] == ["7.1"]


def test_findings_stand_in_the_order_of_the_file(policy: Policy) -> None:
    found = gaps(policy, table("customers", "id", "x"), table("orders", "id", "y"))
    assert found == sorted(found)
