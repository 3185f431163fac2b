"""Step 8, last part: grants that a material change brought.

Law: APPI 17(2).
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.gate.masks import ANY, run_of_ones
from seiyaku.gate.matter import Matter
from seiyaku.gate.model import Reason


def not_accepted(m: Matter) -> Iterator[Reason]:
    """Grants that a material change brought, for people who accepted no version since."""
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
            mask &= masks.gathered[(q.item,)] & masks.gathered[q.item, q.source or ANY]
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
