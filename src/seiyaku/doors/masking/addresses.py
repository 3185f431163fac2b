"""Postal addresses and codes, Japanese and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seiyaku.doors.masking.model import Found

_NUM: Final = "[0-9〇一二三四五六七八九十百]"
_DASH: Final = "[\\-\u2010-\u2015\u2212\u30fcのノ]"
_PREFECTURES: Final = (
    "北海道|東京都|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川"
    "|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡"
    "|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_WORD: Final = "[一-龥々ヶケノのぁ-んァ-ヴーA-Za-z]"
_LOT: Final = (
    rf"{_NUM}{{1,5}}(?:丁目|番地の?|番町|番|号|条|{_DASH}(?={_NUM}))?"
    rf"(?:[ ]?(?:(?:西|東|南|北){_NUM}|{_NUM}){_NUM}{{0,4}}"
    rf"(?:丁目|番地の?|番|号室|号|条|{_DASH}(?={_NUM}))?){{0,4}}"
)
_BUILDING: Final = (
    r"(?:[ ]?[一-龥々ァ-ヴーA-Za-z0-9]{1,20}"
    r"(?:ビル|マンション|ハイツ|コーポ|荘|アパート|タワー|レジデンス|ハウス|館|寮|棟)"
    r"(?:[ ]?[0-9A-Z-]{1,6}(?:号室|階|F)?)?"
    r"|[ ][一-龥々ァ-ヴーA-Za-z]{2,15}[ ]?[0-9]{1,4}(?:号室|号|階|F)?"
    r"|[ ]?[0-9]{2,4}号室?)?"
)
_MIDDLE: Final = r"[一-龥々ヶケノぁ-んァ-ヴーA-Za-z ]"
_JAPANESE: Final = re.compile(
    rf"(?:{_PREFECTURES})[ ]?{_WORD}{{1,12}}?[市区町村郡]"
    rf"{_MIDDLE}{{0,16}}?(?:{_LOT}{_BUILDING}|(?=[、。,.\s」)]|$|に|で|の|へ|から|まで|在住))"
)
_TOWN: Final = re.compile(
    rf"(?:(?<={_WORD})|(?<!{_WORD}))[一-龥々ヶぁ-んァ-ヴ]{{1,6}}[市区町村郡](?:[一-龥々ヶケぁ-んァ-ヴー]{{0,12}}?)"
    rf"[0-9]{{1,4}}(?:丁目|番地?|{_DASH}(?=[0-9]))(?:[0-9]{{1,4}}(?:番地?|号|{_DASH}(?=[0-9]))?){{0,3}}{_BUILDING}"
)
_LOT_ONLY: Final = re.compile(
    rf"[一-龥々ヶケァ-ヴー]{{1,8}}(?:[0-9]{{1,3}}|[一二三四五六七八九十]{{1,3}})丁目"
    rf"(?:[0-9]{{1,4}}(?:番地?|号|{_DASH}(?=[0-9]))?){{0,3}}{_BUILDING}"
)
_LABELLED: Final = re.compile(r"(?:住所|居所|お届け先|送付先|本籍)[ ]?[:はが][ ]?([^\n、。]{4,60})")
_STREETS: Final = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq"
    "|Terrace|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Row|Mews|Alley|Circle"
)
_TAIL: Final = (
    r"(?:,? (?:Apt|Apartment|Unit|Suite|Ste|Flat|Floor|Fl|No|#)\.? ?#?[A-Za-z0-9-]{1,6})?"
    r"(?:, ?[A-Z][A-Za-z.'-]+(?: [A-Z][A-Za-z.'-]+){0,3}){0,3}"
    r"(?:,? [A-Z]{2})?(?:,? (?:[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}"
    r"|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]))?"
)
_ENGLISH: Final = re.compile(
    rf"(?<![0-9A-Za-z])[0-9]{{1,6}}[A-Za-z]?(?:-[0-9]{{1,4}}){{0,2}},? (?:[NSEW]\.? )?"
    rf"(?:[A-Z0-9][A-Za-z0-9.'-]*,? ){{1,4}}(?:{_STREETS})\b\.?{_TAIL}"
)
_ROMAJI: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{1,4}(?:-[0-9]{1,4}){0,3},? )?"
    r"(?:[A-Z][a-z]+(?:-(?:cho|machi|ku|shi|gun|mura))?,? ?){0,3}"
    r"[A-Z][a-z]+-(?:ku|shi|cho|machi|gun|mura|ken|to|fu)\b"
    r"(?:,? [A-Z][a-z]+(?:-(?:ku|shi|ken|to|fu))?)*(?:,? [0-9]{3}-?[0-9]{4})?"
)
_EUROPEAN: Final = re.compile(
    r"(?:\b[A-ZÄÖÜ][\wäöüß.'-]*(?:straße|strasse|weg|platz|allee|gasse) [0-9]{1,4}[a-z]?\b"
    r"|\b[0-9]{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|place|chemin|via|calle)"
    r" [\w' -]{2,40}?(?=[,.;\n]|$))"
    r"(?:, ?[0-9]{4,5} [A-ZÄÖÜÉ][\w-]+|, ?[A-ZÄÖÜÉ][\w-]+)?"
)
_POSTAL_JP: Final = re.compile(
    "〒 ?[0-9]{3}[\\-\u2010-\u2015\u2212\u30fc]?[0-9]{4}(?![0-9])"
    "|(?:郵便番号|postal code|zip(?: code)?)[^0-9\\n]{0,4}[0-9]{3}-?[0-9]{4}(?![0-9])"
    "|(?<![0-9A-Za-z-])[0-9]{3}[\\-\u2010-\u2015\u2212][0-9]{4}(?![0-9A-Za-z-])",
    re.I,
)
_POSTAL_WORLD: Final = re.compile(
    r"\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}\b|\b[A-CEGHJ-NPR-TVXY][0-9][A-Z] ?[0-9][A-Z][0-9]\b"
    r"|\b[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?\b|(?i:zip(?: code)?|postcode)[ :]{1,3}[0-9A-Z -]{4,9}\b"
)


def find_addresses(text: str) -> Iterator[Found]:
    """Every postal address and code."""
    for pattern in (_JAPANESE, _TOWN, _LOT_ONLY, _ENGLISH, _ROMAJI, _EUROPEAN):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "address")
    for match in _LABELLED.finditer(text):
        yield Found(*match.span(1), "address")
    for pattern in (_POSTAL_JP, _POSTAL_WORLD):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "postal_code")
