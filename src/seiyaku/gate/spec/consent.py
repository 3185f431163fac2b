"""Step 8: consent, given before, informed, not taken back. Law: APPI 18, 20, 27(1), 28, 31."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.gate.spec.asked import Asked, Reasons, parts_of
from seiyaku.gate.spec.versions import unaccepted
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Consent, LiveConsent


@dataclass(frozen=True)
class Need:
    """A consent the question needs.

    Args:
        names: parts of the scope the consent must name: 0 item, 1 purpose, 2 recipient.
        country: country it must have shown. elements: what must have been told before.
        deemed: whether consent deemed from use counts.
    """

    cite: str
    about: str
    names: tuple[int, ...]
    country: str | None = None
    elements: frozenset[str] = frozenset()
    deemed: bool = False


def consent(a: Asked) -> Reasons:
    """Consents, acknowledgements, and versions the person has not accepted."""
    for need in _needs(a):
        yield from _unmet(a, need)
    f = a.policy.foreign_consent
    if f and a.sends and a.recipient and a.abroad and not a.lifted(f.clause):
        need = Need(a.policy.cite(f.clause), a.abroad, (), a.abroad, deemed=f.deemed)
        covering = (c for c in a.standing.consents if _covers(a, need, c.consent))
        if not any(not a.taken_back(c) and c.consent.at < a.moment for c in covering):
            yield Reason("transfer_consent_missing", need.cite, a.abroad)
    known = {what for what, at in a.standing.acknowledged if at < a.moment}
    for clause, what in _acknowledgements(a):
        own = a.policy.acknowledgements.get(what)
        cites = (clause, own.clause) if own else (clause,)
        missing = (a.policy.cite(c) for c in cites if what not in known)
        yield from (Reason("acknowledgement_missing", cite, what) for cite in missing)
    yield from unaccepted(a)


def _needs(a: Asked) -> Iterator[Need]:
    q, cite, opened = a.q, a.policy.cite, a.policy.opened_by_consent
    purpose, recipient = q.purpose or "", q.recipient or ""
    if a.purpose and a.purpose.consent and not a.lifted(a.purpose.consent.clause):
        yield Need(cite(a.purpose.consent.clause), purpose, (1,))
    if a.collecting and a.collecting.consent:
        yield Need(cite(a.collecting.clause), q.item, (0,))
    if opened and opened.purposes and _opened_purpose(a):
        yield Need(cite(opened.purposes), purpose, (0, 1))
    if a.sends and a.basis and a.basis.needs_consent:
        yield Need(a.recipient_cite, recipient, (0, 1, 2))
    route = a.laws.route(a.route or "")
    if a.sends and a.abroad and route and route.needs_consent:
        deemed = a.laws.deemed_consent_opens_foreign_transfer
        told = frozenset(route.elements)
        about = f"{recipient}:{a.abroad}"
        yield Need(str(route.citation), about, (2,), a.abroad, told, deemed)


def _opened_purpose(a: Asked) -> bool:
    return a.q.purpose not in (None, LEGAL_RETENTION) and a.purpose is None


def _covers(a: Asked, need: Need, consent: Consent) -> bool:
    """Whether `consent` is about this question at all, as `need` asks."""
    for i, (part, words) in enumerate(zip(parts_of(consent.scope), a.words, strict=True)):
        unasked = i == 1 and not words  # no purpose is named: no purpose is excluded
        if not part & words and (i in need.names or (part and not unasked)):
            return False
    if need.country and need.country not in a.expand(consent.countries):
        return False
    return consent.kind == "explicit" or need.deemed


def _unmet(a: Asked, need: Need) -> Reasons:
    """Nothing where one consent meets `need`, else what is wrong with those there are."""
    covering = [c for c in a.standing.consents if _covers(a, need, c.consent)]
    faults = [_faults(a, need, c) for c in covering] or [{"consent_missing"}]
    if all(faults):
        yield from (Reason(code, need.cite, need.about) for found in faults for code in found)


def _faults(a: Asked, need: Need, live: LiveConsent) -> set[ReasonCode]:
    if a.taken_back(live):
        return {"consent_withdrawn"}
    given, shown = live.consent.at, live.consent.presented_at
    faults: set[ReasonCode] = set() if given < a.moment else {"consent_too_late"}
    if shown is None or shown >= given or not need.elements <= set(live.consent.informed):
        faults.add("consent_not_informed")
    return faults


def _acknowledgements(a: Asked) -> Iterator[tuple[str, str]]:
    if a.collecting and a.collecting.acknowledgement:
        yield a.collecting.clause, a.collecting.acknowledgement
    if a.purpose and a.purpose.acknowledgement:
        yield a.purpose.clause, a.purpose.acknowledgement
