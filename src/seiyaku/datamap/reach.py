"""Vendors nobody has a key for yet: the data map says what they are, a person goes there.

A data map names every vendor by what it is (``auth0``, ``stripe``), with its tables and the links
that find people there. An installation reaches it by driver once its settings say where it
lies. Until then it is worked in by hand: a task with evidence, never silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from seiyaku.datamap.model import DataMap, Link, SystemEntry, SystemKind, system_of

OUTSIDE: Final[frozenset[SystemKind]] = frozenset(
    {
        "ad_partner",
        "auth0",
        "chain",
        "cloudflare_images",
        "google_analytics",
        "http",
        "notice",
        "openai",
        "printful",
        "stripe",
    }
)
"""Kinds that somebody else runs: a person can go there as well as a driver can."""


def with_hands(datamap: DataMap, placed: Collection[str]) -> DataMap:
    """`datamap` with each vendor that is not `placed` worked in by hand.

    What lies there and what finds people there stays; its tables are not read. A vendor that
    rows of a system in reach hang on is left as it is: it must be placed.
    """
    out = {n for n, e in datamap.systems.items() if e.kind in OUTSIDE and n not in placed}
    out -= _leant_on(datamap, out)
    systems = {n: _by_hand(datamap, n, e) if n in out else e for n, e in datamap.systems.items()}
    return datamap.model_copy(update={"systems": systems})


def _leant_on(datamap: DataMap, out: set[str]) -> set[str]:
    """Systems that datasets of those not in `out` link to."""
    return {
        system_of(datamap.target(system, link))
        for system, entry in datamap.systems.items()
        if system not in out
        for link in _links(entry)
    }


def _by_hand(datamap: DataMap, system: str, entry: SystemEntry) -> SystemEntry:
    items = (f.item for d in entry.datasets.values() for f in d.fields.values() if f.item)
    return entry.model_copy(
        update={
            "kind": entry.kind if entry.immutable else "by_hand",
            "holds": tuple(dict.fromkeys((*entry.holds, *items))),
            "found_by": entry.found_by or tuple(dict.fromkeys(_places(datamap, system, entry))),
            "datasets": {},
        }
    )


def _places(datamap: DataMap, system: str, entry: SystemEntry) -> Iterator[str]:
    """Columns of other systems by which people are found here."""
    for link in _links(entry):
        target = datamap.target(system, link)
        if link.owns and system_of(target) != system:
            yield from (f"{target}.{c}" for c in datamap.target_columns(system, link))


def _links(entry: SystemEntry) -> Iterator[Link]:
    return (link for dataset in entry.datasets.values() for link in dataset.links)
