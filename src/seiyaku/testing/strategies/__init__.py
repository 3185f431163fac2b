"""Hypothesis strategies: small worlds for the gate, and questions drawn from their policies.

A random question mostly ends in "nobody declared that". So a world is made the other way
round: draw a policy and its versions (`policies`), draw a question the policy could permit
(`questions`), let the person and the assurances meet every condition (`worlds`), and then
disturb the whole in at most three ways, each aimed at one step of the order of precedence: what
is asked (`asking`), pledged (`pledging`), recorded (`recording`) or said (`saying`).
"""

from seiyaku.testing.strategies.draft import Disturbance
from seiyaku.testing.strategies.policies import histories, policies
from seiyaku.testing.strategies.questions import questions
from seiyaku.testing.strategies.said import events, scopes
from seiyaku.testing.strategies.vocabulary import (
    ITEMS,
    PERSON,
    PURPOSES,
    RECIPIENTS,
    START,
    World,
    day,
    laws,
)
from seiyaku.testing.strategies.worlds import DISTURBANCES, worlds

__all__ = [
    "DISTURBANCES",
    "ITEMS",
    "PERSON",
    "PURPOSES",
    "RECIPIENTS",
    "START",
    "Disturbance",
    "World",
    "day",
    "events",
    "histories",
    "laws",
    "policies",
    "questions",
    "scopes",
    "worlds",
]
