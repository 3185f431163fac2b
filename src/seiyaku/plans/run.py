"""Carry out a plan, one system at a time, so that a `kill -9` anywhere does no harm.

For each system, in the order of the plan:

1. `intend`  the intent is in the evidence before anything is touched;
2. `act`     one transaction; done twice for one run, it changes nothing more;
3. `look`    the system is read again by the old values;
4. `tell`    the outcome is in the evidence, claiming only what the reading showed.

Then `conclude`: what lies where nothing is read, and one entry for each person.

Each function may be called again after a crash: evidence is appended once per act id, and
systems remember the run. What passes between them is counts; rows and handles never do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

from seiyaku.datamap.system import (
    OPEN_OUTCOMES,
    Action,
    Applied,
    Handles,
    Repeated,
    System,
    Value,
)
from seiyaku.evidence import Appended, Entry
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.plans.digest import plan_digest
from seiyaku.plans.lots import apply_in_lots
from seiyaku.plans.model import Group, ItemOutcome, Plan, RunState
from seiyaku.plans.read_again import Seen, claimed

MAX_ITEMS_TEXT = 200
People = Sequence[tuple[str, str]]


class Appends(Protocol):
    """Whoever puts entries into the evidence: a `Log`."""

    def append(self, entries: Sequence[Entry]) -> tuple[Appended, ...]:
        """Put `entries` into the log; see `seiyaku.evidence.Log.append`."""
        ...

    def told(self, act_ids: Sequence[str]) -> Mapping[str, Appended]:
        """Where acts stand that are in the log; see `seiyaku.evidence.Log.told`."""
        ...


@dataclass(frozen=True)
class Again:
    """Rows that an earlier attempt found again.

    Args:
        run: what the system remembers the act on them by: under the plan's own run it would
            answer what it did before and change nothing.
        found: how many, by dataset.
    """

    run: RunId
    found: Mapping[DatasetId, int]

    def after(self, before: Applied, now: Applied) -> Applied:
        """Both acts together; of what stays now, no more is new than had come back."""

        def new(counts: Mapping[DatasetId, int]) -> dict[DatasetId, int]:
            return {d: min(n, self.found.get(d, 0)) for d, n in counts.items()}

        return Applied(
            deleted=_sum(before.deleted, now.deleted),
            blanked=_sum(before.blanked, new(now.blanked)),
            kept=_sum(before.kept, new(now.kept)),
            left={**before.left, **now.left},
        )


@dataclass(frozen=True)
class Act:
    """Everything one attempt at a plan works with.

    Args:
        attempt: 1 for the first; a later one retries what was unreachable.
        actors: who approved.
        values: new values for a correction, by dataset and column.
        at: when the run began; entries carry it.
        again: systems acted on once more, for rows came back there; oldest first.
        lots: old values of each lot, where the plan has any.
    """

    plan: Plan
    run: RunId
    attempt: int
    actors: tuple[str, ...]
    systems: Mapping[SystemId, System]
    handles: Handles
    log: Appends
    at: datetime
    values: Mapping[tuple[DatasetId, str], Value] = field(default_factory=dict)
    again: Mapping[SystemId, Sequence[Again]] = field(default_factory=dict)
    lots: Sequence[Handles] = ()

    @cached_property
    def digest(self) -> str:
        """Digest of the plan; entries carry it."""
        return plan_digest(self.plan)

    def group(self, system: str) -> Group:
        """What the plan does in `system`."""
        return next(g for g in self.plan.groups if g.system == system)


def intend(act: Act, group: Group) -> tuple[int, ...]:
    """Step 1: say what is about to be done."""
    rows = sum(a.expected for a in group.actions)
    entry = _entry(act, f"{group.system}:intent", "intent", group.system)
    counts = {"people": act.plan.people, "rows": rows}
    return _appended(act, [replace(entry, counts=counts)])[0]


def act_on(act: Act, group: Group) -> Seen:
    """Step 2: change one system, or say that it did not answer."""
    if not group.actions:
        return Seen()
    try:
        applied = _apply(act, group, act.run)
        for again in act.again.get(group.system, ()):
            applied = again.after(applied, _apply(act, group, again.run, Repeated.of))
    except SystemUnavailable as error:
        return Seen(unreachable=error.code)
    return Seen(applied=applied)


def _apply(
    act: Act, group: Group, run: RunId, how: Callable[[Action], Action] = lambda a: a
) -> Applied:
    system, values = act.systems[group.system], act.values or None
    if group.lots:
        return apply_in_lots(system, group, run, act.lots, values, how)
    return system.apply(run, tuple(map(how, group.actions)), act.handles, values)


def look(act: Act, group: Group, seen: Seen) -> Seen:
    """Step 3: read the system again by the old values."""
    if seen.unreachable or not group.actions:
        return seen
    try:
        rows = act.systems[group.system].read_again(group.steps, act.handles)
    except SystemUnavailable as error:
        return replace(seen, unreachable=error.code)
    return replace(seen, rows=rows)


def tell(act: Act, group: Group, seen: Seen) -> tuple[tuple[ItemOutcome, ...], tuple[int, ...]]:
    """Step 4: the outcomes of one system and the entries that witness them."""
    outcomes = claimed(act.plan, group, seen)
    indexes, otherwise = _appended(act, _told(act, group, outcomes))
    return _left_open(outcomes, otherwise), indexes


def _told(act: Act, group: Group, outcomes: Sequence[ItemOutcome]) -> list[Entry]:
    reach = ",".join(act.systems[group.system].capabilities.covers)[:MAX_ITEMS_TEXT]
    return _outcome_entries(act, outcomes, reach)


def conclude(
    act: Act,
    outcomes: Sequence[ItemOutcome],
    rest: Sequence[ItemOutcome],
    people: People,
    digests: Mapping[str, Mapping[str, str]] | None = None,
    last: tuple[Group, Sequence[ItemOutcome]] | None = None,
) -> tuple[tuple[int, ...], int | None, tuple[ItemOutcome, ...]]:
    """Last step: what lies where nothing was changed, and one entry for each person.

    The last system is told in the same breath: one writing to the disk less.

    Args:
        outcomes: of the whole run. rest: those of them no system has told.
        people: act id and commitment of each person, in order.
        digests: by act id, what the entry about a person witnesses beside plan and policy.
        last: the system that was read again last, and what is claimed of it.

    Returns:
        Indexes of the entries of `last` and `rest`, and of the first entry about a person; and
        what is then claimed of `last`.
    """
    result = worst(outcomes)
    base = _entry(act, "person", "outcome", "")
    entries = _told(act, *last) if last else []
    entries += _outcome_entries(act, rest, "")
    first = len(entries)
    entries += [
        replace(
            base,
            act_id=act_id,
            person=commitment,
            outcome=result,
            counts={"people": 1},
            digests={**base.digests, **(digests or {}).get(act_id, {})},
        )
        for act_id, commitment in people
    ]
    indexes, otherwise = _appended(act, entries)
    claim = _left_open(last[1], otherwise) if last else ()
    return indexes[:first], indexes[first] if people else None, claim


def _appended(act: Act, entries: Sequence[Entry]) -> tuple[tuple[int, ...], frozenset[int]]:
    """Indexes of `entries`, and the places of those of which something else was told before.

    Who died between telling and remembering that it was told looks again, and may see another
    world. What the evidence says then stays said.
    """
    try:
        return tuple(a.index for a in act.log.append(entries)), frozenset()
    except Conflict as error:
        if error.code != "SY511":
            raise
    before = act.log.told([e.act_id for e in entries])
    act.log.append([e for e in entries if e.act_id not in before])
    told = act.log.told([e.act_id for e in entries])
    otherwise = (n for n, e in enumerate(entries) if not told[e.act_id].entry.same_act(e))
    return tuple(told[e.act_id].index for e in entries), frozenset(otherwise)


def _left_open(
    outcomes: Sequence[ItemOutcome], otherwise: frozenset[int]
) -> tuple[ItemOutcome, ...]:
    """Of what two looks tell two things of, neither is claimed: another attempt tells a third."""
    return tuple(
        replace(o, outcome="pending", until=None, note="told_otherwise")
        if n in otherwise and o.outcome not in OPEN_OUTCOMES
        else o
        for n, o in enumerate(outcomes)
    )


def worst(outcomes: Iterable[ItemOutcome]) -> str:
    """One word for all outcomes: an open one if there is any."""
    words = {o.outcome for o in outcomes}
    for word in ("unreachable", "pending", "by_hand", "impossible", "kept_by_law", "done"):
        if word in words:
            return word
    return "nothing_found"


def state_of(outcomes: Iterable[ItemOutcome]) -> RunState:
    """Done only when nothing is unreachable, pending or by hand."""
    return "open" if any(o.outcome in OPEN_OUTCOMES for o in outcomes) else "done"


def _outcome_entries(act: Act, outcomes: Sequence[ItemOutcome], reach: str) -> list[Entry]:
    entries = []
    for number, outcome in enumerate(outcomes):
        entry = _entry(act, _name(outcome, number), "outcome", outcome.dataset or outcome.system)
        detail: dict[str, str | int] = {}
        items = ",".join(outcome.items)[:MAX_ITEMS_TEXT]
        until = outcome.until.isoformat() if outcome.until else ""
        for key, text in (("items", items), ("until", until), ("note", outcome.note)):
            if text:
                detail[key] = text
        if reach:
            detail["reach"] = reach
        entries.append(
            replace(
                entry,
                outcome=outcome.outcome,
                counts={"rows": outcome.rows},
                clauses=(outcome.cite,) if outcome.cite else (),
                detail=detail,
            )
        )
    return entries


def _sum(one: Mapping[DatasetId, int], other: Mapping[DatasetId, int]) -> dict[DatasetId, int]:
    return {d: one.get(d, 0) + other.get(d, 0) for d in {**one, **other}}


def _name(outcome: ItemOutcome, number: int) -> str:
    return f"{outcome.dataset or outcome.system}:outcome-{number}"


def _entry(act: Act, name: str, kind: str, system: str) -> Entry:
    return Entry(
        act_id=f"{act.run}:{act.attempt}:{name}",
        kind=kind,
        at=act.at,
        service=act.plan.service,
        act=act.plan.kind,
        system=system,
        actor=" + ".join(act.actors)[:MAX_ITEMS_TEXT],
        version=act.plan.policy_version,
        digests={"plan": act.digest, "policy": act.plan.policy_sha256},
    )
