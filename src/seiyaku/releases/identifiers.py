"""What in a cell or a text tells who somebody is, or nearly so.

A net, not a proof: forms that are written in a fixed way are found (addresses of mail and
machines, telephone, card and device numbers, exact places and moments). A name is a word like
any other; whoever declares a column to be made of an item says that it holds no names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from seiyaku.datamap.detectors import holds_card_number, holds_email, normal

_HEX = r"[0-9A-Fa-f]"
_PATTERNS: Final = {
    "uuid": re.compile(rf"(?<!{_HEX}){_HEX}{{8}}-?(?:{_HEX}{{4}}-?){{3}}{_HEX}{{12}}(?!{_HEX})"),
    "device": re.compile(
        rf"(?<![0-9A-Fa-f:-])(?:{_HEX}{{2}}[:-]){{5}}{_HEX}{{2}}(?![0-9A-Fa-f:-])"
        r"|(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{16,}(?![0-9A-Za-z])"
    ),
    "phone": re.compile(
        r"(?<![0-9A-Za-z.])(?:\+81[- ]?|0)[1-9]0?[0-9]{0,3}[- ()]{0,2}[0-9]{1,4}[- )]{1,2}"
        r"[0-9]{3,4}(?![0-9])"
        r"|(?<![0-9A-Za-z.])0[5-9]0[0-9]{8}(?![0-9])"
    ),
    "ip_address": re.compile(
        r"(?<![0-9.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
        r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![0-9.])"
        rf"|(?<![0-9A-Fa-f:])(?:{_HEX}{{1,4}}:){{3,7}}:?{_HEX}{{1,4}}(?![0-9A-Fa-f:])"
    ),
    "wallet": re.compile(r"(?<![0-9A-Za-z])0x[0-9A-Fa-f]{40}(?![0-9A-Za-z])"),
    "postal_code": re.compile(r"〒\s?[0-9]{3}-?[0-9]{4}|(?<![0-9-])[0-9]{3}-[0-9]{4}(?![0-9-])"),
}
_WHOLE: Final[dict[str, Callable[[str], bool]]] = {
    "email": holds_email,
    "card_number": holds_card_number,
}
_PLACE: Final = re.compile(r"-?(?:1[0-7][0-9]|[0-9]?[0-9])\.[0-9]{3,}")
_PAIR: Final = re.compile(rf"{_PLACE.pattern}\s*[,;/ ]\s*{_PLACE.pattern}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}[-/年][0-9]{1,2}[-/月][0-9]{1,2}日?[T ]?[0-9]{1,2}[:時][0-9]{2}"
)
_PLACE_WORDS: Final = frozenset({"lat", "lon", "lng", "latitude", "longitude", "緯度", "経度"})


def identifiers(text: str) -> Iterator[str]:
    """Kinds of identifiers that stand in `text`.

    Examples:
        >>> sorted(identifiers("ai@example.jp, 090-1234-5678"))
        ['email', 'phone']
    """
    plain = normal(text)
    if len(plain) < 6:
        return
    yield from (kind for kind, holds in _WHOLE.items() if holds(plain))
    yield from (kind for kind, pattern in _PATTERNS.items() if pattern.search(plain))


def exact_place(column: str, text: str) -> bool:
    """Whether `text` is a position finer than about a kilometre.

    A pair of coordinates is one anywhere; a single one only in a column that says so.
    """
    plain = normal(text).strip()
    named = not _PLACE_WORDS.isdisjoint(re.split(r"[^0-9A-Za-z緯度経]+", column.lower()))
    return bool(_PAIR.search(plain)) or (named and bool(_PLACE.fullmatch(plain)))


def exact_moment(text: str) -> bool:
    """Whether `text` names a minute of a day: few people did something in it."""
    return bool(_MOMENT.search(normal(text)))
