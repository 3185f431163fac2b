"""What is answered about someone nobody knows: nothing is permitted by silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from seiyaku.gate.model import Decision, Reason

HINT: Final = (
    "nobody by this id said anything or has a row of their own: ask with the key of the data"
    " map's root, prefixed where the kind of people has a prefix"
)
_UNKNOWN: Final = Reason("unknown_person")


def decided_of_nobody(found: Decision) -> Decision:
    """The decision about an unknown person, given the one about a person who said nothing.

    What holds whoever is asked about stays: no version in force, an act that is never done, a
    demand of the law. Else it is undecided, among the unknown words.
    """
    if found.step in (0, 1, 3):
        return found
    others = found.reasons if found.step == 2 else ()
    return replace(found, outcome="undecided", reasons=tuple(sorted((*others, _UNKNOWN))), step=2)
