"""Detectors: what a text holds, whatever the data map says it holds.

A detector looks at NFKC text, so that full-width digits are digits. Card numbers must have an
issuer's beginning, its length and a right check digit; they are looked for inside longer text
and JSON, with the separators people type.

Source: issuer ranges after ISO/IEC 7812-1 assignments as published by the card networks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from seiyaku.policy.model import Policy

_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9][ ‐-―−.-]?){12,18}[0-9](?![0-9A-Za-z])")
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_ISSUERS: Final[tuple[tuple[int, int, tuple[int, ...]], ...]] = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (300, 305, (14, 16, 17, 18, 19)),  # Diners Club
    (36, 36, (14, 15, 16, 17, 18, 19)),
    (38, 39, (14, 16, 17, 18, 19)),
    (6011, 6011, (16, 17, 18, 19)),  # Discover
    (644, 649, (16, 17, 18, 19)),
    (65, 65, (16, 17, 18, 19)),
    (62, 62, (16, 17, 18, 19)),  # UnionPay
)


def normal(text: str) -> str:
    """`text` in NFKC: full-width letters and digits become plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands somewhere in `text`.

    Examples:
        >>> holds_card_number("pay 4111-1111-1111-1111 now"), holds_card_number("4111111111111112")
        (True, False)
    """
    return any(_is_card(re.sub(r"[^0-9]", "", m.group())) for m in _DIGITS.finditer(normal(text)))


def holds_email(text: str) -> bool:
    """Whether an e-mail address stands somewhere in `text`.

    Examples:
        >>> holds_email('{"to": "ai@example.com"}'), holds_email("@nobody")
        (True, False)
    """
    return "@" in (plain := normal(text)) and _EMAIL.search(plain) is not None


def luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_card(digits: str) -> bool:
    return _issued(digits) and luhn(digits)


def _issued(digits: str) -> bool:
    return len(set(digits)) > 1 and any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high
        for low, high, lengths in _ISSUERS
    )


def is_email(text: str) -> bool:
    """Whether `text` is an e-mail address and nothing else."""
    return _EMAIL.fullmatch(normal(text).strip()) is not None


def looks_like_card_number(text: str) -> bool:
    """Whether digits of an issuer's beginning and length stand in `text`, check digit or not.

    A check digit passes about one random number in ten: a column of such numbers of which few
    pass holds something else.
    """
    return any(_issued(re.sub(r"[^0-9]", "", m.group())) for m in _DIGITS.finditer(normal(text)))


@dataclass(frozen=True)
class Detector:
    """How one kind of data is seen in texts.

    Args:
        holds: whether a text holds it. resembles: whether it has the outer form.
        share: of the texts with the outer form in a column, how many must hold it for the
            column to be taken for it; columns with fewer than `enough` are taken at their word.
    """

    holds: Callable[[str], bool]
    resembles: Callable[[str], bool]
    share: float = 0.0
    enough: int = 20


_FACE_SERIES: Final = re.compile(
    "|".join(
        (
            "eye(?:blink|lookdown|lookin|lookout|lookup|squint|wide)(?:left|right)",
            "jaw(?:forward|left|right|open)",
            "mouth(?:close|funnel|pucker|rolllower|rollupper|shruglower|shrugupper)",
            "mouth(?:smile|frown|dimple|stretch|press|lowerdown|upperup)?(?:left|right)",
            "browinnerup|brow(?:down|outerup)(?:left|right)",
            "cheekpuff|cheeksquint(?:left|right)|nosesneer(?:left|right)|tongueout",
        )
    )
)
"""The 52 coefficients by which face tracking tells an expression, however they are spelled.

Source: Apple ARKit, ``ARFaceAnchor.BlendShapeLocation``.
"""
_FEWEST_COEFFICIENTS: Final = 20
_DEPTH: Final = re.compile(r'"depth_?(?:map|data)"\s*:\s*[\[{"]', re.I)
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def holds_face_series(text: str) -> bool:
    """Whether coefficients of a facial expression, or a map of depths, stand in `text`.

    Fewer than 20 of the 52 coefficients are taken for settings somebody made.

    Examples:
        >>> holds_face_series('{"jawOpen": 0.2}'), holds_face_series('{"depth_map": [[0.1]]}')
        (False, True)
    """
    plain = normal(text)
    if _DEPTH.search(plain):
        return True
    found = set(_FACE_SERIES.findall(re.sub("[_-]", "", plain).lower()))
    return len(found) >= _FEWEST_COEFFICIENTS


def is_depth_map(head: bytes) -> bool:
    """Whether a file that begins so is a PNG of 16 bits of grey: how depth cameras write.

    Args:
        head: at least the first 26 bytes.
    """
    return head.startswith(_PNG) and head[24:26] == b"\x10\x00"


_CARD: Final = Detector(holds_card_number, looks_like_card_number, share=0.3)
_MAIL: Final = Detector(holds_email, holds_email)
_FACE: Final = Detector(holds_face_series, holds_face_series)
DETECTORS: Final[Mapping[str, Detector]] = {
    "pd:Biometric": _FACE,
    "pd:CreditCardNumber": _CARD,
    "pd:EmailAddress": _MAIL,
    "pd:PaymentCardNumber": _CARD,
}
"""Detector for each DPV concept an item of the policy may be declared as."""


def never_kept(policy: Policy) -> dict[str, Detector]:
    """Items the policy never keeps that a detector can see; what is made of one is seen as it."""
    banned = {
        word: item
        for word, item in policy.items.items()
        if item.personal in DETECTORS and policy.ban(word, "keep")
    }
    return {
        word: DETECTORS[item.personal]
        for word, item in banned.items()
        if not any(origin in banned for origin in item.derived_from)
    }


EMAIL_CONCEPTS: Final = frozenset({"pd:EmailAddress", "pd:Contact"})
