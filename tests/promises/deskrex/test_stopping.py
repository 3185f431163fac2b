"""Article 3.2: what a person can have stopped, from when, and what stops with leaving only."""

from __future__ import annotations

from datetime import timedelta

from seiyaku.requests import Proof
from seiyaku.standing import Scope
from seiyaku.testing.promises import promise

from ..homes import AT, Installed, cites, codes

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


def test_what_was_applied_for_stops_once_it_is_known_who_asks(mine: Installed) -> None:
    """The half of DESK-3.2b that stands today: an application by post stops advertising as soon
    as it is known who asks, at the gate and for whatever would be sent, and its history tells
    the times. The clause is kept once what waits to be sent elsewhere is stopped and recorded.
    """
    aki = mine.world.person("aki").id
    filed = mine.home.receive("suspension", person=aki, scope=Scope(purposes=("ads",)))
    assert mine.ask(aki, "use", "advertising_id", purpose="ads").permitted
    mine.clock.advance(hours=3)
    mine.home.show_identity(filed.id, Proof("id_copy", "ito"))
    now = mine.clock.now()
    decision = mine.ask(aki, "use", "advertising_id", at=now, purpose="ads")
    assert (decision.outcome, codes(decision)) == ("refused", {"suspended"})
    mine.home.answer(filed.id)
    steps = {step.what: step.at for step in mine.home.steps(filed.id)}
    assert steps["answered"] - steps["received"] == timedelta(hours=3)


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
