"""Article 3.2: what a person can have stopped, from when, and what stops with leaving only."""

from __future__ import annotations

from datetime import timedelta

from seiyaku.assurance import Membership
from seiyaku.releases import Giving, Party
from seiyaku.requests import Proof
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Installed, cites, codes, entrusted
from .conftest import agreed

_SECOND = timedelta(seconds=1)


@promise("DESK-3.2a")
def test_browsing_history_switched_off_is_neither_collected_nor_used_from_that_instant(
    mine: Installed,
) -> None:
    """Given a user who switches browsing history off in the settings, signed in; from that
    instant collecting it is refused, and so is each use for each purpose that has it, by 3.2a.
    A second earlier it was permitted; other items, and other people, go on.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    policy = mine.home.history.versions[-1]
    purposes = [w for w, p in policy.purposes.items() if "browsing_history" in p.items]
    off = mine.proven("suspension", aki, channel="settings", scope=Scope(("browsing_history",)))
    assert mine.home.answer(off.id).outcome == "done"
    asked = [("collect", {"source": "device"}), *(("use", {"purpose": p}) for p in purposes)]
    assert len(asked) > 2
    for act, words in asked:
        refused = mine.ask(aki, act, "browsing_history", **words)
        assert (refused.outcome, codes(refused)) == ("refused", {"suspended"})
        assert cites(refused) == {"DESK-3.2a"}
        assert mine.ask(aki, act, "browsing_history", at=AT - _SECOND, **words).permitted
        assert mine.ask(aki, act, "access_log", **words).permitted
        assert mine.ask(ben, act, "browsing_history", **words).permitted


@promise("DESK-3.2b")
def test_what_was_applied_for_stops_within_the_limit_and_what_waits_to_be_sent_with_it(
    mine: Installed,
) -> None:
    """Given an application by post to stop advertising, while something of the person waits to be
    sent to an advertising partner and to a contractor; once it is known who asks, the gate
    refuses from that instant, what waits for the partner is stopped before it went, in the
    history by recipient and in the evidence, and what is for another purpose, or of somebody
    else, waits on. The history tells how long it took; past the limit the daily look finds it.
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    _partners(mine)
    scope = {"purposes": ("ads",), "recipients": ("adnet1",)}
    mine.home.record(*(agreed(p, "advertising_id", **scope) for p in (aki, ben)))
    to_adnet, to_archive, of_ben = (
        mine.home.releases.of(Giving(p, r, (item,), purpose, "JP", cites=("DESK-6.11",)))
        for p, r, item, purpose in (
            (aki, "adnet1", "advertising_id", "ads"),
            (aki, "archive_co", "access_log", "measure"),
            (ben, "adnet1", "advertising_id", "ads"),
        )
    )
    filed = mine.home.receive("suspension", person=aki, scope=Scope(purposes=("ads",)))
    mine.home.releases.intend([to_adnet, to_archive, of_ben])
    assert mine.ask(aki, "use", "advertising_id", purpose="ads").permitted
    mine.clock.advance(hours=3)
    mine.home.show_identity(filed.id, Proof("id_copy", "ito"))
    now = mine.clock.now()
    decision = mine.ask(aki, "use", "advertising_id", at=now, purpose="ads")
    assert (decision.outcome, codes(decision)) == ("refused", {"suspended"})
    states = {r.id: r.state for p in (aki, ben) for r in mine.home.releases.of_person(p)}
    assert states == {
        to_adnet.id: "failed",
        to_archive.id: "intended",
        of_ben.id: "intended",
    }
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.kind, entry.outcome, entry.detail["recipient"]) == ("release", "failed", "adnet1")
    steps = {step.what: step for step in mine.home.steps(filed.id)}
    assert steps["stopped_waiting"].facts == {"adnet1": 1}
    assert steps["stopped_waiting"].at - steps["received"].at == timedelta(hours=3)
    mine.clock.advance(days=31)
    found = [f.subject for f in mine.home.days.check().found if f.code == "request-overdue"]
    assert found == [filed.id]
    mine.home.answer(filed.id)
    assert "request-overdue" not in {f.code for f in mine.home.days.check().found}


def _partners(mine: Installed) -> None:
    mine.home.enrol(
        Membership("ad_partners", "adnet1", SINCE, countries=("JP",)),
        Membership("contractors", "archive_co", SINCE, countries=("JP",)),
    )
    mine.home.assure(*entrusted("archive_co"))
    mine.home.releases.name(Party("adnet1", "Adnet Inc.", "Tokyo", "Hanako Ad"))


@promise("DESK-3.2c")
def test_what_the_service_cannot_run_without_stops_with_leaving_only(mine: Installed) -> None:
    """Given the e-mail address, without which the service cannot run; asked to stop it alone, the
    request is refused by 3.2c and names leaving as the way, and nothing is stopped meanwhile.
    After leaving, collecting and every use of every item is refused; what the books need is used
    for the books alone.
    """
    aki = mine.world.person("aki").id
    stop = mine.home.receive("suspension", person=aki, scope=Scope(("email",)))
    assert (stop.state, stop.reason, stop.cite) == ("refused", "essential_item", "DESK-3.2c")
    received = mine.home.steps(stop.id)[0]
    assert received.facts["instead"] == "closure"
    assert mine.ask(aki, "use", "email", purpose="service").permitted
    mine.proven("closure", aki)
    mine.clock.advance(seconds=60)
    policy, now = mine.home.history.versions[-1], mine.clock.now()
    for item in policy.items:
        words = {"at": now, "source": next(iter(policy.items[item].sources), None)}
        assert not mine.ask(aki, "collect", item, **words).permitted
        for purpose in [w for w, p in policy.purposes.items() if item in p.items]:
            assert not mine.ask(aki, "use", item, at=now, purpose=purpose).permitted
    closed = mine.ask(aki, "use", "email", at=now, purpose="service")
    assert (closed.outcome, codes(closed)) == ("refused", {"closed"})
    assert mine.ask(aki, "use", "payment", at=now, purpose="legal_retention").permitted
