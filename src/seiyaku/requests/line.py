"""One line of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from seiyaku.kernel.text import Text


@dataclass(frozen=True)
class Line:
    """One line of an answer: a word of the policy or a fact about it.

    Args:
        about: word concerned, ``email`` or ``printful``; empty for the answer as a whole.
    """

    text: Text
    cite: str = ""
    about: str = ""
