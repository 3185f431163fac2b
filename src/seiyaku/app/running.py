"""Begin, carry out and settle runs of approved plans."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from seiyaku.app import planning
from seiyaku.app.corrections import keep_old_values
from seiyaku.app.planning import Planned
from seiyaku.app.residue import keep_identifiers, naming
from seiyaku.app.steps import person_acts, run_id
from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict, WaitsForPerson
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import tokyo_day
from seiyaku.plans.approve import HOUR, approval_of, plan_again, require_approved, require_going
from seiyaku.plans.model import Approval, Plan, RunResult
from seiyaku.plans.run import state_of
from seiyaku.plans.waiting import due_systems
from seiyaku.requests.model import WITH_PLAN, Request
from seiyaku.store.plans import Run
from seiyaku.store.requests import RequestStep, Task

if TYPE_CHECKING:
    from seiyaku.app.durable import Worker


NOT_EXPORTED: Final = frozenset({"identity_shown", "planned", "approved", "running"})
"""States of a disclosure of which the package is not written."""


class Running:
    """Plans of one installation, from approval to the end of their runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._worker: Worker | None = None
        self._guard = threading.RLock()

    def close(self) -> None:
        """Stop the worker; what is not finished goes on at the next opening."""
        with self._guard:
            if self._worker is not None:
                self._worker.close()
                self._worker = None

    def plan(self, request: Request) -> Plan:
        """Survey and plan; see `Home.plan`."""
        if request.kind not in WITH_PLAN and not planning.reaches_systems(self._parts, request):
            raise Conflict(
                f"a {request.kind} needs no plan", code="SY524", hint="answer the request instead"
            )
        require_identity_shown(request)
        with self._r.store.together():
            people = self._r.requests.people(request.id)
            planned = planning.plan_request(self._parts, request, people)
            person = people[0] if len(people) == 1 else None
            self._give_up(request)
            self._r.plans.add(planned.plan, request.id, planned.handles, person, planned.lots)
            self._r.requests.save(request.to("planned", plan=planned.plan.id))
            self.note(request, "planned", "", plan=planned.plan.id, rows=planned.found)
        return planned.plan

    def _give_up(self, request: Request) -> None:
        """What the plan of before began and could not end is carried on by nobody."""
        now = self._parts.clock.now()
        for run in self._r.runs.of(request.plan) if request.plan else ():
            if run.state == "running":
                self._r.runs.end(replace(run, state="failed", ended_at=now))

    def approve(self, plan: Plan, request: Request, actor: Actor) -> Approval:
        """Bind an actor to the plan's digest; see `Home.approve`."""
        if request.plan != plan.id:
            raise plan_again(plan)
        agreed = request.to("approved") if request.state == "planned" or request.ended else request
        approval = approval_of(plan, actor, self._parts.clock.now())
        self._parts.log.append([_approval_entry(plan, approval, actor)])
        with self._r.store.together():
            self._r.plans.approve(approval)
            self._r.requests.save(agreed)
            self.note(request, "approved", actor.name, digest=approval.digest)
        return approval

    def run(self, plan: Plan, request: Request) -> RunResult:
        """Begin, go on with, or retry the run of a plan; see `Home.run`.

        1. a run that is done, or waits for people or for a day to come, is not done again;
        2. one that a dead process left is gone on with, as it was approved;
        3. a new one needs no halt, the approvals, and the world as it was approved;
        4. a retry needs no halt and the approvals.
        """
        runs = self._r.runs.of(plan.id)
        last = runs[-1] if runs else None
        today = tokyo_day(self._parts.clock.now())
        if last and last.state in ("done", "open") and not due_systems(last.outcomes, today):
            return result_of(plan, last)
        attempt, again = len(runs), last is not None and last.state == "running"
        if not again:
            attempt += 1
            again = not self._begun(plan, request, attempt)
        self._working().run(plan.id, attempt, reads_only=plan.reads_only, again=again)
        return result_of(plan, self._r.runs.of(plan.id)[-1])

    def _begun(self, plan: Plan, request: Request, attempt: int) -> bool:
        """Begin an attempt; False where another process began it in the same moment."""
        try:
            with self._r.store.together():
                anew = self._require_runnable(plan, request, first=attempt == 1)
                keep_identifiers(self._parts, request, plan, anew.beside if anew else None)
                self._begin(plan, request, attempt)
        except Conflict:
            if len(self._r.runs.of(plan.id)) < attempt:
                raise
            return False
        return True

    def settle(self, request: Request, task: Task, entry: int) -> None:
        """Count a finished task in the last run; answer the request when nothing is open."""
        runs = self._r.runs.of(request.plan) if request.plan else ()
        if not runs:
            return
        outcomes = tuple(
            replace(o, outcome="done", note="by_hand")
            if o.outcome == "by_hand" and o.system == task.system
            else o
            for o in runs[-1].outcomes
        )
        run = replace(
            runs[-1],
            outcomes=outcomes,
            state=state_of(outcomes),
            evidence=(*runs[-1].evidence, entry),
        )
        self._r.runs.end(run)
        if run.state == "done" and request.state == "open":
            self._r.requests.save(request.to("answered", ended_at=task.done_at))
            self._r.requests.purge_handles(request.id, run.plan)

    def note(self, request: Request, what: str, actor: str, **facts: str | int) -> None:
        """Add a line to the history of a request."""
        step = RequestStep(self._parts.clock.now(), actor, what, facts)
        self._r.requests.note(request.id, step)

    def _require_runnable(self, plan: Plan, request: Request, *, first: bool) -> Planned | None:
        """Raise unless it may run; what would happen now, where that was looked at."""
        now = self._parts.clock.now()
        require_going(self._r.runs.halted())
        require_approved(
            plan,
            self._r.plans.approvals(plan.id),
            self._r.runs.erased_since(now - HOUR, plan.id),
            self._parts.settings.erasures_an_hour,
        )
        if request.plan != plan.id:
            raise plan_again(plan)
        if not first:
            return None
        people = self._r.requests.people(request.id)
        self._require_exported(plan, people)
        beside = naming(self._parts, request)
        anew = planning.plan_anew(self._parts, request, people, plan, beside)
        if not planning.unchanged(anew, plan):
            raise plan_again(plan)
        return anew

    def _require_exported(self, plan: Plan, people: Sequence[PersonId]) -> None:
        """What somebody asked to see is taken before it is erased."""
        if plan.kind not in ("deletion", "closure") or len(people) != 1:
            return
        for other in self._r.requests.of_person(people[0]):
            if other.kind == "disclosure" and other.state in NOT_EXPORTED:
                raise WaitsForPerson(
                    f"request `{other.id}` of the same person wants to see what would go",
                    code="SY412",
                    hint=f"run `{other.id}` first, or refuse it",
                )

    def _begin(self, plan: Plan, request: Request, attempt: int) -> None:
        now = self._parts.clock.now()
        with self._r.store.together():
            self._r.runs.begin(Run(plan.id, attempt, plan.kind, plan.people, "running", now))
            self._r.requests.save(request.to("running"))
            self.note(request, "running", "", attempt=attempt)
            acts = person_acts(plan.id, attempt, self._r.requests.people(request.id))
            self._r.nonces.commitments(request.id, acts)
            keep_old_values(self._parts, request, plan)

    def _working(self) -> Worker:
        with self._guard:
            if self._worker is None:
                from seiyaku.app.durable import Worker

                self._worker = Worker(self._parts)
            return self._worker


def require_identity_shown(request: Request) -> None:
    """Nothing is shown or changed before it is known who asks.

    Raises:
        WaitsForPerson: SY405 identity has not been shown.
    """
    if request.state == "received":
        raise WaitsForPerson(
            f"request `{request.id}` waits for proof of identity",
            code="SY405",
            hint="show identity first",
        )


def result_of(plan: Plan, run: Run) -> RunResult:
    """What a run did, as the caller sees it."""
    return RunResult(run_id(plan.id), plan.id, run.state, run.outcomes, run.evidence)


def _approval_entry(plan: Plan, approval: Approval, actor: Actor) -> Entry:
    return Entry(
        act_id=f"{plan.id}:approval:{actor.name}",
        kind="approval",
        at=approval.at,
        service=plan.service,
        act=plan.kind,
        actor=str(actor),
        version=plan.policy_version,
        digests={"plan": approval.digest, "policy": plan.policy_sha256},
        counts={"people": plan.people},
    )
