"""The bulk door: everybody's standing as bits, and questions about all of them at once.

A hundred million people with five traits that matter: agreed to the survey of Deskrex informed
or not, suspended it or everything, frozen. *One copy of the bits* is `numpy.copyto` of these
five columns, the least that reading them costs. Beside us: the same condition written by hand in
NumPy over whole columns, in DuckDB over columns of booleans, and in roaring bitmaps.

Ten million people with forty traits: how large their standing is, with the id index and what
they said beside it; decisions at random, beside a bare look-up in a table of booleans; one event.

    python -m benchmarks audience
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyroaring

from seiyaku.assurance.model import Assurances
from seiyaku.doors.audience.diagram import diagram
from seiyaku.doors.audience.ids import Ids
from seiyaku.doors.audience.left_out import left_out
from seiyaku.doors.audience.population import Population
from seiyaku.doors.audience.program import Program, compile
from seiyaku.doors.audience.verdicts import verdicts
from seiyaku.gate.answers import Answer, Answers
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.ids import PersonId
from seiyaku.policy import History, parse_policy
from seiyaku.services import path as service_path
from seiyaku.standing import Consent, Event, Freeze, Scope, Suspension, fold
from seiyaku.store.people import StandingStore
from seiyaku.store.store import Store

Row = dict[str, Any]
MANY, MILLIONS = 100_000_000, 10_000_000
ROUNDS, EVENTS, SAID = 9, 2_000, 2_000
START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=200)
SURVEY = Handling("use", "survey_research")
ANYBODY = PersonId("1")


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    return [*_a_hundred_million(), *_ten_million()]


def _gate() -> tuple[Gate, Traits, Answer]:
    parsed = parse_policy(service_path("deskrex") / "policy.yaml")
    gate, traits = Gate(History((parsed.policy,)), parsed.laws), Traits()
    return gate, traits, Answers(gate, traits, Assurances(), NOW).of(SURVEY, "email")


def _mask(traits: Traits, *said: Event) -> int:
    return traits.mask(fold(ANYBODY, "user", said, NOW))


def _agreed(purpose: str, *, informed: bool = True) -> Consent:
    shown = START - timedelta(minutes=5) if informed else None
    return Consent(ANYBODY, START, Scope(purposes=(purpose,)), "2026-02-10", shown)


# -- a hundred million ------------------------------------------------------------------------


def _a_hundred_million() -> Iterator[Row]:
    gate, traits, answer = _gate()
    said = (
        _agreed("survey_research"),
        _agreed("survey_research", informed=False),
        Suspension(ANYBODY, START, Scope(purposes=("survey_research",))),
        Suspension(ANYBODY, START),
        Freeze(ANYBODY, START),
    )
    bits = [(_mask(traits, one) ^ _mask(traits)).bit_length() - 1 for one in said]
    masks = [_mask(traits, *some) for n in range(6) for some in combinations(said, n)]
    population, dice = Population(), np.random.default_rng(7)
    population.fill(masks, dice.integers(0, len(masks), MANY, np.uint8))
    program = _program(population, answer)
    columns = [np.concatenate([b.columns[bit] for b in population._blocks]) for bit in bits]
    copy = np.empty((len(bits), len(columns[0])), np.uint64)

    ours = _median(lambda: population.select(program))
    chosen = population.select(program)
    once = _median(
        lambda: [np.copyto(to, column) for to, column in zip(copy, columns, strict=True)]
    )
    one = _median(lambda: np.copyto(copy[0], columns[0]))
    name = "audience of 100 M"
    yield _row(f"{name} by one copy of its bits", "ms", ours * 1e3, once * 1e3)
    yield _row(f"{name} by a copy of one column", "ms", ours * 1e3, one * 1e3)
    by_hand = _median(lambda: _by_hand(*columns))
    assert np.array_equal(chosen[: MANY // 64], _by_hand(*columns)[: MANY // 64])
    yield _row(f"{name} by NumPy by hand", "ms", ours * 1e3, by_hand * 1e3)
    people = int(np.bitwise_count(chosen).sum(dtype=np.int64))
    for peer, count in (("roaring", _roaring(columns)), ("DuckDB", _duckdb(columns))):
        assert count() == people
        yield _row(f"{name} by {peer}", "ms", ours * 1e3, _median(count, 3) * 1e3)
    counting = _median(lambda: np.bitwise_count(chosen).sum(dtype=np.int64))
    yield _row("counting them", "ms", counting * 1e3, None)
    told = _median(lambda: left_out(gate, {"email": answer}, population.combinations()))
    yield _row("who of 100 M is left out, by reason", "ms", told * 1e3, None)


def _program(population: Population, answer: Answer) -> Program:
    relevant = answer.relevant
    values = {m & relevant: answer.decide(m).permitted for m in population.combinations()}
    return compile(diagram(values))


def _by_hand(agreed: Any, _: Any, stopped: Any, all_stopped: Any, frozen: Any) -> Any:
    return agreed & ~(stopped | all_stopped | frozen)


def _roaring(columns: list[Any]) -> Callable[[], int]:
    sets = []
    for column in columns:
        found = pyroaring.BitMap()
        for start in range(0, len(column), 1 << 14):
            part = np.unpackbits(
                column[start : start + (1 << 14)].view(np.uint8), bitorder="little"
            )
            found |= pyroaring.BitMap((np.flatnonzero(part) + start * 64).astype(np.uint32))
        sets.append(found)
    agreed, _, *stops = sets
    return lambda: len(agreed - (stops[0] | stops[1] | stops[2]))


def _duckdb(columns: list[Any]) -> Callable[[], int]:
    bools = [np.unpackbits(c.view(np.uint8), count=MANY, bitorder="little") for c in columns]
    table = pa.table({f"t{n}": column.view(np.bool_) for n, column in enumerate(bools)})
    database = duckdb.connect()
    database.execute("SET threads = 1")
    database.register("arrow", table)
    database.execute("CREATE TABLE people AS SELECT * FROM arrow")
    query = "SELECT count(*) FROM people WHERE t0 AND NOT (t2 OR t3 OR t4)"
    return lambda: int(database.execute(query).fetchall()[0][0])


# -- ten million ------------------------------------------------------------------------------


def _ten_million() -> Iterator[Row]:
    _, traits, answer = _gate()
    dice, numbers = Random(7), np.random.default_rng(7)
    said = [_said(dice) for _ in range(SAID)]
    masks = list({_mask(traits, *events) for events in said})
    population, ids = Population(), Ids()
    population.fill(masks, numbers.integers(0, len(masks), MILLIONS, np.uint16))
    for n in range(MILLIONS):
        ids.add(PersonId(f"p{n}"))
    yield _row("masks of 10 M people, forty traits", "MB", population.nbytes / 1e6, 120.0)
    yield _row("  beside them: the id index", "MB", ids.nbytes / 1e6, None)
    yield _row("  beside them: what was said, in the store", "MB", _history_mb(said), None)

    def decided() -> Any:
        return verdicts(population, ids, answer)

    found, rows = decided(), numbers.integers(0, MILLIONS, MILLIONS)
    table = np.array([d.permitted for d in found.decisions])[found.codes]
    ours = MILLIONS / _median(lambda: found.permitted(rows)) / 1e6
    bare = MILLIONS / _median(lambda: table[rows]) / 1e6
    yield _row("decisions at random over 10 M by a bare look-up", "M/s", ours, bare)
    yield _row("deciding for all 10 M once, reasons and all", "ms", _median(decided, 3) * 1e3, None)
    moved, folded = _events(population, traits, dice)
    yield _row("one event: their bits", "us", moved * 1e6, None)
    yield _row("one event: their bits, standing folded anew", "us", folded * 1e6, None)


def _said(dice: Random) -> list[Event]:
    """What somebody said: consents and suspensions of some of nineteen purposes, seldom more."""
    purposes = [f"purpose_{n}" for n in range(18)] + ["survey_research"]
    events: list[Event] = [_agreed(purpose) for purpose in dice.sample(purposes, 4)]
    stops = dice.sample(purposes, dice.choice([0, 0, 1, 2]))
    events += [Suspension(ANYBODY, START, Scope(purposes=(purpose,))) for purpose in stops]
    return events + ([Freeze(ANYBODY, START)] if dice.random() < 0.02 else [])


def _history_mb(said: list[list[Event]]) -> float:
    """Megabytes the store takes for ten million people, from two thousand of them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        store = Store.at(file)
        store.engine.dispose()
        before = file.stat().st_size
        store = Store.at(file)
        for n, events in enumerate(said):
            StandingStore(store).append(_of(PersonId(f"p{n}"), events))
        store.engine.dispose()
        return (file.stat().st_size - before) / len(said) * MILLIONS / 1e6


def _of(person: PersonId, events: list[Event]) -> Iterator[Event]:
    return (replace(event, person=person) for event in events)


def _events(population: Population, traits: Traits, dice: Random) -> tuple[float, float]:
    """Seconds for one event: to change somebody's bits, and to fold what they said besides."""
    rows = [dice.randrange(MILLIONS) for _ in range(EVENTS)]
    said = [_said(dice) for _ in range(EVENTS)]
    start = time.perf_counter()
    masks = [_mask(traits, *events) for events in said]
    between = time.perf_counter()
    for row, mask in zip(rows, masks, strict=True):
        population.put(row, mask)
    end = time.perf_counter()
    return (end - between) / EVENTS, (end - start) / EVENTS


def _median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _row(name: str, unit: str, ours: float, reference: float | None) -> Row:
    ratio = ours / reference if reference else None
    return {"name": name, "unit": unit, "ours": ours, "reference": reference, "ratio": ratio}


if __name__ == "__main__":
    for row in run():
        print(row)
