"""Citations in both languages."""

from __future__ import annotations

import pytest

from seiyaku.kernel.canonical import canonical_json
from seiyaku.laws import load_packs, pack_ids, parse_citation


@pytest.mark.parametrize(
    "text, ja",
    [
        ("APPI 27(5)(i)", "個人情報保護法第27条第5項第1号"),
        ("APPI 27(1)(iv)", "個人情報保護法第27条第1項第4号"),
        ("APPI 35(2) proviso", "個人情報保護法第35条第2項ただし書"),
        ("APPI 29", "個人情報保護法第29条"),
        ("APPI Rule 8(1)(ix)", "個人情報保護法施行規則第8条第1項第9号"),
        ("APPI Order 2", "個人情報保護法施行令第2条"),
        ("TBA 27-12", "電気通信事業法第27条の12"),
        ("TBA Rule 22-2-29", "電気通信事業法施行規則第22条の2の29"),
        ("APPI GL 3-5-3-3", "個人情報保護法ガイドライン（通則編）3-5-3-3"),
        ("PPC Q&A 1-62", "個人情報保護法ガイドラインに関するQ&A1-62"),
        ("APPI Amendment 2026", "令和8年改正個人情報保護法"),
    ],
)
def test_a_citation_reads_in_japanese_and_english(text: str, ja: str) -> None:
    citation = parse_citation(text)
    assert str(citation) == text
    assert citation.get("ja") == ja


@pytest.mark.parametrize(
    "text", ["", "27", "APPI", "APPI 27(i)(5)", "APPI 27 (5)", "Appi 27", "APPI Amendment 2026 1"]
)
def test_what_is_no_citation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"instrument|article|whole"):
        parse_citation(text)


def test_every_citation_of_every_pack_goes_there_and_back_as_text() -> None:
    for fact in load_packs(pack_ids()).citations():
        assert parse_citation(str(fact.citation)) == fact.citation
        assert fact.citation.get("ja") != str(fact.citation)


def test_a_citation_inside_a_fact_becomes_text_in_json() -> None:
    basis = load_packs(["jp-appi"]).basis("entrust")
    assert basis is not None
    dumped = basis.model_dump(mode="json")
    assert dumped["citation"] == "APPI 27(5)(i)"
    assert b"APPI 27(5)(i)" in canonical_json(dumped)
