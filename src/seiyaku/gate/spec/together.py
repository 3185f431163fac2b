"""Step 7: known words that the policy does not put together. Law: APPI 17-18, 27-28."""

from __future__ import annotations

from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.gate.spec.asked import Asked, Reasons
from seiyaku.policy.model import LEGAL_RETENTION, Item, Purpose, Recipient


def together(a: Asked) -> Reasons:
    """Known words, but the policy does not put them together."""
    item, q, cite = a.known_item, a.q, a.policy.cite
    if a.standing.kind not in a.policy.people:
        yield Reason("other_people", "", a.standing.kind)
    else:
        limited = [(item.people, item.clause)]
        limited += [(a.purpose.people, a.purpose.clause)] if a.purpose else []
        for people, clause in limited:
            if people and a.standing.kind not in people:
                yield Reason("other_people", cite(clause), a.standing.kind)
    if q.source is not None and q.source not in item.sources:
        yield Reason("source_not_declared", cite(item.clause), q.source)
    for source, scope in scopes_missing(a).items():
        yield Reason("scope_not_granted", cite(item.sources[source].clause or item.clause), scope)
    c = a.collecting
    if c and c.contexts and not q.contexts & set(c.contexts):
        yield Reason("context_missing", cite(c.clause), ",".join(sorted(c.contexts)))
    if a.purpose:
        yield from has_item(a, a.purpose, "item_not_for_purpose")
    if q.purpose == LEGAL_RETENTION and not a.held(a.policy):
        yield Reason("item_not_for_purpose", cite(item.clause), q.item)
    yield from (Reason("period_over", cite(rule.clause), name) for name, rule in a.over())
    if a.sends:
        yield from _with_recipient(a)


def scopes_missing(a: Asked) -> dict[str, str]:
    """Source and scope of each scope asked, where the question has none of them."""
    asked = scopes_asked(a.known_item, a.q.source) if a.q.act == "collect" else {}
    return {} if a.q.scopes & set(asked.values()) else asked


def scopes_asked(item: Item, source: str | None) -> dict[str, str]:
    """By source, what a linked service must have been allowed; empty where one source is free."""
    sources = {s: d.scope for s, d in item.sources.items() if source in (None, s)}
    asked = {s: scope for s, scope in sources.items() if scope}
    return asked if len(asked) == len(sources) else {}


def has_item(a: Asked, part: Purpose | Recipient, code: ReasonCode) -> Reasons:
    """Nothing where `part` has the item, outright or in a context that is present."""
    contexts = {word for word, items in part.items_when.items() if a.q.item in items}
    if a.q.item not in part.items and not contexts & a.q.contexts:
        waits = ",".join(sorted(contexts))
        cite = a.policy.cite(part.clause)
        yield Reason("context_missing", cite, waits) if waits else Reason(code, cite, a.q.item)


def _with_recipient(a: Asked) -> Reasons:
    r, q, cite = a.recipient, a.q, a.recipient_cite
    if r is None and a.kind:
        yield Reason("kind_needs_case", str(a.kind.citation), q.recipient or "")
        return
    if r and r.basis == "exception":
        yield Reason("kind_needs_case", cite, q.recipient or "")
        return
    if r:
        if q.purpose not in r.purposes or not _as_meant(a, r):
            yield Reason("purpose_not_for_recipient", cite, q.purpose or "")
        yield from has_item(a, r, "item_not_for_recipient")
        if r.masked and not q.masked:
            yield Reason("not_masked", a.policy.cite(r.masked), q.recipient or "")
        if r.relation and q.relation != r.relation:
            yield Reason("relation_missing", cite, r.relation)
    home = r is None and a.laws.is_domestic(a.country)
    if a.country not in a.countries and not home:
        yield Reason("country_not_declared", cite, a.country or "")
    elif a.abroad:
        yield from _by_route(a, a.abroad)


def _as_meant(a: Asked, r: Recipient) -> bool:
    """Whether the purpose is what the recipient's reference was decided to mean, if it has one."""
    return not r.reference or (a.purpose is not None and a.purpose.clause == a.meant)


def _by_route(a: Asked, country: str) -> Reasons:
    law = a.laws.route(a.route or "")
    if a.recipient and a.q.route is not None and a.q.route != a.route:
        yield Reason("route_not_declared", a.recipient_cite, a.q.route)
    if law is None or (law.countries and country not in law.countries):
        cite = str(law.citation) if law else a.recipient_cite
        yield Reason("route_not_open", cite, f"{a.route}:{country}")
