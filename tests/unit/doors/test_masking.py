"""What is masked, what comes back, and how much is found: the figures of the documentation."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.doors.masking import KINDS, Masking, find_all, reveals
from unit.doors.masking_texts import texts, unlisted

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "guard-outgoing-calls.md"
ANYTHING = st.text(
    st.sampled_from(
        "山田太郎様氏名：は東京都渋谷区1-2３４５６７８９０@.＠a "
        "bJohn Smith\u200bﾔﾏﾀﾞ\n〒-ー()[]_MAIL7"
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("山田太郎です。", "[NAME_1]です。"),
        ("ＴＥＬ：０３－１２３４－５６７８", "ＴＥＬ：[PHONE_1]"),
        ("ﾔﾏﾀﾞさんへ", "[NAME_1]さんへ"),
        ("0\u200b9\u200b0-1234\u200b-5678まで", "[PHONE_1]まで"),
        ("taro＠example.jp", "[MAIL_1]"),
        ("taro [at] example.jp", "[MAIL_1]"),
        ("カード４１１１　１１１１　１１１１　１１１１です", "カード[CARD_1]です"),
        ("123456789018", "[MY_NUMBER_1]"),
        ("〒150-0042 東京都渋谷区例示1-2-3 見本ビル402に", "[POSTAL_CODE_1] [ADDRESS_2]に"),
        ("2001:db8:0:1::5 から", "[NETWORK_1] から"),
        ("Dear Dr. O'Brien, hello", "Dear Dr. [NAME_1], hello"),
        ("john smith called", "[NAME_1] called"),
        ("ask Yamada-san", "ask [NAME_1]-san"),
        ("born on 3 March 1990", "born on [BIRTH_DATE_1]"),
    ],
)
def test_what_identifies_somebody_is_masked(text: str, masked: str) -> None:
    masking = Masking()
    assert masking.mask(text) == masked
    assert masking.restore(masked) == text


@pytest.mark.parametrize(
    "text",
    [
        "お客様各位、皆様、同様の仕様です。",
        "森の中で林檎を食べた。",
        "注文番号 123456789012、価格1,980円、2026年11月20日",
        "It will rain in May. Mark it as done, and bill me.",
        "version 2.10.4, error 404, 3.14159265358979",
    ],
)
def test_common_words_and_numbers_stay(text: str) -> None:
    assert find_all(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "山田 太郎", "山田太郎", "山 田 太 郎", "山田・太郎",
        "やまだ様は山田", "太郎", "ＨＡＮＡＫＯ", "hanako-yamada",
        "09000000000", "090 0000 0000", "０９０－００００－００００", "T@x.jp",
    ],
)  # fmt: skip
def test_known_values_are_found_however_they_are_typed(text: str) -> None:
    known = ("山田 太郎", "Hanako Yamada", "090-0000-0000", "t@x.jp")
    assert any(found.kind == "known" for found in find_all(f"これは{text}です", known))


def test_a_short_known_word_is_not_cut_out_of_longer_ones() -> None:
    assert find_all("the same sample", ("Sam",)) == []
    assert Masking(("Sam",)).mask("sam, SAM!") == "[PERSON_1], [PERSON_2]!"


def test_a_name_found_once_is_masked_everywhere_in_the_text() -> None:
    assert Masking().mask("森部長の話。森部長は言う。小鳥遊様、小鳥遊へ") == (
        "[NAME_1]部長の話。[NAME_1]部長は言う。[NAME_2]様、[NAME_2]へ"
    )


@given(ANYTHING, st.lists(st.text("山田太郎aB1 ", max_size=6), max_size=2))
def test_masking_and_restoring_gives_the_text_back(text: str, known: list[str]) -> None:
    masking = Masking(known)
    masked = masking.mask(text)
    assert masking.restore(masked) == text
    assert json.loads(masking.restore_json(json.dumps(masked, ensure_ascii=False))) == text


@given(ANYTHING)
def test_stretches_are_in_order_apart_and_of_a_kind(text: str) -> None:
    found = find_all(text)
    assert all(f.kind in KINDS and 0 <= f.start < f.end <= len(text) for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_technical_value_reveals_mail_card_and_known_values_only() -> None:
    assert reveals("to=aki@example.jp")
    assert reveals("4111111111111111")
    assert reveals("order-of-山田", ("山田 太郎",))
    assert not reveals("order-20261120-0042", ("山田 太郎",))


@pytest.mark.parametrize(
    "piece",
    [
        "1-",
        "山田",
        "A b ",
        "John ",
        "a@",
        "+81 ",
        "東京都",
        "1 ",
        "氏名：",
        "様",
        "(0",
        ":a",
        "あ",
        "丁目1",
        "一",
    ],
)
def test_long_and_odd_texts_take_bounded_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = process_time()
    find_all(text)
    assert process_time() - began < 3


@cache
def measured(rare: bool) -> tuple[float, float, float, float]:
    """Recall of names, of all else, of everything, and precision over new texts."""
    hit: Counter[bool] = Counter()
    asked: Counter[bool] = Counter()
    right = wrong = 0
    for marked in texts(7, 1_000, rare, new=True):
        found = find_all(marked.text)
        covered = {i for f in found for i in range(f.start, f.end)}
        for kind, start, end in marked.truth:
            name = kind in ("name", "family", "given")
            asked[name] += 1
            places = (i for i in range(start, end) if not marked.text[i].isspace())
            hit[name] += all(i in covered for i in places)
        for f in found:
            good = any(f.start < end and start < f.end for _, start, end in marked.truth)
            right, wrong = right + good, wrong + (not good)
    whole = sum(hit.values()) / sum(asked.values())
    return hit[True] / asked[True], hit[False] / asked[False], whole, right / (right + wrong)


def test_the_measure_has_names_of_no_list() -> None:
    assert unlisted()


@pytest.mark.parametrize(
    ("rare", "row"), [(False, "names people bear often"), (True, "names in no list")]
)
def test_the_documented_recall_and_precision_are_the_measured_ones(rare: bool, row: str) -> None:
    figures = " | ".join(f"{100 * share:.1f} %" for share in measured(rare))
    print(f"| {row} | {figures} |")
    line = re.search(rf"^\| {row} \|.*\|$", GUIDE.read_text("utf-8"), re.M)
    assert line is not None
    assert line.group() == f"| {row} | {figures} |"
