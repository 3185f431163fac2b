"""Ways to reach a person: mail, telephone, network addresses, handles, and birth dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seiyaku.doors.masking.model import Found, Kind

_DASH: Final = "[ .\\-\u2010-\u2015\u2212\u30fc]?"
_MAIL: Final = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}(?:@| ?(?:\[at\]|\(at\)|＠| at (?=[a-z0-9-]+(?: dot |\.)[a-z])) ?)"
    r"[A-Za-z0-9][A-Za-z0-9-]*(?:(?:\.| dot )[A-Za-z0-9-]+)+",
    re.I,
)
_WIDE_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PHONE_JP: Final = re.compile(
    rf"(?:\(0[1-9][0-9]{{0,3}}\)|(?<![0-9A-Za-z-])(?:\+?81{_DASH}(?:\(0\))?|0)[1-9][0-9]{{0,3}}\)?)"
    rf"{_DASH}[0-9]{{1,4}}{_DASH}[0-9]{{3,4}}(?![0-9A-Za-z]|-[0-9])"
)
_PHONE_WORLD: Final = re.compile(
    r"(?<![0-9A-Za-z])\+[1-9][0-9]{0,2}[ .\-(]{0,2}[0-9](?:[ .\-()]{0,2}[0-9]){6,12}(?![0-9])"
)
_PHONE_US: Final = re.compile(
    r"(?<![0-9A-Za-z-])(?:1[ .-]?)?\(?[2-9][0-9]{2}\)?[ .-][2-9]?[0-9]{2,3}[ .-][0-9]{4}(?![0-9-])"
)
_PHONE_WORDED: Final = re.compile(
    r"(?:電話(?:番号)?|携帯(?:番号)?|TEL|phone|mobile|cell|call me (?:at|on))[^0-9+\n]{0,12}"
    r"(\+?[0-9(][0-9 .\-()]{5,16}[0-9])",
    re.I,
)
_NETWORK: Final = re.compile(
    r"(?<![0-9.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
    r"(?![0-9]|\.[0-9])|(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![0-9A-Fa-f:])"
)
_HANDLE: Final = re.compile(
    r"(?<![A-Za-z0-9._@/])@[A-Za-z0-9_][A-Za-z0-9_.]{1,30}(?<!\.)(?![@A-Za-z0-9_])"
)
_BORN: Final = re.compile(
    r"(?:生年月日|誕生日|born(?: on)?|date of birth|birthday|dob)[^0-9A-Za-z\n]{0,6}(?:は|is)? ?"
    r"((?:明治|大正|昭和|平成|令和|[MTSHR])?[ ]?"
    r"[0-9]{1,4}[年./-][ ]?[0-9]{1,2}[月./-][ ]?[0-9]{1,4}日?"
    r"|[A-Z][a-z]{2,8}\.? [0-9]{1,2},? [0-9]{4}|[0-9]{1,2} [A-Z][a-z]{2,8} [0-9]{4})"
    r"|((?:明治|大正|昭和|平成|令和)?[0-9]{1,4}年[0-9]{1,2}月[0-9]{1,2}日)(?:生まれ|生)",
    re.I,
)
_RULES: Final[tuple[tuple[re.Pattern[str], Kind], ...]] = (
    (_MAIL, "mail"),
    (_WIDE_MAIL, "mail"),
    (_PHONE_JP, "phone"),
    (_PHONE_WORLD, "phone"),
    (_PHONE_US, "phone"),
    (_PHONE_WORDED, "phone"),
    (_NETWORK, "network"),
    (_HANDLE, "handle"),
    (_BORN, "birth_date"),
)


def find_contacts(text: str) -> Iterator[Found]:
    """Every mail address, telephone number, network address, handle and birth date."""
    for pattern, kind in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span(match.lastindex or 0)
            if kind != "phone" or 9 <= sum(c.isdigit() for c in text[start:end]) <= 15:
                yield Found(start, end, kind)
