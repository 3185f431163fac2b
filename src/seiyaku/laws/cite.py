"""Citations: where a rule stands, rendered in English and Japanese.

A citation is data (`APPI 27(5)(i)`); the names of the instruments are data too
(``tables/instruments.yaml``), so that no code knows a law by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from seiyaku.kernel.text import Language, Text
from seiyaku.laws.resources import read_table

_WHOLE = re.compile(r"(?P<law>.+?) (?P<place>\d\S*(?: proviso)?)")
_ARTICLE = re.compile(
    r"(?P<article>\d+(?:-\d+)*)(?:\((?P<paragraph>\d+)\))?(?:\((?P<item>[ivxl]+)\))?"
    r"(?P<proviso> proviso)?"
)
_PLACES = {
    "article": _ARTICLE,
    "section": re.compile(r"\d+(?:-\d+)*"),
    "whole": re.compile(""),
}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


class Instrument(BaseModel):
    """A law, order, rule or guideline that can be cited.

    Args:
        code: how citations begin, e.g. ``APPI Rule``.
        name: short name in both languages.
        title: official Japanese title.
        style: ``article`` (第27条第5項第1号), ``section`` (3-5-3-3), or ``whole`` where
            only the instrument is cited because its articles are not confirmed.
        egov: id at the e-Gov law database; empty where it has none or it was not read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name: Text
    title: str
    style: Literal["article", "section", "whole"]
    egov: str = ""


class _Instruments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    instruments: tuple[Instrument, ...]


@dataclass(frozen=True, order=True)
class Citation:
    """One place of one instrument; its text goes into decisions and receipts.

    Args:
        law: code of the instrument.
        place: article, paragraph and item (``27(5)(i)``) or section (``3-5-3-3``).

    Examples:
        >>> str(parse_citation("APPI 27(5)(i)"))
        'APPI 27(5)(i)'
        >>> parse_citation("APPI 27(5)(i)").get("ja")
        '個人情報保護法第27条第5項第1号'
    """

    law: str
    place: str

    def __str__(self) -> str:
        return f"{self.law} {self.place}".rstrip()

    @property
    def text(self) -> Text:
        """The citation in both languages."""
        instrument = instruments()[self.law]
        ja = _ja_place(self.place) if instrument.style == "article" else self.place
        return Text(ja=instrument.name.ja + ja, en=f"{instrument.name.en} {self.place}".rstrip())

    def get(self, language: Language) -> str:
        """The citation in `language`."""
        return self.text.get(language)


def parse_citation(text: str) -> Citation:
    """Read a citation such as ``APPI 35(2) proviso``.

    Raises:
        ValueError: the instrument is unknown, or the place is not written as its style asks.
    """
    match = _WHOLE.fullmatch(text)
    law, place = (text, "") if text in instruments() or match is None else match.groups()
    instrument = instruments().get(law)
    if instrument is None:
        raise ValueError(f"unknown instrument `{law}`; known: {', '.join(sorted(instruments()))}")
    if _PLACES[instrument.style].fullmatch(place) is None:
        raise ValueError(f"`{place}` is no {instrument.style} of `{law}`")
    return Citation(law, place)


def instruments() -> dict[str, Instrument]:
    """Every instrument that can be cited, by code."""
    return {entry.code: entry for entry in read_table("instruments", _Instruments).instruments}


def _from_text(value: object) -> object:
    return parse_citation(value) if isinstance(value, str) else value


CitationField = Annotated[
    Citation, BeforeValidator(_from_text), PlainSerializer(str, return_type=str)
]
"""A citation as a field of a model: written as text, kept as `Citation`."""


def _ja_place(place: str) -> str:
    match = _ARTICLE.fullmatch(place)
    if match is None:
        return place
    number, *branches = match["article"].split("-")
    words = [f"第{number}条", *(f"の{branch}" for branch in branches)]
    if match["paragraph"]:
        words.append(f"第{match['paragraph']}項")
    if match["item"]:
        words.append(f"第{_roman(match['item'])}号")
    if match["proviso"]:
        words.append("ただし書")
    return "".join(words)


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
