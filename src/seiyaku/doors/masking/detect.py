"""Everything found in one text, as stretches of the original that do not overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from seiyaku.doors.masking.addresses import find_addresses
from seiyaku.doors.masking.contacts import find_contacts
from seiyaku.doors.masking.model import Detector, Found
from seiyaku.doors.masking.names_ja import find_japanese_names
from seiyaku.doors.masking.names_latin import find_latin_names
from seiyaku.doors.masking.normal import folded, plain_form
from seiyaku.doors.masking.numbers import find_numbers

DETECTORS: Final[tuple[Detector, ...]] = (
    find_contacts,
    find_numbers,
    find_addresses,
    find_japanese_names,
    find_latin_names,
)
_GAP: Final = "[\\s\\-\u2010-\u2015\u2212\u30fc.,()・･]*"


def find_all(text: str, known: Sequence[str] = ()) -> list[Found]:
    """Whatever identifies somebody in `text`, in the order of the text, without overlaps.

    Args:
        known: values that are always found, however they are spaced or typed.
    """
    plain = plain_form(text)
    found = [f for detector in DETECTORS for f in detector(plain.text)]
    found += find_known(plain.text, known)
    found += find_again(plain.text, found)
    back = (Found(*plain.span(f.start, f.end), f.kind) for f in found if f.end > f.start)
    return list(_merged(back))


def find_known(text: str, known: Iterable[str]) -> Iterator[Found]:
    """Places where one of the `known` values stands in plain text."""
    for pattern in filter(None, map(_pattern, _with_parts(known))):
        for match in pattern.finditer(text):
            yield Found(*match.span(), "known")


def find_again(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Other places where a name stands that was found here once, or a part of it."""
    names = {text[f.start : f.end] for f in found if f.kind == "name"}
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 1}
    for part in parts:
        body = re.escape(part)
        if part.isascii():
            body = rf"(?<![^\W_]){body}(?![^\W_])"
        for match in re.finditer(body, text):
            yield Found(*match.span(), "name")


def _with_parts(known: Iterable[str]) -> set[str]:
    """Each value, and the parts of one that is words without digits (family and given name)."""
    values = {folded(value).strip() for value in known}
    words = {value for value in values if not any(c.isdigit() for c in value) and "@" not in value}
    return values | {part for value in words for part in value.split()}


def _pattern(value: str) -> re.Pattern[str] | None:
    """Finds a value however it is spaced; short Latin ones as whole words only."""
    letters = [c for c in value if c.isalnum() or c in "@_"]
    if not letters or (len(letters) == 1 and value.isascii()):
        return None
    body = _GAP.join(map(re.escape, letters))
    if value.isascii() and len(letters) < 5:
        body = rf"(?<![^\W_]){body}(?![^\W_])"
    return re.compile(body, re.I)


def _merged(found: Iterable[Found]) -> Iterator[Found]:
    """Overlapping stretches become one, of the kind of the longest."""
    current: Found | None = None
    longest = 0
    for one in sorted(found):
        if current is None or one.start >= current.end:
            if current is not None:
                yield current
            current, longest = one, one.end - one.start
            continue
        kind = one.kind if one.end - one.start > longest or one.kind == "known" else current.kind
        longest = max(longest, one.end - one.start)
        current = Found(current.start, max(current.end, one.end), kind)
    if current is not None:
        yield current
