"""Check a text for publication: no count behind which one person stands, nobody's own words.

Read are lines of plain text or Markdown. A table cell, or a number before a word for people, is
a trace where it tells fewer than `k`; a quotation longer than a term is what somebody wrote.
Findings say line and character; the text itself is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from seiyaku.releases.identifiers import exact_moment, identifiers
from seiyaku.releases.report import Finding, Report, listed

_CELL: Final = re.compile(r"\|([^|\n]*)(?=\|)")
_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\||$)")
_PEOPLE: Final = re.compile(
    r"(?<![0-9.,])([0-9][0-9,]*)\s*(?:人|名(?!前)|persons?\b|people\b|users?\b|customers?\b"
    r"|participants?\b|respondents?\b|players?\b|members?\b)",
    re.IGNORECASE,
)
_QUOTES: Final = re.compile(r"「([^」]*)」|『([^』]*)』|“([^”]*)”|\"([^\"]*)\"|«([^»]*)»")
_NARROW: Final = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
"""Full-width signs to plain ones, one for one, so that places stay where they are."""
_TERM: Final = 12
"""A quotation of up to this many characters is a term; longer ones somebody said."""


def check_publication(
    export: str, text: str, k: int, sha256: str, *, not_counts: Collection[str] = ()
) -> Report:
    """The report on a text for everyone to read.

    Args:
        k: the fewest people a number may tell. sha256: of the file the text stands in.
        not_counts: headings of table columns whose numbers are not of people (``rank``).
    """
    lines = text.translate(_NARROW).splitlines()
    found, more = listed(_findings(lines, k, frozenset(h.lower() for h in not_counts)))
    return Report(export, "publication", sha256, len(lines), k, None, {}, found, more)


def _findings(lines: list[str], k: int, not_counts: frozenset[str]) -> Iterator[Finding]:
    headings: list[str] = []
    for number, line in enumerate(lines, 1):
        cells = _cells(line)
        if cells and number < len(lines) and _RULE.match(lines[number].strip()):
            headings = [cell.strip().lower() for _, cell in cells]
        elif cells:
            yield from _table(number, cells, headings, k, not_counts)
        elif not _RULE.match(line.strip()):
            headings = []
        yield from _prose(number, line, k)


def _cells(line: str) -> list[tuple[int, str]]:
    """The cells of a Markdown row, each with the 1-based character at which it begins."""
    stripped = line.strip()
    if "|" not in stripped or _RULE.match(stripped):
        return []
    padded = line if stripped.startswith("|") else "|" + line
    padded = padded if padded.rstrip().endswith("|") else padded + "|"
    shift = 0 if stripped.startswith("|") else 1
    return [(m.start(1) + _indent(m[1]) + 1 - shift, m[1]) for m in _CELL.finditer(padded)]


def _indent(cell: str) -> int:
    return len(cell) - len(cell.lstrip())


def _table(
    number: int, cells: list[tuple[int, str]], headings: list[str], k: int, skip: frozenset[str]
) -> Iterator[Finding]:
    for column, (place, cell) in enumerate(cells):
        heading = headings[column] if column < len(headings) else ""
        people = _whole(cell)
        if heading not in skip and people is not None and 0 < people < k:
            yield Finding("group_too_small", number, place, heading, people)


def _prose(number: int, line: str, k: int) -> Iterator[Finding]:
    for found in _PEOPLE.finditer(line):
        people = _whole(found[1])
        if people is not None and 0 < people < k:
            yield Finding("group_too_small", number, found.start() + 1, people=people)
    if line.lstrip().startswith(">") and len(line.strip(" >")) > _TERM:
        yield Finding("quoted_person", number, _indent(line) + 1)
    else:
        yield from _quoted(number, line)
    for kind in identifiers(line):
        yield Finding("identifier", number, about=kind)
    if exact_moment(line):
        yield Finding("exact_moment", number)


def _quoted(number: int, line: str) -> Iterator[Finding]:
    for found in _QUOTES.finditer(line):
        if len("".join(group or "" for group in found.groups()).strip()) > _TERM:
            yield Finding("quoted_person", number, found.start() + 1)


def _whole(text: str) -> int | None:
    plain = text.strip().strip("*_`").replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() else None
