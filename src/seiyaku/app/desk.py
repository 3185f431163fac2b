"""What happens to a request at the desk, beside its plan: answers, tasks, and the hand-over.

Each method is what the method of `Home` with its name does; what it promises stands there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from seiyaku.app import planning
from seiyaku.app.running import Running, require_identity_shown
from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, InvalidInput, WaitsForPerson
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.policy.model import Policy
from seiyaku.releases import to_recall
from seiyaku.requests import answers
from seiyaku.requests.answers import Answer
from seiyaku.requests.model import Request
from seiyaku.store.requests import Task


class Desk:
    """The desk of one installation."""

    def __init__(self, parts: Parts, running: Running) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._running = running

    def answer(self, request: Request, policy: Policy, note: Text | None) -> Answer:
        """Answer a request that needs no plan; the evidence is told before the request ends.

        Args:
            policy: the version in force at receipt.
        """
        if request.kind != "complaint":  # it reveals and changes nothing
            require_identity_shown(request)
        if planning.reaches_systems(self._parts, request):
            raise Conflict(
                f"the {request.kind} is to be carried out in systems",
                code="SY526",
                hint="plan, approve and run it; the gate refuses from identity on",
            )
        people = self._r.requests.people(request.id)
        now = self._parts.clock.now()
        held = (
            planning.held_items(self._parts, request, people)
            if request.kind == "purpose_notice" and people
            else frozenset()
        )
        laws = self._parts.laws.at(tokyo_day(now))
        given = (
            self._r.releases.of_people(people)
            if request.kind in ("provision_records", "foreign_measures")
            else ()
        )
        recorded_for = self._r.releases.recipients()
        found = answers.answer(request, policy, laws, held, note, given, recorded_for)
        tasks = self._recalls(request, people, now)
        ended = request.to("answered", ended_at=now, reason=found.outcome)
        acts = {f"{request.id}:answer:{n}": p for n, p in enumerate(people)}
        with self._r.store.together():
            commitments = self._r.nonces.commitments(request.id, acts)
        self._parts.log.append(
            [
                *_answer_entries(ended, policy, commitments, now),
                *_recall_entries(policy, ended, tasks, now),
            ]
        )
        saved = request.to("open", reason=found.outcome) if tasks else ended
        with self._r.store.together():
            self._r.tasks.open(tasks)
            self._r.requests.save(saved)
            self._running.note(saved, "answered", "", outcome=found.outcome)
        return found

    def _recalls(
        self, request: Request, people: Sequence[PersonId], now: datetime
    ) -> tuple[Task, ...]:
        """A task for each who got something that may go there no longer: tell them to stop."""
        if request.kind != "stop_provision":
            return ()
        given = self._r.releases.of_people(people)
        scope, policy = request.scope, self._parts.policy()
        asked = set(scope.recipients) or None
        found = to_recall(given, scope.items, asked and self._members(policy, asked, now))
        return tuple(
            Task(f"{request.id}:{word}", request.id, word, items, now) for word, items in found
        )

    def _members(self, policy: Policy, words: set[str], at: datetime) -> set[str]:
        """The words, and for a class whoever is or was a member of it."""
        registers = {policy.recipients[w].register_name for w in words if w in policy.recipients}
        members = self._r.assurances.all().memberships
        return words | {m.member for m in members if m.register in registers and m.from_at <= at}

    def extend(self, request: Request, actor: Actor, until: date, reason: str) -> None:
        """Write down until when an answer is put off, and why."""
        if request.ended:
            raise Conflict(f"request `{request.id}` is {request.state}", code="SY522")
        if not reason.strip():
            raise InvalidInput("an extension names its reason", code="SY186", hint="a word for it")
        facts = {"until": until.isoformat(), "reason": reason}
        self._running.note(request, "extended", actor.name, **facts)

    def investigate(self, request: Request, note: str, actor: Actor, finding: str) -> None:
        """Keep the note beside the request, its keyed digest and the finding in the history."""
        people = self._r.requests.people(request.id)
        person = people[0] if len(people) == 1 else None
        key = self._r.store.secret("digests")
        with self._r.store.together():
            self._r.requests.put_detail(request.id, "investigation", note, person)
            note_digest = hmac.new(key, note.encode(), hashlib.sha256).hexdigest()
            facts = {"note": note_digest, "finding": finding}
            self._running.note(request, "investigated", actor.name, **facts)

    def complete_task(self, task: Task, evidence: bytes, actor: Actor) -> Task:
        """Record that a task was done, in the evidence first."""
        if not evidence:
            raise InvalidInput("a task is proven by a file, not by nothing", code="SY183")
        if task.done_at is not None:
            return task
        digest, now = sha256_hex(evidence), self._parts.clock.now()
        done = replace(task, done_at=now, actor=actor.name, evidence_sha256=digest)
        request = self._r.requests.get(task.request)
        entry = Entry(
            act_id=f"{task.id}:done",
            kind="outcome",
            at=now,
            service=self._parts.settings.service,
            act=request.kind,
            outcome="done",
            system=task.system,
            actor=actor.name,
            version=request.version,
            digests={"report": digest},
        )
        [appended] = self._parts.log.append([entry])
        with self._r.store.together():
            self._r.tasks.complete(done)
            self._running.settle(request, done, appended.index)
            self._confirm(request, now)
            self._running.note(request, "task_done", actor.name, system=task.system)
        return done

    def _confirm(self, request: Request, now: datetime) -> None:
        """End a request without plan once everybody it waits for has confirmed."""
        tasks = self._r.tasks.of_request(request.id)
        if request.plan is None and request.state == "open" and all(t.done_at for t in tasks):
            self._r.requests.save(request.to("answered", ended_at=now))

    def hand_over(self, request: Request) -> None:
        """Destroy what the request carried; after an erasure, also whom it was about."""
        if not request.ended:
            raise WaitsForPerson(
                f"request `{request.id}` is {request.state}", code="SY408", hint="end it first"
            )
        erased = request.kind in ("deletion", "closure") and not request.scope.items
        for path in self._parts.paths.outbox.glob(f"{request.id}*"):  # also what a crash left
            path.unlink(missing_ok=True)
        with self._r.store.together():
            self._r.packages.forget(request.id)
            self._r.requests.purge(request.id, request.plan)
            if erased:
                self._r.requests.forget(self._r.requests.people(request.id))
            self._running.note(request, "handed_over", "")


def _recall_entries(
    policy: Policy, ended: Request, tasks: Sequence[Task], at: datetime
) -> list[Entry]:
    """The order to stop, one for each recipient."""
    return [
        Entry(
            act_id=f"{task.id}:order",
            kind="intent",
            at=at,
            service=policy.service,
            act=ended.kind,
            system=task.system,
            counts={"items": len(task.items)},
            version=ended.version,
        )
        for task in tasks
    ]


def _answer_entries(
    ended: Request, policy: Policy, commitments: Mapping[str, str], at: datetime
) -> list[Entry]:
    """One entry for each person; the answer's outcome is the reason the request ended with."""
    right = policy.rights.get(ended.kind)
    return [
        Entry(
            act_id=act,
            kind="request",
            at=at,
            service=policy.service,
            act=ended.kind,
            outcome=ended.reason,
            clauses=(policy.cite(right.clause),) if right else (),
            version=policy.version.id,
            person=commitment,
        )
        for act, commitment in commitments.items()
    ]
