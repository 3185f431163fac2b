"""Answers kept by the traits they depend on: each is decided once and then looked up.

An `Answers` holds for one version of the policy, one day of the law and one set of live facts;
`until` says when the first of these ends.
"""

from __future__ import annotations

from datetime import datetime

from seiyaku.assurance.model import Assurances
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Handling
from seiyaku.gate.traits import Traits


class Answer:
    """The decisions of one handling of one item, for every combination of traits.

    Args:
        relevant: mask of the traits that may matter; a trait outside it never changes the answer.
    """

    relevant: int

    def decide(self, mask: int) -> Decision:
        """The decision for a person with these traits."""
        raise NotImplementedError


class Answers:
    """Every answer asked for so far, under what holds from `at` until `until`.

    Args:
        until: the first moment at which a version, a law, a fact or a membership begins or
            ends; None where none does. From then on a new `Answers` is needed.
    """

    until: datetime | None

    def __init__(self, gate: Gate, traits: Traits, assurances: Assurances, at: datetime) -> None:
        raise NotImplementedError

    def of(self, handling: Handling, item: str, source: str | None = None) -> Answer:
        """The answer of one handling of one item; grows as traits do."""
        raise NotImplementedError
