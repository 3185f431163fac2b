"""Systems no driver changes: what is immutable, what a person does by hand, and what others got."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import HandleColumn, Outcome
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.model import ItemOutcome
from seiyaku.plans.survey import Survey, is_changed, is_read, items_of
from seiyaku.policy.model import RequestKind


def outcomes_outside(
    survey: Survey, kind: RequestKind, items: frozenset[str] | None = None
) -> Iterator[ItemOutcome]:
    """What is said of every system that is not read, in the order of the data map.

    # INVARIANT: only a system declared immutable answers `impossible`; it is never read.
    """
    for name, entry in survey.datamap.systems.items():
        if is_changed(entry) or (kind == "disclosure" and is_read(entry)):
            continue
        words = _holds(entry, items)
        if words or items is None:
            yield _outcome(survey, kind, SystemId(name), entry, words)
    if items is not None and kind != "disclosure":
        yield from _beside_datasets(survey, kind, items)
    if kind in ("deletion", "closure"):
        yield from _recalls(survey, kind, items)


def _beside_datasets(
    survey: Survey, kind: RequestKind, items: frozenset[str]
) -> Iterator[ItemOutcome]:
    """Items a system holds beside those its driver reaches: a person sees to them there."""
    for name, entry in survey.datamap.systems.items():
        reached = {i for d in entry.datasets.values() for i in items_of(d)}
        words = tuple(sorted((set(entry.holds) & items) - reached))
        there = any(survey.rows(DatasetId(f"{name}.{d}")) for d in entry.datasets)
        if is_changed(entry) and words and there:
            yield _outcome(survey, kind, SystemId(name), entry, words)


def _recalls(
    survey: Survey, kind: RequestKind, items: frozenset[str] | None
) -> Iterator[ItemOutcome]:
    """Whoever got something is told to delete it; those whose system is in the map are above."""
    mapped = {entry.recipient for entry in survey.datamap.systems.values()}
    right = survey.policy.rights.get(kind)
    for word, had in survey.given:
        words = had if items is None else tuple(i for i in had if i in items)
        if words and word not in mapped:
            cite = survey.policy.cite(right.clause) if right else ""
            yield ItemOutcome(SystemId(word), None, words, "by_hand", 0, cite, note="recall")


def _outcome(
    survey: Survey, kind: RequestKind, system: SystemId, entry: SystemEntry, items: tuple[str, ...]
) -> ItemOutcome:
    found = _found(survey, entry)
    outcome: Outcome = "impossible" if entry.immutable else "by_hand"
    if entry.found_by and not found:
        return ItemOutcome(system, None, items, "nothing_found", 0, note="no_link")
    return ItemOutcome(
        system=system,
        dataset=None,
        items=items,
        outcome=outcome,
        rows=found,
        cite=_cite(survey, kind, entry),
        note=_note(survey, kind, entry),
    )


def _note(survey: Survey, kind: RequestKind, entry: SystemEntry) -> str:
    if not entry.immutable:
        return "task"
    return "link_cut" if kind in ("deletion", "closure") and entry.found_by else "not_read"


def _cite(survey: Survey, kind: RequestKind, entry: SystemEntry) -> str:
    right = survey.policy.rights.get(kind)
    for exception in right.exceptions if right and entry.immutable else ():
        if exception.systems == "immutable":
            return survey.policy.cite(exception.clause)
    clause = entry.clause or (right.clause if right else None)
    return survey.policy.cite(clause) if clause else ""


def _holds(entry: SystemEntry, items: frozenset[str] | None) -> tuple[str, ...]:
    words = {*entry.holds, *(i for d in entry.datasets.values() for i in items_of(d))}
    return tuple(sorted(words if items is None else words & items))


def _found(survey: Survey, entry: SystemEntry) -> int:
    """How many values find the people there."""
    total = 0
    for place in entry.found_by:
        dataset, _, column = place.rpartition(".")
        total += survey.values(HandleColumn(DatasetId(dataset), (column,)))
    return total
