"""Where each decision stands: tables, columns and bits, from policy and data map alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from seiyaku.datamap.model import DataMap, Field, system_of
from seiyaku.gate.model import Handling
from seiyaku.kernel.canonical import canonical_json, digest
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId
from seiyaku.policy.model import Policy

EPOCH_TABLE: Final = "seiyaku_permits_epoch"
BITS: Final = 63
"""Bits of a column: a BIGINT of every database, never negative."""
_LONGEST = 63
_ODD: Final = re.compile(r"[^a-z0-9_]")
_PLAIN: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Slot(NamedTuple):
    """An item from a source, as it lies in a database."""

    item: str
    source: str | None


@dataclass(frozen=True)
class Root:
    """People whose permits stand in one table.

    Args:
        dataset: their dataset. kind: of people. table: of their permits.
        prefix: what stands before their key in a person's id: people of the data map's first
            kind are known by the key alone (``42``), others with their kind (``seller:42``).
        of_table, of_column: where the type of their key is read: their own table, or a column
            that points at them from here where they live in another system (`away`).
    """

    dataset: DatasetId
    kind: str
    table: str
    of_table: str
    of_column: str
    prefix: str = ""
    away: bool = False


@dataclass(frozen=True)
class Layout:
    """The plan of one database's permits.

    Args:
        system: of the data map. handlings: by the name of their (first) column.
        slots: in the order of their bits, the same for every handling.
    """

    system: str
    handlings: Mapping[str, Handling]
    slots: tuple[Slot, ...]
    roots: tuple[Root, ...]

    @cached_property
    def bits(self) -> Mapping[Slot, int]:
        """The bit of each slot, counted through all columns of a handling."""
        return {slot: n for n, slot in enumerate(self.slots)}

    @cached_property
    def width(self) -> int:
        """Columns a handling takes."""
        return max(1, -(-len(self.slots) // BITS))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column of a permits table but `person`, in order."""
        return tuple(c for name in self.handlings for c in self.columns_of(name))

    @cached_property
    def digest(self) -> str:
        """What the bits mean, as SHA-256: a door built for another meaning refuses."""
        return digest([self.system, [list(slot) for slot in self.slots]])

    def columns_of(self, handling: Handling | str) -> tuple[str, ...]:
        """The columns of a handling: one, and further ones after 63 slots."""
        name = handling if isinstance(handling, str) else self.name(handling)
        return (name, *(short_name(f"{name}__{n}") for n in range(2, self.width + 1)))

    def name(self, handling: Handling) -> str:
        """The column of a handling.

        Raises:
            InvalidInput: SY141 it has none.
        """
        name = handling_name(handling)
        if self.handlings.get(name) != handling:
            raise InvalidInput(
                f"no permits are laid for `{name}`",
                code="SY141",
                hint="one of: " + ", ".join(self.handlings),
            )
        return name

    def masks(self, handling: Handling | str, slots: Iterable[Slot]) -> tuple[tuple[str, int], ...]:
        """Columns and bits of these slots: any is permitted where any column has any bit.

        Slots that do not lie in the system have no bit.
        """
        whole = sum(1 << self.bits[slot] for slot in set(slots) if slot in self.bits)
        words = ((c, _word(whole, n)) for n, c in enumerate(self.columns_of(handling)))
        return tuple((column, mask) for column, mask in words if mask)

    def words(self, permitted: int) -> tuple[int, ...]:
        """The bits of one handling as the numbers of its columns."""
        return tuple(_word(permitted, n) for n in range(self.width))

    def root(self, dataset: str) -> Root:
        """The people of a dataset."""
        return next(root for root in self.roots if root.dataset == dataset)


def layout_of(
    policy: Policy, datamap: DataMap, system: str, handlings: Iterable[Handling]
) -> Layout:
    """Where each decision about the data of `system` stands.

    Args:
        policy: the version in force; it declares sources that rows name themselves.
        handlings: usually the use for each purpose; a send is one of its own.
    """
    entry = datamap.systems[system]
    fields = [f for d in entry.datasets.values() for f in d.fields.values()]
    slots = {slot for field in fields for slot in slots_of_field(policy, field)}
    return Layout(
        system,
        {handling_name(h): h for h in handlings},
        tuple(sorted(slots, key=lambda s: (s.item, s.source or ""))),
        tuple(_roots(datamap, system)),
    )


def slots_of_field(policy: Policy, field: Field) -> tuple[Slot, ...]:
    """What a column may hold: one slot, or one for each source where the row names it.

    The slot without source comes first; it answers for rows that name none.
    """
    if field.item is None:
        return ()
    if field.source_column is None:
        return (Slot(field.item, field.source),)
    item = policy.items.get(field.item)
    return tuple(Slot(field.item, s) for s in (None, *sorted(item.sources if item else ())))


def handling_name(handling: Handling) -> str:
    """The column of a handling: ``newsletter``, ``ship_goods__printful``.

    What is neither purpose, recipient nor country is told by a short digest at the end.
    """
    country = handling.country and handling.country.lower()
    parts = [part for part in (handling.purpose, handling.recipient, country) if part]
    words = [_ODD.sub("_", part.lower()) for part in parts]
    plain = Handling(
        "send" if handling.recipient else "use",
        handling.purpose,
        handling.recipient,
        country=country and country.upper(),
    )
    if handling != plain or not words or not all(map(_PLAIN.fullmatch, parts)):
        words += [handling.act, _digest(canonical_json(_whole(handling)).decode())]
    return short_name("__".join(words))


def _whole(handling: Handling) -> dict[str, str | bool | list[str] | None]:
    given = vars(handling)
    return {k: sorted(v) if isinstance(v, frozenset) else v for k, v in given.items()}


def _roots(datamap: DataMap, system: str) -> Iterator[Root]:
    first = next((dataset.person for _, dataset in datamap.persons()), None)

    def root(target: DatasetId, word: str, table: str, column: str) -> Root:
        kind = datamap.dataset(target).person or ""
        prefix, away = "" if kind == first else f"{kind}:", system_of(target) != system
        permits = short_name(f"seiyaku_permits_{word}")
        return Root(target, kind, permits, table, column, prefix, away)

    datasets = datamap.systems[system].datasets
    for name, dataset in datasets.items():
        if dataset.person and len(dataset.key) == 1:
            at = DatasetId(f"{system}.{name}")
            yield root(at, name, dataset.table or name, dataset.key[0])
    away: set[DatasetId] = set()
    for name, dataset in datasets.items():
        for link in dataset.links:
            target = datamap.target(system, link)
            elsewhere = system_of(target) != system and target not in away
            if link.owns and elsewhere and datamap.dataset(target).person:
                away.add(target)
                yield root(target, target.replace(".", "__"), dataset.table or name, link.by[0])


def _word(whole: int, n: int) -> int:
    return whole >> (n * BITS) & ((1 << BITS) - 1)


def short_name(name: str) -> str:
    """A name no database cuts off: two long ones stay two."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]}_{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
