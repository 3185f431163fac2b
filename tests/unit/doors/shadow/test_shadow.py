"""What a coming version would change, for how many, and for whom."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crowd import Crowd, consent, crowd, day, parsed, policy
from seiyaku.doors.code import LiveGate, handling
from seiyaku.doors.shadow import Shadow, ShadowedGate, coming_history
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision, Handling
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.policy import History, Policy, effective_at
from seiyaku.standing import Acceptance, AgeBand
from seiyaku.testing.clock import FixedClock

AT = day(30)
HISTORY = History((policy(),))
LETTER = Handling("use", "tea_letter")


def changed(**parts: Mapping[str, Any]) -> Policy:
    """The coming version: parts of words of the one in force changed."""
    version = policy().version.model_copy(update={"id": "2027-01-01", "published_at": None})
    moved: dict[str, Any] = {"version": version}
    for part, words in parts.items():
        kept = dict(getattr(policy(), part))
        for word, changes in words.items():
            kept[word] = kept[word].model_copy(update=changes)
        moved[part] = kept
    return policy().model_copy(update=moved)


ASKS_TO_SHIP = changed(
    purposes={"ship_goods": {"consent": policy().purposes["tea_letter"].consent}}
)
LETTER_TO_ALL = changed(purposes={"tea_letter": {"consent": None, "items": ("email", "name")}})


def shadow(coming: Policy, people: Crowd, **how: bool) -> Shadow:
    return Shadow(HISTORY, parsed().laws, coming, people, AT, **how)


def one_by_one(
    people: Crowd, coming: Policy, asked: Handling, item: str
) -> Counter[tuple[Decision, Decision]]:
    """The decisions of both versions about everybody, where the outcomes differ."""
    before = Gate(HISTORY, parsed().laws)
    after = Gate(coming_history(HISTORY, coming, AT), parsed().laws)
    found = Counter[tuple[Decision, Decision]]()
    for person in people.everybody():
        standing = people.standing(person, AT)
        assert standing is not None
        question = asked.question(person, item, AT, source="person")
        pair = [g.decide(standing, people.assurances(), question) for g in (before, after)]
        if pair[0].outcome != pair[1].outcome:
            found[pair[0], pair[1]] += 1
    return found


@pytest.mark.parametrize("coming", [ASKS_TO_SHIP, LETTER_TO_ALL])
@pytest.mark.parametrize("item", ["email", "name"])
@pytest.mark.parametrize("purpose", ["ship_goods", "tea_letter"])
def test_a_shadow_counts_what_both_versions_answer_one_by_one(
    coming: Policy, item: str, purpose: str
) -> None:
    people = crowd(120)
    for n in range(60):
        people.say(Acceptance(PersonId(f"p{n}"), day(25), coming.version.id))
    told = shadow(coming, people).report()
    asked = Handling("use", purpose)
    got = {
        (c.before, c.after): c.people
        for c in told.changes
        if c.handling == asked and c.item == item
    }
    assert got == one_by_one(people, coming, asked, item)


def test_a_version_that_changes_nothing_has_an_empty_shadow() -> None:
    told = shadow(changed(), crowd(80)).report()
    assert told.changes == ()
    assert told.people == 80
    assert told.questions > 25


def test_a_shadow_tells_what_shuts_on_which_clause_for_how_many() -> None:
    told = shadow(ASKS_TO_SHIP, crowd(100)).report()
    assert all(change.shuts and not change.opens for change in told.changes)
    assert {change.handling.purpose for change in told.changes} == {"ship_goods"}
    most = told.changes[0]
    assert [(r.code, r.cite) for r in most.after.reasons] == [("consent_missing", "TEA-2.2")]
    assert most.sources == ("person",)
    assert most.people == max(change.people for change in told.changes) > 10


def test_what_opens_opens_only_for_those_who_accept() -> None:
    people = crowd(100)
    assert not any(c.opens for c in shadow(LETTER_TO_ALL, people).report().changes)
    told = shadow(LETTER_TO_ALL, people, accepted=True).report()
    opened = [c for c in told.changes if c.opens]
    assert {c.item for c in opened} == {"email", "name"}
    assert all([r.code for r in c.after.reasons] == ["granted"] for c in opened)


def test_a_context_that_comes_is_seen_and_one_only_the_coming_version_knows_shuts_nothing() -> None:
    word = policy().contexts["ordering"]
    coming = changed(purposes={"ship_goods": {"items": (), "items_when": {"gift": ("name",)}}})
    coming = coming.model_copy(update={"contexts": {**policy().contexts, "gift": word}})
    told = shadow(coming, crowd(60), accepted=True).report()
    moved = {(c.item, bool(c.handling.contexts)) for c in told.changes if c.shuts}
    assert ("name", False) in moved
    assert ("name", True) not in moved
    assert ("email", False) in moved
    assert not any(c.opens for c in told.changes)


def test_the_file_of_ids_has_a_line_for_each_person_counted(tmp_path: Path) -> None:
    people = crowd(90)
    run = shadow(ASKS_TO_SHIP, people)
    told, path = run.report(), tmp_path / "ids.csv"
    lines = run.write(path)
    assert lines == sum(change.people * len(change.sources) for change in told.changes)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == lines
    assert {row["person"] for row in rows} <= set(people.everybody())
    named = Counter((row["item"], row["before"], row["after"]) for row in rows)
    counted = Counter[tuple[str, str, str]]()
    for change in told.changes:
        counted[change.item, change.before.outcome, change.after.outcome] += change.people
    assert named == counted


def test_a_version_whose_day_has_not_come_is_a_coming_one() -> None:
    coming = changed()
    later = coming.version.model_copy(update={"published_at": day(60)})
    moved = coming_history(HISTORY, coming.model_copy(update={"version": later}), AT)
    assert [p.version.id for p in moved.versions] == [policy().version.id, "2027-01-01"]
    assert effective_at(moved.versions[-1]) == AT
    assert moved.in_force(AT) is moved.versions[-1]


@pytest.mark.parametrize("parts", [{"version": policy().version}, {"service": "another"}])
def test_a_shadow_is_of_a_later_version_of_the_same_service(parts: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        coming_history(HISTORY, changed().model_copy(update=parts), AT)
    assert caught.value.code == "SY126"


# -- beside a live gate -------------------------------------------------------------------


def live(coming: Policy) -> tuple[ShadowedGate, LiveGate]:
    people, clock = Crowd(), FixedClock(AT)
    for name in ("aki", "ben"):
        people.say(AgeBand(PersonId(name), day(1), 18))
    people.say(consent("aki", 2, purposes=("tea_letter",)))
    shadowed = ShadowedGate(HISTORY, parsed().laws, coming, people, clock)
    return shadowed, LiveGate(Gate(HISTORY, parsed().laws), people, clock)


def test_a_shadowed_gate_answers_as_the_one_in_force_and_counts_what_would_differ() -> None:
    shadowed, plain = live(ASKS_TO_SHIP)
    for person in ("aki", "ben", "ben", "nobody"):
        for purpose in ("ship_goods", "tea_letter"):
            got = shadowed.may_use(person, "email", purpose=purpose)
            assert got == plain.may_use(person, "email", purpose=purpose)
    told = shadowed.report()
    assert told.questions == 8
    assert [(c.handling.purpose, c.item, c.people) for c in told.changes] == [
        ("ship_goods", "email", 3)
    ]
    assert (told.people, told.failed) == (0, 0)


def test_every_way_of_asking_a_shadowed_gate_is_counted_once() -> None:
    shadowed, plain = live(ASKS_TO_SHIP)
    shipping = Handling("use", "ship_goods")
    shadowed.require_use("ben", "email", purpose="ship_goods")
    shadowed.decide(shipping, "ben", "email")
    shadowed.prepare("use", "email", purpose="ship_goods").may("ben")
    with handling(person="ben", purpose="ship_goods"):
        shadowed.require_here("use", "email")
    shadowed.may_send("ben", "name", purpose="ship_goods", recipient="carrier", country="JP")
    shadowed.may_keep("ben", "name")
    shadowed.may_collect("ben", "name")
    assert shadowed.report().questions == 7
    assert [(c.item, c.people) for c in shadowed.report().changes] == [("email", 4)]
    items = shadowed.allowed_items("ben", purpose="ship_goods")
    assert items == plain.allowed_items("ben", purpose="ship_goods") != ()
    assert Counter({c.item: c.people for c in shadowed.report().changes}) == Counter(
        email=5, name=1, postal_address=1, order=1
    )


def test_a_shadow_that_fails_ends_nobodys_work(monkeypatch: pytest.MonkeyPatch) -> None:
    shadowed, _ = live(ASKS_TO_SHIP)

    def broken(*_: object, **__: object) -> Decision:
        raise RuntimeError("the coming version cannot be asked")

    monkeypatch.setattr(shadowed._coming, "decide", broken)
    assert shadowed.may_use("ben", "email", purpose="ship_goods").permitted
    assert shadowed.report().failed == 1
    assert shadowed.report().changes == ()
