"""Step 7: known words that the policy does not declare together.

Law: APPI 17, 18, 27, 28.
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.gate.book import Receiver
from seiyaku.gate.masks import ANY
from seiyaku.gate.matter import KIND, OPENED, Matter
from seiyaku.gate.model import Decision, Reason
from seiyaku.policy.model import LEGAL_RETENTION

Found = list[Reason]


def apart(m: Matter) -> Decision | None:
    """Step 7: words that stand apart in the policy."""
    thing = m.thing
    if thing is None:
        return None
    found: Found = []
    kind = m.standing.kind
    if kind not in m.book.people:
        found.append(Reason("other_people", "", kind))
    else:
        if thing.people and kind not in thing.people:
            found.append(Reason("other_people", thing.cite, kind))
        if m.aim is not None and m.aim.people and kind not in m.aim.people:
            found.append(Reason("other_people", m.aim.cite, kind))
    if m.q.source is not None and m.q.source not in thing.sources:
        found.append(Reason("source_not_declared", thing.cite, m.q.source))
    if m.q.act == "collect":
        found += _not_granted(m)
        found += _not_in_context(m)
    elif thing.windows and m.q.data_at is not None:
        found += [Reason("period_over", cite, rule) for rule, cite in m.periods_over()]
    if m.q.purpose is not None:
        found += _not_for_purpose(m)
    if m.q.act == "send" and m.q.recipient is not None:
        found += _not_for_recipient(m, m.q.recipient)
    return m.answer("refused", found, 7) if found else None


def _not_granted(m: Matter) -> Iterator[Reason]:
    asked = m.thing.scopes.get(m.q.source or ANY, {}) if m.thing else {}
    if asked and asked.keys().isdisjoint(m.q.scopes):
        for scope, cites in asked.items():
            for cite in cites:
                yield Reason("scope_not_granted", cite, scope)


def _not_in_context(m: Matter) -> Iterator[Reason]:
    gathering = m.thing.gathering if m.thing else None
    if gathering is None or not gathering.contexts or gathering.contexts & m.q.contexts:
        return
    if not m.lifted(gathering.cite):
        yield Reason("context_missing", gathering.cite, ",".join(sorted(gathering.contexts)))


def _not_for_purpose(m: Matter) -> Iterator[Reason]:
    q, aim, thing = m.q, m.aim, m.thing
    if aim is None or thing is None:
        if thing is not None and q.purpose == LEGAL_RETENTION and not thing.held:
            yield Reason("item_not_for_purpose", thing.cite, q.item)
        return
    if q.item in aim.items:
        return
    contexts = aim.whens.get(q.item)
    if contexts is None:
        yield Reason("item_not_for_purpose", aim.cite, q.item)
    elif not contexts & q.contexts:
        yield Reason("context_missing", aim.cite, ",".join(sorted(contexts)))


def _not_for_recipient(m: Matter, word: str) -> Iterator[Reason]:
    if m.resolved == KIND:
        yield Reason("kind_needs_case", m.book.kinds[word][0], word)
    elif m.resolved == OPENED:
        cite = m.book.opens_recipients or ""
        if not m.within and m.country not in m.book.homes:
            yield Reason("country_not_declared", cite, m.country or "")
        elif m.abroad:
            yield from _shut_way(m)
    elif m.receivers:
        yield from _not_for_receiver(m, m.receivers[0], word)


def _not_for_receiver(m: Matter, receiver: Receiver, word: str) -> Iterator[Reason]:
    q, cite = m.q, receiver.cite
    if receiver.by_exception:
        yield Reason("kind_needs_case", cite, word)
        return
    contexts = None if q.item in receiver.items else receiver.whens.get(q.item)
    if contexts is not None and not contexts & q.contexts:
        yield Reason("context_missing", cite, ",".join(sorted(contexts)))
    if q.purpose not in receiver.purposes or _reads_elsewhere(m, receiver):
        yield Reason("purpose_not_for_recipient", cite, q.purpose or "")
    if contexts is None and q.item not in receiver.items:
        yield Reason("item_not_for_recipient", cite, q.item)
    if receiver.masked is not None and not q.masked:
        yield Reason("not_masked", receiver.masked, word)
    if receiver.relation is not None and q.relation != receiver.relation:
        yield Reason("relation_missing", cite, receiver.relation)
    if not m.within:
        yield Reason("country_not_declared", cite, m.country or "")
    elif m.abroad:
        if q.route is not None and (m.way is None or q.route != m.way.code):
            yield Reason("route_not_declared", cite, q.route)
        yield from _shut_way(m)


def _reads_elsewhere(m: Matter, receiver: Receiver) -> bool:
    """Whether the clause a broken reference was read as is not the purpose's own."""
    if not receiver.reference:
        return False
    return m.aim is None or m.meant(receiver) != m.aim.clause


def _shut_way(m: Matter) -> Iterator[Reason]:
    way = m.way
    if way is not None and not way.open:
        yield Reason("route_not_open", way.cite, f"{way.code}:{m.country}")
