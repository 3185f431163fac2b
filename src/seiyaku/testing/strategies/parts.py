"""Items, purposes and recipients of generated policies.

Every part of a policy is one of `VARIANTS` made from a seed, so that a whole policy is a
handful of small integers: quick to draw, and it shrinks towards the plain variant 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, Final

from seiyaku.policy.model import Item, Purpose, Recipient
from seiyaku.testing.strategies.vocabulary import (
    ACTS,
    BASES,
    CLASSES,
    ITEMS,
    KNOWS,
    PURPOSES,
    RECIPIENTS,
    SCOPES,
)

VARIANTS = 40


class Dice:
    """Choices that depend on a name and a seed alone; seed 0 always chooses the first."""

    def __init__(self, name: str, seed: int) -> None:
        self._random = Random(f"{name}:{seed}") if seed else None  # noqa: S311 - no secret

    def any(self, *choices: Any) -> Any:
        """One of `choices`, each as likely as the next."""
        return self._random.choice(choices) if self._random else choices[0]

    def mostly(self, usual: Any, *others: Any) -> Any:
        """`usual` in seven cases of eight."""
        seldom = self._random is not None and self._random.random() < 1 / 8
        return self.any(*others) if seldom else usual

    def some(self, words: Sequence[str]) -> list[str]:
        """At least one of `words`, in their order; more likely many."""
        if self._random is None:
            return list(words)
        kept = [word for word in words if self._random.random() < 0.7]
        return kept or [self._random.choice(words)]


def text(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


@cache
def item(word: str, seed: int) -> Item:
    dice, clause = Dice(word, seed), f"3.{ITEMS.index(word) + 1}"
    narrow = {"clause": f"{clause}s", "only": ["serve"]}
    linked = {"clause": f"{clause}l", "scope": dice.any(*SCOPES)}
    collect = {"clause": f"{clause}c"}
    asked = ({"contexts": ["ordering"]}, {"consent": True}, {"acknowledgement": KNOWS})
    return Item.model_validate(
        {
            "clause": clause,
            "name": text(word),
            "personal": "none",
            "sources": dice.mostly(
                {"person": {}, "login": {}},
                {},
                {"person": {}, "login": narrow},
                {"login": narrow},
                {"login": linked},
                {"login": linked, "person": {"scope": "mail"}},
                {"person": {}, "login": linked},
            ),
            "never": dice.mostly({}, *({act: f"{clause}n"} for act in (*ACTS, "train"))),
            "only": dice.mostly(None, {"clause": f"{clause}o", "purposes": ["serve", "ship"]}),
            "collect": dice.any(None, None, *(collect | more for more in asked)),
            "people": dice.mostly([], ["user"]),
            "special_care": dice.mostly(None, "medical_history"),
            "derived_from": dice.mostly([], list(ITEMS[: ITEMS.index(word)])),
        }
    )


def having(dice: Dice) -> dict[str, Any]:
    """Items a purpose or recipient has outright, and those it has in a context."""
    when = dice.any({}, {}, {"ordering": ["address"]}, {"asking": ["email", "address"]})
    moved = {word for words in when.values() for word in words}
    return {"items": [w for w in dice.some(ITEMS) if w not in moved], "items_when": when}


@cache
def purpose(word: str, seed: int) -> Purpose:
    dice, clause = Dice(word, seed), f"4.{PURPOSES.index(word) + 1}"
    return Purpose.model_validate(
        {
            "clause": clause,
            "name": text(word),
            **having(dice),
            "consent": dice.any(None, None, {"clause": f"{clause}c"}),
            "acknowledgement": dice.mostly(None, KNOWS),
            "people": dice.mostly([], ["user"]),
            "opt_out": dice.any(None, f"{clause}x"),
        }
    )


@cache
def recipient(word: str, seed: int) -> Recipient:
    dice, clause = Dice(word, seed), f"6.{RECIPIENTS.index(word) + 1}"
    wide = {"US": "equivalent_measures", "EU": "adequacy"}
    odd: tuple[dict[str, str], ...]
    odd = {"US": "consent", "EU": "consent"}, {"US": "adequacy", "EU": "adequacy"}, {}
    return Recipient.model_validate(
        {
            "clause": clause,
            "name": text(word),
            "operator": dice.mostly("Printer Inc.", None),
            "basis": dice.any("entrust", "entrust", "consent", "consent", *BASES),
            "register": f"{word}_register" if word in CLASSES else None,
            "relation": dice.any(None, "buyer_of"),
            "countries": dice.any(["JP"], ["US"], ["JP", "US", "DE"], ["US", "EU"]),
            "routes": dice.any(wide, wide, wide, *odd),
            "purposes": dice.some(PURPOSES),
            **having(dice),
            "requires": dice.mostly([], ["training_opt_out"]),
            "masked": dice.mostly(None, f"{clause}m"),
            "reference": dice.mostly([], ["4.2", "4.1"]),
            "opt_out": dice.any(None, f"{clause}x"),
        }
    )


PARTS: Final[Mapping[str, tuple[Sequence[str], Callable[[str, int], Any]]]] = {
    "items": (ITEMS, item),
    "purposes": (PURPOSES, purpose),
    "recipients": (RECIPIENTS, recipient),
}
"""The parts of a policy that are drawn: their words, and what makes one from word and seed."""
