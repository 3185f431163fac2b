"""What is not finished is seen with what it waits for, and is carried on when it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from home_cases import SATO, Case

from seiyaku.cli import cli
from seiyaku.datamap.system import Action, Applied, Handles, Left, Value
from seiyaku.kernel.errors import SystemUnavailable, WaitsForPerson
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.plans.waiting import Waiting
from seiyaku.requests.model import Request
from seiyaku.store.tables import approvals
from seiyaku.systems.folder import FolderSystem

MEDIA = SystemId("media")
DAY = date(2027, 2, 18)


class FromADayOn(FolderSystem):
    """A folder of which nothing may be removed before `DAY`, as a vendor's redaction."""

    case: Case

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Remove from the day on; before it, say until when it waits."""
        if self.case.clock.now().date() >= DAY:
            return super().apply(run, actions, handles, values)
        left = {a.dataset: Left("pending", a.expected, "after_90_days", DAY) for a in actions}
        return Applied({}, {}, {}, left=left)


def deferring(case: Case) -> None:
    """Let the home's folder of media wait for a day."""
    parts = case.home.parts
    system = FromADayOn(MEDIA, parts.datamap.systems[MEDIA], parts.home / "media")
    system.case = case
    parts._systems[MEDIA] = system


def tasks_done(case: Case, request: str) -> None:
    """Prove every task by hand."""
    for task in case.home.tasks(request):
        case.home.complete_task(task.id, b"proof", SATO)


def test_a_deferred_step_waits_for_its_day_and_is_then_carried_on(closm: Case) -> None:
    deferring(closm)
    request, result = closm.done("closure", closm.world.everyone[0].id)
    assert result.state == "open"
    tasks_done(closm, request.id)
    [found] = closm.home.waiting()
    assert found.request == request.id
    assert {(w.need, w.until, w.why) for w in found.waits} == {("day", DAY, "after_90_days")}
    assert closm.home.carry_on().results == (), "its day has not come"
    assert len(closm.home.parts.repositories.runs.of(found.plan)) == 1
    closm.clock.advance(days=90)
    [carried] = closm.home.carry_on().results
    assert carried.state == "done"
    assert closm.home.request(request.id).state == "answered"
    assert closm.home.waiting() == ()
    assert closm.home.carry_on().results == ()


def test_running_by_hand_before_the_day_changes_nothing(closm: Case) -> None:
    deferring(closm)
    _, first = closm.done("closure", closm.world.everyone[0].id)
    assert closm.home.run(first.plan) == first


def test_a_person_who_must_act_is_waited_for_without_a_day(closm: Case) -> None:
    request, _ = closm.done("closure", closm.world.everyone[0].id)
    [found] = closm.home.waiting()
    assert {w.need for w in found.waits} == {"person"}
    assert closm.home.carry_on().results == ()
    tasks_done(closm, request.id)
    assert closm.home.waiting() == ()


def test_a_run_that_cannot_go_on_holds_up_no_other(closm: Case) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SystemUnavailable("`app` does not answer", code="SY301")

    system = closm.home.parts.system(SystemId("app"))
    original = system.apply
    system.apply = refuse  # type: ignore[method-assign, assignment]
    first, second = [closm.done("closure", p.id)[1].plan for p in closm.world.everyone[:2]]
    assert {w.need for o in closm.home.waiting() for w in o.waits} == {"person", "system"}
    system.apply = original  # type: ignore[method-assign]
    with closm.home.parts.repositories.store.together() as connection:
        connection.execute(sa.delete(approvals).where(approvals.c.plan == first))
    carried = closm.home.carry_on()
    assert [r.plan for r in carried.results] == [second]
    assert [(s.plan, s.code) for s in carried.stopped] == [(first, "SY402")]


def test_what_waits_is_told_on_the_command_line(closm: Case) -> None:
    deferring(closm)
    request, _ = closm.done("closure", closm.world.everyone[0].id)
    home = str(closm.home.parts.home)
    closm.home.close()
    told = CliRunner().invoke(cli, ["waiting", "--home", home])
    assert told.exit_code == 4
    assert request.id in told.output
    assert f"until {DAY}" in told.output
    assert "a person, with evidence" in told.output
    shown = CliRunner().invoke(cli, ["request", "show", request.id, "--home", home])
    assert f"until {DAY}" in shown.output


def test_a_wait_is_due_when_another_attempt_may_help() -> None:
    def due(need: str, until: date | None = None) -> bool:
        return Waiting(MEDIA, None, need, 1, until=until).due(DAY)  # type: ignore[arg-type]

    assert due("answer")
    assert due("system")
    assert due("day", DAY)
    assert not due("day", date(2027, 2, 19))
    assert not due("person")


def test_what_was_asked_to_be_seen_is_taken_before_it_is_erased(closm: Case) -> None:
    person = closm.world.everyone[0].id
    shown, _ = closm.planned("disclosure", person)
    request, _ = closm.planned("closure", person)

    def run(which: Request) -> None:
        plan = closm.home.plan(which.id)
        closm.home.approve(plan.id, SATO)
        closm.home.run(plan.id)

    with pytest.raises(WaitsForPerson) as caught:
        run(request)
    assert caught.value.code == "SY412"
    assert shown.id in str(caught.value)
    run(shown)
    run(request)
    assert closm.home.request(request.id).state == "open", "tasks by hand are left"
