"""40 items, 20 purposes, 30 recipients and 1,000 people with consents and suspensions.

Every fifth purpose needs consent, which everybody gave to all but the last of these; every
tenth person suspended one purpose. About half of the questions are permitted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from seiyaku.assurance.model import Assurance
from seiyaku.gate.model import Question
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Act, Policy
from seiyaku.standing.model import Acceptance, Consent, Scope, Suspension
from seiyaku.testing.crowd import Crowd

ITEMS = [f"item_{n}" for n in range(40)]
PURPOSES = [f"purpose_{n}" for n in range(20)]
RECIPIENTS = [f"recipient_{n}" for n in range(30)]
PEOPLE = [PersonId(f"p{n}") for n in range(1_000)]
CONSENTED = PURPOSES[::5]
AGREED = CONSENTED[:-1]
STOPPED = "purpose_3"
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=200)
LAWS = load_packs(["jp-appi", "jp-records"])
_NAME = {"ja": "例", "en": "example"}


def items_of(purpose: str) -> list[str]:
    """The ten items a purpose has."""
    first = PURPOSES.index(purpose)
    return [ITEMS[(first + n) % len(ITEMS)] for n in range(10)]


def purpose_of(recipient: str) -> str:
    """The one purpose a recipient serves."""
    return PURPOSES[RECIPIENTS.index(recipient) % len(PURPOSES)]


def stops(person: str) -> bool:
    """Whether this person suspended one purpose."""
    return int(person[1:]) % 10 == 0


def crowd() -> Crowd:
    """The people, what they said, and the contracts with the recipients."""
    found = Crowd("user")
    for person in PEOPLE:
        shown = START - timedelta(minutes=5)
        found.say(
            Consent(person, START, Scope(purposes=tuple(AGREED)), "v1", shown),
            Acceptance(person, START, "v1"),
        )
        if stops(person):
            found.say(Suspension(person, START, Scope(purposes=(STOPPED,))))
    kinds = (("trustee_record", None), ("supervision", None), ("equivalent_measures", "US"))
    found.record(
        *(Assurance(kind, r, START, "file", about) for r in RECIPIENTS for kind, about in kinds)
    )
    return found


def questions(act: Act, count: int) -> list[Question]:
    """Questions of many people."""
    dice = Random(7)
    return [_question(dice, act) for _ in range(count)]


def _question(dice: Random, act: Act) -> Question:
    recipient = dice.choice(RECIPIENTS) if act == "send" else None
    purpose = purpose_of(recipient) if recipient else dice.choice(PURPOSES)
    item = ITEMS[(PURPOSES.index(purpose) + dice.randrange(20)) % len(ITEMS)]
    return Question(
        act,
        dice.choice(PEOPLE),
        item,
        NOW,
        purpose,
        recipient=recipient,
        country="US" if recipient else None,
    )


def history() -> History:
    """The policy, in one version."""
    return History((policy(),))


def policy() -> Policy:
    """The policy."""
    name = {"name": _NAME}
    return Policy.model_validate(
        {
            "seiyaku": 1,
            "service": "bench",
            "prefix": "BENCH",
            "service_name": _NAME,
            "version": {"id": "v1", "enacted_on": "2026-01-01", "published_at": START},
            "source": {
                "url": "none",
                "retrieved_on": "unknown",
                "sha256": "0" * 64,
                "language": "en",
            },
            "controller": name,
            "regimes": ["jp-appi", "jp-records"],
            "clauses": {},
            "people": {"user": name},
            "sources": {"person": name},
            "items": {
                word: {**name, "clause": f"3.{n}", "personal": "none", "sources": {"person": {}}}
                for n, word in enumerate(ITEMS)
            },
            "purposes": {
                word: {
                    **name,
                    "clause": f"4.{n}",
                    "items": items_of(word),
                    "consent": {"clause": f"4.{n}c"} if word in CONSENTED else None,
                }
                for n, word in enumerate(PURPOSES)
            },
            "recipients": {
                word: {
                    **name,
                    "clause": f"6.{n}",
                    "basis": "entrust",
                    "countries": ["US", "JP"],
                    "routes": {"US": "equivalent_measures"},
                    "purposes": [purpose_of(word)],
                    "items": items_of(purpose_of(word)),
                }
                for n, word in enumerate(RECIPIENTS)
            },
        }
    )
