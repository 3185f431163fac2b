"""A leak, from the moment it is known to the day it may be closed.

```python
leak = home.incidents.open("leak", actor, datasets=("app.payments",), triggers=(...))
home.incidents.report(leak.id, "preliminary", report, actor)
home.incidents.notify(leak.id, Notice(...))
home.incidents.publish(leak.id, Statement(...), actor)
home.incidents.close(leak.id, actor)
```

Every step is witnessed in the evidence, without a name. The look of the day finds reports that
are late (`home.days`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from seiyaku.app import persons
from seiyaku.app.addresses import address_on_file
from seiyaku.app.days import Days
from seiyaku.app.found import Found
from seiyaku.app.letter_facts import place_of
from seiyaku.app.mailing import post_of
from seiyaku.app.self_map import prefix_of
from seiyaku.app.wiring import Parts
from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import Dataset, system_of
from seiyaku.datamap.system import HandleColumn
from seiyaku.evidence import Entry
from seiyaku.incidents.model import (
    DueTo,
    Incident,
    IncidentKind,
    Notice,
    Owed,
    Report,
    ReportStage,
    Statement,
    clock_of,
    owed,
)
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, InvalidInput, WaitsForPerson
from seiyaku.kernel.ids import DatasetId, PersonId
from seiyaku.kernel.text import Language, Text
from seiyaku.laws import BreachClock, public_holidays, tokyo_day
from seiyaku.laws.model import BreachRule
from seiyaku.letters import Facts, Message, Post, render
from seiyaku.plans.survey import items_of
from seiyaku.store.incidents import Concerned, ToldState

TAKEDOWN: Final = "takedown"


class Incidents:
    """Incidents of one installation."""

    def __init__(self, parts: Parts, days: Days) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._days = days

    def open(
        self,
        kind: IncidentKind,
        actor: Actor,
        *,
        known_at: datetime | None = None,
        due_to: DueTo = "unknown",
        datasets: Sequence[str] = (),
        triggers: Sequence[str] = (),
        people: Sequence[str] | None = None,
        content: str = "",
    ) -> Incident:
        """Record what happened; the clocks of a leak run from the moment it was known.

        Args:
            datasets: what leaked. people: whom it concerns; everybody in the datasets, by the
                data map, where nobody says. content: what it is about, ``app.uploads:17``; to
                take it down becomes somebody's duty.

        Raises:
            InvalidInput: SY147 a dataset is unknown, or does not tell whose its rows are.
        """
        now = self._parts.clock.now()
        who = tuple(map(PersonId, people)) if people is not None else self._in(datasets)
        incident = Incident(
            id=f"incident-{uuid4().hex[:12]}",
            kind=kind,
            known_at=known_at or now,
            due_to=due_to,
            datasets=tuple(datasets),
            triggers=tuple(triggers),
            counts=kind == "leak",
            content=content,
            people=len(who),
        )
        self._witness(incident, "open", actor)
        self._r.incidents.add(incident, who)
        if content:
            self._days.open([Found(TAKEDOWN, content, "", incident.known_at)])
        return incident

    def classify(self, incident_id: str, *, counts: bool, actor: Actor) -> Incident:
        """Decide whether the duties of a leak hold for what looked like none, or the reverse.

        Raises:
            Conflict: SY523 a leak of what we hold is one, whatever anybody decides.
        """
        incident = self._r.incidents.get(incident_id)
        if incident.kind == "leak" and not counts:
            raise Conflict(
                f"`{incident_id}` is a leak: its clocks run",
                code="SY523",
                hint="no disclaimer switches them off",
            )
        return self._save(replace(incident, counts=counts), "classify", actor)

    def clock(self, incident: Incident) -> BreachClock | None:
        """By when the authority is told; None where no clock runs."""
        promised = self._parts.policy().incidents
        return clock_of(incident, self._rule(incident), promised, public_holidays())

    def report(self, incident_id: str, stage: ReportStage, report: bytes, actor: Actor) -> Incident:
        """Write down that a report went to the authority, by its digest.

        Raises:
            InvalidInput: SY183 there is no report in it.
        """
        if not report:
            raise InvalidInput("a report is a file, not nothing", code="SY183")
        incident = self._r.incidents.get(incident_id)
        sent = Report(stage, self._parts.clock.now(), sha256_hex(report))
        told = replace(incident, reports=(*incident.reports, sent))
        return self._save(told, f"report_{stage}", actor, report=sent.sha256)

    def notify(self, incident_id: str, notice: Notice, language: Language = "ja") -> None:
        """Tell everybody concerned who was not told yet; who cannot be reached stays open.

        Raises:
            WaitsForPerson: SY419 nobody carries letters here.
        """
        incident, post = self._r.incidents.get(incident_id), post_of(self._parts)
        if post is None:
            raise WaitsForPerson(
                "no system of the data map carries letters",
                code="SY419",
                hint="declare a system of kind `mail`, or write down a substitute measure",
            )
        facts = self._facts(incident, notice, language)
        for one in self.untold(incident_id):
            state = self._send(post, incident, facts, one.person)
            at = self._parts.clock.now() if state == "told" else None
            self._r.incidents.told(incident_id, Concerned(one.person, state, at))
        told = [c for c in self._r.incidents.concerned(incident_id) if c.state == "told"]
        self._witness(incident, "tell", Actor("system", "handler"), told=len(told))

    def concerned(self, incident_id: str) -> tuple[Concerned, ...]:
        """Everybody whose data leaked, and whether they were told."""
        return self._r.incidents.concerned(incident_id)

    def untold(self, incident_id: str) -> tuple[Concerned, ...]:
        """Whom nobody has reached."""
        return tuple(c for c in self.concerned(incident_id) if c.state != "told")

    def substitute(self, incident_id: str, measure: str, actor: Actor) -> Incident:
        """Write down what stands in for telling those who cannot be reached. Law: APPI 26(2).

        Raises:
            InvalidInput: SY147 the law pack has no such measure.
        """
        incident = self._r.incidents.get(incident_id)
        rule = self._rule(incident)
        known = [e.code for e in rule.person_notice_substitutes.elements] if rule else []
        if measure not in known:
            hint = "measures: " + ", ".join(known)
            raise InvalidInput(f"`{measure}` stands in for nothing", code="SY147", hint=hint)
        return self._save(replace(incident, substitute=measure), measure, actor)

    def publish(self, incident_id: str, statement: Statement, actor: Actor) -> Incident:
        """Write down what was published, by its digest.

        Raises:
            InvalidInput: SY183 the facts, or what prevents the next one, are missing.
        """
        if statement.empty:
            raise InvalidInput(
                "a public statement tells the facts and what prevents the next one, in both "
                "languages",
                code="SY183",
            )
        incident = self._r.incidents.get(incident_id)
        said = replace(incident, statement_sha256=statement.sha256)
        return self._save(said, "publish", actor, report=statement.sha256)

    def owes(self, incident_id: str) -> tuple[Owed, ...]:
        """What must be done before the incident can be closed."""
        incident = self._r.incidents.get(incident_id)
        untold = [c.person for c in self.untold(incident_id)]
        promised = self._parts.policy().incidents
        return tuple(owed(incident, self.clock(incident), promised, untold))

    def close(self, incident_id: str, actor: Actor) -> Incident:
        """Close an incident of which nothing is owed any longer.

        Raises:
            WaitsForPerson: SY418 something is: the report, the people, the publication.
        """
        missing = self.owes(incident_id)
        if missing:
            raise WaitsForPerson(
                f"`{incident_id}` still owes: {', '.join(missing)}",
                code="SY418",
                hint="do that first",
            )
        incident = self._r.incidents.get(incident_id)
        return self._save(replace(incident, ended_at=self._parts.clock.now()), "close", actor)

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first."""
        return self._r.incidents.all()

    # -- inside ----------------------------------------------------------------------

    def _rule(self, incident: Incident) -> BreachRule | None:
        return self._parts.laws.at(tokyo_day(incident.known_at)).breach

    def _in(self, datasets: Sequence[str]) -> tuple[PersonId, ...]:
        return tuple(sorted({p for d in datasets for p in people_in(self._parts, d)}))

    def _facts(self, incident: Incident, notice: Notice, language: Language) -> Facts:
        policy, rule = self._parts.policy(), self._rule(incident)
        held = {i for d in incident.datasets for i in items_of(self._parts.datamap.dataset(d))}
        names = [policy.items[i].name for i in sorted(held) if i in policy.items]
        told = {
            "summary": notice.summary,
            "data_items": Text(
                ja="、".join(n.ja for n in names) or "-", en=", ".join(n.en for n in names) or "-"
            ),
            "cause": notice.cause,
            "secondary_damage": notice.damage,
            "other": notice.other,
        }
        elements = rule.person_notice_items.elements if rule else ()
        lines = tuple(
            (
                Text(
                    ja=f"{e.name.ja}: {told[e.code].ja}",
                    en=f"{e.name.en}: {told[e.code].en}",
                ),
                str(e.citation),
            )
            for e in elements
            if e.code in told
        )
        return Facts(
            service=policy.service_name,
            place=place_of(policy),
            request=incident.id,
            asked=Text(ja="個人データの漏えい等", en="a leak of personal data"),
            received_on=tokyo_day(incident.known_at),
            language=language,
            lines=lines,
        )

    def _send(self, post: Post, incident: Incident, facts: Facts, person: PersonId) -> ToldState:
        address = address_on_file(self._parts, person)
        if address is None:
            return "refused"
        folder = self._parts.home / "letters"
        letter = render("leaked", facts, folder if folder.is_dir() else None)
        key = f"{incident.id}.{persons.mark_of(self._parts, person)}"
        return "told" if post.send(Message(address, letter, key)) else "refused"

    def _save(self, incident: Incident, act: str, actor: Actor, *, report: str = "") -> Incident:
        self._witness(incident, act, actor, report=report)
        self._r.incidents.save(incident)
        return incident

    def _witness(
        self, incident: Incident, act: str, actor: Actor, *, told: int = 0, report: str = ""
    ) -> None:
        now, policy = self._parts.clock.now(), self._parts.policy()
        promised = policy.incidents
        clause = {
            "report_preliminary": promised and promised.authority,
            "report_final": promised and promised.authority,
            "tell": promised and promised.persons,
            "publish": promised and promised.publication,
        }.get(act)
        entry = Entry(
            act_id=f"{incident.id}:{act}:{uuid4().hex[:8]}",
            kind="incident",
            at=now,
            service=policy.service,
            act=act,
            outcome=incident.kind,
            clauses=(policy.cite(clause),) if clause else (),
            actor=actor.name,
            version=policy.version.id,
            counts={"people": incident.people, **({"told": told} if told else {})},
            digests={"report": report} if report else {},
            detail={"incident": incident.id, "due_to": incident.due_to},
        )
        self._parts.log.append([entry])


