"""Steps 4, 5, 6: what the law keeps, who the person is, what they stopped. Law: APPI 22, 35."""

from __future__ import annotations

from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.gate.spec.asked import Asked, Reasons, parts_of
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Scope


def legal_retention(a: Asked) -> Reasons:
    """What is kept only because the law demands it serves nothing else."""
    only = a.standing.status in ("closed", "erased") or bool(a.over())
    for_law = a.q.purpose == LEGAL_RETENTION
    serves = (a.q.act == "keep" and (for_law or a.q.purpose is None)) or (
        a.q.act == "use" and for_law
    )
    if only or (a.standing.status == "frozen" and serves):
        code: ReasonCode = "legal_retention" if serves else "legal_retention_only"
        for name, rule, law in a.held(a.policy):
            yield Reason(code, a.policy.cite(rule.clause), name)
            yield Reason(code, str(law.citation), name)


def person(a: Asked) -> Reasons:
    """Frozen, closed and erased people; minors."""
    s, m = a.standing, a.policy.minors
    if s.status != "active":
        yield Reason(s.status)
    if m is None:
        return
    cite, minimum, guarded = a.policy.cite(m.clause), m.minimum_age, m.guardian_below
    unknown = s.at_least is None and s.below is None
    at_least = -1 if s.at_least is None else s.at_least
    if minimum is not None and s.below is not None and s.below <= minimum:
        yield Reason("under_age", cite, str(minimum))
    if guarded is not None and not unknown and at_least < guarded and not s.guardian:
        yield Reason("guardian_missing", cite, str(guarded))
    if a.q.act == "collect" and a.q.item != m.attestation:
        if minimum is not None and at_least < minimum:
            yield Reason("age_not_attested", cite, str(minimum))
        if minimum is None and guarded is not None and unknown:
            yield Reason("age_not_attested", cite, str(guarded))


def stops(a: Asked) -> Reasons:
    """Suspensions and opt-outs; what is stored stays stored."""
    if a.q.act == "keep":
        return
    law, right = a.laws.request("suspension"), a.policy.rights.get("suspension")
    asked = a.policy.cite(right.clause) if right else str(law.citation) if law else ""
    suspended = (s for s in a.standing.suspensions if _stops(a, s))
    yield from (Reason("suspended", asked, _say(scope)) for scope in suspended)
    for scope in (s for s in a.standing.opt_outs if _stops(a, s)):
        purpose = a.purpose.opt_out if a.purpose and scope.purposes else None
        recipient = a.recipient.opt_out if a.recipient and scope.recipients else None
        cites = [a.policy.cite(clause) for clause in (purpose, recipient) if clause]
        yield from (Reason("opted_out", cite, _say(scope)) for cite in cites or [""])


def _stops(a: Asked, scope: Scope) -> bool:
    return all(
        not part or part & words for part, words in zip(parts_of(scope), a.words, strict=True)
    )


def _say(scope: Scope) -> str:
    return ",".join(sorted({*scope.items, *scope.purposes, *scope.recipients})) or "all"
