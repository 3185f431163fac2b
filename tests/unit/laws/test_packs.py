"""Packs as files: what is accepted, and how a fault is told."""

from __future__ import annotations

import pytest

from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.kernel.faults import Fault
from seiyaku.laws import load_pack, load_packs, pack_ids, parse_pack

HEAD = """\
seiyaku_pack: 1
id: test
name: {ja: 試験, en: test}
home: JP
status: in_force
checked_on: 2026-10-09
"""
FACT = "citation: APPI 28(2), source: a text, verified: true, status: in_force"
GOOD = HEAD + (
    "deemed_consent: "
    f"[{{{FACT}, code: a, valid_from: 2022-04-01, opens_foreign_transfer: false}}]\n"
)


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        parse_pack(text.encode(), "test.yaml")
    return caught.value.faults


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_pack_loads_and_is_named_as_its_file(pack_id: str) -> None:
    assert load_pack(pack_id).id == pack_id


def test_the_four_packs_of_the_five_policies_come_with_the_package() -> None:
    assert {"jp-appi", "jp-telecom-27-12", "jp-records", "jp-appi-2026"} <= set(pack_ids())


def test_an_unknown_pack_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_packs(["jp-api"])
    assert caught.value.code == "SY110"
    assert "did you mean `jp-appi`?" in caught.value.hint()
    assert "jp-records" in caught.value.hint()


@pytest.mark.parametrize("name", ["../tables/countries", "", "jp-appi.yaml", "/etc/passwd"])
def test_a_pack_is_a_name_never_a_path(name: str) -> None:
    with pytest.raises(InvalidInput, match="unknown law pack"):
        load_pack(name)


def test_the_small_pack_of_these_tests_is_good() -> None:
    assert parse_pack(GOOD.encode(), "test.yaml").deemed_consent[0].verified


def test_an_unknown_key_is_refused_with_its_line_and_a_hint() -> None:
    (fault,) = faults_of(
        GOOD.replace("verified:", "verifieds:", 1).replace("code: a", "code: a, verified: true")
    )
    assert fault.rule == "unknown-key"
    assert fault.place.line == HEAD.count("\n") + 1
    assert fault.hint == "did you mean `verified`?"


@pytest.mark.parametrize(
    "key, text",
    [
        ("source", "source: a text, "),
        ("verified", "verified: true, "),
        ("citation", "citation: APPI 28(2), "),
        ("status", "status: in_force, "),
    ],
)
def test_a_fact_without_what_makes_it_a_fact_is_refused(key: str, text: str) -> None:
    (fault,) = faults_of(GOOD.replace(text, ""))
    assert fault.rule == "missing-key"
    assert f"`{key}`" in fault.message


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("verified: true", "verified: 1", "verified"),
        ("verified: true", "verified: 'yes'", "verified"),
        ("source: a text", "source: ''", "source"),
        ("status: in_force, code", "status: repealed, code", "status"),
        ("APPI 28(2)", "APPI twenty-eight", "unknown instrument"),
        ("APPI 28(2)", "XYZ 28(2)", "unknown instrument"),
        ("APPI 28(2)", "APPI GL 28(2)", "no section"),
        (", valid_from: 2022-04-01", "", "first day"),
        ("2022-04-01,", "2022-04-01, valid_to: 2021-01-01,", "lies before"),
        ("home: JP", "home: XX", "no country"),
        ("seiyaku_pack: 1", "seiyaku_pack: 2", "seiyaku_pack"),
    ],
)
def test_a_wrong_value_is_refused_and_named(old: str, new: str, says: str) -> None:
    assert old in GOOD
    (fault,) = faults_of(GOOD.replace(old, new, 1))
    assert says in fault.message


def test_two_entries_of_one_name_may_not_hold_on_the_same_day() -> None:
    twice = GOOD.replace(
        "deemed_consent: [",
        "deemed_consent: [{"
        + FACT
        + ", code: a, valid_from: 2020-01-01, opens_foreign_transfer: true}, ",
    )
    (fault,) = faults_of(twice)
    assert fault.rule == "overlapping-entries"
    ended = twice.replace("2020-01-01,", "2020-01-01, valid_to: 2022-03-31,")
    assert len(parse_pack(ended.encode(), "test.yaml").deemed_consent) == 2


def test_a_word_that_names_nothing_in_the_pack_is_refused() -> None:
    spy = "valid_from: 2022-04-01, code: spy, name: {ja: 間諜, en: spy}, exceptions: [law]"
    kind = f"recipient_kinds: [{{{FACT}, {spy}}}]\n"
    (fault,) = faults_of(GOOD + kind)
    assert fault.rule == "unknown-word"
    assert "`law`" in fault.message


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace("source: a text, ", "").replace("home: JP", "homes: JP")
    assert {f.rule for f in faults_of(text)} == {"missing-key", "unknown-key"}


def test_what_was_written_from_memory_is_nowhere_called_verified() -> None:
    for fact in load_packs(pack_ids()).citations():
        if "memory" in fact.source or "not confirmed" in fact.source:
            assert not fact.verified, fact


def test_an_element_of_an_unverified_fact_is_not_verified() -> None:
    facts = load_packs(pack_ids()).citations()
    topics = {(f.pack, f.topic): f for f in facts}
    form = topics["jp-telecom-27-12", "transmission.external_transmission.form"]
    assert not form.verified
    assert all(
        not f.verified
        for f in facts
        if f.topic.startswith("transmission.external_transmission.form")
    )
