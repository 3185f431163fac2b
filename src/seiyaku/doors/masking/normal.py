"""The plain form of a text: NFKC, without invisible characters, each place traced back.

People type full-width digits and half-width kana; others hide a number by invisible characters
between its digits. Rules see one form only.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_VOICED = "\uff9e\uff9f"


@dataclass(frozen=True)
class Plain:
    """A text in its plain form.

    Args:
        starts, ends: for each character, where in the text it comes from; empty where the
            text was plain already.
    """

    text: str
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text behind a stretch of the plain one."""
        if not self.starts:
            return start, end
        return self.starts[start], self.ends[end - 1]


def plain_form(text: str) -> Plain:
    """`text` in its plain form."""
    if text.isascii() or (unicodedata.is_normalized("NFKC", text) and not _hides(text)):
        return Plain(text)
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for character in unicodedata.normalize("NFKC", text[start:end]):
            if unicodedata.category(character) != "Cf":
                out.append(character)
                starts.append(start)
                ends.append(end)
    return Plain("".join(out), tuple(starts), tuple(ends))


def folded(text: str) -> str:
    """A value as the rules see it, without case."""
    return plain_form(text).text.casefold()


def _hides(text: str) -> bool:
    return any(unicodedata.category(character) == "Cf" for character in text)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Stretches that are composed together: a character and the marks after it."""
    found: list[tuple[int, int]] = []
    for i, character in enumerate(text):
        joins = character in _VOICED or unicodedata.combining(character)
        if joins and found:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found
