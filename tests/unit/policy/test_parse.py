"""A policy file is refused with every fault at once, each with line, column and a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edits import TEASHOP, edited, loc
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyaku.kernel.document import parse_document
from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.kernel.faults import Fault
from seiyaku.policy import Policy, parse_policy, parse_policy_bytes
from seiyaku.policy.addresses import host_of, is_email, is_placeholder
from seiyaku.policy.model import ClauseRef, Word
from seiyaku.policy.references import FREE_WORDS, WORDS, patterns


def faults_of(source: bytes) -> tuple[Fault, ...]:
    """The faults of a policy that must have some."""
    with pytest.raises(InvalidDocument) as caught:
        parse_policy_bytes(source, "teashop.yaml")
    return caught.value.faults


def test_a_whole_policy_is_read_with_its_digest_and_its_laws() -> None:
    parsed = parse_policy(TEASHOP)
    assert parsed.policy.service == "teashop"
    assert len(parsed.sha256) == 64
    assert parsed.laws.basis("entrust") is not None


_COUNTS = {
    "clause": "2.4",
    "name": {"ja": "統計", "en": "counts"},
    "kind": "statistics",
    "items": ["order"],
}


@pytest.mark.parametrize(
    ("edits", "rule", "at", "hint"),
    [
        (
            {"/purposes/ship_goods/items": ["name_"]},
            "undeclared-word",
            "/purposes/ship_goods/items/0",
            "`name`",
        ),
        (
            {"/recipients/carrier/purposes": ["ship_good"]},
            "undeclared-word",
            "/recipients/carrier/purposes/0",
            "`ship_goods`",
        ),
        (
            {"/transmissions/0/recipient": "metric"},
            "undeclared-word",
            "/transmissions/0/recipient",
            "`metrics`",
        ),
        (
            {"/items/email/sources": {"persn": {}}},
            "undeclared-word",
            "/items/email/sources/persn",
            "`person`",
        ),
        (
            {"/items/email/only": {"clause": "1.1", "purposes": ["x"]}},
            "undeclared-word",
            "/items/email/only/purposes/0",
            "declare it",
        ),
        (
            {"/items/postal_address/collect/contexts": ["ordering_"]},
            "undeclared-word",
            "/items/postal_address/collect/contexts/0",
            "`ordering`",
        ),
        (
            {"/items/email/people": ["customers"]},
            "undeclared-word",
            "/items/email/people/0",
            "`customer`",
        ),
        (
            {"/purposes/measure/acknowledgement": "public"},
            "undeclared-word",
            "/purposes/measure/acknowledgement",
            "declare it",
        ),
        ({"/minors/attestation": "age"}, "undeclared-word", "/minors/attestation", "declare it"),
        (
            {"/retention/orders/items": ["orderz"]},
            "undeclared-word",
            "/retention/orders/items/0",
            "`order`",
        ),
        (
            {"/sources/person/recipient": "nobody"},
            "undeclared-word",
            "/sources/person/recipient",
            "declare it",
        ),
        (
            {"/purposes/payment/items_when": {"later": ["name"]}},
            "undeclared-word",
            "/purposes/payment/items_when/later",
            "declare it",
        ),
        ({"/items/email/clause": "1.9"}, "undeclared-clause", "/items/email/clause", "`1."),
        (
            {"/items/email/never": {"send": "99"}},
            "undeclared-clause",
            "/items/email/never/send",
            "declare it",
        ),
        (
            {"/rights/deletion/except": [{"clause": "77"}]},
            "undeclared-clause",
            "/rights/deletion/except/0/clause",
            "declare it",
        ),
        (
            {"/version/related_changes": ["2.99"]},
            "undeclared-clause",
            "/version/related_changes/0",
            "2.1",
        ),
        ({"/regimes": ["jp-apppi"]}, "unknown-regime", "/regimes/0", "`jp-appi`"),
        (
            {"/recipients/metrics/countries": ["US", "XX"]},
            "unknown-country",
            "/recipients/metrics/countries/1",
            "ISO",
        ),
        (
            {"/countries/ZZ": {"name": {"ja": "?", "en": "?"}}},
            "unknown-country",
            "/countries/ZZ",
            "ISO",
        ),
        (
            {"/recipients/carrier/routes": {"US": "consent"}},
            "route-without-country",
            "/recipients/carrier/routes/US",
            "`countries`",
        ),
        (
            {"/exceptions/life/law": "life_body"},
            "unknown-exception",
            "/exceptions/life/law",
            "`life_body_property`",
        ),
        (
            {
                "/retention/orders": {
                    "clause": "5.2",
                    "items": ["order"],
                    "after": "collected",
                    "law": "jp-records.book",
                }
            },
            "unknown-keeping-rule",
            "/retention/orders/law",
            "`jp-records.books`",
        ),
        (
            {"/retention/orders/law": "jp-records.books"},
            "two-periods",
            "/retention/orders",
            "one of",
        ),
        (
            {"/items/email/special_care": "religion"},
            "unknown-class",
            "/items/email/special_care",
            "known",
        ),
        (
            {"/items/order/derived_from": ["emial"]},
            "undeclared-word",
            "/items/order/derived_from/0",
            "`email`",
        ),
        (
            {"/items/order/derived_from": ["order"]},
            "derived-from-itself",
            "/items/order/derived_from",
            "made of",
        ),
        (
            {"/recipients/carrier/reference": ["2.9"]},
            "undeclared-clause",
            "/recipients/carrier/reference/0",
            "",
        ),
        (
            {"/recipients/carrier/masked": "3.99"},
            "undeclared-clause",
            "/recipients/carrier/masked",
            "",
        ),
        (
            {"/exports": {"counts": {**_COUNTS, "recipients": ["metric"]}}},
            "undeclared-word",
            "/exports/counts/recipients/0",
            "`metrics`",
        ),
        (
            {"/exports": {"counts": {**_COUNTS, "items": ["orders"]}}},
            "undeclared-word",
            "/exports/counts/items/0",
            "`order`",
        ),
        ({"/contacts/0/email": "privacy+tea@"}, "broken-address", "/contacts/0/email", "plus tag"),
        ({"/clauses/1.1/lines": [9, 2]}, "wrong-lines", "/clauses/1.1/lines", "from 1"),
        ({"/clauses/1.1/lines": [0, 2]}, "wrong-lines", "/clauses/1.1/lines", "from 1"),
        ({"/version/effective_on": None}, "missing-date", "/version/effective", "effective_on"),
        ({"/version/id": "../2026"}, "odd-version-id", "/version/id", "letters"),
        ({"/items/email/retention": 3}, "unknown-key", "/items/email/retention", "known keys"),
        ({"/items/email/source": {}}, "unknown-key", "/items/email/source", "`sources`"),
        ({"/controller": None}, "missing-key", "/", "add"),
        ({"/controller/name": None}, "missing-key", "/controller", "add"),
        ({"/recipients/carrier/basis": "gift"}, "unknown-word", "/recipients/carrier/basis", ""),
    ],
)
def test_a_fault_is_named_at_its_place_with_a_hint(
    edits: dict[str, Any], rule: str, at: str, hint: str
) -> None:
    source = edited(edits)
    (fault,) = faults_of(source)
    assert fault.rule == rule
    assert fault.severity == "error"
    document = parse_document(source, "teashop.yaml")
    path = loc(at)
    assert fault.place in (document.place(path), document.key_place(path))
    assert hint in fault.hint


def test_items_made_of_each_other_in_a_ring_are_each_told() -> None:
    edits = {"/items/order/derived_from": ["name"], "/items/name/derived_from": ["email", "order"]}
    faults = faults_of(edited(edits))
    assert {f.rule for f in faults} == {"derived-from-itself"}
    assert len(faults) == 2


def test_a_group_of_one_person_is_no_group() -> None:
    (fault,) = faults_of(edited({"/exports": {"counts": {**_COUNTS, "k": 1}}}))
    assert fault.place.line > 1


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    faults = faults_of(
        edited(
            {
                "/controller": None,
                "/regimes": ["eu-gdpr"],
                "/items/email/colour": "red",
                "/items/email/clause": "1.9",
                "/purposes/ship_goods/items": ["name_", "order_"],
                "/recipients/metrics/countries": ["USA"],
                "/contacts/0/email": "nobody",
            }
        )
    )
    rules = [fault.rule for fault in faults]
    assert sorted(set(rules)) == [
        "broken-address",
        "missing-key",
        "route-without-country",
        "undeclared-clause",
        "undeclared-word",
        "unknown-country",
        "unknown-key",
        "unknown-regime",
    ]
    assert rules.count("undeclared-word") == 2
    assert [f.place for f in faults] == sorted(f.place for f in faults)


def test_a_clause_written_twice_is_refused_where_it_stands_again() -> None:
    text = TEASHOP.read_text("utf-8")
    line = next(x for x in text.splitlines() if x.startswith('  "1.2": {says'))
    twice = text.replace(line, f"{line}\n{line}", 1)
    (fault,) = faults_of(twice.encode())
    assert fault.rule == "duplicate-key"
    assert "`1.2`" in fault.message
    assert fault.place.line == text.splitlines().index(line) + 2


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (b"seiyaku: [1", "broken-yaml"),
        (b"\xff\xfe\x00", "not-utf8"),
        (b"", "not-a-mapping"),
        (b"- a\n- b\n", "not-a-mapping"),
        (b"a: &a [*a]\n", "too-deep"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(source: bytes, rule: str) -> None:
    assert rule in {fault.rule for fault in faults_of(source)}


def test_a_file_over_two_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (2 * 1024 * 1024 + 1))
    with pytest.raises(InvalidInput) as caught:
        parse_policy(path)
    assert caught.value.code == "SY103"


def test_a_file_that_is_not_there_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(tmp_path / "none.yaml")
    assert caught.value.code == "SY102"


def test_a_plus_tag_is_kept_as_written() -> None:
    parsed = parse_policy_bytes(
        edited({"/contacts/0/email": "contact+Inquiry-i@closm.llc"}), "teashop.yaml"
    )
    assert parsed.policy.contacts[0].email == "contact+Inquiry-i@closm.llc"


def test_a_faulty_address_is_not_repeated_in_the_fault() -> None:
    (fault,) = faults_of(edited({"/contacts/0/email": "taro tanaka@home"}))
    assert "taro" not in str(fault)


@pytest.mark.parametrize("text", ["a@b.jp", "a.b+c@d-e.co.jp", "o'neil@x.io", "x" * 64 + "@a.jp"])
def test_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "@b.jp", "a@b", "a@-b.jp", "a b@c.jp", ".a@b.jp", "a@b..jp", "x" * 65 + "@a.jp"],
)
def test_what_is_no_address(text: str) -> None:
    assert not is_email(text)


def test_placeholders_and_hosts() -> None:
    assert is_placeholder("[email protected]")
    assert is_placeholder("privacy@example.com")
    assert not is_placeholder("contact+Inquiry-i@closm.llc")
    assert host_of("https://Forms.gle/x?y#z") == "forms.gle"
    assert host_of("unknown") == ""


def test_every_word_of_the_model_is_checked_or_known_to_declare() -> None:
    assert {text for text, _ in WORDS} | FREE_WORDS == set(patterns(Policy, Word))
    assert not {text for text, _ in WORDS} & FREE_WORDS


def test_clause_references_are_found_by_type_wherever_they_stand() -> None:
    found = set(patterns(Policy, ClauseRef))
    assert {"items.*.never.*", "rights.*.except.*.clause", "contradictions.*.clauses.*"} <= found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_a_policy_is_a_fault_or_another_policy_never_a_crash(
    data: st.DataObject,
) -> None:
    source = TEASHOP.read_bytes()
    start = data.draw(st.integers(0, len(source) - 1))
    length = data.draw(st.integers(0, 40))
    patch = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"[]", b"{}", b"~", b": ", b"\n- x"])
    )
    damaged = source[:start] + patch + source[start + length :]
    for fault in faults_if_any(damaged):
        assert fault.place.line > 0
        assert fault.message


def faults_if_any(source: bytes) -> tuple[Fault, ...]:
    """Faults of a document, or none where it is a policy; anything else fails the test."""
    try:
        parsed = parse_policy_bytes(source, "teashop.yaml")
    except InvalidDocument as error:
        return error.faults or (pytest.fail("refused without a fault"),)
    return () if isinstance(parsed.policy, Policy) else (pytest.fail("no policy"),)


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from([*Policy.model_fields, "clause", "items", "routes", "lines", "id"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=25,
    )
)
def test_any_document_is_checked_without_a_crash(value: Any) -> None:
    import yaml

    source = yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True).encode()
    assert faults_of(source)
