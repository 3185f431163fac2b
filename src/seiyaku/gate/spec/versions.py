"""Step 8: grants that a version brought which the person has yet to accept. Law: APPI 17(2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seiyaku.gate.model import Reason
from seiyaku.gate.spec.asked import Asked, Reasons
from seiyaku.gate.spec.never import barred
from seiyaku.gate.spec.together import has_item, scopes_asked
from seiyaku.policy.model import Collecting, Item, Policy

_NOTHING = Collecting(clause="0")


def unaccepted(a: Asked) -> Reasons:
    """Grants brought by a version the person has yet to accept."""
    grants: list[Callable[[Asked, Policy], str | None]] = []
    grants += [_grants_item] if a.q.act in ("collect", "keep") else []
    grants += [_grants_purpose] if a.purpose else []
    grants += [_grants_recipient] if a.sends and a.recipient else []
    accepted = max((a.history.rank(v) for v, _ in a.standing.accepted), default=-1)
    for grant in grants:
        bringer = a.policy
        for older in a.history.before(a.policy):
            if grant(a, older) is None:
                break
            bringer = older
        rank = a.history.rank(bringer.version.id)
        related = grant(a, bringer) in bringer.version.related_changes
        if rank > 0 and not related and accepted < rank:
            clause = grant(a, a.policy) or ""
            yield Reason("version_not_accepted", a.policy.cite(clause), bringer.version.id)


def _grants_item(a: Asked, v: Policy) -> str | None:
    """The clause of the item in `v`, where `v` lets it be collected (kept) as now asked."""
    item = v.items.get(a.q.item)
    if item is None or any(barred(a, v)) or (a.q.source and a.q.source not in item.sources):
        return None
    if a.q.act == "collect" and _asks_more_to_collect(a, item, a.known_item):
        return None
    return item.clause


def _asks_more_to_collect(a: Asked, then: Item, now: Item) -> bool:
    old, new = then.collect or _NOTHING, now.collect or _NOTHING
    scopes = (scopes_asked(item, a.q.source).values() for item in (then, now))
    return (
        _leaves_fewer(old.contexts, new.contexts)
        or _leaves_fewer(*scopes)
        or old.consent > new.consent
        or _asks_more(old.acknowledgement, new.acknowledgement)
    )


def _grants_purpose(a: Asked, v: Policy) -> str | None:
    """The clause of the purpose in `v`, where `v` lets it have the item as now asked."""
    then, now = v.purposes.get(a.q.purpose or ""), a.purpose
    if then is None or now is None or a.q.item not in v.items or any(barred(a, v)):
        return None
    if (then.consent and not now.consent) or _asks_more(then.acknowledgement, now.acknowledgement):
        return None
    return None if any(has_item(a, then, "item_not_for_purpose")) else then.clause


def _grants_recipient(a: Asked, v: Policy) -> str | None:
    """The clause of the recipient in `v`, where `v` lets it receive as now asked."""
    then, now = v.recipients.get(a.declared or ""), a.recipient
    if then is None or now is None or then.basis != now.basis or any(barred(a, v)):
        return None
    if (then.masked and not now.masked) or then.reference not in ((), now.reference):
        return None
    if a.q.purpose not in then.purposes or any(has_item(a, then, "item_not_for_recipient")):
        return None
    known = a.classes or a.country in a.expand(then.countries)
    return then.clause if known else None


def _leaves_fewer(then: Iterable[str], now: Iterable[str]) -> bool:
    """Whether `then`, of which one had to be there, could be unmet where `now` is met."""
    old, new = set(then), set(now)
    return bool(old) and (not new or not new <= old)


def _asks_more(then: str | None, now: str | None) -> bool:
    return then is not None and then != now
