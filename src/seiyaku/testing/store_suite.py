"""The suite every database of the control plane passes; SQLite today, PostgreSQL later.

Subclass `StoreSuite` in a test module and give it a fixture called ``store``.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest

from seiyaku.assurance.model import Assurance, Membership
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.gate.model import Decision, Question, Reason
from seiyaku.kernel.errors import Conflict, InvalidInput, NotPermitted, SeiyakuError
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId, RequestId, SystemId
from seiyaku.plans.digest import plan_digest
from seiyaku.plans.model import Approval, ItemOutcome, Plan
from seiyaku.releases import Party, Release
from seiyaku.requests.model import Request
from seiyaku.standing.model import Acceptance, Erasure, Scope, Suspension
from seiyaku.store.people import AssuranceStore, ChangeStore, StandingStore
from seiyaku.store.plans import PlanStore, Run, RunStore
from seiyaku.store.releases import PartyStore, ReleaseStore
from seiyaku.store.requests import RequestStep, RequestStore, Task, TaskStore
from seiyaku.store.store import Store
from seiyaku.store.witness import Asked, AskedStore, Made, NonceStore, PackageStore

AT = datetime(2026, 11, 20, 3, 0, 0, 123456, tzinfo=UTC)
AKI, BEN = PersonId("1"), PersonId("2")


def a_request(name: str = "request-1", **about: object) -> Request:
    """A request of one person."""
    return Request(RequestId(name), "closure", "user", AT, "2026-02-16", **about)  # type: ignore[arg-type]


def a_plan(name: str = "plan-1") -> Plan:
    """A plan that says a little."""
    outcome = ItemOutcome(
        SystemId("app"), DatasetId("app.orders"), ("order",), "kept_by_law", 3, "X-1",
        date(2034, 2, 28),
    )  # fmt: skip
    digest = "0" * 64
    return Plan(
        PlanId(name), "shop", "closure", AT, 1, digest, "v", digest, digest, digest, (), (outcome,)
    )


def a_release(name: str = "release-1", person: PersonId = AKI, **about: object) -> Release:
    """A release that the law wants recorded, within its period."""
    words = {"record": {"provided_on": "2026-11-20"}, "required": True, "means": "written"}
    words |= {"kept_until": date(2029, 11, 20), "reference": "order-7", **about}
    return Release(
        name, "provided", person, "printful", ("email", "name"), "ship_goods", "opt_out",
        None, "JP", "2026-02-16", ("X-1",), AT, **words,  # type: ignore[arg-type]
    )  # fmt: skip


class StoreSuite:
    """What the control plane keeps, and how it forgets."""

    def test_releases_come_back_once_however_often_they_are_added(self, store: Store) -> None:
        releases, one = ReleaseStore(store), a_release()
        other = a_release("release-2", BEN, required=False, kept_until=None, reference="")
        assert releases.add([one, other]) == (one, other)
        assert releases.add([one]) == ()
        assert releases.get([other.id, "none", one.id]) == (other, one)
        assert releases.of_person(AKI) == (one,)
        assert releases.recipients() == {"printful"}

    def test_a_release_is_settled_once_and_an_unknown_one_may_become_clear(
        self, store: Store
    ) -> None:
        releases = ReleaseStore(store)
        releases.add([a_release()])
        assert [r.state for r in releases.settle(["release-1"], "unknown", AT)] == ["unknown"]
        assert releases.settle(["release-1"], "unknown", AT) == ()
        later = AT + timedelta(minutes=1)
        [sent] = releases.settle(["release-1"], "sent", later)
        assert (sent.state, sent.ended_at) == ("sent", later)
        assert releases.get(["release-1"]) == (sent,)
        for ids, state in ((["release-1"], "failed"), (["none"], "sent")):
            with pytest.raises(NotPermitted):
                releases.settle(ids, state, later)  # type: ignore[arg-type]
        assert releases.get(["release-1"]) == (sent,)

    def test_records_go_when_their_period_is_over_with_what_opens_them(self, store: Store) -> None:
        releases, nonces = ReleaseStore(store), NonceStore(store)
        releases.add([a_release(), a_release("release-2", kept_until=date(2029, 11, 21))])
        for name in ("release-1", "release-2"):
            nonces.commitments(RequestId(name), {f"{name}:sent": AKI})
        assert releases.dispose(date(2029, 11, 20)) == 0
        assert releases.dispose(date(2029, 11, 21)) == 1
        assert [r.id for r in releases.of_person(AKI)] == ["release-2"]
        assert nonces.of_request(RequestId("release-1")) == {}
        assert len(nonces.of_request(RequestId("release-2"))) == 1

    def test_a_third_party_named_again_is_changed(self, store: Store) -> None:
        parties = PartyStore(store)
        parties.name([Party("a", "A KK", "Tokyo"), Party("b", "B KK", "Nara", "Ken Abe")])
        parties.name([Party("a", "A KK", "Kyoto", "Hana Mori")])
        assert parties.all() == {
            "a": Party("a", "A KK", "Kyoto", "Hana Mori"),
            "b": Party("b", "B KK", "Nara", "Ken Abe"),
        }

    def test_events_come_back_in_the_order_they_were_said(self, store: Store) -> None:
        events = StandingStore(store)
        said = (Acceptance(AKI, AT, "v1"), Suspension(AKI, AT, Scope(items=("email",))))
        events.append([said[0]])
        events.append([said[1], Acceptance(BEN, AT, "v1")])
        assert events.of(AKI) == said

    def test_an_erased_person_is_known_by_a_keyed_digest_only(self, store: Store) -> None:
        events = StandingStore(store)
        events.erase([AKI], AT)
        events.erase([AKI, BEN], AT)
        assert events.of(AKI) == (Erasure(AKI, AT),)

    def test_a_door_learns_who_said_something_since(self, store: Store) -> None:
        events, changes = StandingStore(store), ChangeStore(store)
        events.append([Acceptance(AKI, AT, "v1")])
        seen = changes.last()
        assert changes.since(seen) == frozenset()
        events.append([Acceptance(BEN, AT, "v1"), Suspension(BEN, AT)])
        assert changes.last() > seen
        assert changes.since(seen) == frozenset({BEN})

    def test_a_fact_and_an_erasure_may_concern_everybody(self, store: Store) -> None:
        events, facts, changes = StandingStore(store), AssuranceStore(store), ChangeStore(store)
        seen = changes.last()
        facts.record([Assurance("supervision", "printful", AT, "contract 7")])
        assert changes.since(seen) is None
        seen = changes.last()
        events.erase([AKI], AT)
        assert changes.since(seen) is None

    def test_facts_and_members_come_back(self, store: Store) -> None:
        facts = AssuranceStore(store)
        fact = Assurance("supervision", "printful", AT, "contract 7", until_at=AT + timedelta(1))
        facts.record([fact])
        facts.enrol([Membership("sellers", "seller_1", AT, countries=("JP",))])
        assert facts.all().facts == (fact,)
        assert facts.all().membership("sellers", "seller_1", AT) is not None

    def test_a_request_comes_back_as_it_was_saved(self, store: Store) -> None:
        requests = RequestStore(store)
        request = a_request(scope=Scope(items=("email",)), people=2)
        requests.add(request, [BEN, AKI], {"answer_to": "a@example.jp"})
        shown = request.to("identity_shown")
        requests.save(shown)
        assert requests.get(request.id) == shown
        assert requests.people(request.id) == (AKI, BEN)
        assert requests.of_person(AKI) == (shown,)
        assert requests.detail(request.id, "answer_to") == "a@example.jp"
        assert requests.all(ended=False) == (shown,)

    def test_an_unknown_name_is_said_to_be_unknown(self, store: Store) -> None:
        for get in (RequestStore(store).get, PlanStore(store).get, TaskStore(store).get):
            with pytest.raises(InvalidInput):
                get("nothing")

    def test_purging_a_request_leaves_nothing_it_carried(self, store: Store) -> None:
        requests, plans = RequestStore(store), PlanStore(store)
        requests.add(a_request(), [AKI], {"value": "new", "answer_to": "a@example.jp"})
        column = HandleColumn(DatasetId("app.users"), ("id",))
        plans.add(a_plan(), RequestId("request-1"), Handles({column: frozenset({(1,)})}), AKI)
        requests.purge_handles(RequestId("request-1"), PlanId("plan-1"))
        assert plans.handles(PlanId("plan-1")) == Handles()
        assert requests.detail(RequestId("request-1"), "value") is None
        assert requests.detail(RequestId("request-1"), "answer_to") == "a@example.jp"
        requests.purge(RequestId("request-1"), PlanId("plan-1"))
        assert requests.detail(RequestId("request-1"), "answer_to") is None
        requests.forget([AKI])
        assert requests.people(RequestId("request-1")) == ()

    def test_handles_keep_the_types_of_their_values(self, store: Store) -> None:
        column = HandleColumn(DatasetId("app.x"), ("a", "b"))
        rows: frozenset[Row] = frozenset({(1, "1"), (b"\x00", date(2026, 1, 1)), (AT, 1.5)})
        PlanStore(store).add(a_plan(), RequestId("r"), Handles({column: rows}), None)
        assert PlanStore(store).handles(PlanId("plan-1")).at(column) == rows

    def test_a_plan_comes_back_with_the_same_digest(self, store: Store) -> None:
        plans, plan = PlanStore(store), a_plan()
        plans.add(plan, RequestId("r"), Handles(), None)
        assert plans.get(plan.id) == plan
        assert plan_digest(plans.get(plan.id)) == plan_digest(plan)
        assert plans.request_of(plan.id) == "r"

    def test_the_same_approval_twice_is_one(self, store: Store) -> None:
        plans = PlanStore(store)
        approval = Approval(PlanId("plan-1"), "0" * 64, "sato", AT)
        plans.approve(approval)
        plans.approve(approval)
        assert plans.approvals(PlanId("plan-1")) == (approval,)

    def test_an_attempt_begins_once(self, store: Store) -> None:
        runs = RunStore(store)
        run = Run(PlanId("plan-1"), 1, "closure", 2, "running", AT)
        runs.begin(run)
        with pytest.raises(Conflict):
            runs.begin(run)
        assert runs.unfinished() == (run,)
        ended = Run(run.plan, 1, "closure", 2, "done", AT, AT, a_plan().outcomes, (1, 2), 3)
        runs.end(ended)
        assert runs.of(run.plan) == (ended,)
        assert runs.unfinished() == ()

    def test_erasures_are_counted_by_people_without_the_plan_that_asks(self, store: Store) -> None:
        runs = RunStore(store)
        runs.begin(Run(PlanId("plan-1"), 1, "closure", 2, "running", AT))
        runs.begin(Run(PlanId("plan-2"), 1, "disclosure", 9, "running", AT))
        runs.begin(Run(PlanId("plan-3"), 1, "deletion", 3, "running", AT - timedelta(hours=2)))
        assert runs.erased_since(AT - timedelta(hours=1), PlanId("plan-9")) == 2
        assert runs.erased_since(AT - timedelta(hours=1), PlanId("plan-1")) == 0

    def test_a_halt_stands_until_it_is_lifted(self, store: Store) -> None:
        runs = RunStore(store)
        assert runs.halted() is None
        runs.halt("sato", AT)
        assert runs.halted() is not None
        assert runs.resume("kondo", AT) == 1
        assert runs.halted() is None

    def test_a_task_opens_once_and_is_done_with_a_digest(self, store: Store) -> None:
        tasks = TaskStore(store)
        task = Task("t", RequestId("r"), "auth0", ("email",), AT)
        tasks.open([task])
        tasks.open([task])
        done = Task("t", RequestId("r"), "auth0", ("email",), AT, AT, "sato", "0" * 64)
        tasks.complete(done)
        assert tasks.of_request(RequestId("r")) == (done,)

    def test_a_commitment_asked_for_again_is_the_same(self, store: Store) -> None:
        nonces = NonceStore(store)
        first = nonces.commitments(RequestId("r"), {"a": AKI, "b": BEN})
        assert nonces.commitments(RequestId("r"), {"a": AKI, "b": BEN}) == first
        assert set(nonces.of_person(RequestId("r"), AKI)) == {"a"}

    def test_what_was_asked_comes_back_up_to_a_moment(self, store: Store) -> None:
        asked = AskedStore(store)
        reasons = (Reason("granted", "X-1", "email"),)
        one = Asked(
            Question("use", AKI, "email", AT, "billing", contexts=frozenset({"a", "b"})),
            Decision("permitted", reasons, "v", 9),
        )
        late = Asked(
            Question("use", AKI, "email", AT + timedelta(1)), Decision("refused", reasons, "v", 7)
        )
        asked.record([one, late])
        assert asked.of(AKI, "email", AT) == (one,)
        assert asked.of(AKI, None, AT + timedelta(2)) == (one, late)
        assert asked.of(BEN, None, AT + timedelta(2)) == ()

    def test_a_package_recorded_again_replaces_the_first(self, store: Store) -> None:
        packages = PackageStore(store)
        packages.record(Made(RequestId("r"), "r.zip", "0" * 64, AT), AKI)
        packages.record(Made(RequestId("r"), "r.zip", "1" * 64, AT), AKI)
        assert [m.sha256 for m in packages.of_request(RequestId("r"))] == ["1" * 64]

    def test_what_happened_is_told_in_order(self, store: Store) -> None:
        requests = RequestStore(store)
        steps = [RequestStep(AT, "sato", word, {"n": n}) for n, word in enumerate("ab")]
        for step in steps:
            requests.note(RequestId("r"), step)
        assert list(requests.history(RequestId("r"))) == steps

    def test_together_means_all_or_nothing(self, store: Store) -> None:
        runs = RunStore(store)

        def half() -> None:
            with store.together():
                runs.halt("sato", AT)
                raise Conflict("stop")

        with pytest.raises(Conflict):
            half()
        assert runs.halted() is None

    def test_an_error_says_nothing_of_what_was_written(self, store: Store) -> None:
        requests = RequestStore(store)
        requests.add(a_request(), [AKI], {})
        with pytest.raises(SeiyakuError) as caught:
            requests.add(a_request(reason="canary-secret"), [PersonId("canary-secret")], {})
        assert "canary" not in str(caught.value) + caught.value.hint()
        assert caught.value.__cause__ is None

    def test_a_secret_is_made_once(self, store: Store) -> None:
        assert store.secret("a") == store.secret("a") != store.secret("b")
        assert len(store.secret("a")) == 32

    def test_a_secret_that_was_undone_is_not_remembered(self, store: Store) -> None:
        """What is kept under it after a restart would be read by nobody."""
        with suppress(ZeroDivisionError), store.together():
            undone = {store.secret("a"), store.secret("a")}
            raise ZeroDivisionError
        kept = store.secret("a")
        assert len(undone) == 1
        assert kept not in undone
        assert store.secret("a") == kept

    def test_threads_that_ask_first_together_get_one_secret(self, store: Store) -> None:
        for number in range(5):
            with ThreadPoolExecutor(8) as pool:
                found = [pool.submit(store.secret, f"s{number}") for _ in range(8)]
            assert len({f.result() for f in found}) == 1

    def test_threads_append_to_one_person_without_losing_a_word(self, store: Store) -> None:
        events = StandingStore(store)

        def say(version: int) -> None:
            for _ in range(20):
                try:
                    events.append([Acceptance(AKI, AT, f"v{version}")])
                    return
                except Conflict:
                    continue

        threads = [threading.Thread(target=say, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        said = {e.version for e in events.of(AKI) if isinstance(e, Acceptance)}
        assert said == {f"v{n}" for n in range(6)}
