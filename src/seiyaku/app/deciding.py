"""What the controller decides before a request goes on, and what it owes before it is closed.

1. a fee is paid or waived before anything is read;
2. a claim that something is wrong is looked into, and found right, before it is set right;
3. single items may be refused, on a ground of the law, and the rest is given;
4. where the policy promises word of the result, nothing is closed before it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, cast

from seiyaku.app.running import Running
from seiyaku.app.wiring import Parts
from seiyaku.app.withholding import WITHHELD, withheld
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict, InvalidInput, WaitsForPerson
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import tokyo_day
from seiyaku.letters import FINAL
from seiyaku.plans.values import Json
from seiyaku.policy.model import Policy, RequestKind, Right, RightException
from seiyaku.requests.model import Request
from seiyaku.requests.withheld import Withheld

Finding = Literal["justified", "not_justified"]
_EARLY: Final = frozenset({"received", "identity_shown"})


class Deciding:
    """Decisions on requests of one installation."""

    def __init__(self, parts: Parts, running: Running) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._running = running

    def settle_fee(
        self, request_id: str, actor: Actor, *, paid: str = "", waived: str = ""
    ) -> None:
        """Write down that the fee was paid, or why it is waived.

        Args:
            paid: reference of the payment, never who paid. waived: a word for the reason.

        Raises:
            InvalidInput: SY137 neither or both are given, or no fee is due.
        """
        request = self._r.requests.get(request_id)
        if not request.fee_jpy or bool(paid.strip()) == bool(waived.strip()):
            raise InvalidInput(
                f"the fee of `{request.id}` is {request.fee_jpy} yen: give its payment, or a "
                "reason to waive it",
                code="SY137",
                hint="one of the two, and only where a fee is due",
            )
        facts = {"paid": paid} if paid.strip() else {"waived": waived}
        self._running.note(request, "fee_settled", actor.name, yen=request.fee_jpy, **facts)

    def require_ready(self, request: Request) -> None:
        """Let a request be planned only once fee and inquiry are settled.

        Raises:
            WaitsForPerson: SY414 the fee is open; SY415 the inquiry is, or found no reason.
        """
        right = self._right(request)
        if not request.fee_jpy and not (right and right.investigated):
            return
        steps = self._r.requests.history(request.id)
        if request.fee_jpy and not any(s.what == "fee_settled" for s in steps):
            raise WaitsForPerson(
                f"the fee of {request.fee_jpy} yen for `{request.id}` is open",
                code="SY414",
                hint="record its payment, or waive it",
            )
        found = [s.facts.get("finding") for s in steps if s.what == "investigated"]
        if right and right.investigated and found[-1:] != ["justified"]:
            raise WaitsForPerson(
                f"what `{request.id}` claims is not found to be right",
                code="SY415",
                hint="look into it and record the finding, or refuse the request",
            )

    def require_told(self, request: Request) -> None:
        """Let a request be closed only once the person was told what became of it.

        Raises:
            WaitsForPerson: SY416 the policy promises that, and no letter went out.
        """
        right = self._right(request)
        if not (right and right.told and request.ended):
            return
        steps = self._r.requests.history(request.id)
        told = {s.facts["stage"] for s in steps if s.what == "letter"} & FINAL
        if not told:
            raise WaitsForPerson(
                f"nobody was told what became of `{request.id}`",
                code="SY416",
                hint="send the letters, or print them",
            )

    def require_ground(self, request: Request, cite: str) -> None:
        """Let nobody be refused by a clause that points elsewhere than it can mean.

        Raises:
            WaitsForPerson: SY417 until a named person's reading decides where it points.
        """
        policy, right = self._policy(request), self._right(request)
        now, facts = self._parts.clock.now(), self._r.assurances.all()
        for limit in right.exceptions if right else ():
            read = facts.live("reading", request.kind, None, now)
            if _unclear(policy, limit, cite) and not read:
                raise WaitsForPerson(
                    f"`{cite}` points at {', '.join(limit.reference[:1])}, which it cannot mean",
                    code="SY417",
                    hint=f"record a reading of `{request.kind}` that names the clause it means",
                )

    def withhold(self, request_id: str, items: tuple[str, ...], ground: str, actor: Actor) -> None:
        """Refuse single items of a disclosure; the others are given, and the letter says why.

        Args:
            ground: code of the law pack, such as ``harm_to_life_body_property_or_rights``.

        Raises:
            InvalidInput: SY186 the law has no such ground, or no declared item is named.
            Conflict: SY522 it is no disclosure, or past that.
        """
        request = self._r.requests.get(request_id)
        if request.kind != "disclosure" or request.state not in _EARLY:
            raise Conflict(f"{request.kind} `{request.id}` is {request.state}", code="SY522")
        day = tokyo_day(self._parts.clock.now())
        rule = self._parts.laws.at(day).request(request.kind)
        grounds = {g.code: str(g.citation) for g in rule.refusals} if rule else {}
        declared = self._policy(request).items.keys()
        if ground not in grounds or not items or not set(items) <= declared:
            raise InvalidInput(
                "items are withheld by name, on a ground the law has",
                code="SY186",
                hint="grounds: " + ", ".join(grounds),
            )
        self._keep(request, Withheld(items, ground, grounds[ground]), actor)

    def withheld(self, request: Request) -> Withheld | None:
        """What is refused of a disclosure, if anything."""
        return withheld(self._parts, request)

    def _keep(self, request: Request, refused: Withheld, actor: Actor) -> None:
        entry = Entry(
            act_id=f"{request.id}:withheld",
            kind="decision",
            at=self._parts.clock.now(),
            service=self._parts.settings.service,
            act=request.kind,
            outcome="refused",
            clauses=(refused.cite,),
            actor=actor.name,
            version=request.version,
            counts={"items": len(refused.items)},
            detail={"ground": refused.ground},
        )
        self._parts.log.append([entry])
        kept = {"items": list(refused.items), "ground": refused.ground, "cite": refused.cite}
        people = self._r.requests.people(request.id)
        with self._r.store.together():
            person = people[0] if len(people) == 1 else None
            self._r.requests.put_detail(request.id, WITHHELD, cast("Json", kept), person)
            facts = {"items": ",".join(refused.items), "reason": refused.ground}
            self._running.note(request, "withheld", actor.name, cite=refused.cite, **facts)

    def _policy(self, request: Request) -> Policy:
        return next(p for p in self._parts.history.versions if p.version.id == request.version)

    def _right(self, request: Request) -> Right | None:
        return self._policy(request).rights.get(request.kind)


def same_claim(
    parts: Parts, kind: RequestKind, who: Sequence[PersonId], items: tuple[str, ...], value: Json
) -> Request | None:
    """The open request in which the one person claims the same of the same item, if any."""
    if kind not in ("correction", "addition") or len(who) != 1:
        return None
    requests = parts.repositories.requests
    for other in requests.of_person(who[0]):
        same = other.kind == kind and other.scope.items == items and not other.ended
        if same and requests.detail(other.id, "value") == value:
            return other
    return None


def _unclear(policy: Policy, limit: RightException, cite: str) -> bool:
    return bool(limit.reference) and policy.cite(limit.clause) == cite
