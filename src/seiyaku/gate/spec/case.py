"""Step 3: what opens a way beside purpose and consent. Law: APPI 18(3), 27(1), 32-39."""

from __future__ import annotations

from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.gate.spec.asked import Asked, Reasons


def case(a: Asked) -> Reasons:
    """The person's own request, a legal demand, an exception with all its conditions."""
    if a.q.case is None or not a.carried:
        return
    code = a.q.case.code
    if a.q.case.kind == "own_request":
        law, right = a.laws.request(code), {str(k): r for k, r in a.policy.rights.items()}.get(code)
        cites = [str(law.citation)] if law else []
        cites += [a.policy.cite(right.clause)] if right else []
        yield from (Reason("own_request", cite, code) for cite in cites)
        if not cites:
            yield Reason("no_such_exception", "", code)
        return
    yield from _exceptional(a, a.q.case.kind == "legal_demand", code, a.q.case.recorded())


def _exceptional(a: Asked, demand: bool, code: str, recorded: frozenset[str]) -> Reasons:
    named = a.policy.exceptions.get(code)
    law_code = named.law if named else code
    find = a.laws.exception if a.q.act == "send" else a.laws.purpose_exception
    law = find(law_code)
    if law is None:
        yield Reason("no_such_exception", a.policy.cite(named.clause) if named else "", code)
        return
    same = [e for e in a.policy.exceptions.values() if e.law == law_code]
    own = [named] if named else same
    conditions = [(c, str(law.citation)) for c in law.conditions]
    conditions += [("document", str(law.citation))] if demand else []
    conditions += [(c, a.policy.cite(e.clause)) for e in own for c in e.conditions]
    refused = [Reason("condition_missing", k, c) for c, k in conditions if c not in recorded]
    allowed = law_code in a.kind.exceptions if a.kind else not demand
    if a.q.act == "send" and not allowed:
        cite = str(a.kind.citation) if a.kind else ""
        refused.append(Reason("not_an_authority", cite, a.q.recipient or ""))
    permit: ReasonCode = "legal_demand" if demand else "exception"
    cites = (str(law.citation), *(a.policy.cite(e.clause) for e in own))
    yield from refused or (Reason(permit, cite, code) for cite in cites)
