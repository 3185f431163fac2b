"""The gate: one decision with its reasons, beside other engines asked the same in the same run.

The workload is `benchmarks.gate.workload`; each engine answers it by the same rules and all
agree (`benchmarks.gate.peers`; the bare dictionary knows nothing of people). A figure is the
median over blocks of questions, engines taking turns, so that the machine's moods meet all alike.

    python -m benchmarks gate
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from benchmarks.gate import workload as work
from benchmarks.gate.peers import PEERS, Ask
from seiyaku.doors.code import LiveGate
from seiyaku.gate import spec
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.gate.traits import Traits
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import OptOut, Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.crowd import Crowd

Row = dict[str, Any]
Words = tuple[str, str, str]
Block = Callable[[], list[object]]
FAST, SLOW = 5_000, 60
"""Questions in a block of a fast engine, of a slow one: each about as long as the other."""
BLOCKS = 120
EVENTS = 2_000


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    crowd, clock = work.crowd(), FixedClock(work.NOW)
    gate = Gate(work.history(), work.LAWS)
    live = LiveGate(gate, crowd, clock)
    live.load()
    return [
        *_beside_peers(live),
        *_other_questions(live),
        *_events(live, crowd, clock),
        *_full_engine(gate, crowd),
    ]


# -- one decision ------------------------------------------------------------------------------


def _beside_peers(live: LiveGate) -> list[Row]:
    asked = _words(work.questions("use", FAST))
    works = {"ours": _uses(live, asked)}
    for name, make in PEERS.items():
        ask = make()
        if name != "bare dict":
            _agree(name, ask, live, asked[:400])
        works[name] = _asking(ask, asked if name == "bare dict" else asked[:SLOW])
    times = _turns(works)
    return [_row(f"one decision, names in, beside {name}", times, "ours", name) for name in PEERS]


def _words(asked: Sequence[Question]) -> list[Words]:
    return [(q.person, q.item, q.purpose or "") for q in asked]


def _agree(name: str, ask: Ask, live: LiveGate, asked: Sequence[Words]) -> None:
    for person, item, purpose in asked:
        want = live.may_use(person, item, purpose=purpose).permitted
        assert ask(person, item, purpose) == want, (name, person, item, purpose)


def _uses(live: LiveGate, asked: Sequence[Words]) -> Block:
    may_use = live.may_use
    return lambda: [may_use(person, item, purpose=purpose) for person, item, purpose in asked]


def _asking(ask: Ask, asked: Sequence[Words]) -> Block:
    return lambda: [ask(person, item, purpose) for person, item, purpose in asked]


def _other_questions(live: LiveGate) -> list[Row]:
    send, allowed = live.may_send, live.allowed_items
    prepared = live.prepare("use", work.ITEMS[3], purpose=work.PURPOSES[3]).may
    sent = [(q.person, q.item, q.purpose, q.recipient) for q in work.questions("send", FAST)]
    used = _words(work.questions("use", FAST))
    times = _turns(
        {
            "use": _uses(live, used),
            "send": lambda: [
                send(p, item, purpose=why, recipient=to, country="US") for p, item, why, to in sent
            ],
            "prepared": lambda: [prepared(person) for person, *_ in used],
            "all items": lambda: [allowed(person, purpose=why) for person, _, why in used],
        }
    )
    return [
        _row("one decision, sent abroad, beside one of use", times, "send", "use"),
        _row("one decision, prepared, beside names in", times, "prepared", "use"),
        _row("all items for a purpose, beside one decision", times, "all items", "use"),
    ]


# -- what people say ---------------------------------------------------------------------------


def _events(live: LiveGate, crowd: Crowd, clock: FixedClock) -> list[Row]:
    """One event from being said to being in the answer, and the part of it that is ours."""
    said = Scope(purposes=(work.PURPOSES[7],))
    traits = Traits()
    standings = [crowd.standing(person, work.NOW) for person in work.PEOPLE]
    masks = _median(lambda: [traits.mask(s) for s in standings if s]) / len(standings)
    spans = []
    for n in range(EVENTS):
        person = work.PEOPLE[n % 1_000]
        crowd.say(OptOut(PersonId(person), work.NOW - timedelta(days=1), said))
        start = time.perf_counter()
        live.follow()
        decision = live.may_use(person, work.ITEMS[8], purpose=work.PURPOSES[7])
        spans.append(time.perf_counter() - start)
        assert decision.step == 6
    event = statistics.median(spans)
    return [
        _line("a standing taken apart into its bits", "us", masks * 1e6, None),
        _line("one event followed, and the first answer after it", "us", event * 1e6, None),
        _line("bits that tell 1,000 people apart", "traits", float(len(live.traits)), None),
    ]


# -- the full engine -----------------------------------------------------------------------------


def _full_engine(gate: Gate, crowd: Crowd) -> list[Row]:
    assurances = crowd.assurances()
    rows = []
    for name in ("use", "send"):
        asked = work.questions(name, 2_000)  # type: ignore[arg-type]
        cases = [(crowd.standing(q.person, work.NOW), assurances, q) for q in asked]
        assert all(
            gate.decide(*c) == spec.decide(work.history(), work.LAWS, *c) for c in cases[:50]
        )  # type: ignore[arg-type]
        ours = _median(lambda c=cases: [gate.decide(*a) for a in c]) / len(cases)  # type: ignore[misc,arg-type]
        few = cases[:150]
        history = work.history()
        theirs = _median(lambda c=few, h=history: [spec.decide(h, work.LAWS, *a) for a in c])  # type: ignore[misc,arg-type]
        title = f"full engine, {name}, beside the definition"
        rows.append(_line(title, "us", ours * 1e6, theirs / len(few) * 1e6))
    history = work.history()
    compiling = _median(lambda: Gate(history, work.LAWS))
    rows.append(_line("compile the policy", "ms", compiling * 1e3, None))
    return rows


# -- measuring -----------------------------------------------------------------------------------


def _turns(works: dict[str, Block]) -> dict[str, float]:
    """Median seconds of one question of each, the works taking turns block by block."""
    spans: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(BLOCKS):
        for name, ask in works.items():
            start = time.perf_counter()
            count = len(ask())
            spans[name].append((time.perf_counter() - start) / count)
    return {name: statistics.median(found) for name, found in spans.items()}


def _median(work_: Callable[[], object], rounds: int = 7) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work_()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _row(name: str, times: dict[str, float], ours: str, reference: str) -> Row:
    return _line(name, "us", times[ours] * 1e6, times[reference] * 1e6)


def _line(name: str, unit: str, ours: float, reference: float | None) -> Row:
    ratio = ours / reference if reference else None
    return {
        "name": f"gate: {name}",
        "unit": unit,
        "ours": ours,
        "reference": reference,
        "ratio": ratio,
    }


if __name__ == "__main__":
    for row in run():
        print(row)
