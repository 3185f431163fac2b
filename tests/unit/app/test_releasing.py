"""Records of what was given to whom: whole, witnessed, told, and kept for their period."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta

import pytest
from home_cases import SATO, Case

from seiyaku.assurance import Assurance, Membership
from seiyaku.evidence import Entry
from seiyaku.kernel.errors import NotPermitted, SeiyakuError
from seiyaku.kernel.ids import PersonId
from seiyaku.releases import Giving, Party, Receiving, Release
from seiyaku.requests.identity import Proof
from seiyaku.standing.model import Consent, Scope, Withdrawal

GROUP_A = Party("group_a", "Group A KK", "Chiyoda 1-1, Tokyo", "Hana Mori")
LAB_Y = Party("lab_y", "Lab Y KK", "Naka 2-2, Yokohama", "Ken Abe")


@pytest.fixture
def cast(case_of: Callable[[str], Case]) -> Case:
    """A home of Custom Cast: a company of the group and a partner are enrolled and named."""
    case = case_of("custom-cast")
    since = case.clock.now() - timedelta(days=100)
    case.home.enrol(
        Membership("group_companies", "group_a", since, countries=("JP",)),
        Membership("commercial_partners", "lab_y", since, countries=("JP",)),
        Membership("delivery_contractors", "packer", since, countries=("JP",)),
    )
    case.home.assure(
        Assurance("opt_out_filing", "group_a", since, "filing 1"),
        Assurance("supervision", "group_a", since, "review 1"),
    )
    case.home.releases.name(GROUP_A, LAB_Y)
    return case


def to_group(at: Case, **about: object) -> Release:
    """The release of an address and a name to group A."""
    person = at.world.everyone[0].id
    words = Giving(person, "group_a", ("name", "email"), "group_provision", reference="batch-7")
    return at.home.releases.of(Giving(**{**words.__dict__, **about}))  # type: ignore[arg-type]


def sent(case: Case, release: Release) -> Release:
    """Intended, and sent."""
    case.home.releases.intend([release])
    case.home.releases.settle([release.id], "sent", case.clock.now())
    [found] = [r for r in case.home.releases.of_person(release.person) if r.id == release.id]
    return found


def entries(case: Case) -> list[Entry]:
    """Every entry about a release, in order."""
    log = case.home.parts.log_reader()
    found = (log.entry(n) for n in range(log.checkpoint().size))
    return [entry for entry in found if entry.kind in ("release", "disposal")]


def agreed(case: Case, *items: str, purpose: str = "partner_services") -> Consent:
    """A consent to what goes to the lab, given an hour ago."""
    at = case.clock.now() - timedelta(hours=1)
    scope = Scope(items, (purpose,), ("lab_y",))
    person = case.world.everyone[0].id
    return Consent(person, at, scope, "2020-09-07", presented_at=at - timedelta(hours=1))


def test_an_opt_out_release_records_day_party_person_and_items(cast: Case) -> None:
    release = to_group(cast)
    assert (release.basis, release.route, release.country) == ("opt_out", None, "JP")
    assert release.record == {
        "provided_on": "2026-11-20",
        "third_party_name": "Group A KK",
        "third_party_address": "Chiyoda 1-1, Tokyo",
        "third_party_representative": "Hana Mori",
        "person_identifier": release.person,
        "data_items": "email, name",
    }
    assert (release.required, release.missing) == (True, ())
    assert release.kept_until == release.held_until == date(2029, 11, 20)
    assert "APPI 29(1)" in release.cites


def test_a_consent_release_names_the_consent_it_rests_on(cast: Case) -> None:
    cast.home.record(agreed(cast, "email"))
    release = to_group(cast, recipient="lab_y", items=("email",), purpose="partner_services")
    assert release.record["consent_obtained"] == "2026-11-19T23:00:00+00:00 (2020-09-07)"
    both = to_group(cast, recipient="lab_y", items=("email", "name"), purpose="partner_services")
    assert both.missing == ("consent_obtained",)
    cast.home.record(Withdrawal(release.person, cast.clock.now(), Scope(items=("email",))))
    taken_back = to_group(cast, recipient="lab_y", items=("email",), purpose="partner_services")
    assert taken_back.missing == ("consent_obtained",)


@pytest.mark.parametrize("recipient", ["lab_y", "somebody"])
def test_nothing_goes_while_its_record_is_incomplete(cast: Case, recipient: str) -> None:
    release = to_group(cast, recipient=recipient, purpose="partner_services")
    with pytest.raises(NotPermitted) as caught:
        cast.home.releases.intend([to_group(cast), release])
    assert caught.value.code == "SY220"
    assert recipient in str(caught.value)
    assert cast.home.releases.of_person(release.person) == ()
    assert entries(cast) == []


def test_an_unnamed_third_party_gets_nothing(cast: Case) -> None:
    cast.home.releases.name(Party("group_a", "Group A KK", ""))
    release = to_group(cast)
    assert release.missing == ("third_party_address", "third_party_representative")
    with pytest.raises(NotPermitted):
        cast.home.releases.intend([release])


def test_who_is_entrusted_at_home_needs_no_record_and_one_is_kept_all_the_same(cast: Case) -> None:
    release = to_group(cast, recipient="packer", items=("name",), purpose="shipping")
    assert (release.basis, release.required, release.record) == ("entrust", False, {})
    assert release.held_until is None
    assert sent(cast, release).state == "sent"


def test_a_release_is_intended_then_settled_and_both_are_witnessed_without_the_person(
    cast: Case,
) -> None:
    release = sent(cast, to_group(cast))
    assert (release.state, release.ended_at) == ("sent", cast.clock.now())
    first, last = entries(cast)
    assert (first.outcome, last.outcome) == ("intended", "sent")
    assert first.person is not None
    assert first.person != last.person
    assert first.detail["recipient"] == "group_a"
    for entry in (first, last):
        words = entry.to_bytes().decode()
        assert "batch-7" not in words
        assert "Mori" not in words


def test_saying_it_twice_is_saying_it_once(cast: Case) -> None:
    release = to_group(cast)
    for _ in range(2):
        cast.home.releases.intend([release])
        cast.home.releases.settle([release.id], "sent", cast.clock.now())
    assert len(cast.home.releases.of_person(release.person)) == 1
    assert len(entries(cast)) == 2


def test_what_ended_stays_and_what_is_unknown_may_become_clear(cast: Case) -> None:
    release = to_group(cast)
    cast.home.releases.intend([release])
    cast.home.releases.settle([release.id], "unknown", cast.clock.now())
    cast.home.releases.settle([release.id], "failed", cast.clock.now())
    with pytest.raises(NotPermitted) as caught:
        cast.home.releases.settle([release.id], "sent", cast.clock.now())
    assert caught.value.code == "SY261"
    with pytest.raises(NotPermitted) as caught:
        cast.home.releases.settle(["release-none"], "sent", cast.clock.now())
    assert caught.value.code == "SY260"


def test_what_a_dead_process_left_intended_is_unknown(cast: Case) -> None:
    release = to_group(cast)
    cast.home.releases.intend([release])
    cast.clock.advance(hours=2)
    assert cast.home.releases.give_up(cast.clock.now() - timedelta(hours=3)) == ()
    [lost] = cast.home.releases.give_up(cast.clock.now() - timedelta(hours=1))
    assert (lost.id, lost.state) == (release.id, "unknown")
    assert [e.outcome for e in entries(cast)] == ["intended", "unknown"]


def test_an_intent_that_was_not_witnessed_is_witnessed_with_its_end(
    cast: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, log = to_group(cast), cast.home.parts.log

    def full(*_: object) -> None:
        raise SeiyakuError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(log, "append", full)
        with pytest.raises(SeiyakuError):
            cast.home.releases.intend([release])
    cast.home.releases.settle([release.id], "failed", cast.clock.now())
    assert [e.outcome for e in entries(cast)] == ["intended", "failed"]


def test_the_person_is_told_what_went_and_what_may_have_gone(cast: Case) -> None:
    gone, failed, lost = (to_group(cast, items=(i,)) for i in ("email", "name", "phone"))
    cast.home.releases.intend([gone, failed, lost])
    for release, state in ((gone, "sent"), (failed, "failed"), (lost, "unknown")):
        cast.home.releases.settle([release.id], state, cast.clock.now())  # type: ignore[arg-type]
    lines = told(cast, gone.person)
    assert len(lines) == 2
    assert any("given to Group A KK" in line and "e-mail" in line for line in lines)
    assert any("perhaps given to" in line and "phone" in line for line in lines)
    assert told(cast, cast.world.everyone[1].id) == ["Nothing is recorded yet."]


def told(case: Case, person: PersonId) -> list[str]:
    """What the answer to a request for records of provision says."""
    request = case.home.receive("provision_records", person=person)
    right = case.home.parts.policy().rights.get("provision_records")
    accepted = right.identity if right else ()
    case.home.show_identity(request.id, Proof(accepted[0] if accepted else "passport"))
    return [line.text.en for line in case.home.answer(request.id).lines]


def test_an_erasure_keeps_what_the_law_wants_and_nothing_else(cast: Case) -> None:
    wanted = sent(cast, to_group(cast))
    sent(cast, to_group(cast, recipient="packer", items=("name",), purpose="shipping"))
    failed = to_group(cast)
    cast.home.releases.intend([failed])
    cast.home.releases.settle([failed.id], "failed", cast.clock.now())
    _, plan = cast.planned("deletion", wanted.person, channel="post")
    [kept] = [o for o in plan.outcomes if o.dataset == "seiyaku.releases"]
    assert (kept.outcome, kept.cite, kept.until) == ("kept_by_law", "APPI 29", date(2029, 11, 20))
    cast.home.approve(plan.id, SATO)
    result = cast.home.run(plan.id)
    shown = [(o.outcome, o.rows) for o in result.outcomes if o.dataset == "seiyaku.releases"]
    assert shown == [("kept_by_law", 1), ("done", 2)]
    [left] = cast.home.releases.of_person(wanted.person)
    assert (left.id, left.reference, left.record) == (wanted.id, "", wanted.record)
    assert told(cast, wanted.person)[0].startswith("2026-11-20 given to Group A KK")


def test_a_record_is_gone_once_its_period_is_over(cast: Case) -> None:
    release = sent(cast, to_group(cast))
    cast.clock.set("2029-11-20T23:59:00+09:00")
    assert cast.home.releases.dispose() == 0
    cast.clock.set("2029-11-21T00:00:00+09:00")
    assert cast.home.releases.dispose() == 1
    assert cast.home.releases.of_person(release.person) == ()
    assert traces(cast, release.id) == 0
    last = entries(cast)[-1]
    assert (last.kind, last.counts["rows"], last.person) == ("disposal", 1, None)


def traces(case: Case, word: str) -> int:
    """How often a word stands in any table of the own store."""
    with closing(sqlite3.connect(case.home.parts.paths.store)) as db:
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = (str(row) for t in tables for row in db.execute(f'SELECT * FROM "{t}"'))
        return sum(word in row for row in rows)


def test_a_record_in_bulk_counts_from_the_last_release(cast: Case) -> None:
    cast.home.record(agreed(cast, "email"))
    about = {"recipient": "lab_y", "items": ("email",), "purpose": "partner_services"}
    first = sent(cast, to_group(cast, manner="bulk", **about))
    cast.clock.advance(days=100)
    last = sent(cast, to_group(cast, manner="bulk", **about))
    assert (first.kept_until, last.kept_until) == (date(2029, 11, 20), date(2030, 2, 28))
    found = cast.home.releases.of_person(first.person)
    assert {r.kept_until for r in found} == {last.kept_until}


def test_releases_by_opt_out_are_recorded_each_time(cast: Case) -> None:
    with pytest.raises(NotPermitted) as caught:
        to_group(cast, manner="bulk")
    assert caught.value.code == "SY262"


def test_a_receipt_tells_who_gave_and_how_they_came_by_it(cast: Case) -> None:
    person = cast.world.everyone[0].id
    bare = Receiving(person, "lab_y", ("email",), "consent", agreed="form 12")
    with pytest.raises(NotPermitted) as caught:
        cast.home.releases.receive(bare)
    assert "how_acquired" in str(caught.value)
    whole = Receiving(person, "lab_y", ("email",), "consent", agreed="form 12", how_acquired="fair")
    receipt = cast.home.releases.receive(whole)
    assert receipt.record["giver_address"] == "Naka 2-2, Yokohama"
    assert "APPI 30(3)" in receipt.cites
    [line] = told(cast, person)
    assert "received from Lab Y KK" in line


def test_authorities_get_what_a_demand_compels_without_a_record(cast: Case) -> None:
    release = to_group(cast, recipient="police", items=("email",), case="legal_demand")
    assert (release.basis, release.required) == ("exception", False)


def test_once_the_period_is_over_an_erasure_keeps_no_record(cast: Case) -> None:
    release = sent(cast, to_group(cast))
    cast.clock.set("2029-11-21T09:00:00+09:00")
    _, plan = cast.planned("deletion", release.person, channel="post")
    [gone] = [o for o in plan.outcomes if o.dataset == "seiyaku.releases"]
    assert (gone.outcome, gone.rows, gone.until) == ("done", 1, None)


def test_records_of_many_people_are_kept_row_by_row(cast: Case) -> None:
    first, second = (p.id for p in cast.world.everyone[:2])
    kept = sent(cast, to_group(cast, person=first))
    failed = to_group(cast, person=second)
    cast.home.releases.intend([failed])
    cast.home.releases.settle([failed.id], "failed", cast.clock.now())
    _, plan = cast.planned("deletion", first, second, channel="post")
    cast.home.approve(plan.id, SATO)
    result = cast.home.run(plan.id)
    shown = [(o.outcome, o.rows) for o in result.outcomes if o.dataset == "seiyaku.releases"]
    assert shown == [("kept_by_law", 1), ("done", 1)]
    assert [r.id for r in cast.home.releases.of_person(first)] == [kept.id]
    assert cast.home.releases.of_person(second) == ()
