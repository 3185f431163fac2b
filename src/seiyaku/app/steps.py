"""The steps of a durable run, each with JSON in and JSON out: ids, words and counts.

`app.durable` lets DBOS remember which of them were done. Every step may run again after a
crash: evidence is appended once per act id, systems remember the run, the store is written
in one transaction at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from seiyaku.app.corrections import value_digests
from seiyaku.app.packages import write_package
from seiyaku.app.seam import boundary
from seiyaku.app.self_map import OWN
from seiyaku.app.wiring import Parts
from seiyaku.datamap.system import Handles, Value
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId, RequestId, RunId, SystemId
from seiyaku.laws import tokyo_day
from seiyaku.plans import run as procedure
from seiyaku.plans.approve import plan_again
from seiyaku.plans.model import Group, ItemOutcome, Plan
from seiyaku.plans.read_again import Seen, claimed
from seiyaku.plans.sharing import Company, act_on_unshared, look_for_own
from seiyaku.plans.suspension import lifts, values_of
from seiyaku.plans.values import from_json
from seiyaku.plans.waiting import due_systems
from seiyaku.requests.model import Request
from seiyaku.store.plans import Run
from seiyaku.store.requests import Task

Json = dict[str, Any]
T = TypeVar("T")

_SEEN: TypeAdapter[Seen] = TypeAdapter(Seen)
_OUTCOMES: TypeAdapter[tuple[ItemOutcome, ...]] = TypeAdapter(tuple[ItemOutcome, ...])


class Steps:
    """The steps of one attempt at one plan; made anew by whichever process goes on.

    Raises:
        Conflict: SY502 another plan took its place.
    """

    def __init__(self, parts: Parts, plan_id: str, attempt: int) -> None:
        self._parts = parts
        self._repositories = parts.repositories
        self.plan: Plan = self._repositories.plans.get(plan_id)
        self.request_id: RequestId = self._repositories.plans.request_of(plan_id)
        self.attempt = attempt
        runs = self._runs = self._repositories.runs.of(self.plan.id)
        self._people = self._repositories.requests.people(self.request_id)
        self._run = next(r for r in runs if r.attempt == attempt)
        if self._run.state == "failed":  # a dead process left it; nobody approves it any longer
            raise plan_again(self.plan)
        self._before = next((r for r in runs if r.attempt == attempt - 1), None)
        self._handles: Handles | None = None

    # 1. which systems are still to be done
    def systems(self) -> list[str]:
        """Systems this attempt acts on: where something changes, or what was left and is due."""
        if self._before is None:
            return [g.system for g in self.plan.groups if g.actions]
        # the day it began: what is due must not change when it is gone on with tomorrow
        due = due_systems(self._before.outcomes, tokyo_day(self._run.began_at))
        return [g.system for g in self.plan.groups if g.system in due]

    # 2.-5. for each system
    def intend(self, system: str) -> list[int]:
        """The intent, in the evidence before anything is touched."""
        return self._bounded(f"{system}:intend", lambda: self._intend(system))

    def act(self, system: str) -> Json:
        """Change one system, whole or not at all."""
        return self._bounded(f"{system}:act", lambda: self._seen(self._act(system)))

    def look(self, system: str, seen: Json) -> Json:
        """Read the system again by the old values."""
        read = _SEEN.validate_python(seen)
        return self._bounded(f"{system}:look", lambda: self._seen(self._look(system, read)))

    def tell(self, system: str, seen: Json) -> Json:
        """The outcome, in the evidence, claiming only what was read."""
        return self._bounded(f"{system}:tell", lambda: self._tell(system, seen))

    # for a disclosure
    def export(self) -> Json:
        """Write the package; what comes back is counts and a digest."""
        return self._bounded("export", self._export)

    # 6. what is read nowhere, and one entry for each person
    def conclude(self, told: Sequence[Json], last: tuple[str, Json] | None = None) -> Json:
        """End the attempt: outcomes outside, tasks, people, then the store in one go.

        Args:
            last: the system acted on last, which is read again and told here.
        """
        if self._run.ended_at is not None:  # it died after the end was written, before DBOS knew
            return {"state": self._run.state}
        claim = None if last is None else self._claim(last[0], self.look(*last))
        return self._bounded("conclude", lambda: self._conclude(told, claim))

    # -- inside ----------------------------------------------------------------------

    def _bounded(self, name: str, step: Callable[[], T]) -> T:
        boundary(f"{name}:before")
        result = step()
        boundary(f"{name}:after")
        return result

    def _intend(self, system: str) -> list[int]:
        return list(procedure.intend(self._context(), self._group(system)))

    def _act(self, system: str) -> Seen:
        return act_on_unshared(self._context(), self._group(system), self._company())

    def _look(self, system: str, seen: Seen) -> Seen:
        return look_for_own(self._context(), self._group(system), seen, self._company())

    def _company(self) -> Company:
        parts = self._parts
        return Company(
            parts.whole_datamap, lambda: {s: parts.system(s) for s in parts.read_systems()}
        )

    def _tell(self, system: str, seen: Json) -> Json:
        read = _SEEN.validate_python(seen)
        outcomes, evidence = procedure.tell(self._context(), self._group(system), read)
        return self._told(outcomes, evidence)

    def _export(self) -> Json:
        request = self._request()
        made = write_package(self._parts, request, self.plan, self._old_values())
        return {"name": made.name, "sha256": made.sha256}

    def _claim(self, system: str, seen: Json) -> tuple[Group, tuple[ItemOutcome, ...]]:
        group, read = self._group(system), _SEEN.validate_python(seen)
        return group, self._bounded(f"{system}:tell", lambda: claimed(self.plan, group, read))

    def _conclude(
        self, told: Sequence[Json], claim: tuple[Group, tuple[ItemOutcome, ...]] | None
    ) -> Json:
        with self._repositories.store.together():  # written to at the very end
            return self._concluded(told, claim)

    def _concluded(
        self, told: Sequence[Json], claim: tuple[Group, tuple[ItemOutcome, ...]] | None
    ) -> Json:
        before = [o for t in told for o in _OUTCOMES.validate_python(t["outcomes"])]
        rest = self._with_tasks(self._quiet())
        closed = [*self._settled(), *before]
        outcomes = self._with_tasks([*closed, *(claim[1] if claim else ()), *rest])
        people = self._commitments()
        boundary("conclude:nonces")
        elsewhere, first, last = procedure.conclude(
            self._context(), outcomes, rest, people, self._value_digests(), claim
        )
        outcomes = [*closed, *last, *rest]
        boundary("conclude:told")
        evidence = {*(i for t in told for i in t["evidence"]), *elsewhere}
        evidence |= set(self._before.evidence) if self._before else set()
        settled = self._with_tasks(outcomes)
        run = replace(
            self._run,
            state=procedure.state_of(settled),
            ended_at=self._parts.clock.now(),
            outcomes=tuple(settled),
            evidence=tuple(sorted(evidence)),
            people_from=first,
        )
        self._end(run)
        return {"state": run.state}

    def _settled(self) -> list[ItemOutcome]:
        """What an earlier attempt brought to an end."""
        if self._before is None:
            return []
        again = {SystemId(s) for s in self.systems()}
        return [o for o in self._before.outcomes if o.dataset and o.system not in again]

    def _quiet(self) -> list[ItemOutcome]:
        """Outcomes of systems in which nothing changes, and of those nobody reads."""
        quiet = [g for g in self.plan.groups if not g.actions and self._before is None]
        inside = [o for g in quiet for o in claimed(self.plan, g, Seen())]
        return [*inside, *(o for o in self.plan.outcomes if o.dataset is None)]

    def _with_tasks(self, outcomes: Sequence[ItemOutcome]) -> list[ItemOutcome]:
        """Outcomes with the tasks counted that were done and proven before."""
        tasks = self._repositories.tasks.of_request(self.request_id)
        done = {t.system for t in tasks if t.done_at}
        return [
            replace(o, outcome="done", note="by_hand")
            if o.outcome == "by_hand" and o.system in done
            else o
            for o in outcomes
        ]

    def _tasks(self, outcomes: Sequence[ItemOutcome]) -> list[Task]:
        items: dict[str, set[str]] = {}
        for outcome in outcomes:
            if outcome.outcome == "by_hand":
                items.setdefault(outcome.system, set()).update(outcome.items)
        return [
            Task(f"{self.plan.id}:{s}", self.request_id, s, tuple(sorted(i)), self._run.began_at)
            for s, i in items.items()
        ]

    def _commitments(self) -> tuple[tuple[str, str], ...]:
        acts = person_acts(self.plan.id, self.attempt, self._people)
        return tuple(self._repositories.nonces.commitments(self.request_id, acts).items())

    def _value_digests(self) -> dict[str, dict[str, str]]:
        acts = person_acts(self.plan.id, self.attempt, self._people)
        return value_digests(self._parts, self._request(), self.plan, acts)

    def _end(self, run: Run) -> None:
        """Write the end of the attempt, and what follows from it, in one transaction."""
        requests, store = self._repositories.requests, self._repositories.store
        request = self._request()
        now = run.ended_at or self._parts.clock.now()
        with store.together():
            self._repositories.runs.end(run)
            tasks = self._tasks(run.outcomes)
            self._repositories.tasks.open(tasks)
            if self._before is not None:  # what came to an end by itself is nobody's task any more
                ours = {f"{self.plan.id}:{g.system}" for g in self.plan.groups}
                self._repositories.tasks.withdraw(ours - {t.id for t in tasks})
            if request.state == "running":
                state = "answered" if run.state == "done" else "open"
                ended = now if state == "answered" else None
                requests.save(request.to(state, ended_at=ended, reason=_reason(run)))  # type: ignore[arg-type]
            if self.plan.kind in ("deletion", "closure") and not request.scope.items:
                self._repositories.standing.erase(self._people, now)
            if run.state == "done":
                requests.purge_handles(self.request_id, self.plan.id)

    def _group(self, system: str) -> Group:
        return next(g for g in self.plan.groups if g.system == system)

    def _request(self) -> Request:
        return self._repositories.requests.get(self.request_id)

    def _run_id(self) -> RunId:
        return run_id(self.plan.id)

    def _old_values(self) -> Handles:
        if self._handles is None:
            self._handles = self._repositories.plans.handles(self.plan.id)
        return self._handles

    def _context(self) -> procedure.Act:
        if self.__dict__.get("_made") is None:
            approvals = self._repositories.plans.approvals(self.plan.id)
            self._made = procedure.Act(
                plan=self.plan,
                run=self._run_id(),
                attempt=self.attempt,
                actors=tuple(a.actor for a in approvals),
                systems={g.system: self._parts.system(g.system) for g in self.plan.groups},
                handles=self._old_values(),
                log=self._parts.log,
                at=self._run.began_at,
                values=self._new_values(),
                again=self._again(),
                lots=self._repositories.plans.lots(self.plan.id) if _has_lots(self.plan) else (),
            )
        return self._made

    def _again(self) -> dict[SystemId, list[procedure.Again]]:
        """What earlier attempts found again, and is acted on once more."""
        again: dict[SystemId, list[procedure.Again]] = {}
        for run in (r for r in self._runs if r.attempt < self.attempt):
            found = [o for o in run.outcomes if o.note == "found_again"]
            name = RunId(f"{self._run_id()}-{run.attempt + 1}")
            for system in dict.fromkeys(o.system for o in found):
                rows = {o.dataset: o.rows for o in found if o.system == system and o.dataset}
                again.setdefault(system, []).append(procedure.Again(name, rows))
        return again

    def _new_values(self) -> Mapping[tuple[DatasetId, str], Value]:
        """The value of a correction, for every column its actions set; those of a suspension."""
        if self.plan.kind == "suspension":
            scope, lift = self._request().scope, lifts(self.plan.outcomes)
            return values_of(self._parts.datamap, scope, lift=lift)
        if self.plan.kind not in ("correction", "addition"):
            return {}
        value = from_json(self._repositories.requests.detail(self.request_id, "value"))
        actions = (a for g in self.plan.groups for a in g.actions)
        return {(a.dataset, c): value for a in actions for c in a.kept}

    def _seen(self, seen: Seen) -> Json:
        value: Json = _SEEN.dump_python(seen, mode="json")
        return value

    def _told(self, outcomes: Sequence[ItemOutcome], evidence: Sequence[int]) -> Json:
        return {
            "outcomes": _OUTCOMES.dump_python(tuple(outcomes), mode="json"),
            "evidence": list(evidence),
        }


def _has_lots(plan: Plan) -> bool:
    return any(g.lots for g in plan.groups)


def run_id(plan: PlanId) -> RunId:
    """The run of a plan: systems remember it, so that nothing is done twice."""
    return RunId(plan.replace("plan-", "run-"))


def person_acts(plan: PlanId, attempt: int, people: Sequence[PersonId]) -> dict[str, PersonId]:
    """Act id of the entry about each person, in their order."""
    return {f"{run_id(plan)}:{attempt}:person-{n}": p for n, p in enumerate(people)}


def _reason(run: Run) -> str:
    inside = [o for o in run.outcomes if o.dataset and not o.dataset.startswith(f"{OWN}.")]
    return "nothing_held" if all(o.outcome == "nothing_found" for o in inside) else ""
