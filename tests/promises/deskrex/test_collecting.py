"""Articles 1, 2 and 3.1: what is taken, for what, and what has to be agreed to before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from seiyaku.kernel import PersonId
from seiyaku.services import path as packaged
from seiyaku.standing import Consent, Scope, Withdrawal
from seiyaku.testing.promises import promise

from ..homes import AT, Copies, Installed, about, cites, codes
from .conftest import VERSION, agreed

_TEN = datetime.fromisoformat("2026-11-19T10:00:00+09:00")
_MINUTE = timedelta(minutes=1)


def _with_map(old: str, new: str) -> Callable[[Path], None]:
    """Give a home a data map of its own, with a piece of the packaged one replaced."""

    def edit(home: Path) -> None:
        text = (packaged("deskrex") / "datamap.yaml").read_text("utf-8")
        assert text.count(old) == 1
        (home / "datamap.yaml").write_text(text.replace(old, new), "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    return edit


@promise("DESK-1.0")
def test_every_column_is_bound_to_a_promise_or_said_to_tell_nothing(opened: Copies) -> None:
    """Given every column of the service's systems declared in the data map; the check finds none
    undeclared. With the line of one column left out, exactly that column is found, with its
    table, and never a value.
    """
    whole = opened(name="whole")
    assert not [f for f in whole.home.check_db() if f.rule == "undeclared-column"]
    left_out = _with_map("          occupation: {item: occupation, source: person}\n", "")
    without = opened(left_out, "without")
    (found,) = [f for f in without.home.check_db() if f.rule == "undeclared-column"]
    assert (found.severity, "`app.users.occupation`" in found.message) == ("high", True)
    values = {v for (v,) in without.sql("SELECT occupation FROM users WHERE occupation NOT NULL")}
    assert not [v for v in values if v in f"{found.message} {found.hint}"]


@promise("DESK-1.3")
def test_how_full_a_battery_is_stands_in_no_list(mine: Installed) -> None:
    """Given access logs that begin to hold how full the battery is; the check finds that column,
    and the gate knows no such item.
    """
    mine.sql("ALTER TABLE access_logs ADD COLUMN battery_level INTEGER")
    found = [f for f in mine.home.check_db() if f.rule == "undeclared-column"]
    assert ["`app.access_logs.battery_level`" in f.message for f in found] == [True]
    person = mine.world.person("aki").id
    decision = mine.ask(person, "collect", "battery_level", source="device")
    assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_item"})


@promise("DESK-1.2")
def test_of_a_linked_service_only_what_the_link_granted_comes_in(mine: Installed) -> None:
    """Given a link that grants the identifier, and what the service sends: the identifier, what
    its profile shows, and a list of friends. Asked before each is taken, the gate lets in the
    identifier and nothing else, and keeps every answer: the profile is outside the scopes of the
    link, and inside them it still waits for consent. After the link is revoked it lets in nothing.
    """
    person = mine.world.person("ben").id
    mine.home.record(agreed(person, "linked_id"))
    sent = ("linked_id", "linked_profile", "friends")

    def taken(at: datetime) -> dict[str, str]:
        words = {"source": "linked_service", "data_at": at, "scopes": frozenset({"id"})}
        return {i: mine.ask(person, "collect", i, at=at, **words).outcome for i in sent}

    assert taken(AT) == {
        "linked_id": "permitted",
        "linked_profile": "refused",
        "friends": "undecided",
    }
    (dropped,) = mine.home.why(person, "linked_profile").asked
    outside = ({"scope_not_granted"}, {"DESK-1.2"})
    assert (codes(dropped.decision), cites(dropped.decision)) == outside
    link = {"source": "linked_service", "scopes": frozenset({"id", "profile"})}
    let_out = mine.ask(person, "collect", "linked_profile", **link)
    assert (codes(let_out), cites(let_out)) == ({"consent_missing"}, {"DESK-1.2"})
    (unknown,) = mine.home.why(person, "friends").asked
    assert codes(unknown.decision) == {"unknown_item"}
    revoked = AT + timedelta(minutes=30)
    mine.home.record(Withdrawal(person, revoked, Scope(("linked_id",))))
    assert "permitted" not in taken(revoked + _MINUTE).values()
    last = mine.ask(person, "collect", "linked_id", at=revoked + _MINUTE, **link)
    assert (codes(last), cites(last)) == ({"consent_withdrawn"}, {"DESK-1.2"})


@promise("DESK-2.0")
def test_nothing_serves_a_purpose_outside_the_eleven_until_it_was_agreed_to(
    asked: Installed, someone: PersonId
) -> None:
    """Given credit scoring, which is none of the eleven; the amount paid, or any item, serves it
    for nobody: undecided, naming the word. After a consent that names it and payments, payments
    serve it, by 2.11 and for that person alone; everything else does not.
    """
    items = asked.home.history.versions[-1].items
    for item in items:
        decision = asked.ask(someone, "use", item, purpose="credit_scoring")
        assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_purpose"})
        assert about(decision) == {"credit_scoring"}
    asked.home.record(agreed(someone, "payment", purposes=("credit_scoring",)))
    opened = {i for i in items if asked.ask(someone, "use", i, purpose="credit_scoring").permitted}
    assert opened == {"payment"}
    assert cites(asked.ask(someone, "use", "payment", purpose="credit_scoring")) == {"DESK-2.11"}
    other = asked.world.person("aki").id
    assert asked.ask(other, "use", "payment", purpose="credit_scoring").outcome == "undecided"


def _consent(person: PersonId, *items: str) -> Consent:
    shown = _TEN - _MINUTE
    return Consent(person, _TEN, Scope(items), VERSION, presented_at=shown)


@promise("DESK-3.1a")
def test_of_three_points_only_the_one_between_consent_and_withdrawal_is_taken(
    asked: Installed, someone: PersonId
) -> None:
    """Given a consent to location at 10:00 that is taken back at 11:00; of points measured at
    09:59, 10:01 and 11:01, each arriving a minute later, one is taken. A point counts by when it
    was measured: 09:59 stays outside also when it comes in a batch at 10:30. A consent to
    surveys does not count, and typing the place in needs the same consent.
    """
    end = _TEN + timedelta(hours=1)
    asked.home.record(_consent(someone, "location"), Withdrawal(someone, end, Scope(("location",))))

    def taken(measured: datetime, arrives: datetime) -> tuple[str, set[str], set[str]]:
        words = {"source": "device", "data_at": measured}
        decision = asked.ask(someone, "collect", "location", at=arrives, **words)
        return decision.outcome, codes(decision), cites(decision)

    early = ("refused", {"consent_too_late"}, {"DESK-3.1a"})
    assert taken(_TEN - _MINUTE, _TEN) == early
    assert taken(_TEN + _MINUTE, _TEN + 2 * _MINUTE) == ("permitted", {"granted"}, {"DESK-1.3f"})
    late = taken(end + _MINUTE, end + 2 * _MINUTE)
    assert late == ("refused", {"consent_withdrawn"}, {"DESK-3.1a"})
    assert taken(_TEN - _MINUTE, _TEN + 30 * _MINUTE) == early
    other = asked.world.person("hana").id
    asked.home.record(_consent(other, "survey_answer"))
    for source in ("device", "person"):
        decision = asked.ask(other, "collect", "location", source=source)
        assert (decision.outcome, codes(decision)) == ("refused", {"consent_missing"})
        assert cites(decision) == {"DESK-3.1a"}


@promise("DESK-3.1b")
def test_a_consent_to_location_opens_no_survey(asked: Installed, someone: PersonId) -> None:
    """Given a consent to location and none to surveys; an answer to a survey is not taken, by
    3.1b. After a consent of its own it is, and one given before that stays outside.
    """
    asked.home.record(_consent(someone, "location"))
    words = {"source": "device"}
    refused = asked.ask(someone, "collect", "survey_answer", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"consent_missing"})
    assert cites(refused) == {"DESK-3.1b"}
    asked.home.record(agreed(someone, "survey_answer"))
    assert asked.ask(someone, "collect", "survey_answer", data_at=AT, **words).permitted
    old = asked.ask(someone, "collect", "survey_answer", data_at=AT.replace(hour=7), **words)
    assert (old.outcome, codes(old)) == ("refused", {"consent_too_late"})


def test_a_card_number_typed_into_a_form_is_found_without_being_shown(mine: Installed) -> None:
    """Card numbers are neither collected nor kept, and one that somebody typed into a form is
    found by table, column and row, its value shown nowhere.
    """
    number = "4242 4242 4242 4242"
    person = mine.world.person("aki").id
    for act in ("collect", "keep"):
        decision = mine.ask(person, act, "card_number", source="person")
        assert (decision.outcome, cites(decision)) == ("refused", {"DESK-6.13"})
    assert not [f for f in mine.home.check_db() if f.rule == "forbidden-item"]
    mine.sql("UPDATE form_inputs SET payload_json = ? WHERE id = 1", f'{{"text": "{number}"}}')
    (found,) = [f for f in mine.home.check_db() if f.rule == "forbidden-item"]
    assert "`app.form_inputs.payload_json`" in found.message
    assert "DESK-6.13" in found.message
    assert number not in f"{found.message} {found.hint}"


def test_other_information_is_nothing_a_column_can_hold(opened: Copies) -> None:
    """Nothing is collected or kept as "other information" (1.1h), which names nothing."""
    home = opened()
    person = home.world.person("aki").id
    for act in ("collect", "keep"):
        decision = home.ask(person, act, "other_information", source="person")
        assert (decision.outcome, cites(decision)) == ("refused", {"DESK-1.1h"})
