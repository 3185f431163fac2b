"""The gate in running code: it follows what people say, and knows what it does not know."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from seiyaku.assurance.model import Assurance
from seiyaku.doors.code import LiveGate, handling
from seiyaku.gate import HandlingNotPermitted
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Case, Decision, Question
from seiyaku.kernel.errors import InvalidInput, NotPermitted
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Acknowledged, Closure, Consent, Scope, Suspension, Withdrawal
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.crowd import Crowd

NAME = {"ja": "例", "en": "example"}
START = datetime.fromisoformat("2026-04-01T00:00:00+00:00")
AKI = PersonId("aki")
POLICY: dict[str, Any] = {
    "seiyaku": 1,
    "service": "live",
    "prefix": "LIVE",
    "service_name": NAME,
    "version": {"id": "v1", "enacted_on": "2026-04-01", "published_at": START},
    "source": {"url": "none", "retrieved_on": "unknown", "sha256": "0" * 64, "language": "en"},
    "controller": {"name": NAME},
    "regimes": ["jp-appi", "jp-records"],
    "clauses": {},
    "people": {"user": {"name": NAME}},
    "sources": {"person": {"name": NAME}},
    "items": {
        word: {"clause": f"1.{n}", "name": NAME, "personal": "none", "sources": {"person": {}}}
        for n, word in enumerate(("email", "name", "card"), 1)
    },
    "purposes": {
        "newsletter": {
            "clause": "2.1",
            "name": NAME,
            "items": ["email", "name"],
            "consent": {"clause": "2.1c"},
        },
        "ship_goods": {"clause": "2.2", "name": NAME, "items": ["name", "email"]},
        "burn_bridges": {
            "clause": "2.3",
            "name": NAME,
            "items": ["email"],
            "acknowledgement": "for_good",
        },
    },
    "acknowledgements": {"for_good": {"clause": "2.4", "name": NAME}},
    "recipients": {
        "printer": {
            "clause": "3.1",
            "name": NAME,
            "basis": "entrust",
            "countries": ["JP"],
            "purposes": ["ship_goods"],
            "items": ["name"],
        }
    },
}
POLICY["items"]["card"]["never"] = {"keep": "1.9"}
CONTRACT = tuple(Assurance(k, "printer", START, "file") for k in ("trustee_record", "supervision"))


def history(**later: Any) -> History:
    """The policy, and a later version of it where something changes."""
    versions = [Policy.model_validate(POLICY)]
    if later:
        v2 = {"id": "v2", "enacted_on": "2026-06-01", "published_at": START + timedelta(days=61)}
        versions.append(Policy.model_validate({**POLICY, "version": v2, **later}))
    return History(tuple(versions))


def agreed(at: datetime, person: PersonId = AKI) -> Consent:
    scope = Scope(purposes=("newsletter",))
    return Consent(person, at, scope, "v1", presented_at=at - timedelta(minutes=1))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START + timedelta(days=10))


@pytest.fixture
def crowd() -> Crowd:
    found = Crowd("user")
    found.add(AKI)
    found.record(*CONTRACT)
    return found


@pytest.fixture
def live(crowd: Crowd, clock: FixedClock) -> LiveGate:
    return LiveGate(Gate(history(), load_packs(POLICY["regimes"])), crowd, clock, every_s=0)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


# -- it follows what is said ---------------------------------------------------------------


def test_what_a_person_says_counts_from_the_next_answer_on(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    assert codes(live.may_use(AKI, "email", purpose="newsletter")) == ["consent_missing"]
    crowd.say(agreed(clock.now()))
    clock.advance(seconds=1)
    assert live.may_use(AKI, "email", purpose="newsletter").permitted
    crowd.say(Suspension(AKI, clock.now(), Scope(purposes=("newsletter",))))
    assert codes(live.may_use(AKI, "email", purpose="newsletter")) == ["suspended"]
    assert live.may_use(AKI, "email", purpose="ship_goods").permitted


def test_a_consent_of_this_very_moment_is_too_late_and_a_moment_later_is_not(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    crowd.say(agreed(clock.now()))
    assert codes(live.may_use(AKI, "email", purpose="newsletter")) == ["consent_too_late"]
    clock.advance(seconds=0.000001)
    assert live.may_use(AKI, "email", purpose="newsletter").permitted


def test_an_acknowledgement_counts_a_moment_later_too(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    crowd.say(Acknowledged(AKI, clock.now(), "for_good", "v1"))
    assert (
        codes(live.may_use(AKI, "email", purpose="burn_bridges")) == ["acknowledgement_missing"] * 2
    )
    clock.advance(seconds=1)
    assert live.may_use(AKI, "email", purpose="burn_bridges").permitted


def test_what_another_clock_recorded_a_little_ahead_is_not_lost(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    crowd.say(Suspension(AKI, clock.now() + timedelta(milliseconds=20)))
    assert live.may_use(AKI, "name", purpose="ship_goods").permitted
    clock.advance(seconds=1)
    assert codes(live.may_use(AKI, "name", purpose="ship_goods")) == ["suspended"]


def test_a_fact_that_ends_ends_the_answer(live: LiveGate, crowd: Crowd, clock: FixedClock) -> None:
    sent = {"purpose": "ship_goods", "recipient": "printer"}
    assert live.may_send(AKI, "name", **sent).permitted
    crowd.record(Assurance("reading", "x", clock.now(), "file", until_at=clock.now()))
    assert live.may_send(AKI, "name", **sent).permitted
    lapsing = LiveGate(live.gate, _contracted_until(clock.now() + timedelta(days=1)), clock)
    assert lapsing.may_send(AKI, "name", **sent).permitted
    clock.advance(days=1)
    lapsing.follow()
    assert codes(lapsing.may_send(AKI, "name", **sent)) == ["assurance_lapsed"] * 2


def _contracted_until(until: datetime) -> Crowd:
    found = Crowd("user")
    found.add(AKI)
    facts = [Assurance(f.kind, f.subject, f.from_at, f.source, None, until) for f in CONTRACT]
    found.record(*facts)
    return found


def test_a_new_version_is_asked_from_its_moment_on(crowd: Crowd, clock: FixedClock) -> None:
    narrower = {**POLICY["purposes"]}
    narrower["ship_goods"] = {**narrower["ship_goods"], "items": ["name"]}
    laws = load_packs(POLICY["regimes"])
    live = LiveGate(Gate(history(purposes=narrower), laws), crowd, clock, every_s=0)
    assert live.may_use(AKI, "email", purpose="ship_goods").version == "v1"
    assert live.allowed_items(AKI, purpose="ship_goods") == ("email", "name")
    clock.advance(days=60)
    decision = live.may_use(AKI, "email", purpose="ship_goods")
    assert (decision.version, codes(decision)) == ("v2", ["item_not_for_purpose"])
    assert live.allowed_items(AKI, purpose="ship_goods") == ("name",)


def test_a_version_that_opens_a_door_wider_is_pointed_out_at_load(
    crowd: Crowd, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    wider = {**POLICY["purposes"]}
    wider["ship_goods"] = {**wider["ship_goods"], "items": ["name", "email", "card"]}
    laws = load_packs(POLICY["regimes"])
    live = LiveGate(Gate(history(purposes=wider), laws), crowd, clock)
    [found] = live.widenings()
    assert (found.version, found.cite) == ("v2", "LIVE-2.2")
    assert "version `v2` permits more than `v1`" in caplog.text
    caplog.clear()
    LiveGate(Gate(history(), laws), crowd, clock)
    assert not caplog.text


def test_before_the_first_version_nothing_is_decided(live: LiveGate, clock: FixedClock) -> None:
    clock.set(START - timedelta(days=1))
    assert codes(live.may_use(AKI, "email", purpose="ship_goods")) == ["no_policy_in_force"]
    assert codes(live.may_use("nobody", "email", purpose="x")) == ["no_policy_in_force"]


def test_between_two_looks_at_the_store_it_answers_from_memory(
    crowd: Crowd, clock: FixedClock
) -> None:
    live = LiveGate(Gate(history(), load_packs(POLICY["regimes"])), crowd, clock, every_s=3600)
    assert live.may_use(AKI, "name", purpose="ship_goods").permitted
    crowd.say(Suspension(AKI, clock.now()))
    assert live.may_use(AKI, "name", purpose="ship_goods").permitted
    live.follow()
    assert codes(live.may_use(AKI, "name", purpose="ship_goods")) == ["suspended"]


# -- the unknown -----------------------------------------------------------------------------


def test_of_someone_unknown_nothing_is_decided_and_a_hint_is_given(live: LiveGate) -> None:
    decision = live.may_use("4711", "email", purpose="ship_goods")
    assert (decision.outcome, codes(decision)) == ("undecided", ["unknown_person"])
    assert (
        decision
        == live.decide_payload("use", "4711", ["email"], purpose="ship_goods").decisions["email"]
    )
    assert live.allowed_items("4711", purpose="ship_goods") == ()
    with pytest.raises(HandlingNotPermitted) as caught:
        live.require_use("4711", "email", purpose="ship_goods")
    assert caught.value.code == "SY201"
    assert "4711" not in f"{caught.value} {caught.value.hint()}"
    assert "key of the data map" in caught.value.hint()


def test_an_unknown_person_is_one_unknown_word_among_others(live: LiveGate) -> None:
    decision = live.may_use("4711", "emial", purpose="ship_goods")
    assert codes(decision) == ["unknown_item", "unknown_person"]
    assert "`email` is declared, `emial` is not" in live.hint(decision)


def test_what_is_never_done_is_not_done_with_strangers_either(live: LiveGate) -> None:
    assert codes(live.may_keep("4711", "card")) == ["never"]


def test_a_stranger_is_known_once_they_are_added(live: LiveGate, crowd: Crowd) -> None:
    assert not live.may_use("4711", "email", purpose="ship_goods").permitted
    crowd.add("4711")
    assert live.may_use("4711", "email", purpose="ship_goods").permitted


def test_a_stranger_asking_about_an_old_row_is_still_a_stranger(live: LiveGate) -> None:
    decision = live.may_use("4711", "email", purpose="ship_goods", data_at=START)
    assert codes(decision) == ["unknown_person"]


def test_words_that_callers_make_up_do_not_fill_the_memory(
    live: LiveGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seiyaku.gate.answers.MOST_KEPT", 20)
    monkeypatch.setattr("seiyaku.doors.code.live.MOST_KEPT", 20)
    for n in range(70):
        assert codes(live.may_use(AKI, f"made_up_{n}", purpose="ship_goods")) == ["unknown_item"]
        assert live.allowed_items(AKI, purpose=f"made_up_{n}") == ()
    assert live.may_use(AKI, "email", purpose="ship_goods").permitted
    epoch = live._epochs.now
    assert max(len(epoch.answers), len(epoch.allowed)) <= 20


# -- verbs -------------------------------------------------------------------------------------


def test_every_verb_asks_its_own_act(live: LiveGate) -> None:
    assert live.may_collect(AKI, "email", source="person").permitted
    assert live.may_use(AKI, "email", purpose="ship_goods", source="person").permitted
    assert live.may_send(AKI, "name", purpose="ship_goods", recipient="printer").permitted
    assert codes(live.may_keep(AKI, "card")) == ["never"]
    live.require_collect(AKI, "email", "name")
    live.require_use(AKI, "email", "name", purpose="ship_goods")
    live.require_send(AKI, "name", purpose="ship_goods", recipient="printer")
    with pytest.raises(HandlingNotPermitted, match="may not keep: refused: never") as caught:
        live.require_keep(AKI, "name", "card")
    assert caught.value.decision.step == 1


def test_a_case_goes_to_the_full_engine(live: LiveGate, crowd: Crowd, clock: FixedClock) -> None:
    crowd.say(Closure(AKI, clock.now()))
    case = Case("own_request", "disclosure")
    decision = live.may_use(AKI, "email", case=case)
    assert (decision.outcome, decision.step) == ("permitted", 3)
    assert live.allowed_items(AKI, case=case) == ("email", "name", "card")


def test_old_data_is_judged_by_its_own_time(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    asked = Question("collect", AKI, "email", clock.now(), data_at=START)
    want = live.gate.decide(crowd.standing(AKI, clock.now()), crowd.assurances(), asked)  # type: ignore[arg-type]
    assert live.may_collect(AKI, "email", data_at=START) == want


def test_a_prepared_question_is_asked_about_many(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    crowd.say(agreed(clock.now() - timedelta(days=1), PersonId("emi")))
    question = live.prepare("use", "email", purpose="newsletter")
    asked = ["emi", AKI, "4711"]
    assert list(question.among(asked)) == ["emi"]
    assert [d.outcome for _, d in question.decisions(asked)] == [
        "permitted",
        "refused",
        "undecided",
    ]
    assert question.require("emi").permitted
    with pytest.raises(HandlingNotPermitted):
        question.require(AKI)
    crowd.say(Withdrawal(PersonId("emi"), clock.now()))
    crowd.record(Assurance("reading", "x", clock.now(), "file"))
    assert codes(question.may("emi")) == ["consent_withdrawn"]


# -- handlings and decorators -------------------------------------------------------------------


def test_inside_a_handling_person_and_purpose_need_no_saying(live: LiveGate) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        assert live.here("use", "email").permitted
        live.require_here("use", "email", "name")
        with handling(person=AKI, purpose="newsletter"), pytest.raises(HandlingNotPermitted):
            live.require_here("use", "email")
    with pytest.raises(NotPermitted, match="outside of any handling"):
        live.here("use", "email")


def test_a_function_runs_only_where_what_it_needs_is_permitted(
    live: LiveGate, crowd: Crowd, clock: FixedClock
) -> None:
    sent = []

    @live.requires("email", "name", purpose="newsletter", person="to")
    def send(subject: str, to: str = AKI) -> None:
        live.require_here("use", "email")
        sent.append((subject, to))

    with pytest.raises(HandlingNotPermitted):
        send("spring")
    crowd.say(agreed(clock.now() - timedelta(days=1)))
    send("summer")
    assert sent == [("summer", AKI)]
    assert send.__name__ == "send"


def test_a_coroutine_keeps_its_handling_over_every_await(live: LiveGate) -> None:
    @live.requires("name", purpose="ship_goods", act="send", recipient="printer")
    async def ship(person: str) -> Decision:
        await asyncio.sleep(0)
        return live.here("send", "name")

    async def both() -> list[Decision]:
        with handling(person="4711", purpose="newsletter"):
            return await asyncio.gather(ship(AKI), ship(person=AKI))

    assert all(decision.permitted for decision in asyncio.run(both()))
    with pytest.raises(HandlingNotPermitted):
        asyncio.run(ship("4711"))


def test_a_function_without_the_person_is_refused_when_it_is_made(live: LiveGate) -> None:
    with pytest.raises(InvalidInput, match="has no parameter `person`") as caught:
        live.requires("email", purpose="newsletter")(lambda who: None)
    assert caught.value.code == "SY100"