def people_in(parts: Parts, dataset: str) -> Iterator[PersonId]:
    """Everybody who has a row in a dataset: the row is theirs, or its link leads to them.

    Raises:
        InvalidInput: SY147 it is unknown, or its rows hang on people by others only.
    """
    at = DatasetId(dataset)
    found = dict(parts.datamap.datasets()).get(at)
    place = _whose(parts, at, found) if found is not None else None
    if found is None or place is None:
        raise InvalidInput(
            f"nothing says whose the rows of `{dataset}` are",
            code="SY147",
            hint="name the people concerned instead",
        )
    column, person = place
    prefix, table = prefix_of(parts.datamap, person), found.table or dataset.partition(".")[2]
    for key, text in parts.system(system_of(at)).texts(table, column):
        yield PersonId(prefix + (key if found.person else text))


def _whose(parts: Parts, at: DatasetId, found: Dataset) -> tuple[str, DatasetId] | None:
    """The column that holds the person's key, and the dataset of people it is a key of."""
    if found.person:
        return found.key[0], at
    people = {HandleColumn(i, d.key): i for i, d in parts.datamap.persons()}
    owning = (p for p in paths_of(parts.datamap, at, found) if p.owns and p.target in people)
    return next(((p.by[0], people[p.target]) for p in owning), None)
