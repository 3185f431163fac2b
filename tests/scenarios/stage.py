"""Plays a scenario through `seiyaku.app.Home`, and holds what it finds against the script."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from seiyaku import standing
from seiyaku.app import Home
from seiyaku.assurance import Assurance, Membership
from seiyaku.gate import Decision, Question
from seiyaku.kernel import Actor, PersonId, SeiyakuError, Text
from seiyaku.plans import Plan, RunResult
from seiyaku.requests import Answer, Proof, Proxy, Request
from seiyaku.standing import Scope
from seiyaku.testing import FixedClock, World

from .script import (
    About,
    Advance,
    Ask,
    ByStaff,
    Identity,
    OnFile,
    Plain,
    Receive,
    Rows,
    Said,
    Script,
    Then,
)

OWN = "seiyaku"
Result = Request | Plan | RunResult | Answer | Decision | Path | None


@dataclass
class Stage:
    """An open home of a generated world; requests made so far by name, and who asked."""

    home: Home
    world: World
    clock: FixedClock
    folder: Path
    requests: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def play(self, script: Script) -> None:
        """Do every step and check what must hold after it."""
        for number, step in enumerate(script.story, 1):
            where = f"{script.scenario}: step {number} ({step.do})"
            result, code = self._attempt(step)
            assert code == step.then.error, f"{where}: failed with {code}"
            self.check(step.then, step.request, result, where)

    def _attempt(self, step: Any) -> tuple[Result, str | None]:
        """What came of a step, or the code it was refused with."""
        try:
            return self.do(step), None
        except SeiyakuError as error:
            return None, error.code

    # -- what is done ------------------------------------------------------------------

    @singledispatchmethod
    def do(self, step: Any) -> Result:
        """Do one step through the home."""
        raise TypeError(type(step))

    @do.register
    def _(self, step: Receive) -> Result:
        request = self.home.receive(
            step.kind,  # type: ignore[arg-type]
            person=self._key(step.of),
            people=[str(self._key(p)) for p in step.everybody_of],
            email=step.email,
            scope=_scope(step.about),
            value=step.value,
            where=step.where,
            channel=step.channel,
            language="en",
        )
        self.requests[step.request] = request.id
        if key := self._key(step.of):
            self.people[step.request] = key
        return request

    @do.register
    def _(self, step: Identity) -> Result:
        given = step.proxy
        proxy = Proxy("5f" * 32, given.covers, given.proven_by) if given else None  # type: ignore[arg-type]
        return self.home.show_identity(self._id(step.request), Proof(step.proof, "ito", proxy))

    @do.register
    def _(self, step: Plain) -> Result:
        request = self._id(step.request)
        match step.do:
            case "plan":
                return self.home.plan(request)
            case "run":
                return self.home.run(self._plan(request))
            case "answer":
                return self.home.answer(
                    request, Text(ja=step.note, en=step.note) if step.note else None
                )
            case "package":
                return self.home.package(request)
            case "hand_over":
                self.home.hand_over(request)
        return None

    @do.register
    def _(self, step: ByStaff) -> Result:
        name, _, role = step.by.rstrip(")").partition(" (")
        actor = Actor(name, role)  # type: ignore[arg-type]
        match step.do:
            case "approve":
                self.home.approve(self._plan(self._id(step.request)), actor)
            case "refuse":
                return self.home.refuse(self._id(step.request), actor, step.reason, step.cite)
            case "investigate":
                self.home.investigate(self._id(step.request), step.note, actor)
            case "task":
                self._task(step, actor)
            case "halt":
                self.home.halt(actor)
            case "resume":
                self.home.resume(actor)
        return None

    @do.register
    def _(self, step: Said) -> Result:
        about = {} if step.about is None else {"scope": _scope(step.about)}
        event = getattr(standing, step.what)
        self.home.record(event(self._key(step.of), self.clock.now(), **about, **step.facts))
        return None

    @do.register
    def _(self, step: OnFile) -> Result:
        since = self.clock.now()
        if step.do == "enrol":
            members = Membership(step.kind, step.about, since, countries=step.countries)
            self.home.enrol(members)
        else:
            self.home.assure(Assurance(step.kind, step.about, since, step.document, by="sato"))
        return None

    @do.register
    def _(self, step: Ask) -> Result:
        person = PersonId(str(self._key(step.of)))
        question = Question(step.act, person, step.item, self.clock.now(), **step.words)  # type: ignore[arg-type]
        return self.home.ask(question)

    @do.register
    def _(self, step: Advance) -> Result:
        self.clock.advance(days=step.days, hours=step.hours)
        return None

    def _task(self, step: ByStaff, actor: Actor) -> None:
        open_ones = [t for t in self.home.tasks(self._id(step.request)) if t.done_at is None]
        for task in open_ones:
            if step.system in (task.system, "every"):
                self.home.complete_task(task.id, step.evidence.encode(), actor)

    # -- what must hold ----------------------------------------------------------------

    def check(self, then: Then, name: str, result: Result, where: str) -> None:
        """Everything `then` names, and nothing else."""
        found = {
            **self._of_request(name),
            **self._of_result(result),
            "evidence": sorted({e.kind for e in self._entries()}),
        }
        plain = {"rows", "outcomes", "until", "says", "evidence_cites", "not_in_package", "error"}
        for key, expected in then:
            if key not in plain and expected is not None:
                wanted = sorted(expected) if key in _SETS else expected
                assert key in found, f"{where}: nothing is known of `{key}`"
                assert found[key] == wanted, f"{where}: {key}"
        for place, words in then.outcomes.items():
            wanted = {words} if isinstance(words, str) else set(words)
            assert found["outcomes"].get(place) == wanted, f"{where}: outcome of {place}"
        for place, day in then.until.items():
            assert found["until"].get(place) == {day}, f"{where}: last day of {place}"
        for text in then.says:
            assert text in found["says"], f"{where}: the answer does not say `{text}`"
        for short in then.not_in_package:
            assert isinstance(result, Path)
            assert not self._traces(result, short), f"{where}: something of {short} is in it"
        for rows in then.rows:
            assert self._counted(rows), f"{where}: rows of {rows.table} {rows.where}"
        named = {c for e in self._entries() for c in e.clauses}
        assert set(then.evidence_cites) <= named, f"{where}: not named in the evidence"

    def _of_request(self, name: str) -> Mapping[str, Any]:
        if name not in self.requests:
            return {}
        request = self.home.request(self.requests[name])
        steps = self.home.steps(request.id)
        return {
            "state": request.state,
            "reason": request.reason,
            "cite": request.cite,
            "fee_jpy": request.fee_jpy,
            "instead": steps[0].facts["instead"],
            "history": [s.what for s in steps],
            "tasks": sorted(t.system for t in self.home.tasks(request.id) if t.done_at is None),
            **(
                {"status": self.home.standing(who).status} if (who := self.people.get(name)) else {}
            ),
        }

    def _of_result(self, result: Result) -> dict[str, Any]:
        match result:
            case Plan(outcomes=outcomes):
                return _outcomes(outcomes)
            case RunResult(state=state, outcomes=outcomes):
                return {"run": state, **_outcomes(outcomes)}
            case Decision():
                return {
                    "decision": result.outcome,
                    "because": sorted({r.code for r in result.reasons}),
                    "cites": sorted({r.cite for r in result.reasons if r.cite}),
                }
            case Answer():
                lines = [(line.cite, line.text.en) for line in result.lines]
                says = "\n".join(f"{cite} {text}".strip() for cite, text in lines)
                return {"answer": result.outcome, "says": says}
            case Path():
                return {"package": _datasets(result)}
        return {}

    def _traces(self, package: Path, short: str) -> list[str]:
        with zipfile.ZipFile(package) as archive:
            everything = b"\n".join(archive.read(n) for n in archive.namelist())
        return [c for c in self.world.person(short).canaries if c.encode() in everything]

    def _counted(self, rows: Rows) -> bool:
        found = self._count(self.folder, rows)
        if rows.count == "some":
            return found > 0
        if rows.count == "as_before":
            return found == self._count(self.world.home, rows)
        return found == rows.count

    def _count(self, folder: Path, rows: Rows) -> int:
        system, _, table = rows.table.partition(".")
        names = {p.short: p.number for p in self.world.everyone}
        where = " AND ".join(f"{column} IS ?" for column in rows.where) or "1"
        values = [names.get(v, v) if isinstance(v, str) else v for v in rows.where.values()]
        with closing(sqlite3.connect(folder / f"{system}.db")) as db:
            [[count]] = db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values)
        return int(count)

    def _entries(self) -> list[Any]:
        return list(self.home.parts.log_reader().entries()) if self._has_log() else []

    def _has_log(self) -> bool:
        return (self.folder / "evidence" / "public" / "checkpoint").exists()

    def _key(self, short: str | None) -> str | None:
        """A person of the world by name; ``employee:1`` and the like as they are."""
        if short is None or ":" in short:
            return short
        return self.world.person(short).id

    def _id(self, name: str) -> str:
        return self.requests[name]

    def _plan(self, request: str) -> str:
        return str(self.home.request(request).plan)


_SETS = {"words", "tasks", "because", "cites", "package", "evidence"}


def _scope(about: About) -> Scope:
    return Scope(about.items, about.purposes, about.recipients)


def _outcomes(outcomes: Any) -> dict[str, Any]:
    by_place: dict[str, set[str]] = {}
    until: dict[str, set[Any]] = {}
    for one in outcomes:
        place = str(one.dataset or one.system)
        by_place.setdefault(place, set()).add(f"{one.outcome} {one.cite}".strip())
        if one.until:
            until.setdefault(place, set()).add(one.until)
    words = {o.outcome for o in outcomes if o.system != OWN}
    return {"outcomes": by_place, "until": until, "words": sorted(words)}


def _datasets(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        document = json.loads(archive.read("data.json"))
    return sorted(d["id"] for d in document["datasets"] if not d["id"].startswith(f"{OWN}."))
