"""Mask the texts of one call and turn the placeholders back in its answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from seiyaku.datamap.detectors import holds_card_number, holds_email
from seiyaku.doors.masking.detect import find_all, find_known
from seiyaku.doors.masking.model import Kind
from seiyaku.doors.masking.normal import plain_form

_PLACEHOLDER: Final = re.compile(r"\[[A-Z_]+_([0-9]+)\]")


class Masking:
    """The placeholders of one call: one value is one placeholder, in every text of the call.

    Args:
        known: values of the person at hand, always masked.

    Examples:
        >>> masking = Masking()
        >>> masking.mask("Write to aki@example.jp")
        'Write to [MAIL_1]'
        >>> masking.restore("I wrote to [MAIL_1].")
        'I wrote to aki@example.jp.'
    """

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._known = tuple(known)
        self._values: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}
        self._counts: Counter[Kind] = Counter()
        self._first = 1

    @property
    def used(self) -> bool:
        """Whether anything was masked."""
        return bool(self._values)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many stretches of each kind were masked."""
        return dict(self._counts)

    def mask(self, text: str) -> str:
        """`text` with everything found replaced by placeholders."""
        parts: list[str] = []
        upto = 0
        self._avoid(text)
        for found in find_all(text, self._known):
            parts += (
                text[upto : found.start],
                self._placeholder(text, found.start, found.end, found.kind),
            )
            upto = found.end
        return "".join(parts) + text[upto:]

    def restore(self, text: str) -> str:
        """`text` with this call's placeholders turned back."""
        return _PLACEHOLDER.sub(lambda m: self._values.get(m.group(), m.group()), text)

    def restore_json(self, text: str) -> str:
        """As `restore`, inside JSON: the values are escaped as a JSON text wants them."""
        return _PLACEHOLDER.sub(
            lambda m: (
                json.dumps(self._values[m.group()])[1:-1]
                if m.group() in self._values
                else m.group()
            ),
            text,
        )

    def _placeholder(self, text: str, start: int, end: int, kind: Kind) -> str:
        value = text[start:end]
        self._counts[kind] += 1
        if value not in self._placeholders:
            name = "PERSON" if kind == "known" else kind.upper()
            placeholder = f"[{name}_{self._first + len(self._values)}]"
            self._placeholders[value] = placeholder
            self._values[placeholder] = value
        return self._placeholders[value]

    def _avoid(self, text: str) -> None:
        """Number above whatever looks like a placeholder in the text itself."""
        numbers = [int(m.group(1)[:9]) for m in _PLACEHOLDER.finditer(text)]
        if numbers and not self._values:
            self._first = max(self._first, max(numbers) + 1)


def reveals(text: str, known: Sequence[str] = ()) -> bool:
    """Whether a mail address, a card number or a known value stands in a technical value."""
    if not text or len(text) < 2:
        return False
    if holds_email(text) or holds_card_number(text):
        return True
    return bool(known) and next(find_known(plain_form(text).text, known), None) is not None
