"""A data map is read with every fault at once, each at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.datamap.parse import parse_datamap, parse_datamap_bytes
from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.policy.model import Policy

GOOD = """\
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
        fields: {id: ~, email: {item: email, source: person}, joined_at: ~}
      orders:
        key: id
        links: [{by: customer_id, to: customers}]
        fields: {id: ~, customer_id: ~, total: order}
        times: {closure: customers.joined_at}
      teas: {key: id, shared: true, fields: {id: ~}}
"""


def faults(text: str, policy: Policy) -> list[tuple[str, int, int]]:
    with pytest.raises(InvalidDocument) as caught:
        parse_datamap_bytes(text.encode(), "datamap.yaml", policy)
    return [(f.rule, f.place.line, f.place.column) for f in caught.value.faults]


def test_a_good_data_map_is_read(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "datamap.yaml"
    path.write_text(GOOD)
    parsed = parse_datamap(path, policy)
    assert [i for i, _ in parsed.datamap.persons()] == ["app.customers"]
    assert len(parsed.sha256) == 64


def test_a_missing_file_says_so(policy: Policy, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_datamap(tmp_path / "none.yaml", policy)
    assert caught.value.code == "SY102"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("service: teashop", "service: other", ("other-service", 2, 10)),
        ("source: person", "source: persn", ("unknown-source", 11, 54)),
        (
            "key: id\n        fields: {id: ~, em",
            "key: idd\n        fields: {id: ~, em",
            ("unknown-column", 10, 14),
        ),
        ("to: customers", "to: customer", ("dangling-link", 14, 39)),
        ("to: customers}", "to: customers, columns: mail}", ("unknown-column", 14, 59)),
        ("{by: customer_id,", "{by: buyer,", ("unknown-column", 14, 22)),
        ("{by: customer_id,", "{by: [customer_id, id],", ("uneven-link", 14, 17)),
        ("customers.joined_at", "customers.left_at", ("unknown-column", 16, 26)),
        ("customers.joined_at", "teas.id", ("dangling-time", 16, 26)),
        ("customers.joined_at", "placed_at", ("unknown-column", 16, 26)),
        ("shared: true, ", "", ("belongs-to-nobody", 17, 13)),
        (
            "        times",
            "        erase: {how: unlink}\n        times",
            ("unlink-without-clause", 16, 16),
        ),
        (
            "        times",
            "        erase: {how: blank, clause: '9.9'}\n        times",
            ("unknown-clause", 16, 37),
        ),
        ("        times", "        shared: true\n        times", ("shared-and-owned", 16, 17)),
        (
            "    kind: sqlite",
            "    kind: sqlite\n    found_by: [app.nobody.id]",
            ("unknown-dataset", 6, 16),
        ),
        ("    kind: sqlite", "    kind: chain", ("chain-not-immutable", 5, 5)),
        ("    kind: sqlite", "    kind: by_hand", ("not-read", 8, 7)),
        (
            "{item: email, source: person}",
            "{item: email, subject: sender}",
            ("unknown-role", 11, 55),
        ),
        (
            "{item: email, source: person}",
            "{item: email, source_column: by}",
            ("unknown-column", 11, 61),
        ),
        ("key: id\n        links", "kye: id\n        links", ("unknown-key", 13, 9)),
    ],
)
def test_a_fault_is_named_at_its_place(
    policy: Policy, old: str, new: str, expected: tuple[str, int, int]
) -> None:
    assert old in GOOD
    assert expected in faults(GOOD.replace(old, new, 1), policy)


def test_all_faults_come_at_once(policy: Policy) -> None:
    text = GOOD.replace("to: customers", "to: customer").replace("source: person", "source: x")
    assert {rule for rule, _, _ in faults(text, policy)} >= {"dangling-link", "unknown-source"}


def test_an_unknown_word_comes_with_the_nearest_known_one(policy: Policy) -> None:
    text = GOOD.replace("to: customers", "to: custmers")
    with pytest.raises(InvalidDocument) as caught:
        parse_datamap_bytes(text.encode(), "datamap.yaml", policy)
    assert caught.value.faults[0].hint == "did you mean `app.customers`?"


PICTURES = """
      pictures:
        key: name
        links: [{by: name, to: orders, columns: picture}]
        fields: {name: order}
        erase: {when: last_reference}
"""


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("picture: order", "picture: order", []),
        ("picture: order", "picture: ~", ["holder-without-item"]),
        ("when: last_reference", "when: last_reference, how: blank", ["nothing-refers"]),
        ("columns: picture}", "columns: picture, owns: false}", ["nothing-refers"]),
    ],
)
def test_what_goes_with_its_last_reference_is_held_by_rows_that_say_so(
    policy: Policy, old: str, new: str, rules: list[str]
) -> None:
    shown = GOOD.rstrip("\n").replace("total: order", "total: order, picture: order") + PICTURES
    text = shown.replace(old, new)
    if rules:
        assert [rule for rule, _, _ in faults(text, policy)] == rules
    else:
        parse_datamap_bytes(text.encode(), "datamap.yaml", policy)
