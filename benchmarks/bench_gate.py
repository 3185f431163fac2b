"""The gate: one decision with its reasons, beside a bare dictionary look-up in the same run.

The policy has 40 items, 20 purposes and 30 recipients; 1,000 people with consents, an
acceptance and, some of them, a suspension. The reference looks one key of a question up in a
dictionary: the least any gate in Python can cost. The definition is measured besides.

    python benchmarks/bench_gate.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.gate import spec
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Consent, LiveConsent, Scope, Standing

Row = dict[str, Any]
Asked = tuple[Standing, Assurances, Question]
ITEMS, PURPOSES, RECIPIENTS, PEOPLE = 40, 20, 30, 1_000
ROUNDS, QUESTIONS = 7, 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=200)


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    policy, laws = _policy(), load_packs(["jp-appi", "jp-records"])
    history = History((policy,))
    gate = Gate(history, laws)
    rows = []
    for name, act in (("use", "use"), ("send abroad", "send")):
        asked = _asked(policy, act)
        assert all(gate.decide(*a) == spec.decide(history, laws, *a) for a in asked[:300])
        rows.append(_beside(f"gate: decide {name}", gate, asked))
    asked = _asked(policy, "use")[:300]
    ours = _median(lambda: [gate.decide(*a) for a in asked]) / len(asked)
    theirs = _median(lambda: [spec.decide(history, laws, *a) for a in asked]) / len(asked)
    rows.append(_row("gate: decide use, beside the definition", "us", ours * 1e6, theirs * 1e6))
    compiling = _median(lambda: Gate(history, laws))
    rows.append(_row("gate: compile the policy", "ms", compiling * 1e3, None))
    return rows


def _beside(name: str, gate: Gate, asked: Sequence[Asked]) -> Row:
    table = {(q.act, q.item, q.purpose, q.recipient): q for *_, q in asked}
    keys = [(q.act, q.item, q.purpose, q.recipient) for *_, q in asked]
    ours = _median(lambda: [gate.decide(*a) for a in asked]) / len(asked)
    theirs = _median(lambda: [table[key] for key in keys]) / len(keys)
    return _row(name, "us", ours * 1e6, theirs * 1e6)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _row(name: str, unit: str, ours: float, reference: float | None) -> Row:
    ratio = ours / reference if reference else None
    return {"name": name, "unit": unit, "ours": ours, "reference": reference, "ratio": ratio}


def _asked(policy: Policy, act: Any) -> list[Asked]:
    """Questions of many people, about half of them permitted."""
    dice = Random(7)
    assurances = _assurances()
    people = [_standing(n) for n in range(PEOPLE)]
    return [(dice.choice(people), assurances, _question(dice, act)) for _ in range(QUESTIONS)]


def _question(dice: Random, act: Any) -> Question:
    purpose, recipient = dice.randrange(PURPOSES), dice.randrange(RECIPIENTS)
    sent = {"recipient": f"recipient_{recipient}", "country": "US"} if act == "send" else {}
    if act == "send":
        purpose = recipient % PURPOSES
    item = (purpose + dice.randrange(ITEMS // 2)) % ITEMS
    return Question(act, PersonId("1"), f"item_{item}", NOW, f"purpose_{purpose}", "person", **sent)


def _standing(n: int) -> Standing:
    agreed = Consent(
        PersonId(str(n)),
        START,
        Scope((), tuple(f"purpose_{p}" for p in range(0, PURPOSES, 5))),
        "v1",
        START - timedelta(minutes=5),
    )
    stopped = (Scope(purposes=("purpose_3",)),) if n % 10 == 0 else ()
    return Standing(
        PersonId(str(n)),
        "user",
        NOW,
        consents=(LiveConsent(agreed),),
        suspensions=stopped,
        accepted=(("v1", START),),
    )


def _assurances() -> Assurances:
    kinds = (("trustee_record", None), ("supervision", None), ("equivalent_measures", "US"))
    return Assurances(
        tuple(
            Assurance(kind, f"recipient_{r}", START, "file", about)
            for r in range(RECIPIENTS)
            for kind, about in kinds
        )
    )


def _policy() -> Policy:
    name = {"ja": "例", "en": "example"}
    items = [f"item_{n}" for n in range(ITEMS)]
    half = [[items[(p + n) % ITEMS] for n in range(ITEMS // 4)] for p in range(PURPOSES)]
    return Policy.model_validate(
        {
            "seiyaku": 1,
            "service": "bench",
            "prefix": "BENCH",
            "service_name": name,
            "version": {"id": "v1", "enacted_on": "2026-01-01", "published_at": START},
            "source": {
                "url": "none",
                "retrieved_on": "unknown",
                "sha256": "0" * 64,
                "language": "en",
            },
            "controller": {"name": name},
            "regimes": ["jp-appi", "jp-records"],
            "clauses": {},
            "people": {"user": {"name": name}},
            "sources": {"person": {"name": name}},
            "items": {
                word: {
                    "clause": f"3.{n}",
                    "name": name,
                    "personal": "none",
                    "sources": {"person": {}},
                }
                for n, word in enumerate(items)
            },
            "purposes": {
                f"purpose_{p}": {
                    "clause": f"4.{p}",
                    "name": name,
                    "items": half[p],
                    "consent": {"clause": f"4.{p}c"} if p % 5 == 0 else None,
                }
                for p in range(PURPOSES)
            },
            "recipients": {
                f"recipient_{r}": {
                    "clause": f"6.{r}",
                    "name": name,
                    "basis": "entrust",
                    "countries": ["US", "JP"],
                    "routes": {"US": "equivalent_measures"},
                    "purposes": [f"purpose_{r % PURPOSES}"],
                    "items": half[r % PURPOSES],
                }
                for r in range(RECIPIENTS)
            },
        }
    )


if __name__ == "__main__":
    for row in run():
        print(row)
