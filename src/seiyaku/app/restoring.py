"""After a restore from a backup: find who came back, and erase them again.

Somebody came back where a row belongs to a key that was erased since the backup was taken
*and* holds an address, number or id that was theirs. Neither alone is enough: keys are given
out again, and a family shares a telephone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from seiyaku.app import persons
from seiyaku.app.replay_list import Erased, ReplayList
from seiyaku.app.residue import IDENTIFIERS, erases, kept_identifiers
from seiyaku.app.settings import Restore
from seiyaku.app.wiring import Parts
from seiyaku.datamap.find import person_id
from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import HandleColumn, Handles, Path, Step
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import DatasetId, PersonId, RequestId
from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.policy.notice import backups_text
from seiyaku.policy.parse import ParsedPolicy
from seiyaku.requests.model import Request
from seiyaku.scan import strong_columns
from seiyaku.scan.identifiers import identified
from seiyaku.store.requests import RequestStep

REMEMBERED: Final = "remembered"
"""Name of the detail of a request whose people stand in the replay list."""
_ASKED: Final = HandleColumn(DatasetId("asked.by"), ("value",))


@dataclass(frozen=True)
class Replay:
    """What a restore brought back.

    Args:
        requests: erasures opened, one for each kind of people.
        people: how many came back. erasures: how many the list knows of since the backup.
        unowned: places with a mark of somebody erased, of whom nothing else came back, in
            a row that points at nobody directly.
    """

    requests: tuple[RequestId, ...]
    people: int
    erasures: int
    unowned: Mapping[str, int]


def remember_erased(parts: Parts, request: Request) -> None:
    """Put the people of an erasure that ran into the replay list, once."""
    listed, store = _list(parts), parts.repositories
    if listed is None or not erases(request) or request.plan is None:
        return
    if store.requests.detail(request.id, REMEMBERED) or not store.runs.of(request.plan):
        return
    marks = [listed.hashed("mark", i.value) for i in kept_identifiers(parts, request.id)]
    people = [listed.hashed(request.person_kind, p) for p in store.requests.people(request.id)]
    if people and marks:
        listed.add(parts.clock.now(), request.person_kind, people, marks)
    store.requests.put_detail(request.id, REMEMBERED, True, None)


def remember_missed(parts: Parts) -> None:
    """Remember erasures whose process died between the last step and the list; forget others."""
    listed = _list(parts)
    if listed is None:
        return
    listed.expire(tokyo_day(parts.clock.now()))
    for request, _ in parts.repositories.requests.carrying(IDENTIFIERS):
        remember_erased(parts, request)


def replay(parts: Parts, taken_at: datetime, actor: Actor) -> Replay:
    """Open an erasure of everybody a restore brought back; see `Home.replay`."""
    listed = _list(parts)
    if listed is None:
        raise InvalidInput(
            "`seiyaku.yaml` says nothing of backups",
            code="SY115",
            hint="add `restore: {folder: ..., backups_kept_days: ...}`",
        )
    listed.expire(tokyo_day(parts.clock.now()))
    erased = list(listed.since(taken_at))
    requests, people, unowned = list[RequestId](), 0, dict[str, int]()
    for kind in persons.kinds(parts):
        mine = [e for e in erased if e.kind == kind]
        found = _came_back(parts, listed, kind, mine, unowned) if mine else set()
        if found:
            requests.append(_open(parts, kind, found, actor))
            people += len(found)
    return Replay(tuple(requests), people, len(erased), unowned)


def notice_of(parts: Parts) -> Text | None:
    """What the published notice must say of the list; None where no list is kept."""
    settings = parts.settings.restore
    return None if settings is None else backups_text(settings.backups_kept_days, erased_again=True)


def untold(settings: Restore | None, policy: ParsedPolicy) -> Iterator[Fault]:
    """Where a list is kept of which the notice says nothing, or less than is true."""
    if settings is None:
        return
    told, days = policy.policy.backups, settings.backups_kept_days
    if told is None or not told.erased_again:
        yield Fault(
            policy.document.key_place(("backups",) if told else ("version",)),
            "restore-not-told",
            "`seiyaku.yaml` keeps a list of who was erased, and the notice does not say so",
            "high",
            f"add `backups: {{clause: ..., days: {days}, erased_again: true}}` to the policy",
            told.clause if told else "",
        )
    elif told.days < days:
        yield Fault(
            policy.document.place(("backups", "days")),
            "backups-longer-than-told",
            f"backups are kept for {days} days, and the notice tells of {told.days}",
            "high",
            "publish a version that tells the longer time, or keep backups no longer",
            told.clause,
        )


def _list(parts: Parts) -> ReplayList | None:
    settings = parts.settings.restore
    if settings is None:
        return None
    return ReplayList(parts.home / settings.folder, settings.backups_kept_days)


def _came_back(
    parts: Parts, listed: ReplayList, kind: str, erased: list[Erased], unowned: dict[str, int]
) -> set[PersonId]:
    """People whose key and mark stand together in one erasure and in one row."""
    marks = frozenset(m for e in erased for m in e.marks)
    found: set[PersonId] = set()
    again: set[str] = set()
    nobody: list[tuple[str, str]] = []
    for dataset, column, values in _marked(parts, listed, kind, marks):
        for value, mark in values.items():
            owners = {
                o: listed.hashed(kind, o) for o in _owners(parts, kind, dataset, column, value)
            }
            here = [e for e in erased if mark in e.marks]
            back = {o for o, key in owners.items() if any(key in e.people for e in here)}
            found |= back
            again |= {m for e in here for m in e.marks if back}
            if not owners and not _may_stay(parts, dataset, column):
                nobody.append((f"{dataset}.{column}", mark))
    for place, mark in nobody:
        if mark not in again:  # else it goes with the one it belongs to
            unowned[place] = unowned.get(place, 0) + 1
    return found


def _may_stay(parts: Parts, dataset: DatasetId, column: str) -> bool:
    """Whether a value may stand here though nobody owns it: by law, or by a clause."""
    declared = parts.datamap.dataset(dataset)
    held = {i for _, rule in parts.policy().legal_holds() for i in rule.items}
    return declared.fields[column].item in held or declared.erase.how == "unlink"


def _marked(
    parts: Parts, listed: ReplayList, kind: str, marks: frozenset[str]
) -> Iterator[tuple[DatasetId, str, dict[str, str]]]:
    """Values standing in the systems now whose hash is in the list, with it, by column."""
    columns = strong_columns(parts.policy(), parts.datamap, parts.resolution(kind))
    for dataset, named in columns.items():
        table = parts.datamap.dataset(dataset).table or dataset.partition(".")[2]
        for column, concept in named.items():
            values: dict[str, str] = {}
            for _, text in parts.system(system_of(dataset)).texts(table, column):
                one = identified(text, concept)
                mark = listed.hashed("mark", one.value) if one else ""
                if mark in marks:
                    values[text] = mark
            if values:
                yield dataset, column, values


def _owners(
    parts: Parts, kind: str, dataset: DatasetId, column: str, value: str
) -> Iterator[PersonId]:
    """People whose rows hold `value` here: the row is theirs, or points straight at them."""
    declared = parts.datamap.dataset(dataset)
    ways = {declared.key: dataset} if declared.person == kind else {}
    for path in paths_of(parts.datamap, dataset, declared):
        target = parts.datamap.dataset(path.target.dataset)
        if path.owns and target.person == kind and path.target.columns == target.key:
            ways[path.by] = path.target.dataset
    step = Step(dataset, (Path((column,), _ASKED),), tuple(ways))
    asked = Handles({_ASKED: frozenset({(value,)})})
    located = parts.system(system_of(dataset)).locate([step], asked)
    prefix = "" if kind == persons.kinds(parts)[0] else f"{kind}:"
    for by in ways:
        for row in located.handles.at(HandleColumn(dataset, by)):
            if None not in row:
                yield PersonId(prefix + person_id(row))


def _open(parts: Parts, kind: str, people: set[PersonId], actor: Actor) -> RequestId:
    now, store = parts.clock.now(), parts.repositories
    request = Request(
        id=RequestId(f"replay-{uuid4().hex[:12]}"),
        kind="deletion",
        person_kind=kind,
        received_at=now,
        version=parts.policy().version.id,
        state="identity_shown",
        people=len(people),
        channel="settings",
    )
    with store.store.together():
        store.requests.add(request, sorted(people), {})
        step = RequestStep(now, actor.name, "came_back", {"people": len(people)})
        store.requests.note(request.id, step)
    return request.id
