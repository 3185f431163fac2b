"""Something found in a text: what kind, from where to where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal[
    "known",
    "name",
    "mail",
    "phone",
    "address",
    "postal_code",
    "my_number",
    "card",
    "licence",
    "passport",
    "residence_card",
    "birth_date",
    "account",
    "network",
    "handle",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, order=True)
class Found:
    """A stretch of text that identifies somebody.

    Args:
        start, end: positions, the end not included.
    """

    start: int
    end: int
    kind: Kind


Detector = Callable[[str], Iterator[Found]]
"""Finds one kind of thing in text in its plain form (`normal.plain_form`)."""
