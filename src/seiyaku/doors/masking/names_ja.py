"""Names in Japanese script: by the words around them, and by the lists of names.

1. Before an honorific or a post (`山田様`, `森部長`), after a label (`氏名：`, `担当は`), in
   `…と申します`: whatever stands there is a name, listed or not.
2. A listed family name with a listed given name, or with a short word after a space.
3. A listed family name alone, where the characters around it end a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from seiyaku.doors.masking.lexicon import lexicon
from seiyaku.doors.masking.model import Found

_KANJI: Final = "\u3005\u3007\u30f6\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_KANA: Final = "ァ-ヴー"
_ANY: Final = rf"[{_KANJI}ぁ-ん{_KANA}]"
_GIVEN: Final = rf"(?:[{_KANJI}]{{1,3}}|[{_KANJI}][ぁ-ん]|[ぁ-ん]{{2,4}}|[{_KANA}]{{2,5}})"
_HONORIFIC: Final = (
    "様(?![々子式相態])|さま|さん|氏(?![名族神])|くん|君|ちゃん|殿|先生|先輩|選手|教授|博士|社長|部長|課長"
    "|係長|専務|常務|会長|店長|院長|主任|監督|弁護士|医師|議員|容疑者|被告|夫妻"
)
_BEFORE: Final = re.compile(
    rf"((?:[{_KANJI}]{{1,5}}[ ]?)?(?:[{_KANJI}]{{1,4}}|[{_KANA}]{{2,12}}(?:[・･ ][{_KANA}]{{2,12}})"
    rf"{{0,3}}|(?<![ぁ-ん])[ぁ-ん]{{2,5}})|[A-Z][a-z]+(?: [A-Z][a-z]+)?)[ ]?(?:{_HONORIFIC})"
)
_LABELLED: Final = re.compile(
    "(?:氏名|お?名前|姓名|担当者?名?|宛名|宛先|受取人|契約者|申込者|依頼者?|患者|応募者|代表者?|署名"
    "|ふりがな|フリガナ|名義人?)"
    rf"(?:[ ]?[:=][ ]?|は、?|が)({_ANY}{{1,5}}[ ]{_ANY}{{1,5}}?|{_ANY}{{2,10}}?)"
    r"(?=[\n、。,;()（）「」<]|$|です|でした|と申|といい|さん|様|である|に変|宛)"
)
_INTRODUCED: Final = re.compile(
    rf"(?:^|[\n、。,! ]|私は|わたしは|わたくしは|僕は|会社の|課の|部の|担当の|代表の)"
    rf"({_ANY}{{2,10}}?(?:[ ]{_ANY}{{1,5}})?)(?:と申します|と申し|といいます|と言います|と名乗)"
)
_OF_A_COMPANY: Final = re.compile(
    rf"(?:会社[{_KANJI}{_KANA}A-Za-z]{{0,12}}|[部課社店]|担当)の"
    rf"([{_KANJI}]{{1,5}}(?:[ ]?{_GIVEN})?)(?=です|でございます|と申し|より)"
)
_SPOKE: Final = re.compile(
    rf"(?:^|(?<=[\n、。,「 ]))([{_KANJI}]{{2,4}}(?:[ ]{_GIVEN})?)"
    r"(?:が(?:言う|言っ|話し|申し|述べ)|に(?:伝え|聞い|頼ん|依頼|電話)|から(?:連絡|電話|返信|メール))"
)
_SPACED: Final = re.compile(
    rf"(?<![{_KANJI}{_KANA}ー])([{_KANJI}]{{1,4}}) ({_GIVEN})"
    r"(?=[、。,.!?<>()（）「」\s]|様|さん|氏|[がはをにへとも]|の|です|より|宛|$)"
)
_SIGNED: Final = re.compile(
    rf"(?:[。\n])[ ]?([{_KANJI}]{{3,5}}|[{_KANJI}]{{2,4}}[{_KANA}]{{2,4}})\s*$"
)
_NO_NAME_ENDS: Final = frozenset("駅市区町村県郡店社局校院園館寺城線港橋通丁号室課部係")
_NO_KANA_GIVEN: Final = frozenset(
    ("ビル", "ホーム", "ホール", "カメラ", "ハム", "バス", "パン", "タワー", "モータ")
)
_PARTICLE: Final = re.compile(
    r"[、。,.!?\s:;()「」『』【】（）\n]|[がはをにへとも](?!ん)|から|より|です|だっ|宛|の(?!方面)|$"
)


def find_japanese_names(text: str) -> Iterator[Found]:
    """Every name in Japanese script."""
    if text.isascii():
        return
    for pattern in (_BEFORE, _LABELLED, _INTRODUCED, _OF_A_COMPANY, _SPOKE, _SIGNED):
        for match in pattern.finditer(text):
            if _may_be_person(text, match.start(1), match.group(1)):
                yield Found(*match.span(1), "name")
    for match in _SPACED.finditer(text):
        if not _common(match.group(1)) and not _common(match.group(2)):
            yield Found(*match.span(), "name")
    yield from _listed(text)


def _may_be_person(text: str, start: int, word: str) -> bool:
    whole = f"お{word}" if text[start - 1 : start] == "お" else word
    return not {word, whole} & lexicon().ja_no_person and not _common(word)


def _common(word: str) -> bool:
    words = lexicon()
    plain = word.strip()
    return not plain or plain in words.ja_common or plain in words.ja_no_given


def _listed(text: str) -> Iterator[Found]:
    """Family names of the list, with whatever follows them."""
    words = lexicon()
    for match in _family_pattern().finditer(text):
        start, end = match.span()
        given = _given_after(text, end) or _unlisted_given(text, match.group(), end)
        if given is not None:
            yield Found(start, given, "name")
        elif _alone(text, start, end) and match.group() not in words.ja_places:
            yield Found(start, end, "name")
    for match in _full_given_pattern().finditer(text):
        if match.group() in words.ja_given and _alone(text, *match.span()):
            yield Found(*match.span(), "name")


def _given_after(text: str, end: int) -> int | None:
    """Where the given name after a family name ends."""
    given = lexicon().ja_given
    gap = 1 if text[end : end + 1] in (" ", "\u3000") else 0
    for length in range(5, 0, -1):
        word = text[end + gap : end + gap + length]
        if len(word) == length and word in given and _ends(text, end + gap + length, word):
            return end + gap + length
    found = re.compile(_GIVEN).match(text, end + 1) if gap else None
    if found and found.group() not in lexicon().ja_no_given and _PARTICLE.match(text, found.end()):
        return found.end()
    return None


def _unlisted_given(text: str, family: str, end: int) -> int | None:
    """Where a given name of no list ends, right after a family name that is no place."""
    if len(family) < 2 or family in lexicon().ja_places:
        return None
    found = re.compile(rf"[{_KANJI}]{{1,3}}|[{_KANA}]{{2,4}}").match(text, end)
    if found is None or _common(found.group()) or not _PARTICLE.match(text, found.end()):
        return None
    word = found.group()
    return None if word[-1] in _NO_NAME_ENDS or word in _NO_KANA_GIVEN else found.end()


def _ends(text: str, end: int, word: str) -> bool:
    """Whether a given name may end here: a one-letter one only where the word ends."""
    following = text[end : end + 1]
    return len(word) > 1 or not following or not re.match(rf"[{_KANJI}]", following)


def _alone(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start]
    word_before = bool(before) and re.match(rf"[{_KANJI}{_KANA}]", before) is not None
    return not word_before and end - start > 1 and _PARTICLE.match(text, end) is not None


@cache
def _family_pattern() -> re.Pattern[str]:
    names = sorted(lexicon().ja_family, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


@cache
def _full_given_pattern() -> re.Pattern[str]:
    """Given names of two or more kanji: alone they name somebody, too."""
    names = (n for n in lexicon().ja_given if len(n) > 1 and re.fullmatch(rf"[{_KANJI}]+", n))
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
