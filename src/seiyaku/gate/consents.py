"""Step 8: what this person agreed to, knew and accepted.

Law: APPI 17(2), 18, 27(1), 28(2): beforehand, informed, and not taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from seiyaku.gate.book import Gathering
from seiyaku.gate.masks import ANY, expand, run_of_ones
from seiyaku.gate.matter import OPENED, Matter
from seiyaku.gate.model import Reason
from seiyaku.standing.model import Consent, LiveConsent


@dataclass(frozen=True, slots=True)
class Need:
    """A consent that must be there.

    Args:
        names: parts of the scope that must name the question's word.
        country: country it must name too; elements: what must have been told.
        deemed: whether a consent deemed from use counts.
    """

    cite: str
    about: str
    names: tuple[str, ...]
    country: str | None = None
    elements: frozenset[str] = frozenset()
    deemed: bool = False


def consents_missing(m: Matter) -> list[Reason]:
    """Every reason of step 8; empty where the question passes."""
    found: list[Reason] = []
    moment = m.q.data_at if m.q.act == "collect" and m.q.data_at else m.q.at
    for need in needs(m):
        found += _unmet(m, need, moment)
    found += _transfer(m, moment)
    found += _unacknowledged(m, moment)
    if m.book.rank:
        found += _not_accepted(m)
    return found


def _gathering(m: Matter) -> Gathering | None:
    """What collecting asks of this question; None when a reading lifts it."""
    gathering = m.thing.gathering if m.thing and m.q.act == "collect" else None
    return None if gathering and m.lifted(gathering.cite) else gathering


def needs(m: Matter) -> Iterator[Need]:
    q, aim, book = m.q, m.aim, m.book
    if aim is not None and aim.consent and not m.lifted(aim.consent):
        yield Need(aim.consent, q.purpose or "", ("purposes",))
    gathering = _gathering(m)
    if gathering is not None and gathering.consent:
        yield Need(gathering.cite, q.item, ("items",))
    if m.opened_aim:
        yield Need(book.opens_purposes or "", q.purpose or "", ("purposes", "items"))
    if q.act != "send" or q.recipient is None:
        return
    every = ("recipients", "purposes", "items")
    if m.resolved == OPENED:
        yield Need(book.opens_recipients or "", q.recipient, every)
    elif m.ground is not None and m.ground.needs_consent:
        yield Need(m.receivers[0].cite, q.recipient, every)
    way = m.way if m.abroad else None
    if way is not None and way.needs_consent:
        yield Need(
            way.cite,
            f"{q.recipient}:{m.country}",
            ("recipients",),
            m.country,
            way.elements,
            book.deemed_opens,
        )


def _unmet(m: Matter, need: Need, moment: datetime) -> Iterator[Reason]:
    covering = [c for c in m.standing.consents if covers(m, c.consent, need)]
    if not covering:
        yield Reason("consent_missing", need.cite, need.about)
        return
    standing = [c.consent for c in covering if not m.taken_back(c)]
    if any(c.at < moment and _informed(c, need) for c in standing):
        return
    if len(standing) < len(covering):
        yield Reason("consent_withdrawn", need.cite, need.about)
    for consent in standing:
        if consent.at >= moment:
            yield Reason("consent_too_late", need.cite, need.about)
        if not _informed(consent, need):
            yield Reason("consent_not_informed", need.cite, need.about)


def _informed(consent: Consent, need: Need) -> bool:
    presented = consent.presented_at is not None and consent.presented_at < consent.at
    return presented and need.elements <= {*consent.informed}


def covers(m: Matter, consent: Consent, need: Need) -> bool:
    if consent.kind != "explicit" and not need.deemed:
        return False
    scope = consent.scope
    if any(not getattr(scope, part) for part in need.names):
        return False
    if need.country is not None and not _names_country(m, consent, need.country):
        return False
    return _inside(m, consent)


def _inside(m: Matter, consent: Consent) -> bool:
    """Whether the question lies inside every part the consent names."""
    scope, q = consent.scope, m.q
    return (
        (not scope.items or q.item in scope.items)
        and (not scope.purposes or q.purpose is None or q.purpose in scope.purposes)
        and (not scope.recipients or m.named_in(scope))
    )


def _names_country(m: Matter, consent: Consent, country: str) -> bool:
    return country in consent.countries or country in expand(consent.countries, m.book.laws)


def _transfer(m: Matter, moment: datetime) -> Iterator[Reason]:
    """The policy's own consent to sending abroad, which never replaces the law's route."""
    clause = m.book.transfer
    if not clause or m.q.act != "send" or not m.receivers or not m.abroad or m.lifted(clause):
        return
    if not any(_carries(m, c, moment) for c in m.standing.consents):
        yield Reason("transfer_consent_missing", clause, m.country or "")


def _carries(m: Matter, found: LiveConsent, moment: datetime) -> bool:
    consent = found.consent
    return may_carry(m, consent) and consent.at < moment and not m.taken_back(found)


def may_carry(m: Matter, consent: Consent) -> bool:
    """Whether a consent, were it early enough and live, is one to sending there."""
    return (
        bool(m.book.transfer and m.country)
        and (consent.kind == "explicit" or m.book.transfer_deemed)
        and _names_country(m, consent, m.country or "")
        and _inside(m, consent)
    )


def acknowledgements(m: Matter) -> Iterator[tuple[str, str]]:
    """What the question wants acknowledged, with the clause that asks for it."""
    for part in (_gathering(m), m.aim):
        if part is not None and part.acknowledgement is not None:
            yield part.acknowledgement, part.cite


def _unacknowledged(m: Matter, moment: datetime) -> Iterator[Reason]:
    for what, cite in acknowledgements(m):
        if not any(known == what and at < moment for known, at in m.standing.acknowledged):
            yield Reason("acknowledgement_missing", cite, what)
            if what in m.book.acknowledgements:
                yield Reason("acknowledgement_missing", m.book.acknowledgements[what], what)


# -- versions ------------------------------------------------------------------------------


def _not_accepted(m: Matter) -> Iterator[Reason]:
    """Grants a material change brought, for a person who accepted no version since."""
    newest = max((m.book.ranks.get(version, -1) for version, _ in m.standing.accepted), default=-1)
    for cite, rank in _material(m):
        if newest < rank:
            yield Reason("version_not_accepted", cite, m.book.ids[rank])


def first_material(m: Matter) -> int:
    """The lowest rank of a version whose acceptance the question needs; 0 for none."""
    return min((rank for _, rank in _material(m)), default=0)


def _material(m: Matter) -> Iterator[tuple[str, int]]:
    """Grants that a material change brought: citation, and rank of the version."""
    for kind, word, cite, mask in _grants(m):
        rank = m.book.rank - (run_of_ones(mask | 1) - 1)  # steps 1 to 7 found it in bit 0
        bit = 1 << (m.book.rank - rank)
        if rank > 0 and not m.book.masks.related[kind, word] & bit:
            yield cite, rank


def _grants(m: Matter) -> Iterator[tuple[str, str, str, int]]:
    q, masks = m.q, m.book.masks
    if m.thing is None:
        return
    open_ = ~_shut(m)
    allowed = masks.items[(q.item,)] & open_
    if q.act in ("collect", "keep"):
        mask = allowed & (masks.items[q.item, q.source] if q.source else ~0)
        if q.act == "collect":
            mask &= masks.gathered[(q.item,)]
        yield "item", q.item, m.thing.cite, mask
    if m.aim is not None and q.purpose is not None:
        mask = allowed & masks.aims[(q.purpose,)]
        mask &= _in_any(masks.aims, q.purpose, m)
        yield "purpose", q.purpose, m.aim.cite, mask
    if q.act == "send" and m.receivers:
        yield "recipient", m.receivers[0].word, m.receivers[0].cite, open_ & _served(m)


def _shut(m: Matter) -> int:
    q, shut = m.q, m.book.masks.shut
    mask = shut[q.item, q.act]
    if q.purpose is not None:
        mask |= shut[q.item, m.source_key(), m.purpose_key()]
        mask |= shut[q.item, "train"] if q.purpose == "train_model" else 0
    return mask


def _served(m: Matter) -> int:
    receiver, table = m.receivers[0], m.book.masks.receivers
    mask = table[(receiver.word,)] & table[receiver.word, "to", m.q.purpose or ANY]
    if receiver.register is None:
        mask &= table[receiver.word, "in", m.country or ANY]
    return mask & _in_any(table, receiver.word, m)


def _in_any(table: dict[tuple[str, ...], int], word: str, m: Matter) -> int:
    """Versions that have the item under the word, plainly or in a context present."""
    mask = table[word, m.q.item, ANY]
    for context in m.q.contexts:
        mask |= table[word, m.q.item, context]
    return mask
