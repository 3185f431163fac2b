"""Word lists of family and given names, and of words that are no names; read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Lexicon:
    """Names as people write them.

    Args:
        ja_family, ja_given: in Japanese script. given, family: in Latin script, casefolded.
        ja_places: family names that are places or common words as often; alone they are no name.
        ja_no_person: what stands before an honorific and is nobody. ja_no_given: words after a
            place that reads like a family name (駅前, 支店). ja_common: words that stand where
            names stand (会議, 彼女).
        common: Latin words that are no names. ambiguous: names that are words as well.
    """

    ja_family: frozenset[str]
    ja_given: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]
    common: frozenset[str]
    ambiguous: frozenset[str]
    ja_places: frozenset[str]
    ja_no_person: frozenset[str]
    ja_no_given: frozenset[str]
    ja_common: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The word lists."""
    ja_family, family = _pairs("ja_family")
    ja_given, given = _pairs("ja_given")
    return Lexicon(
        ja_family,
        ja_given,
        given | _words("en_given"),
        family | _words("en_family"),
        _words("en_common"),
        _words("en_ambiguous"),
        _words("ja_places"),
        _words("ja_no_person"),
        _words("ja_no_given"),
        _words("ja_common"),
    )


def _pairs(name: str) -> tuple[frozenset[str], frozenset[str]]:
    rows = [line.split() for line in _text(name).splitlines() if line]
    return frozenset(row[0] for row in rows), frozenset(row[1] for row in rows)


def _words(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _text(name).split())


def _text(name: str) -> str:
    return (files("seiyaku.doors.masking") / "words" / f"{name}.txt").read_text("utf-8")
