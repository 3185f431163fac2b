"""What people said, as bits: two people with the same bits get the same answers.

A standing is taken apart into *traits*: one for each different thing that can be so of a
person (agreed to the newsletter, informed beforehand · suspended advertising · frozen). When it
was said does not matter to a question asked now: whatever is in a standing was said by then.
So a person is an integer, ten million people are a table of bits, and an answer is found by the
bits that may matter to its question.
"""

from __future__ import annotations

from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import Standing


class Traits:
    """Every different thing said so far, each with its bit; grows, never renumbers."""

    def mask(self, standing: Standing) -> int:
        """The bits of a standing."""
        raise NotImplementedError

    def standing(self, mask: int, person: PersonId) -> Standing:
        """A standing with exactly these traits, its moments made up long ago."""
        raise NotImplementedError

    def __len__(self) -> int:
        """How many traits there are."""
        raise NotImplementedError

    @property
    def groups(self) -> tuple[int, ...]:
        """Masks of traits of which a person has exactly one or none (kind, status, age ...)."""
        raise NotImplementedError
