"""In which order systems are changed: what must have happened before what.

1. whoever still collects is told to stop (analytics, advertising), then asked to delete;
2. what is public goes from the public;
3. what still runs is brought to an end: a subscription, an order, a sign-in, what a partner
   was given;
4. rows and files, those found by a value of another system before that value is changed;
5. the address, by which the person is told of everything before;
6. our own store, which remembers how to find the rest.

An export is a step of its own before the first of them; an erasure waits for it (`app.running`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

from seiyaku.datamap.graph import Resolution, paths_of
from seiyaku.datamap.model import DataMap, SystemKind, system_of
from seiyaku.kernel.ids import SystemId

ROWS = 4
PHASES: Mapping[SystemKind, int] = {
    "google_analytics": 1,
    "ad_partner": 1,
    "cloudflare_images": 2,
    "stripe": 3,
    "printful": 3,
    "openai": 3,
    "http": 3,
    "notice": 3,
    "auth0": 3,
    "mail": 5,
    "own_store": 6,
}
"""Phase of each kind; every other one holds rows or files."""
LATE = 5
"""From this phase on a system waits for all others, whatever it is found by: the old values
that find it are kept in our own store until the run is done."""


def order_of_systems(datamap: DataMap, resolution: Resolution) -> tuple[SystemId, ...]:
    """Every system of the data map in the order in which it is changed.

    # INVARIANT: what is found by a value of another system is acted on before that value is
    # changed, so that a run which stays stopped leaves the value that finds the rest.
    """
    before = _waits_for(datamap, resolution)
    place = {s: n for n, s in enumerate(reversed(resolution.system_order))}
    ready = [(phase_of(datamap, s), place[s], s) for s in place if not before[s]]
    heapify(ready)
    ordered: list[SystemId] = []
    while len(ordered) < len(place):
        if not ready:  # systems that point at each other: the order they are read in, reversed
            left = [s for s in place if s not in ordered]
            ready = [min((phase_of(datamap, s), place[s], s) for s in left)]
        system = heappop(ready)[2]
        ordered.append(system)
        for other in place:
            if system in before[other]:
                before[other].discard(system)
                if not before[other] and other not in ordered:
                    heappush(ready, (phase_of(datamap, other), place[other], other))
        before[system].clear()
    return tuple(ordered)


def phase_of(datamap: DataMap, system: SystemId) -> int:
    """When a system has its turn, 1 to 6."""
    return PHASES.get(datamap.systems[system].kind, ROWS)


def _waits_for(datamap: DataMap, resolution: Resolution) -> dict[SystemId, set[SystemId]]:
    """For each system, those that must have been acted on before it."""
    systems = resolution.system_order
    waits: dict[SystemId, set[SystemId]] = {s: set() for s in systems}
    for found, by in _found_by(datamap, resolution):
        if found != by and phase_of(datamap, found) < LATE:
            waits[by].add(found)
    for system in systems:
        phase = phase_of(datamap, system)
        if phase >= LATE:
            waits[system] = {s for s in systems if phase_of(datamap, s) < phase}
    return waits


def _found_by(datamap: DataMap, resolution: Resolution) -> Iterable[tuple[SystemId, SystemId]]:
    """Pairs of systems: rows of the first are found by a value of the second.

    Things that several rows may hold were found by those, though a plan knows their keys.
    """
    for step in resolution.steps:
        dataset = datamap.dataset(step.dataset)
        asked = dataset.erase.when == "asked"
        paths = step.paths if asked else paths_of(datamap, step.dataset, dataset)
        for path in paths:
            yield system_of(step.dataset), system_of(path.target.dataset)
