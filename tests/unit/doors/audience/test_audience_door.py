"""Whom a handling may be done with, as people stand at the moment of asking."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from crowd import Crowd, consent, crowd, day, gate, policy
from seiyaku.assurance.model import Assurance
from seiyaku.doors.audience import Audiences
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.standing import AgeBand, Scope, Standing, Suspension, Withdrawal
from seiyaku.testing.clock import FixedClock

LETTER, SHIPPING = Handling("use", "tea_letter"), Handling("use", "ship_goods")
AT = day(30)
CLOCK = FixedClock(AT)
FACTS = (("trustee_record", None), ("supervision", None), ("equivalent_measures", "US"))


def one_by_one(people: Crowd, handling: Handling, items: list[str]) -> set[PersonId]:
    """Asking the gate about each person and item."""

    def may(standing: Standing | None, item: str) -> bool:
        assert standing is not None
        question = handling.question(standing.person, item, AT)
        return gate().decide(standing, people.assurances(), question).permitted

    everybody = ((p, people.standing(p, AT)) for p in people.everybody())
    return {p for p, standing in everybody if all(may(standing, item) for item in items)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_audience_is_whom_the_gate_permits_when_asked_one_by_one(seed: int) -> None:
    people = crowd(150, seed)
    door = Audiences(gate(), people, CLOCK)
    sizes = Counter[str]()
    for word, purpose in policy().purposes.items():
        for items in ([*purpose.items[:1]], [*purpose.items[:3]]):
            handling = Handling("use", word)
            if items:
                found = door.of(handling, items)
                assert set(found) == one_by_one(people, handling, items), (word, items)
                sizes["nobody" if not found else "some"] += 1
                assert len(found) == len(list(found))
    assert sizes["some"] >= 5


def test_an_audience_of_a_recipient_is_whom_the_gate_permits() -> None:
    people = crowd(150)
    for kind, about in FACTS:
        people.record(Assurance(kind, "metrics", day(0), "contract 7", about))
    sent = Handling("send", "measure", "metrics")
    found = Audiences(gate(), people, CLOCK).audience("measure", ["page_view"], "metrics")
    assert set(found) == one_by_one(people, sent, ["page_view"])
    assert 0 < len(found) < 150


def test_what_is_said_after_one_audience_is_in_the_next() -> None:
    people = Crowd()
    people.join("a", "b", "c")
    door = Audiences(gate(), people, CLOCK)
    assert set(door.of(LETTER, ["email"])) == set()
    people.say(consent("a", 20, purposes=("tea_letter",)), AgeBand(PersonId("a"), day(1), 18))
    people.say(consent("d", 20, purposes=("tea_letter",)), AgeBand(PersonId("d"), day(1), 18))
    before = door.of(LETTER, ["email"])
    assert set(before) == {"a", "d"}
    people.say(Withdrawal(PersonId("a"), day(21)), Suspension(PersonId("d"), day(22)))
    assert set(door.of(LETTER, ["email"])) == set()
    assert "a" in before
    assert "a" not in door.of(LETTER, ["email"])
    assert "nobody" not in before


def test_someone_who_left_no_trace_is_in_no_audience() -> None:
    people = crowd(50)
    door = Audiences(gate(), people, CLOCK)
    handling, items = SHIPPING, ["email"]
    gone = next(iter(door.of(handling, items)))
    people.leave(gone)
    assert gone not in door.of(handling, items)
    assert set(door.of(handling, items)) == one_by_one(people, handling, items)


def test_a_fact_that_lapses_ends_an_audience() -> None:
    people, clock = crowd(50), FixedClock(AT)
    for kind, about in FACTS:
        people.record(Assurance(kind, "metrics", day(0), "file", about, until_at=day(40)))
    door = Audiences(gate(), people, clock)

    def found() -> int:
        return len(door.audience("measure", ["page_view"], "metrics"))

    assert found() > 0
    clock.set(day(40))
    assert found() == 0
    people.record(Assurance("supervision", "metrics", day(40), "file"))
    assert found() == 0
    for kind, about in FACTS:
        people.record(Assurance(kind, "metrics", day(40), "file", about))
    assert found() > 0


def test_what_is_said_at_the_moment_of_asking_counts_from_the_next_on() -> None:
    people, clock = Crowd(), FixedClock(AT)
    people.say(AgeBand(PersonId("a"), day(1), 18), consent("a", 30, purposes=("tea_letter",)))
    door = Audiences(gate(), people, clock)
    assert set(door.of(LETTER, ["email"])) == set()
    clock.advance(seconds=1)
    assert set(door.of(LETTER, ["email"])) == {"a"}


def test_another_door_over_the_same_people_finds_the_same() -> None:
    people = crowd(100)
    door = Audiences(gate(), people, CLOCK)
    door.audience("ship_goods", ["email"])
    people.say(Suspension(PersonId("p3"), day(25), Scope(purposes=("ship_goods",))))
    for word, purpose in policy().purposes.items():
        if items := [*purpose.items]:
            other = Audiences(gate(), people, CLOCK)
            assert set(door.audience(word, items)) == set(other.audience(word, items))


def test_who_came_without_a_word_is_known_once_everybody_is_read_again() -> None:
    people = crowd(10)
    door = Audiences(gate(), people, CLOCK)
    door.audience("ship_goods", ["email"])
    people.events[PersonId("newcomer")] = [AgeBand(PersonId("newcomer"), day(1), 18)]
    assert "newcomer" not in door.audience("ship_goods", ["email"])
    door.read_again()
    assert "newcomer" in door.audience("ship_goods", ["email"])


def test_nobody_is_in_the_audience_of_an_unknown_word_and_a_near_one_is_told() -> None:
    door = Audiences(gate(), crowd(20), CLOCK)
    asked = Handling("use", "ship_godos")
    assert not door.of(asked, ["email"])
    found = door.left_out(asked, ["email"])
    assert [(line.outcome, line.reason.code, line.people) for line in found.lines] == [
        ("undecided", "unknown_purpose", 20)
    ]
    assert "`ship_goods` is declared" in found.hint


def test_an_audience_of_no_items_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no items"):
        Audiences(gate(), crowd(5), CLOCK).audience("ship_goods", [])


def test_the_account_of_who_is_left_out_counts_every_reason_of_everybody() -> None:
    people = crowd(200)
    door = Audiences(gate(), people, CLOCK)
    items = ["email", "postal_address"]
    found = door.left_out(SHIPPING, items)
    want = Counter[tuple[str, str]]()
    for person in people.everybody():
        standing = people.standing(person, AT)
        assert standing is not None
        for item in items:
            question = SHIPPING.question(person, item, AT)
            decision = gate().decide(standing, people.assurances(), question)
            if not decision.permitted:
                want.update((item, reason.code) for reason in decision.reasons)
    got = Counter[tuple[str, str]]()
    for line in found.lines:
        got[line.item, line.reason.code] += line.people
    assert got == want
    assert len({code for _, code in want}) >= 3
    assert found.known == 200
    assert found.left_out == 200 - len(door.audience("ship_goods", items))


def test_verdicts_tell_everybody_the_decision_of_the_gate_and_do_not_know_strangers() -> None:
    people = crowd(100)
    found = Audiences(gate(), people, CLOCK).verdicts(LETTER, "email", "person")
    for person in people.everybody():
        standing = people.standing(person, AT)
        assert standing is not None
        question = LETTER.question(person, "email", AT, source="person")
        assert found.of(person) == gate().decide(standing, people.assurances(), question)
    stranger = found.of(PersonId("stranger"))
    assert stranger.outcome == "undecided"
    assert [reason.code for reason in stranger.reasons] == ["unknown_person"]


# -- forms --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def door() -> Audiences:
    return Audiences(gate(), crowd(120), CLOCK)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".txt"])
def test_an_audience_is_written_in_the_form_of_the_suffix(
    door: Audiences, suffix: str, tmp_path: Path
) -> None:
    found, path = door.audience("ship_goods", ["email"]), tmp_path / f"letter{suffix}"
    assert found.write(path) == len(found)
    read = {
        ".parquet": lambda: parquet.read_table(path).column("person").to_pylist(),
        ".arrow": lambda: pa.ipc.open_file(path).read_all().column("person").to_pylist(),
        ".txt": lambda: path.read_text("utf-8").splitlines(),
    }[suffix]()
    assert read == list(found)


def test_an_unknown_suffix_is_refused_with_those_there_are(door: Audiences, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"\.xlsx") as caught:
        door.audience("ship_goods", ["email"]).write(tmp_path / "letter.xlsx")
    assert ".parquet" in caught.value.hint()
    assert not list(tmp_path.iterdir())


def test_an_audience_streams_into_duckdb_and_roaring(door: Audiences) -> None:
    found = door.audience("ship_goods", ["email"])
    stream = found.reader()
    with duckdb.connect() as db:
        assert stream is not None
        [(people,)] = db.execute("SELECT count(DISTINCT person) FROM stream").fetchall()
    assert people == len(found) == len(found.roaring())
