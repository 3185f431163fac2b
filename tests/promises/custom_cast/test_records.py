"""Articles 5 and 9: what went to other companies is written down, told, and called back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seiyaku.evidence import Entry
from seiyaku.kernel import NotPermitted, PersonId
from seiyaku.releases import Column, Giving, Party
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import APPROVER, AT, Installed, codes
from .conftest import agreed, by_letter, in_order

TO_GROUP = {"purpose": "group_provision", "recipient": "group_a"}
TO_STUDIO = {
    "purpose": "joint_service",
    "recipient": "studio_x",
    "relation": "joint_service_member",
}


def provided(mine: Installed, person: PersonId, recipient: str, purpose: str, *items: str) -> None:
    """Items asked at the gate and, permitted, given away with their record."""
    mine.home.releases.name(Party(recipient, f"{recipient} KK", "Tokyo 1-1", "Ken Abe"))
    release = mine.home.releases.of(Giving(person, recipient, items, purpose))
    mine.home.releases.intend([release])
    mine.home.releases.settle([release.id], "sent", mine.clock.now())


def given_to_both(mine: Installed) -> PersonId:
    """A customer whose address went to a company of the group and to a studio."""
    in_order(mine)
    person = mine.world.person("aki").id
    scope = {"purposes": ("joint_service",), "recipients": ("studio_x",)}
    mine.home.record(agreed(person, "email", **scope))
    assert mine.ask(person, "send", "email", **TO_GROUP).permitted
    assert mine.ask(person, "send", "email", **TO_STUDIO).permitted
    provided(mine, person, "group_a", "group_provision", "email", "name")
    provided(mine, person, "studio_x", "joint_service", "email")
    return person


def entries(mine: Installed) -> list[Entry]:
    """The evidence, oldest first."""
    log = mine.home.parts.log_reader()
    return [log.entry(n) for n in range(log.checkpoint().size)]


@promise("CAST-5.4")
def test_nothing_goes_to_the_group_unless_it_is_known_how(mine: Installed) -> None:
    """Given a company of the group, and a provision of which nobody says by what means it goes;
    it is refused, for its record lacks the means. By wire it goes, and its record says so.
    """
    in_order(mine)
    person = mine.world.person("aki").id
    mine.home.releases.name(Party("group_a", "Group A KK", "Tokyo 1-1", "Ken Abe"))
    words = ("group_a", ("email",), "group_provision")
    unsaid = mine.home.releases.of(Giving(person, *words, means=None))
    with pytest.raises(NotPermitted) as refused:
        mine.home.releases.intend([unsaid])
    assert refused.value.code == "SY220"
    assert "`means`" in str(refused.value)
    assert mine.home.releases.of_person(person) == ()
    mine.home.releases.intend([mine.home.releases.of(Giving(person, *words))])
    (kept,) = mine.home.releases.of_person(person)
    assert kept.means == "electromagnetic"


@promise("CAST-9.1g")
def test_whoever_got_data_is_ordered_to_stop_and_the_request_waits_for_them(
    mine: Installed,
) -> None:
    """Given a customer whose data went to a company of the group and to a studio, who asks to
    stop provision; two orders go out, the request is open until both have confirmed, and
    nothing more may go to either. Asking for deletion orders the same two to delete.
    """
    person = given_to_both(mine)
    request = mine.proven("stop_provision", person, "passport", channel="post")
    mine.home.answer(request.id)
    tasks = mine.home.tasks(request.id)
    assert {(t.system, t.items) for t in tasks} == {
        ("group_a", ("email", "name")),
        ("studio_x", ("email",)),
    }
    orders = [e.system for e in entries(mine) if e.act == "stop_provision" and e.kind == "intent"]
    assert sorted(orders) == ["group_a", "studio_x"]
    for task in tasks:
        assert mine.home.request(request.id).state == "open"
        mine.home.complete_task(task.id, b"confirmed in writing", APPROVER)
    assert mine.home.request(request.id).state == "answered"
    for words in (TO_GROUP, TO_STUDIO):
        later = mine.ask(person, "send", "email", at=AT.replace(hour=10), **words)
        assert (later.outcome, codes(later)) == ("refused", {"opted_out"})
    deletion = mine.proven("deletion", person, "passport", channel="post")
    plan = mine.home.plan(deletion.id)
    told = {o.system for o in plan.outcomes if o.note == "recall"}
    assert told == {"group_a", "studio_x"}


@promise("CAST-5.2")
def test_who_opts_out_of_the_group_is_counted_and_given_no_more(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a customer whose data went to the group and to a studio, who opts out of the group
    by letter; an address may not go there any more, a count may be made all the same, and the
    order to stop that went to the company of the group, and to it alone, is in the evidence.
    """
    person = given_to_both(mine)
    by_letter(mine, "stop_provision", person, recipients=("group_companies",))
    refused = mine.ask(person, "send", "email", at=AT.replace(hour=10), **TO_GROUP)
    assert (refused.outcome, codes(refused)) == ("refused", {"opted_out"})
    assert mine.ask(person, "send", "email", at=AT.replace(hour=10), **TO_STUDIO).permitted
    file = tmp_path / "counts.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([["os", "people"], ["iOS", "40"]])
    columns = {"os": Column("group", ("device_type",)), "people": Column("count")}
    assert mine.home.may_release("attribute_statistics", file, columns=columns).permitted
    orders = [e for e in entries(mine) if e.act == "stop_provision" and e.kind == "intent"]
    assert [(e.system, e.counts["items"]) for e in orders] == [("group_a", 2)]
    assert all(person not in str(e.detail) for e in orders)


def test_a_stop_of_what_never_went_is_answered_at_once(mine: Installed) -> None:
    """Given a customer of whom nothing went anywhere; a stop of provision waits for nobody."""
    in_order(mine)
    request = by_letter(mine, "stop_provision", mine.world.person("ben").id)
    assert request.state == "answered"
    assert mine.home.tasks(request.id) == ()
    assert request.scope == Scope()
