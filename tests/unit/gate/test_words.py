"""Every reason and outcome can be told in Japanese and in English."""

from __future__ import annotations

from typing import get_args

from seiyaku.gate.model import OutcomeOfGate, Reason, ReasonCode
from seiyaku.gate.words import OUTCOMES, WORDS, say


def test_every_reason_and_outcome_has_words() -> None:
    assert set(WORDS) == set(get_args(ReasonCode))
    assert set(OUTCOMES) == set(get_args(OutcomeOfGate))


def test_no_two_reasons_say_the_same() -> None:
    for language in ("ja", "en"):
        assert len({text.get(language) for text in WORDS.values()}) == len(WORDS)


def test_a_reason_is_told_with_its_word_and_its_clause() -> None:
    reason = Reason("outside_only", "CLOSM-2.4", "newsletter")
    told = "outside the closed list of purposes: newsletter (CLOSM-2.4)"
    assert say(reason, "en") == told
    assert say(Reason("frozen"), "ja") == "アカウントが凍結中"
