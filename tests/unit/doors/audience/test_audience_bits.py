"""Diagrams, their programs and the columns they run over, against asking one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyaku.doors.audience.diagram import Diagram, Node, diagram
from seiyaku.doors.audience.ids import BLOCK, Ids
from seiyaku.doors.audience.population import Population, bits, blocks_of, coded
from seiyaku.doors.audience.program import compile
from seiyaku.kernel.ids import PersonId

TRAITS = 7
masks = st.integers(0, 2**TRAITS - 1)
functions = st.dictionaries(masks, st.booleans(), min_size=1)
some = settings(deadline=None, max_examples=150, derandomize=True, database=None)


def chosen(population: Population, found: Diagram) -> set[int]:
    """Rows for which the program of a diagram says yes."""
    words = population.select(compile(found))
    blocks = blocks_of(words)
    return {row + block * BLOCK for block in blocks for row in np.flatnonzero(bits(words, block))}


@some
@given(functions)
def test_a_diagram_has_the_value_of_every_mask_it_was_made_of(values: dict[int, bool]) -> None:
    found = diagram(values)
    assert {mask: found.value(mask) for mask in values} == values


@some
@given(functions)
def test_a_program_chooses_exactly_the_people_of_its_function(values: dict[int, bool]) -> None:
    population = Population()
    for row, mask in enumerate(values):
        population.put(row, mask)
    want = {row for row, yes in enumerate(values.values()) if yes}
    assert chosen(population, diagram(values)) == want


def test_what_changes_nothing_is_not_in_the_diagram() -> None:
    values = {mask: bool(mask & 1) for mask in range(16)}
    assert diagram(values).nodes == (False, True, Node(0, 0, 1))


def test_stops_and_a_consent_are_one_operation_each() -> None:
    stops, agreed = 0b0111, 0b1000
    values = {mask: mask & agreed > 0 and not mask & stops for mask in range(16)}
    program = compile(diagram(values))
    assert len(program.steps) <= 5
    assert program.registers <= 1


@pytest.mark.parametrize("answer", [False, True])
def test_an_answer_that_is_the_same_for_all_takes_no_operation(answer: bool) -> None:
    population = Population()
    population.put(3, 0b10)
    assert compile(diagram({0b10: answer, 0: answer})).steps == ()
    assert chosen(population, diagram({0b10: answer})) == ({3} if answer else set())


@some
@given(st.lists(st.tuples(st.integers(0, 30), st.none() | masks), max_size=60))
def test_events_leave_each_row_with_its_last_traits(said: list[tuple[int, int | None]]) -> None:
    population, want = Population(), dict[int, int]()
    for row, mask in said:
        if mask is not None:
            population.put(row, mask)
            want[row] = mask
        elif want.pop(row, None) is not None:
            population.remove(row)
    assert {row: population.mask(row) for row in want} == want
    assert population.combinations() == Counter(want.values())
    yes = {mask: mask % 3 == 0 for mask in want.values()} or {0: True}
    assert chosen(population, diagram(yes)) == {row for row, mask in want.items() if yes[mask]}


def test_people_put_in_at_once_stand_as_if_put_one_by_one() -> None:
    dice = np.random.default_rng(5)
    said = [int(n) << 60 for n in dice.integers(0, 40, BLOCK + 1_000)]
    population = Population()
    population.fill(*coded(said))
    population.put(BLOCK + 1_000, 5 << 60)
    said.append(5 << 60)
    assert population.combinations() == Counter(said)
    yes = {mask: mask >> 60 in (3, 5, 39) for mask in said}
    assert chosen(population, diagram(yes)) == {r for r, mask in enumerate(said) if yes[mask]}
    for row in (0, 7, BLOCK - 1, BLOCK, BLOCK + 999):
        assert population.mask(row) == said[row]


def test_a_trait_takes_room_only_where_somebody_has_it() -> None:
    population = Population()
    population.put(0, 1)
    population.put(BLOCK, 1)
    before = population.nbytes
    population.put(BLOCK + 1, 1 << 90)
    assert population.nbytes - before == BLOCK // 8


def test_ids_are_found_by_row_and_rows_by_id_however_many_came() -> None:
    ids = Ids()
    for n in range(BLOCK + 10):
        assert ids.add(PersonId(f"p{n}")) == n
    for n in (0, 1, BLOCK - 1, BLOCK, BLOCK + 9):
        assert ids.row(PersonId(f"p{n}")) == n
    assert ids.row(PersonId("p")) is None
    assert ids.take(0, np.array([0, BLOCK - 1])).to_pylist() == ["p0", f"p{BLOCK - 1}"]
    assert ids.nbytes < 30 * BLOCK


@pytest.mark.parametrize("n", [1, BLOCK + 1])
def test_of_a_person_forgotten_nothing_is_left(n: int) -> None:
    ids = Ids()
    for m in range(BLOCK + 3):
        ids.add(PersonId(f"p{m}"))
    ids.forget(PersonId(f"p{n}"))
    assert ids.row(PersonId(f"p{n}")) is None
    assert f"p{n}" not in {i for block in ids.blocks() for i in block.to_pylist()}
    assert ids.add(PersonId(f"p{n}")) == BLOCK + 3
    assert ids.row(PersonId(f"p{n}")) == BLOCK + 3
