"""One installation, as a caller sees it: everything a person may ask, end to end.

```python
home = open_home(path)
request = home.receive("closure", person="42")
home.show_identity(request.id, Proof("signed_in"))
plan = home.plan(request.id)
home.approve(plan.id, Actor("sato", "approver"))
result = home.run(plan.id)
home.receipt(request.id)
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final
from uuid import uuid4

from seiyaku.app import persons, said
from seiyaku.app.accuracy import Accuracy
from seiyaku.app.bulletins import Bulletins
from seiyaku.app.carrying import Carried, Open, carry_on, open_requests
from seiyaku.app.cases import require_may_approve, witness_case
from seiyaku.app.checking import check_db, slow_links
from seiyaku.app.days import Days
from seiyaku.app.deciding import Deciding, Finding, same_claim
from seiyaku.app.delivery import Delivery, deliver, destroy_ended, disable, seal
from seiyaku.app.desk import Desk
from seiyaku.app.disposal import Disposal, certify, find_overdue
from seiyaku.app.doors import Doors
from seiyaku.app.exporting import decide_export
from seiyaku.app.halting import halt, resume
from seiyaku.app.incidents import Incidents
from seiyaku.app.intake import COPY, Intake, require_wished
from seiyaku.app.letters import Letters
from seiyaku.app.media import Media
from seiyaku.app.ordering import (
    Ordered,
    all_orders,
    confirm,
    end_contract,
    let_answered_be_due,
    one_order,
)
from seiyaku.app.planning import LIFT, lifted
from seiyaku.app.proving import proven_now
from seiyaku.app.receipts import write_receipt
from seiyaku.app.releasing import Releasing
from seiyaku.app.residue import hunt_residue
from seiyaku.app.restoring import Replay, remember_erased, remember_missed, replay
from seiyaku.app.running import Running
from seiyaku.app.settings import Settings, write_settings
from seiyaku.app.stopping import stop_waiting
from seiyaku.app.why import Why, why
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.assurance.review import Lapse, review
from seiyaku.datamap.indexes import Unindexed
from seiyaku.datamap.system import Value
from seiyaku.gate.model import Decision, Question
from seiyaku.gate.release import ExportDecision
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.kernel.text import Language, Text
from seiyaku.laws import Laws, litigation_line, tokyo_day
from seiyaku.plans.model import Approval, Plan, RunResult
from seiyaku.plans.values import Json, to_json
from seiyaku.policy import Announcement, History, PublishedVersion, publish_version
from seiyaku.policy.model import Policy, RequestKind
from seiyaku.releases.report import Column
from seiyaku.requests import answers
from seiyaku.requests.answers import Answer
from seiyaku.requests.fees import fee_jpy
from seiyaku.requests.identity import Proof, require_identity
from seiyaku.requests.model import Channel, Request
from seiyaku.requests.refusal import judge
from seiyaku.scan import BUDGET_BYTES, Hunt
from seiyaku.standing.fold import fold
from seiyaku.standing.model import AgeBand, Event, Freeze, Scope, Standing
from seiyaku.store.requests import RequestStep, Task
from seiyaku.store.witness import Asked

LOST_AFTER: Final = timedelta(hours=1)
"""A release that nobody settled for so long is settled by nobody."""


def open_home(path: Path, *, clock: Clock | None = None) -> Home:
    """Open the installation in the folder `path`.

    Args:
        clock: the present; tests give a fixed one.

    Raises:
        InvalidInput: SY102 there is no ``seiyaku.yaml``.
        InvalidDocument: it has faults.
    """
    return Home(Parts(path, clock))


def init_home(
    path: Path, service: str, systems: Mapping[str, str], *, clock: Clock | None = None
) -> Home:
    """Make a new installation for a packaged service and open it.

    Args:
        systems: where each system of its data map lies, relative to `path`.

    Raises:
        InvalidInput: SY114 there is one already.
    """
    write_settings(path, Settings(seiyaku_home=1, service=service, systems=dict(systems)))
    return open_home(path, clock=clock)


class Home:
    """An open installation; close it, or use it in a ``with``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._running = Running(parts)
        self._desk = Desk(parts, self._running)
        self._letters = Letters(parts)
        self._releasing = Releasing(parts)
        self._accuracy = Accuracy(parts)
        self._days = Days(parts, self._accuracy)
        self._incidents = Incidents(parts, self._days)
        self._deciding = Deciding(parts, self._running)
        self._intake = Intake(parts, self._running, self.receive)
        self._doors = Doors(parts, self._releasing)
        self._bulletins = Bulletins(parts, self._doors)
        self._media = Media(parts, self._doors)

    def __enter__(self) -> Home:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; runs that are not finished go on at the next opening."""
        self._running.close()
        self._parts.close()

    @property
    def parts(self) -> Parts:
        """What the installation consists of."""
        return self._parts

    @property
    def history(self) -> History:
        """The policy's versions."""
        return self._parts.history

    @property
    def laws(self) -> Laws:
        """The law packs the policy names."""
        return self._parts.laws

    @property
    def releases(self) -> Releasing:
        """What was given to whom and received from whom: the records the law wants."""
        return self._releasing

    @property
    def letters(self) -> Letters:
        """What people are told at each stage of their requests."""
        return self._letters

    @property
    def accuracy(self) -> Accuracy:
        """What may be right no longer: who is asked, and what they are warned of."""
        return self._accuracy

    @property
    def bulletins(self) -> Bulletins:
        """Mail of the company's own accord, to those it may go to."""
        return self._bulletins

    @property
    def media(self) -> Media:
        """The register of media, and exports onto them."""
        return self._media

    @property
    def incidents(self) -> Incidents:
        """Leaks: their clocks, who is told, and when they may be closed."""
        return self._incidents

    @property
    def deciding(self) -> Deciding:
        """Fees, and items that are refused."""
        return self._deciding

    @property
    def intake(self) -> Intake:
        """Where letters, mails and proofs come in."""
        return self._intake

    @property
    def days(self) -> Days:
        """What is late, unproven or stale today, and whose duty it is."""
        return self._days

    @property
    def doors(self) -> Doors:
        """What stands where data is collected, used, sent and kept, on this installation."""
        return self._doors

    # -- requests --------------------------------------------------------------------

    def receive(
        self,
        kind: RequestKind,
        *,
        person: str | None = None,
        email: str | None = None,
        people: Sequence[str] = (),
        scope: Scope | None = None,
        channel: Channel = "web",
        language: Language = "ja",
        value: Value = None,
        where: str | None = None,
        rows: Sequence[str] = (),
        answer_to: str | None = None,
        received_at: datetime | None = None,
        unmatched: bool = False,
        lift: bool = False,
    ) -> Request:
        """Record a request as it arrives; its clocks start then.

        A claim that the person made before and that is open is joined to that request.

        Args:
            person: the service's own key; or `email`, by which it is looked up; or `people`,
                for one request about many.
            value: the new value of a correction or addition of the item in `scope`.
            where: dataset the wrong value stands in, for a correction; or the one that
                `rows` of a deletion stand in.
            rows: keys of the only rows to delete, as a disclosure shows them.
            answer_to: address for the answer, kept until it is sent, then destroyed.
            received_at: when it arrived, for a letter taken in later; now by default. The
                version in force then holds for it.
            unmatched: it is not known yet who asks; see `intake`.
            lift: a suspension is to end.

        Raises:
            InvalidInput: SY180 nobody is named; SY198 a word is not declared; SY182 a
                correction without item; SY185 it arrives in the future; SY189 rows are
                named without a dataset, or for another kind of request.
        """
        now = self._parts.clock.now()
        arrived_at = _arrival(received_at, now)
        policy = self.history.in_force(arrived_at) or self._parts.policy()
        who = () if unmatched else self._who(person, email, people)
        asked = scope or Scope()
        if rows:
            asked = persons.scope_of_rows(self._parts, kind, where)
        if kind in ("correction", "addition") and len(asked.items) != 1:
            raise InvalidInput(f"a {kind} names one item", code="SY182", hint="one item a request")
        joined = same_claim(self._parts, kind, who, asked.items, to_json(value))
        if joined is not None:
            self._running.note(joined, "joined", "", channel=channel)
            return joined
        laws = self._parts.laws.at(tokyo_day(arrived_at))
        refusal = judge(policy, laws, kind, asked)
        request = Request(
            id=RequestId(f"request-{uuid4().hex[:12]}"),
            kind=kind,
            person_kind=persons.one_kind(self._parts, who)
            if who
            else persons.kinds(self._parts)[0],
            received_at=arrived_at,
            version=policy.version.id,
            people=len(who),
            channel=channel,
            language=language,
            scope=asked,
            fee_jpy=fee_jpy(policy, laws, kind),
        )
        if refusal is not None:
            request = request.to("refused", ended_at=now, reason=refusal.reason, cite=refusal.cite)
        details: dict[str, Json] = {"answer_to": answer_to or email, "where": where}
        if value is not None:
            details["value"] = to_json(value)
        if rows:
            details["rows"] = [str(r) for r in rows]
        if lift and kind == "suspension":
            details[LIFT] = True
        kept = {k: v for k, v in details.items() if v is not None}
        with self._r.store.together():
            self._r.requests.add(request, who, kept)
            facts = {"kind": kind, "state": request.state, "instead": ""}
            if refusal is not None and refusal.instead:
                facts["instead"] = refusal.instead
            self._running.note(request, "received", "", **facts)
            self._letters.keep_address(request, who)
            self._days.take_on(request)
        return request

    def show_identity(self, request_id: str, proof: Proof) -> Request:
        """Accept who asks. Suspension, stop of provision and closure bind from here on.

        Raises:
            InvalidInput: SY197 the policy does not accept this kind of proof.
            WaitsForPerson: SY404 the mandate does not cover this kind of request.
        """
        with self._r.store.together():
            request = self._r.requests.get(request_id)
            require_identity(self._version(request.version), request.kind, proof)
            shown = request.to("identity_shown")
            now, lift = self._parts.clock.now(), lifted(self._parts, request)
            people = self._r.requests.people(request.id)
            events = [
                event
                for person in people
                for event in answers.events_of(
                    request, self._parts.policy(), person, now, lift=lift
                )
            ]
            self._r.requests.save(shown)
            self._r.requests.drop_details(request.id, (COPY,))  # it was looked at
            self._r.standing.append(events)
            self._running.note(shown, "identity_shown", proof.seen_by, proof=proof.kind)
        stopped = stop_waiting(self._parts, self._releasing, shown, people)
        if stopped:
            self._running.note(shown, "stopped_waiting", "", **stopped)
        return shown

    def plan(self, request_id: str) -> Plan:
        """Read every system and plan what the request asks; nothing is changed.

        Raises:
            WaitsForPerson: SY405 identity has not been shown; SY414 the fee is open; SY415 what
                is claimed was not found to be right.
            SystemUnavailable: a system does not answer.
            Conflict: SY501 a dataset is not in its system; SY507 a column cannot be emptied.
        """
        with self._r.store.together():
            request = self._r.requests.get(request_id)
            if request.state != "received":
                self._deciding.require_ready(request)
            return self._running.plan(request)

    def approve(self, plan_id: str, actor: Actor) -> Approval:
        """Let `actor` agree to exactly this plan.

        Raises:
            NotPermitted: SY210 the actor's role does not approve.
            Conflict: SY502 another plan took its place; SY522 the request is ended.
        """
        with self._r.store.together():
            return self._running.approve(*self._plan_and_request(plan_id), actor)

    def run(self, plan_id: str) -> RunResult:
        """Carry out an approved plan; again after a crash, or to retry what was unreachable.

        Raises:
            WaitsForPerson: SY401 halted, SY402 not approved, SY403 a second must approve.
            Conflict: SY502 what would happen changed since the approval: plan again.
                SY520 another process runs plans of this home.
        """
        plan, request = self._plan_and_request(plan_id)
        result = self._running.run(plan, request)
        certify(self._parts, request, result)
        remember_erased(self._parts, request)
        return result

    def replay(self, taken_at: datetime, actor: Actor) -> Replay:
        """After a restore: open an erasure of everybody the backup brought back.

        Nothing is changed: plan, approve and run the requests it names. Do it before anybody
        new can join.

        Args:
            taken_at: when the restored backup was taken; erasures after it are looked for.

        Raises:
            InvalidInput: SY115 the settings name no `restore`.
        """
        return replay(self._parts, taken_at, actor)

    def dispose(self) -> Disposal:
        """Find rows whose time is over by the policy and the law, and open their disposal.

        Nothing is changed: plan, approve and run the request it names, like any other. The
        certificate is in the evidence once it is done.

        Raises:
            SystemUnavailable: a system does not answer: what nobody read is not kept in time.
        """
        return find_overdue(self._parts)

    def residue(self, request_id: str, *, budget_bytes: int = BUDGET_BYTES) -> Hunt:
        """Hunt for what is left after an erasure, where nobody declared it; nothing is changed.

        Each place found becomes a task: a person decides. The numbers go into the evidence.

        Args:
            budget_bytes: text to read at most; the answer tells what was not read.

        Raises:
            InvalidInput: SY188 nothing is known by which to look for the people.
        """
        return hunt_residue(self._parts, self._r.requests.get(request_id), budget_bytes)

    def recover(self) -> tuple[RunResult, ...]:
        """Bring to an end what a process that died had begun; see `carry_on`.

        A run that cannot be finished holds up no other; `carry_on` tells why it stopped.
        """
        self._give_up()
        return carry_on(self._parts, self.run, due=False).results

    def carry_on(self) -> Carried:
        """Go on with what a dead process left, and with what is due: a day that has come, an
        answer that may be there, a system that may answer again.

        Releases intended over an hour ago of which nobody said what became are unknown.
        Packages that lay ready for seven days are destroyed.
        """
        self._give_up()
        destroy_ended(self._parts)
        let_answered_be_due(self._parts)
        carried = carry_on(self._parts, self.run)
        if self._letters.post() is not None:
            self._letters.send()
        return carried

    def waiting(self) -> tuple[Open, ...]:
        """Requests that ran and are not answered: what each waits for, and until when."""
        return open_requests(self._parts)

    def _give_up(self) -> None:
        remember_missed(self._parts)
        self._releasing.give_up(self._parts.clock.now() - LOST_AFTER)

    def answer(self, request_id: str, note: Text | None = None) -> Answer:
        """Answer a request that needs no plan: what is told, or was written down at once.

        Args:
            note: what a person of the controller answers to a complaint.

        Raises:
            WaitsForPerson: SY405 identity has not been shown.
        """
        request = self._r.requests.get(request_id)
        found = self._desk.answer(request, self._version(request.version), note)
        self._letters.keep_answer(request, found)
        return found

    def refuse(self, request_id: str, actor: Actor, reason: str, cite: str) -> Request:
        """Refuse a request, with the reason and the clause or article that says so.

        Raises:
            InvalidInput: SY186 reason or citation is empty: nothing is refused without ground.
            WaitsForPerson: SY417 the clause points where it cannot mean.
        """
        if not (reason.strip() and cite.strip()):
            raise InvalidInput(
                "a refusal names its reason, and the clause or article that says so",
                code="SY186",
                hint="give both, as in `harms_third_person`, `APPI 33(2)(i)`",
            )
        request = self._r.requests.get(request_id)
        self._deciding.require_ground(request, cite)
        refused = request.to("refused", ended_at=self._parts.clock.now(), reason=reason, cite=cite)
        with self._r.store.together():
            self._r.requests.save(refused)
            self._r.requests.drop_details(request.id, (COPY,))
            self._running.note(refused, "refused", actor.name, reason=reason, cite=cite)
        return refused

    def extend(self, request_id: str, actor: Actor, until: date, reason: str) -> None:
        """Write down that an answer needs until `until`; the person is told, with the reason.

        Raises:
            InvalidInput: SY186 no reason is given.
            Conflict: SY522 the request is ended.
        """
        self._desk.extend(self._r.requests.get(request_id), actor, until, reason)

    def investigate(
        self, request_id: str, note: str, actor: Actor, finding: Finding | None = None
    ) -> None:
        """Keep what was found out about a claim, beside the request until it is answered.

        The note may speak of the person; its digest alone goes into the history.

        Args:
            finding: whether the claim is right; None while that is open.
        """
        self._desk.investigate(self._r.requests.get(request_id), note, actor, finding or "")

    def litigation_line(self, request_id: str) -> date | None:
        """Last day before the person may sue over an unanswered request; None without one.

        Law: APPI 39, by the pack in force on the day of arrival.
        """
        request = self._r.requests.get(request_id)
        arrived_on = tokyo_day(request.received_at)
        rule = self._parts.laws.at(arrived_on).request(request.kind)
        return None if rule is None else litigation_line(rule, arrived_on)

    def package(self, request_id: str) -> Path:
        """The package of a disclosure that ran, as a ZIP file: its first volume.

        Raises:
            WaitsForPerson: SY406 it has not run yet; SY411 it is not there any more; SY413 the
                person wishes it later.
        """
        require_wished(self._parts, self._r.requests.get(request_id))
        return deliver(self._parts, RequestId(request_id)).files[0]

    def download(self, request_id: str, proof: Proof) -> Delivery:
        """The package, for the person, who shows again who they are.

        Raises:
            InvalidInput: SY197 the policy does not accept this kind of proof.
            WaitsForPerson: SY404 the mandate does not cover it; SY406, SY411 as `package`.
        """
        request = self._r.requests.get(request_id)
        require_identity(self._version(request.version), request.kind, proof)
        require_wished(self._parts, request)
        delivery = deliver(self._parts, request.id)
        self._running.note(request, "downloaded", proof.seen_by, proof=proof.kind)
        return delivery

    def seal_package(self, request_id: str) -> str:
        """Encrypt the package for the person; the passphrase comes back and is kept nowhere.

        Raises:
            WaitsForPerson: SY406, SY411 as `package`.
            Conflict: SY525 it is sealed.
        """
        return seal(self._parts, RequestId(request_id))

    def disable_package(self, request_id: str, actor: Actor) -> None:
        """Let nobody get the package any more, and destroy its files."""
        disable(self._parts, self._r.requests.get(request_id), actor.name)

    def receipt(self, request_id: str, person: str | None = None) -> Path:
        """The receipt of a request, which verifies offline.

        Args:
            person: whose, where the request is about several.

        Raises:
            WaitsForPerson: SY407 nothing was done yet, or it was handed over long ago.
        """
        request = self._r.requests.get(request_id)
        who = PersonId(person) if person else None
        return write_receipt(self._parts, request, who)

    def hand_over(self, request_id: str) -> None:
        """The answer has reached the person: destroy what the request carried of them.

        After an erasure nothing in the store then ties the request to anybody.

        Raises:
            WaitsForPerson: SY408 the request is not ended; SY416 nobody was told.
        """
        request = self._r.requests.get(request_id)
        self._deciding.require_told(request)
        remember_erased(self._parts, request)
        self._desk.hand_over(request)

    def requests(self, *, ended: bool = True) -> tuple[Request, ...]:
        """Every request, oldest first."""
        return self._r.requests.all(ended=ended)

    def request(self, request_id: str) -> Request:
        """One request as it stands."""
        return self._r.requests.get(request_id)

    def steps(self, request_id: str) -> tuple[RequestStep, ...]:
        """What happened to a request, in order."""
        return self._r.requests.history(RequestId(request_id))

    # -- tasks, halts ------------------------------------------------------------------

    def tasks(self, request_id: str) -> tuple[Task, ...]:
        """What must be done by hand for a request."""
        return self._r.tasks.of_request(RequestId(request_id))

    def complete_task(self, task_id: str, evidence: bytes, actor: Actor) -> Task:
        """Record that a task was done, by the digest of what proves it.

        The request is answered once nothing of it is open any longer.

        Raises:
            InvalidInput: SY195 there is no such task; SY183 the evidence is empty.
        """
        return self._desk.complete_task(self._r.tasks.get(task_id), evidence, actor)

    def orders(self, *, ended: bool = False) -> tuple[Ordered, ...]:
        """Orders to those who hold data of ours, those first that are due first.

        Args:
            ended: also those that were confirmed.
        """
        return all_orders(self._parts, ended=ended)

    def order(self, order: str) -> Ordered:
        """One order by its name.

        Raises:
            InvalidInput: SY133 no such order went out.
        """
        return one_order(self._parts, order)

    def confirm_order(self, order: str, evidence: bytes, actor: Actor) -> Ordered:
        """Take in what proves that an order was carried out; its run is due from then on.

        Raises:
            InvalidInput: SY133 no such order went out; SY183 the evidence is empty.
        """
        return confirm(self._parts, order, evidence, actor)

    def end_contract(self, system: str, contract: str, actor: Actor, holder: str = "") -> Ordered:
        """Order a holder to give back or erase everything; open until a certificate is in.

        Args:
            holder: which one, where the system is a class of them (sellers).

        Raises:
            InvalidInput: SY176 the system is no holder that is told by letter; SY177 it knows no
                such holder.
            SystemUnavailable: the letter could not be handed over.
        """
        return end_contract(self._parts, system, contract, actor, holder)

    def halt(self, actor: Actor) -> None:
        """Let everything stand still; nothing runs until it is lifted."""
        halt(self._parts, actor)

    def resume(self, actor: Actor) -> None:
        """Lift every halt.

        Raises:
            NotPermitted: SY211 only an officer lifts a halt.
        """
        resume(self._parts, actor)

    # -- what people said, what may be done ----------------------------------------------

    def record(self, *events: Event) -> None:
        """Add what people said, and witness it; it counts from its own moment on."""
        said.record_events(self._parts, events)
        self._doors.follow()

    def standing(self, person: str) -> Standing:
        """Where a person stands now."""
        who = PersonId(person)
        kind = persons.kind_of(self._parts, who)
        return fold(who, kind, self._r.standing.of(who), self._parts.clock.now())

    def assure(self, *facts: Assurance) -> None:
        """Add dated facts that decisions lean on, and witness them."""
        said.record_facts(self._parts, facts)
        self._doors.follow()

    def prove(self) -> tuple[Assurance, ...]:
        """Ask vendors about their promises and record what holds; see `app.proving`."""
        facts = proven_now(self._parts)
        if facts:
            self.assure(*facts)
        return facts

    def review(self) -> tuple[Lapse, ...]:
        """Safeguards, supervision and measures that no live fact bears out now."""
        now = self._parts.clock.now()
        return review(self._parts.policy(), self._r.assurances.all(), now)

    def publish(self, policy: Path, shown: Announcement | None = None) -> PublishedVersion:
        """Publish a version into ``versions/`` of this home, and witness it with its digest.

        It counts once ``policies`` in ``seiyaku.yaml`` lists it. Twice changes nothing more.

        Args:
            shown: the page that announces a revision, where the policy promises that.

        Raises:
            InvalidDocument, InvalidInput: as `seiyaku.policy.publish_version`.
        """
        folder = self._parts.home / "versions"
        version = publish_version(policy, folder, self._parts.clock.now(), shown)
        said.witness_publication(self._parts, version)
        return version

    def switches(self, language: Language) -> str:
        """What stands beside each switch by which people say no, as HTML; members as of now."""
        from seiyaku.policy.notice.switches import render_switches

        now, members = self._parts.clock.now(), dict[str, list[str]]()
        for one in self._r.assurances.all().memberships:
            if one.holds_at(now):
                members.setdefault(one.register, []).append(one.member)
        return render_switches(self._parts.policy(), members, language)

    def flag_under_age(self, person: str, actor: Actor) -> Request:
        """Take note that a person is younger than the policy lets use the service.

        The account is frozen and every use refused from now on; the erasure is opened, its
        plan still approved by a named person.

        Raises:
            InvalidInput: SY187 the policy states no age.
        """
        policy, now = self._parts.policy(), self._parts.clock.now()
        if policy.minors is None or policy.minors.minimum_age is None:
            raise InvalidInput(
                "the policy states no age below which nobody may use the service",
                code="SY187",
                hint="state `minors.minimum_age`, or close the account on the person's word",
            )
        who = PersonId(person)
        persons.kind_of(self._parts, who)
        self.record(AgeBand(who, now, below=policy.minors.minimum_age), Freeze(who, now))
        request = self.receive("deletion", person=person)
        shown = request.to("identity_shown")
        with self._r.store.together():
            self._r.requests.save(shown)
            cite = policy.cite(policy.minors.clause)
            self._running.note(shown, "flagged_under_age", actor.name, cite=cite)
        return shown

    def enrol(self, *members: Membership) -> None:
        """Add members of registers."""
        self._r.assurances.enrol(members)
        self._doors.follow()

    def assurances(self) -> Assurances:
        """Every fact and membership recorded."""
        return self._r.assurances.all()

    def ask(self, question: Question) -> Decision:
        """Ask the gate, and keep what was asked and decided for `why`.

        A demand or an exception is also witnessed in the evidence, whatever came of it.

        Raises:
            NotPermitted: SY212 the policy names who answers for personal data, and an exception
                was approved by somebody else.
        """
        require_may_approve(self._parts, question)
        kind = persons.kind_of(self._parts, question.person)
        events = self._r.standing.of(question.person)
        standing = fold(question.person, kind, events, question.at)
        decision = self._parts.gate.decide(standing, self._r.assurances.all(), question)
        witness_case(self._parts, question, decision)
        self._r.asked.record([Asked(question, decision)])
        return decision

    def may_release(
        self,
        export: str,
        file: Path,
        *,
        recipient: str | None = None,
        columns: Mapping[str, Column] | None = None,
        not_counts: Sequence[str] = (),
        transform: str = "",
    ) -> ExportDecision:
        """Whether a file of statistics, research rows or a text may leave; witnessed either way.

        The decision holds for exactly the bytes that were checked, and names their check.

        Args:
            recipient: who would get it; None where it stays inside or is published.
            columns: what each column of a table is made of.
            not_counts: headings of a text's tables whose numbers are not of people.
            transform: id of the `Transform` that made the file, where one did.

        Raises:
            InvalidInput: SY102, SY107 the file cannot be read as a whole.
        """
        return decide_export(self._parts, export, file, recipient, columns, not_counts, transform)

    def why(self, person: str, item: str | None = None, at: datetime | None = None) -> Why:
        """What is held of a person and which uses were asked and decided, up to `at`.

        Args:
            item: only this item; None means every item.
            at: the present by default.
        """
        return why(self._parts, PersonId(person), item, at or self._parts.clock.now())

    def check_db(self) -> tuple[Fault, ...]:
        """Compare the policy and the data map with the systems as they are now.

        Raises:
            SystemUnavailable: a system does not answer: what nobody read is not fine.
        """
        return check_db(self._parts)

    def slow_links(self, request_id: str) -> tuple[Unindexed, ...]:
        """Links a plan for the request follows by reading whole tables, with what would help."""
        return slow_links(self._parts, self._r.requests.get(request_id).kind)

    # -- inside ------------------------------------------------------------------------

    def _plan_and_request(self, plan_id: str) -> tuple[Plan, Request]:
        plan = self._r.plans.get(plan_id)
        return plan, self._r.requests.get(self._r.plans.request_of(plan_id))

    def _who(
        self, person: str | None, email: str | None, people: Sequence[str]
    ) -> tuple[PersonId, ...]:
        if email is not None and person is None:
            return persons.by_email(self._parts, persons.kinds(self._parts)[0], email)
        named = [person] if person is not None else list(people)
        if not named:
            raise InvalidInput(
                "a request names a person", code="SY180", hint="by their key or e-mail address"
            )
        return tuple(PersonId(p) for p in dict.fromkeys(named))

    def _version(self, version: str) -> Policy:
        return next(p for p in self.history.versions if p.version.id == version)


def _arrival(received_at: datetime | None, now: datetime) -> datetime:
    """When a request arrived: a letter lies a while before it is taken in."""
    if received_at is None:
        return now
    if received_at.tzinfo is None or received_at > now:
        raise InvalidInput(
            "a request arrives at an aware moment that is not in the future",
            code="SY185",
            hint="give the day it arrived, with its zone",
        )
    return received_at.astimezone(now.tzinfo)
