"""Dated facts a decision leans on: contracts, safeguards, reviews, readings, registers.

A policy says "we supervise our processors" and "equivalent measures are taken" (Law: APPI 25,
27(5)(i), 28(3)); an `Assurance` says since when that is so, until when, and where it is
written. A named person's decision between two clauses that contradict each other is one too
(kind ``reading``), and so is the member of a recipient class (`Membership`).
Life cycle: recorded, live, lapsed. A lapsed fact makes the gate undecided, never permitted;
facts are added and ended, not changed, so that a past decision can be told again.
"""

from seiyaku.assurance.load import load_assurances, parse_assurances
from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.assurance.review import Lapse, review

__all__ = [
    "Assurance",
    "Assurances",
    "Lapse",
    "Membership",
    "load_assurances",
    "parse_assurances",
    "review",
]
