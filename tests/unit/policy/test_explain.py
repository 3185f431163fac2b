"""A clause explained names its words, its places and what lint says of it."""

from __future__ import annotations

import pytest
from edits import teashop

from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.explain import explain


@pytest.mark.parametrize("written", ["3.2", "TEA-3.2"])
def test_a_clause_is_explained_with_what_stands_on_it(written: str) -> None:
    parsed = teashop()
    found = explain(parsed, written)
    assert found.cite == "TEA-3.2"
    assert found.says.ja == "米国の測定会社に委託します。"
    assert found.lines == (14, 14)
    assert found.sha256 == parsed.policy.clauses["3.2"].sha256
    assert [(s.part, s.key) for s in found.stands] == [("recipients.metrics", "clause")]
    assert found.answers == ("may_send metrics",)
    assert found.findings == ()


def test_every_place_of_a_clause_is_named_in_the_order_of_the_file() -> None:
    found = explain(teashop(), "3.7")
    assert [(s.part, s.key) for s in found.stands] == [
        ("purposes.measure", "opt_out"),
        ("recipients.metrics", "opt_out"),
    ]
    assert [s.place for s in found.stands] == sorted(s.place for s in found.stands)


def test_a_right_is_a_request_and_a_part_without_words_is_named_alone() -> None:
    assert explain(teashop(), "6.3").answers == ("request closure",)
    assert [s.part for s in explain(teashop(), "9.1").stands][-1] == "revisions"


def test_a_file_that_leaves_is_a_question_of_its_own() -> None:
    counts = {"clause": "2.4", "name": {"ja": "統計", "en": "counts"}, "kind": "statistics"}
    found = explain(teashop({"/exports": {"counts": {**counts, "items": ["order"]}}}), "2.4")
    assert "may_release counts" in found.answers


def test_what_lint_says_of_the_clause_is_part_of_the_explanation() -> None:
    parsed = teashop({"/recipients/metrics/routes": {}})
    assert [f.rule for f in explain(parsed, "3.2").findings] == ["route-unstated"]
    assert explain(parsed, "3.1").findings == ()


def test_an_unknown_clause_is_refused_with_near_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        explain(teashop(), "TEA-3.99z")
    assert caught.value.code == "SY127"
    assert "1.1" in caught.value.hint()
