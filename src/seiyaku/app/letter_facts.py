"""What the letters of one request may speak of, gathered from where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, cast

from seiyaku.app.wiring import Parts
from seiyaku.app.withholding import withheld
from seiyaku.kernel.ids import SystemId
from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.letters import Facts, Kept, Place, Stage, Waits
from seiyaku.plans.model import ItemOutcome
from seiyaku.plans.waiting import waiting_in
from seiyaku.policy.model import Policy
from seiyaku.requests.model import Request
from seiyaku.store.plans import Run
from seiyaku.store.witness import Made


def facts_of(parts: Parts, request: Request, stage: Stage) -> Facts:
    """Words, days and clauses of a request, by the version of the policy it arrived under."""
    policy, run = _version(parts, request), last_run(parts, request)
    outcomes = run.outcomes if run else ()
    right = policy.rights.get(request.kind)
    reason, until = request.reason, _ends_on(parts, request)
    if stage == "extended":
        reason, until = _extension(parts, request)
    return Facts(
        service=policy.service_name,
        place=place_of(policy),
        request=request.id,
        asked=_ASKED[request.kind],
        received_on=tokyo_day(request.received_at),
        language=request.language,
        proofs=right.identity if right else (),
        until=until,
        reason=reason,
        cite=request.cite,
        kept=tuple(_kept(policy, outcomes)),
        waits=_waits(parts, outcomes),
        lines=_lines(parts, request),
        missing=_missing(parts, request),
        withheld=tuple(_withheld(parts, policy, request)),
        fee_jpy=0 if _settled(parts, request) else request.fee_jpy,
    )


def last_run(parts: Parts, request: Request) -> Run | None:
    """The last attempt at the plan of a request."""
    runs = parts.repositories.runs.of(request.plan) if request.plan else ()
    return runs[-1] if runs else None


def package_of(parts: Parts, request: Request) -> Made | None:
    """The first volume of the package of a request."""
    found = parts.repositories.packages.of_request(request.id)
    return next((m for m in found if ".zip" in m.name), None)


def _lines(parts: Parts, request: Request) -> tuple[tuple[Text, str], ...]:
    answer = parts.repositories.requests.detail(request.id, "answer")
    kept = cast("list[list[str]]", answer or [])
    return tuple((Text(ja=ja, en=en), cite) for ja, en, cite in kept)


def _missing(parts: Parts, request: Request) -> tuple[str, ...]:
    """What the last look at a letter found missing."""
    history = parts.repositories.requests.history(request.id)
    found = [str(s.facts["missing"]) for s in history if s.what == "incomplete"]
    return tuple(found[-1].split(",")) if found else ()


def _withheld(parts: Parts, policy: Policy, request: Request) -> Iterator[tuple[Text, str]]:
    refused = withheld(parts, request)
    for item in refused.items if refused else ():
        yield policy.items[item].name, refused.cite if refused else ""


def _settled(parts: Parts, request: Request) -> bool:
    return any(s.what == "fee_settled" for s in parts.repositories.requests.history(request.id))


def _extension(parts: Parts, request: Request) -> tuple[str, date]:
    history = parts.repositories.requests.history(request.id)
    facts = next(s.facts for s in reversed(history) if s.what == "extended")
    return str(facts["reason"]), date.fromisoformat(str(facts["until"]))


def _waits(parts: Parts, outcomes: Sequence[ItemOutcome]) -> tuple[Waits, ...]:
    """Each place once: a person need not know in how many tables it is."""
    places = {w.system: w.until for w in waiting_in(outcomes)}
    return tuple(Waits(_name(parts, system), until) for system, until in places.items())


def _name(parts: Parts, system: str) -> Text:
    entry = parts.datamap.systems.get(SystemId(system))
    return entry.name if entry else Text(ja=system, en=system)


def _ends_on(parts: Parts, request: Request) -> date | None:
    made = package_of(parts, request)
    return tokyo_day(made.ends_at) if made and made.ends_at else None


def _version(parts: Parts, request: Request) -> Policy:
    return next(p for p in parts.history.versions if p.version.id == request.version)


def place_of(policy: Policy) -> Place:
    """Where the controller is reached about personal data: the first contact of the policy."""
    contact = policy.contacts[0] if policy.contacts else None
    if contact is None:
        return Place(policy.controller.name)
    name = policy.controller.name
    return Place(name, contact.section, contact.post, contact.email, contact.web)


def _kept(policy: Policy, outcomes: Sequence[ItemOutcome]) -> Iterator[Kept]:
    seen: dict[tuple[str, str], Kept] = {}
    for outcome in outcomes:
        for item in outcome.items if outcome.outcome == "kept_by_law" else ():
            name = policy.items[item].name if item in policy.items else Text(ja=item, en=item)
            seen.setdefault((item, outcome.cite), Kept(name, outcome.cite, outcome.until))
    yield from seen.values()


_ASKED: Final[dict[str, Text]] = {
    "disclosure": Text(ja="保有個人データの開示", en="disclosure of your data"),
    "provision_records": Text(ja="第三者提供記録の開示", en="records of provision to others"),
    "purpose_notice": Text(ja="利用目的の通知", en="notice of purposes"),
    "correction": Text(ja="訂正", en="correction"),
    "addition": Text(ja="追加", en="addition"),
    "deletion": Text(ja="消去", en="deletion"),
    "suspension": Text(ja="利用停止", en="suspension of use"),
    "stop_provision": Text(ja="第三者提供の停止", en="stop of provision to others"),
    "foreign_measures": Text(ja="外国における措置の情報提供", en="measures taken abroad"),
    "closure": Text(ja="退会", en="closing your account"),
    "complaint": Text(ja="苦情", en="complaint"),
}
