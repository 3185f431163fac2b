"""`Home.check_db`: the pledge and the data map against the systems as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seiyaku.app.wiring import Parts
from seiyaku.datamap.detectors import holds_face_series, is_depth_map, never_kept
from seiyaku.datamap.gaps import find_gaps
from seiyaku.datamap.indexes import Unindexed, unindexed_links
from seiyaku.datamap.model import system_of
from seiyaku.datamap.parse import ParsedDataMap, parse_datamap
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import SystemId
from seiyaku.plans.survey import is_read


def check_db(parts: Parts) -> tuple[Fault, ...]:
    """Every gap; a system that does not answer stops the check, for nobody read it.

    Raises:
        SystemUnavailable: a system does not answer.
        InvalidDocument: the data map has faults.
    """
    policy = parts.policy()
    parsed = parse_datamap(parts.paths.datamap, policy)
    names = [n for n in parts.read_systems() if n in parsed.datamap.systems]
    surfaces = {name: parts.system(name).surface() for name in names}

    def texts(system: SystemId, table: str, column: str) -> Iterator[tuple[str, str]]:
        return parts.system(system).texts(table, column)

    return tuple(sorted({*find_gaps(parsed, policy, surfaces, texts), *_depth_maps(parts, parsed)}))


def slow_links(parts: Parts, kind: str) -> tuple[Unindexed, ...]:
    """Links by which a request of `kind` finds rows and no index helps."""
    datamap = parts.datamap
    names = [SystemId(n) for n, entry in datamap.systems.items() if is_read(entry)]
    surfaces = {name: parts.system(name).surface() for name in names}
    own = [s for s in parts.resolution(kind).steps if system_of(s.dataset) in surfaces]
    return unindexed_links(datamap, own, surfaces)


def _depth_maps(parts: Parts, parsed: ParsedDataMap) -> Iterator[Fault]:
    """Pictures of depth cameras in folders, where the policy never keeps what they show."""
    policy = parts.policy()
    words = [word for word, seen in never_kept(policy).items() if seen.holds is holds_face_series]
    for name, entry in parsed.datamap.systems.items():
        folder = parts.paths.system(SystemId(name)).path if entry.kind == "folder" else None
        if not words or folder is None:
            continue
        for number, path in enumerate(sorted(folder.rglob("*.png")), 1):
            if is_depth_map(_head(path)):
                clause = policy.ban(words[0], "keep") or ""
                yield Fault(
                    parsed.document.key_place(("systems", name)),
                    "forbidden-item",
                    f"`{name}`, picture number {number}: holds a `{words[0]}`, which is never "
                    f"kept ({policy.cite(clause)})",
                    "high",
                    "remove the file and find out what wrote it",
                    clause,
                )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(26)
