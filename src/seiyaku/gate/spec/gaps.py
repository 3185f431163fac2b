"""Step 2: what the configuration leaves open. Law: APPI 25, 27(5), 28; silence permits nothing."""

from __future__ import annotations

from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.gate.spec.asked import Asked, Reasons
from seiyaku.gate.spec.never import kept_by_law, narrow_sources
from seiyaku.laws import Basis
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.model import LEGAL_RETENTION, Recipient


def gaps(a: Asked) -> Reasons:
    """Words nobody declared, parts unstated, empty lists, open questions, lapsed facts."""
    yield from _unknown_words(a)
    if a.item and a.q.purpose and a.q.source is None and not kept_by_law(a, a.policy):
        narrow = narrow_sources(a, a.item)
        for source, clause in narrow.items() if len(narrow) < len(a.item.sources) else ():
            yield Reason("source_unstated", a.policy.cite(clause), source)
    own = a.carried and a.q.case is not None and a.q.case.kind == "own_request"
    if a.q.act == "send" and a.q.recipient is None and not own:
        yield Reason("recipient_unstated")
    if a.carried:
        return
    if a.q.act in ("use", "send") and a.q.purpose is None:
        yield Reason("purpose_unstated")
    if a.purpose and not a.purpose.items and not a.purpose.items_when:
        yield Reason("empty_list", a.policy.cite(a.purpose.clause), f"items:{a.q.purpose}")
    for word, c in a.touched():
        if c.stricter is None and a.reading(word, c.clauses) is None:
            yield from (Reason("open_contradiction", a.policy.cite(k), word) for k in c.clauses)
    if a.sends and (a.recipient or a.opening):
        yield from _recipient_gaps(a)


def _unknown_words(a: Asked) -> Reasons:
    q, policy = a.q, a.policy
    opened = policy.opened_by_consent
    named = opened and opened.purposes and any(q.purpose in c.scope.purposes for c in a.live())
    known: tuple[tuple[ReasonCode, str | None, bool], ...] = (
        ("unknown_item", q.item, a.item is not None),
        ("unknown_purpose", q.purpose, bool(a.purpose or q.purpose == LEGAL_RETENTION or named)),
        ("unknown_source", q.source, q.source in policy.sources),
        ("unknown_recipient", q.recipient, bool(a.recipient or a.kind or a.opening)),
        ("unknown_country", q.country, a.laws.known_country(q.country or "")),
    )
    yield from (Reason(code, "", word) for code, word, ok in known if word is not None and not ok)
    yield from (Reason("unknown_context", "", w) for w in q.contexts if w not in policy.contexts)


def _recipient_gaps(a: Asked) -> Reasons:
    """What the pledge leaves open about this recipient."""
    r, cite, asked = a.recipient, a.recipient_cite, a.q.recipient or ""
    if r and r.register_name and not a.classes:
        yield Reason("member_unstated", cite, asked)
        members = (m for m in a.assurances.memberships if m.register == r.register_name)
        if not any(m.holds_at(a.q.at) for m in members):
            yield Reason("empty_list", cite, f"members:{asked}")
        return
    if len(a.classes) > 1:
        clauses = (a.policy.recipients[word].clause for word in a.classes)
        yield from (Reason("member_unstated", a.policy.cite(c), asked) for c in clauses)
        return
    if a.basis is None:
        yield Reason("basis_unstated", cite, asked)
    if r and r.reference and a.meant is None:
        yield Reason("unresolved_reference", cite, a.declared or "")
    if r and r.basis != "exception":
        if not r.items and not r.items_when:
            yield Reason("empty_list", cite, f"items:{a.declared}")
        if not r.purposes:
            yield Reason("empty_list", cite, f"purposes:{a.declared}")
    untold = missing_elements(a.policy.controller, r, a.basis) if r else ()
    for element in untold:
        if element not in ("items", "purposes_of_users"):  # told above
            yield Reason("empty_list", cite, f"{element}:{a.declared}")
    if not a.countries and (r or a.country is None):
        yield Reason("empty_list", cite, f"countries:{asked}")
    if a.countries and a.country is None:
        yield Reason("country_unstated", cite, asked)
    if r:
        yield from _assurance_gaps(a, r, a.basis)


def _assurance_gaps(a: Asked, r: Recipient, basis: Basis | None) -> Reasons:
    """Facts that basis, route and recipient lean on and that do not stand."""
    needed = [(kind, str(basis.citation), None) for kind in basis.requires] if basis else []
    needed += [(kind, a.recipient_cite, None) for kind in r.requires]
    asked = a.q.recipient or ""
    if a.abroad and a.abroad in a.countries:
        law = a.laws.route(a.route or "")
        if a.route is None:
            yield Reason("route_unstated", a.recipient_cite, f"{asked}:{a.abroad}")
        for kind in law.requires if law else ():
            yield from _assured(a, kind, str(law.citation) if law else "", a.abroad)
    for kind, cite, about in needed:
        yield from _assured(a, kind, cite, about)


def _assured(a: Asked, kind: str, cite: str, about: str | None) -> Reasons:
    subject = a.q.recipient or ""
    if not a.assurances.live(kind, subject, about, a.q.at):
        ever = a.assurances.ever(kind, subject, about)
        word = f"{kind}:{subject}" + (f":{about}" if about else "")
        yield Reason("assurance_lapsed" if ever else "assurance_missing", cite, word)
