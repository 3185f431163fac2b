"""The register of media, and the one way by which rows leave for a file: onto one of them.

A medium (a drive, a folder, a sheet of paper in a drawer) is a dated fact of kind ``medium``:
its id, where it is kept, who answers for it, and, once it is destroyed, its end.
Law: APPI 23 (keeping and carrying of media).
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Final
from uuid import uuid4

import sqlalchemy as sa

from seiyaku.app.doors import Doors
from seiyaku.app.outbox import writing
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.datamap.model import system_of
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import DatasetId

MEDIUM: Final = "medium"


class Media:
    """Media of one installation, and what was put on them."""

    def __init__(self, parts: Parts, doors: Doors) -> None:
        self._parts, self._doors = parts, doors

    def kept(self) -> tuple[Assurance, ...]:
        """Media that are in use now: id, place (`source`), owner (`about`)."""
        now = self._parts.clock.now()
        facts = self._parts.repositories.assurances.all().facts
        return tuple(f for f in facts if f.kind == MEDIUM and f.holds_at(now))

    def export(
        self, dataset: str, purpose: str, file: Path, actor: Actor, *, medium: str | None = None
    ) -> int:
        """Write a dataset as CSV onto a medium, by the door: what may not be seen is left out.

        Args:
            actor: of the staff, with a live grant for `purpose`.
            medium: id in the register; needed where the policy has rules for media.

        Returns:
            How many rows were written.

        Raises:
            NotPermitted: SY213 no medium is named, or none of the register; SY29x no grant.
        """
        self._require_kept(medium)
        rows = self._written(dataset, purpose, file, actor)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        self._parts.log.append([self._entry(dataset, purpose, actor, medium, rows, digest)])
        return rows

    def _require_kept(self, medium: str | None) -> None:
        measures = self._parts.policy().measures.values()
        ruled = [m for m in measures if m.media]
        if ruled and medium not in {f.subject for f in self.kept()}:
            cite = self._parts.policy().cite(ruled[0].clause)
            raise NotPermitted(
                f"nothing is put on a medium that is not in the register ({cite})",
                code="SY213",
                hint="record the medium with its place and owner, and name it",
            )

    def _written(self, dataset: str, purpose: str, file: Path, actor: Actor) -> int:
        from seiyaku.doors.handling import handling

        entry = self._parts.datamap.dataset(dataset)
        table = entry.table or dataset.partition(".")[2]
        columns: list[sa.ColumnClause[object]] = [sa.column(c) for c in entry.fields]
        system = system_of(DatasetId(dataset))
        engine = self._doors.database(system, [purpose], staff_only=True)
        try:
            with (
                handling(purpose=purpose, staff=actor.name),
                engine.begin() as connection,
                writing(),
                file.open("x", newline="", encoding="utf-8") as out,
            ):
                writer = csv.writer(out)
                writer.writerow(entry.fields)
                count = 0
                for row in connection.execute(sa.select(*columns).select_from(sa.table(table))):
                    writer.writerow(row)
                    count += 1
                return count
        finally:
            engine.dispose()

    def _entry(
        self, dataset: str, purpose: str, actor: Actor, medium: str | None, rows: int, digest: str
    ) -> Entry:
        policy = self._parts.policy()
        return Entry(
            act_id=f"media-{uuid4().hex[:12]}",
            kind="decision",
            at=self._parts.clock.now(),
            service=policy.service,
            clauses=tuple(policy.cite(m.clause) for m in policy.measures.values() if m.media),
            act="export",
            outcome="done",
            system=dataset,
            counts={"rows": rows},
            actor=actor.name,
            version=policy.version.id,
            digests={"report": digest},
            detail={"medium": medium or "", "purpose": purpose} if medium else {"purpose": purpose},
        )
