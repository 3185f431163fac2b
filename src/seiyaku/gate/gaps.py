"""Steps 1 and 2: what the policy never does, and what the configuration leaves open."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.gate.book import Receiver
from seiyaku.gate.masks import ANY, TRAIN_MODEL
from seiyaku.gate.matter import DECLARED, OPENED, Matter
from seiyaku.gate.model import Case, Decision, Reason, ReasonCode
from seiyaku.policy.model import LEGAL_RETENTION

Found = list[Reason]


def never(m: Matter) -> Decision | None:
    """Step 1: what no consent opens."""
    q, book = m.q, m.book
    found: Found = []
    item = q.item if m.thing is not None else ANY
    if book.bans:
        found += book.bans.get((q.act, item), ())
        if q.purpose == TRAIN_MODEL:
            found += book.bans.get(("train", item), ())
    if q.purpose is not None and m.thing is not None and book.outside:
        cites = book.outside.get((q.item, m.source_key(), m.purpose_key()), ())
        found += [Reason("outside_only", cite, q.purpose) for cite in cites]
    if m.thing is not None and m.thing.special_care and q.act == "send" and not m.carried:
        found += _shut_to_special_care(m)
    return m.answer("refused", found, 1) if found else None


def _shut_to_special_care(m: Matter) -> Iterator[Reason]:
    grounds = [r.ground for r in m.receivers] or [m.ground]
    for ground in grounds:
        if ground is not None and ground.shut:
            yield Reason("never", ground.cite, "special_care")


def gaps(m: Matter) -> Decision | None:
    """Step 2: where the configuration leaves something open."""
    q = m.q
    found = [*_unknown_words(m)]
    if q.purpose is not None and q.source is None and m.book.unstated:
        sources = m.book.unstated.get((q.item, m.purpose_key()), ())
        found += [Reason("source_unstated", cite, source) for source, cite in sources]
    if q.act == "send" and q.recipient is None and not (m.carried and _of_person(q.case)):
        found.append(Reason("recipient_unstated"))
    if not m.carried:
        found += _unstated(m)
    return m.answer("undecided", found, 2) if found else None


def _of_person(case: Case | None) -> bool:
    return case is not None and case.kind == "own_request"


def _unknown_words(m: Matter) -> Found:
    q, book = m.q, m.book
    found: Found = []
    if m.thing is None:
        found.append(Reason("unknown_item", "", q.item))
    if (
        q.purpose is not None
        and m.aim is None
        and not m.opened_aim
        and q.purpose != LEGAL_RETENTION
    ):
        found.append(Reason("unknown_purpose", "", q.purpose))
    if q.source is not None and q.source not in book.sources:
        found.append(Reason("unknown_source", "", q.source))
    if q.recipient is not None and not m.resolved:
        found.append(Reason("unknown_recipient", "", q.recipient))
    if (
        q.country is not None
        and q.country not in m.countries
        and not book.laws.known_country(q.country)
    ):
        found.append(Reason("unknown_country", "", q.country))
    if q.contexts and not q.contexts <= book.contexts:
        found += [Reason("unknown_context", "", word) for word in q.contexts - book.contexts]
    return found


def _unstated(m: Matter) -> Found:
    q, book = m.q, m.book
    found: Found = []
    if q.purpose is None and q.act in ("use", "send"):
        found.append(Reason("purpose_unstated"))
    if m.aim is not None and m.aim.empty:
        found.append(Reason("empty_list", m.aim.cite, f"items:{q.purpose}"))
    if book.disputes:
        found += _open_disputes(m)
    if q.act == "send" and q.recipient is not None:
        found += _recipient_gaps(m, q.recipient)
    return found


def _open_disputes(m: Matter) -> Iterator[Reason]:
    for dispute in m.disputes():
        if not dispute.settled and m.reading(dispute) is None:
            for cite in dispute.sides.values():
                yield Reason("open_contradiction", cite, dispute.word)


def _recipient_gaps(m: Matter, word: str) -> Found:
    if m.resolved == OPENED:
        return _opened_gaps(m, word)
    if m.resolved == DECLARED and m.receivers[0].register is not None:
        return _class_gaps(m, m.receivers[0], m.receivers[0].register)
    if len(m.receivers) > 1:
        return [Reason("member_unstated", receiver.cite, word) for receiver in m.receivers]
    return _receiver_gaps(m, m.receivers[0], word) if m.receivers else []


def _opened_gaps(m: Matter, word: str) -> Found:
    cite = m.book.opens_recipients or ""
    found = [Reason("basis_unstated", cite, word)] if m.ground is None else []
    return found if m.q.country is not None else found + _country_gaps(m, cite, word)


def _class_gaps(m: Matter, receiver: Receiver, register: str) -> Found:
    found = [Reason("member_unstated", receiver.cite, receiver.word)]
    if not m.facts.has_members(register, m.q.at):
        found.append(Reason("empty_list", receiver.cite, f"members:{receiver.word}"))
    return found


def _country_gaps(m: Matter, cite: str, word: str) -> Found:
    if not m.countries:
        return [Reason("empty_list", cite, f"countries:{word}")]
    return [Reason("country_unstated", cite, word)] if m.country is None else []


def _receiver_gaps(m: Matter, receiver: Receiver, word: str) -> Found:
    ground = receiver.ground
    found = [Reason("empty_list", receiver.cite, gap) for gap in receiver.gaps]
    if receiver.reference and m.meant(receiver) is None:
        found.append(Reason("unresolved_reference", receiver.cite, receiver.word))
    found += _country_gaps(m, receiver.cite, word)
    found += _assurance_gaps(m, receiver.requires, receiver.cite, word, None)
    if ground is None:
        return [*found, Reason("basis_unstated", receiver.cite, word)]
    found += _assurance_gaps(m, ground.requires, ground.cite, word, None)
    if m.within and m.abroad:
        way = m.way
        if way is None:
            found.append(Reason("route_unstated", receiver.cite, f"{word}:{m.country}"))
        else:
            found += _assurance_gaps(m, way.requires, way.cite, word, m.country)
    return found


def _assurance_gaps(
    m: Matter, kinds: tuple[str, ...], cite: str, word: str, country: str | None
) -> Iterator[Reason]:
    for kind in kinds:
        gap = m.facts.gap(kind, word, country, m.q.at)
        if gap is not None:
            code: ReasonCode = "assurance_missing" if gap == "missing" else "assurance_lapsed"
            yield Reason(code, cite, ":".join(filter(None, (kind, word, country))))
