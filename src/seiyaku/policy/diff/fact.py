"""One thing a version of a policy says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sense = Literal["permits", "binds", "tells"]
Key = tuple[str, str, str]
"""Kind, part of the policy, detail: what makes two facts of two versions the same."""


@dataclass(frozen=True)
class PolicyFact:
    """One thing a version says.

    Args:
        kind: what it is about: ``use``, ``send``, ``ban``, ``consent``, ``retention`` ...
        part: where it stands: ``purposes.ship_goods``.
        detail: which of several: ``email (auth0)``.
        sense: what its presence means for what the controller may do.
        clause: clause it rests on.
        amount: a number that may grow: days, yen, years of age.
        amount_sense: what growing means.
        people: kinds of people concerned; empty means all.
        value: text, for what only tells.
    """

    kind: str
    part: str
    detail: str
    sense: Sense
    clause: str = ""
    amount: int | None = None
    amount_sense: Sense = "tells"
    people: tuple[str, ...] = ()
    value: str = ""

    @property
    def key(self) -> Key:
        """What makes it the same fact in another version."""
        return self.kind, self.part, self.detail
