"""Step 8: what this person agreed to, knew and accepted.

Law: APPI 17(2), 18, 27(1), 28(2): beforehand, informed, and not taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from seiyaku.gate.book import Gathering
from seiyaku.gate.grants import not_accepted
from seiyaku.gate.masks import expand
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
        found += not_accepted(m)
    return found


def _gathering(m: Matter) -> Gathering | None:
    """What collecting asks of this question; None when a reading lifts it."""
    gathering = m.thing.gathering if m.thing and m.q.act == "collect" else None
    return None if gathering and m.lifted(gathering.cite) else gathering


def needs(m: Matter) -> Iterator[Need]:
    """Every consent the question needs."""
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
    """Whether a consent is about what is needed, were it live, informed and early enough."""
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
