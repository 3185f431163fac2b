"""Numbers that identify: cards, My Number, licences, passports, residence cards, accounts.

A check digit alone passes one random number in ten, so that numbers without a word beside them
that says what they are count only with their check digit *and* their form; beside such a word
the form is enough. In doubt a number is taken: a masked order number harms nobody.

Source: check digits of My Number after Order 2014 No. 85 of the Ministry of Internal Affairs,
article 5; of licences by public description; ISO/IEC 7812-1 for cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seiyaku.datamap.detectors import luhn
from seiyaku.doors.masking.model import Found, Kind

_GAP: Final = "[ \\-\u2010-\u2015\u2212\u30fc]?"
_EDGE: Final = r"(?<![0-9A-Za-z.,])"
_END: Final = r"(?![0-9A-Za-z]|[.,][0-9])"
_CARD: Final = re.compile(rf"{_EDGE}[0-9](?:{_GAP}[0-9]){{12,18}}{_END}")
_TWELVE: Final = re.compile(rf"{_EDGE}[0-9](?:{_GAP}[0-9]){{11}}{_END}")
_PASSPORT: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{7}(?![0-9A-Za-z])")
_RESIDENCE: Final = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{8}[A-Z]{2}(?![0-9A-Za-z])")
_ACCOUNT: Final = re.compile(
    r"(?:普通|当座|貯蓄|口座番号|口座|記号番号|account(?: number| no\.?)?)"
    r"(?:預金|口座)?[ :(]{0,3}(?:番号)?[ :は]{0,3}([0-9][0-9-]{5,13}[0-9])(?![0-9])",
    re.I,
)
_WORDED: Final = re.compile(
    r"(?:マイナンバー|個人番号|免許証?(?:の)?番号|免許証|旅券(?:番号)?|パスポート(?:番号)?|在留カード(?:番号)?"
    r"|保険証(?:番号|の記号)?|年金番号|基礎年金番号|会員番号|学籍番号|社員番号"
    r"|my ?number|individual number|(?:driver'?s? )?licen[cs]e(?: number| no\.?)?"
    r"|passport(?: number| no\.?)?|(?:social security|ssn|insurance)(?: number| no\.?)?)"
    r"[^0-9A-Za-z\n]{0,12}(?:(?:is|no|number)[ :.]{1,3})?"
    r"((?:[A-Z]{1,2})?[0-9][0-9 \-]{3,18}[0-9](?:[A-Z]{2})?)",
    re.I,
)
_SSN: Final = re.compile(r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])")
_MY_NUMBER_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_LICENCE_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def find_numbers(text: str) -> Iterator[Found]:
    """Every number that identifies somebody, in plain text."""
    for match in _CARD.finditer(text):
        if luhn(digits(match.group())):
            yield Found(*match.span(), "card")
    for match in _TWELVE.finditer(text):
        kind = _twelve(digits(match.group()))
        if kind is not None:
            yield Found(*match.span(), kind)
    for match in _WORDED.finditer(text):
        yield Found(*match.span(1), _named(match.group()))
    for match in _RESIDENCE.finditer(text):
        yield Found(*match.span(), "residence_card")
    for match in _PASSPORT.finditer(text):
        yield Found(*match.span(), "passport")
    for match in _ACCOUNT.finditer(text):
        yield Found(*match.span(1), "account")
    for match in _SSN.finditer(text):
        yield Found(*match.span(), "account")


def is_my_number(number: str) -> bool:
    """Whether twelve digits carry the check digit of an individual number.

    Examples:
        >>> is_my_number("123456789018"), is_my_number("123456789012")
        (True, False)
    """
    return _weighted(number[:11], _MY_NUMBER_WEIGHTS) == int(number[11])


def is_licence(number: str) -> bool:
    """Whether twelve digits carry the check digit of a driving licence (place 11)."""
    return number[0] in "1234569" and _weighted(number[:10], _LICENCE_WEIGHTS) == int(number[10])


def digits(text: str) -> str:
    """The digits of a text."""
    return "".join(character for character in text if character.isdigit())


def _weighted(body: str, weights: tuple[int, ...]) -> int:
    rest = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def _twelve(number: str) -> Kind | None:
    if len(set(number)) == 1:
        return None
    if is_my_number(number):
        return "my_number"
    return "licence" if is_licence(number) else None


def _named(text: str) -> Kind:
    plain = text.casefold()
    words: tuple[tuple[str, Kind], ...] = (
        ("マイナンバー", "my_number"), ("個人番号", "my_number"), ("number is", "account"),
        ("免許", "licence"), ("licen", "licence"), ("旅券", "passport"), ("パスポート", "passport"),
        ("passport", "passport"), ("在留", "residence_card"), ("my", "my_number"),
    )  # fmt: skip
    return next((kind for word, kind in words if plain.startswith(word)), "account")
