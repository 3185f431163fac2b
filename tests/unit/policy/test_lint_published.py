"""Every rule on the published text speaks of the text that breaks it, at its line, alone."""

from __future__ import annotations

import pytest
from edits import FOLDER, teashop

from seiyaku.laws import parse_citation
from seiyaku.policy.lint.published import TEXT_RULES, lint_published

TEXT = (FOLDER / "teashop.txt").read_text("utf-8")
ARTICLES = (
    "Article 1 (Items)\n\n  1. Names\n  2. Addresses\n\nArticle 2 (Use)\n\n  1. Goods\n  2. Mail\n"
)

CASES = {
    "text-changed": (TEXT.replace("500円", "800円"), TEXT, 24),
    "broken-text": ("located REMOVED of Japan\n", "located outside of Japan\n", 1),
    "contact-placeholder": ("write to [email protected]\n", "write to privacy@teashop.jp\n", 1),
    "empty-list": (
        "Article 1\n\nWe share with the following partner.\n\nArticle 2\n",
        "Article 1\n\nWe share with the following partner:\n  1. Uji Carriers\n  2. Others\n",
        3,
    ),
    "wrong-verb-direction": (
        "We disclose your name and address when you use us.\n",
        "We disclose your name and address to the carrier.\n",
        1,
    ),
    "numbering-restart": (
        "Article 1\n  1. One\n  2. Two\na table\n  1. Three\n",
        ARTICLES,
        5,
    ),
    "list-of-one": ("Article 1\n  1. Alone\n", "Article 1\n  1. One\n  2. Two\n", 2),
    "import-noise": ("Home\nSearch\nLogin\nMenu\nPolicy\n" + TEXT, TEXT, 1),
}


def rules(text: str, shift: int = 0) -> list[tuple[str, int]]:
    """Rule and line of every finding, changed digests aside where the text is another's."""
    parsed = teashop({f"/clauses/{c}/lines": [n + shift, n + shift] for n, c in _numbered()})
    found = lint_published(parsed.policy, text, "policy.txt")
    return [(fault.rule, fault.place.line) for fault in found]


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(teashop().policy.clauses, 1))


def test_every_rule_on_the_text_has_a_failing_and_a_passing_text() -> None:
    assert sorted(CASES) == sorted(rule.id for rule in TEXT_RULES)
    for rule in TEXT_RULES:
        assert rule.says.endswith(".")
        if rule.law:
            parse_citation(rule.law)


def test_nothing_is_found_in_the_text_of_the_tea_shop() -> None:
    assert rules(TEXT) == []


@pytest.mark.parametrize("rule", sorted(CASES))
def test_a_rule_speaks_of_the_failing_text_only_and_at_its_line(rule: str) -> None:
    failing, passing, line = CASES[rule]
    shift = 5 if rule == "import-noise" else 0
    found = [entry for entry in rules(failing, shift) if entry[0] == rule]
    others = {name for name, _ in rules(failing, shift)} - {rule, "text-changed"}
    assert (rule, line) in found
    assert others == set()
    assert rule not in {name for name, _ in rules(passing)}


def test_a_text_that_lost_its_end_has_changed_and_nothing_breaks() -> None:
    cut = "\n".join(TEXT.splitlines()[:10])
    found = rules(cut)
    assert len(found) == len(teashop().policy.clauses) - 10
    assert {name for name, _ in found} == {"text-changed"}


def test_an_announced_list_that_follows_on_the_same_line_is_no_empty_list() -> None:
    assert rules("Measures are as follows: (1) TLS (2) access control\n\nArticle 2\n")[0][0] != (
        "empty-list"
    )
