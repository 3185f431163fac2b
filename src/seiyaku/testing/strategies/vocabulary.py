"""The small vocabulary of generated policies, and the days on which things happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Question
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import Laws, load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Act
from seiyaku.standing.model import Standing

World = tuple[History, Laws, Standing, Assurances, Question]

START = datetime(2026, 3, 1, tzinfo=UTC)
PERSON = PersonId("7")
ITEMS = ("email", "address", "location", "orders")
PURPOSES = ("serve", "ship", "newsletter")
SOURCES = ("person", "login")
CONTEXTS = ("ordering", "asking")
PEOPLE = ("user", "applicant")
RECIPIENTS = ("printer", "agency", "partners", "group")
CLASSES = ("partners", "group")
MEMBERS = ("shop_a", "shop_b")
COUNTRIES = ("JP", "US", "DE", "CN")
ROUTES = ("adequacy", "equivalent_measures", "consent")
BASES = ("entrust", "consent", "joint_use", "succession", "opt_out", "exception", "none")
CLAUSES = tuple(f"{a}.{n}" for a in (3, 4, 6) for n in range(1, 5))
SCOPES = ("profile", "mail")
KNOWS = "knows_chain"
ACTS: tuple[Act, ...] = ("collect", "use", "send", "keep")


def day(n: float) -> datetime:
    """The moment `n` days after the first version was published."""
    return START + timedelta(days=n)


seldom = st.integers(0, 5).map(lambda n: n == 5)


@cache
def laws() -> Laws:
    """The packs the generated policies name."""
    return load_packs(["jp-appi", "jp-records"])
