"""Steps 4 to 6: what the law alone holds, who may not be handled at all, what was stopped.

Law: APPI 35.
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.gate.matter import Matter
from seiyaku.gate.model import Decision, Reason
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Scope

Found = list[Reason]


def held(m: Matter) -> Decision | None:
    """Step 4: items that only the law still holds."""
    thing, status = m.thing, m.standing.status
    if thing is None or not thing.held:
        return None
    gone = status in ("closed", "erased") or (m.q.act != "collect" and bool(m.periods_over()))
    if not gone and status != "frozen":
        return None
    kept = m.q.act == "keep" and m.q.purpose in (None, LEGAL_RETENTION)
    if kept or (m.q.act == "use" and m.q.purpose == LEGAL_RETENTION):
        return m.answer("permitted", thing.held, 4)
    return m.answer("refused", thing.only_held, 4) if gone else None


def person(m: Matter) -> Decision | None:
    """Step 5: people who may not be handled at all."""
    found: Found = []
    if m.standing.status != "active":
        found.append(Reason(m.standing.status))
    if m.book.ages is not None:
        found += _minor(m)
    return m.answer("refused", found, 5) if found else None


def _minor(m: Matter) -> Iterator[Reason]:
    ages, known = m.book.ages, m.standing
    if ages is None:
        return
    no_band = known.at_least is None and known.below is None
    if ages.minimum is not None and known.below is not None and known.below <= ages.minimum:
        yield Reason("under_age", ages.cite, str(ages.minimum))
    if (
        ages.guardian_below is not None
        and not (no_band or known.guardian)
        and (known.at_least is None or known.at_least < ages.guardian_below)
    ):
        yield Reason("guardian_missing", ages.cite, str(ages.guardian_below))
    if m.q.act == "collect" and m.q.item != ages.attestation:
        if ages.minimum is not None:
            if known.at_least is None or known.at_least < ages.minimum:
                yield Reason("age_not_attested", ages.cite, str(ages.minimum))
        elif no_band and ages.guardian_below is not None:
            yield Reason("age_not_attested", ages.cite, str(ages.guardian_below))


def stopped(m: Matter) -> Decision | None:
    """Step 6: suspensions and opt-outs."""
    standing = m.standing
    if m.q.act == "keep" or not (standing.suspensions or standing.opt_outs):
        return None
    found = [
        Reason("suspended", m.book.suspends, _written(scope))
        for scope in standing.suspensions
        if stops(m, scope)
    ]
    for scope in standing.opt_outs:
        if stops(m, scope):
            cites = [*_opt_out_cites(m, scope)] or [""]
            found += [Reason("opted_out", cite, _written(scope)) for cite in cites]
    return m.answer("refused", found, 6) if found else None


def stops(m: Matter, scope: Scope) -> bool:
    """Whether a suspension or opt-out of this scope reaches the question."""
    return (
        (not scope.items or m.q.item in scope.items)
        and (not scope.purposes or m.q.purpose in scope.purposes)
        and (not scope.recipients or m.named_in(scope))
    )


def _opt_out_cites(m: Matter, scope: Scope) -> Iterator[str]:
    if m.aim is not None and m.aim.opt_out and scope.purposes:
        yield m.aim.opt_out
    for receiver in m.receivers:
        if receiver.opt_out and scope.recipients:
            yield receiver.opt_out


def _written(scope: Scope) -> str:
    return ",".join(sorted((*scope.items, *scope.purposes, *scope.recipients))) or "all"
