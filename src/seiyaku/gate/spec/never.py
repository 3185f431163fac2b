"""Step 1: what is never done, and purposes outside a closed list. Law: APPI 27(2) proviso."""

from __future__ import annotations

from seiyaku.gate.model import Reason
from seiyaku.gate.spec.asked import Asked, Reasons
from seiyaku.policy.model import LEGAL_RETENTION, Item, Policy


def never(a: Asked) -> Reasons:
    """Acts the policy says never happen, purposes outside a closed list."""
    yield from barred(a, a.policy)
    cared = a.sends and a.item is not None and a.item.special_care is not None
    for basis in a.bases if cared else ():
        if "special_care" in basis.never_for:
            yield Reason("never", str(basis.citation), "special_care")


def barred(a: Asked, policy: Policy) -> Reasons:
    """What `policy` (the version in force, or an older one) bars outright."""
    made_of = tuple(policy.lineage(a.q.item))
    bans = [ban for never in (policy.never, *(i.never for i in made_of)) for ban in never.items()]
    for ban, clause in bans:
        if ban == a.q.act or (ban == "train" and a.q.purpose == "train_model"):
            yield Reason("never", policy.cite(clause), ban)
    item = policy.items.get(a.q.item)
    if item is None or a.q.purpose is None or kept_by_law(a, policy):
        return
    for part in made_of:
        if part.only and a.q.purpose not in part.only.purposes:
            yield Reason("outside_only", policy.cite(part.only.clause), a.q.purpose)
    narrow = narrow_sources(a, item)
    for source, clause in narrow.items():
        if source == a.q.source or (a.q.source is None and len(narrow) == len(item.sources)):
            yield Reason("outside_only", policy.cite(clause), a.q.purpose)


def kept_by_law(a: Asked, policy: Policy) -> bool:
    return a.q.purpose == LEGAL_RETENTION and bool(a.held(policy))


def narrow_sources(a: Asked, item: Item) -> dict[str, str]:
    """The item's sources whose closed list the purpose is outside of, with their clauses."""
    sources = item.sources.items()
    narrow = ((s, d) for s, d in sources if d.only is not None and a.q.purpose not in d.only)
    return {source: detail.clause or item.clause for source, detail in narrow}
