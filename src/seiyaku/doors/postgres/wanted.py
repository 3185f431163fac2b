"""What the guard shall be, from policy, data map and a few names: roles, schemas, views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Literal

from seiyaku.assurance.model import Assurances
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import EPOCH_TABLE, Layout, Slot
from seiyaku.doors.permits.layout import short_name
from seiyaku.doors.sql.dialects import dialect_of
from seiyaku.doors.sql.shown import Showing, Shown
from seiyaku.doors.sql.sight import IMPERSONAL, Sight
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, PersonId
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Standing

_BY_FACTS: Final = frozenset(
    {"assurance_missing", "assurance_lapsed", "open_contradiction", "member_unstated", "empty_list"}
)
"""Reasons a dated fact or a register may end while the version stays."""


@dataclass(frozen=True)
class View:
    """One table as one role sees it.

    Args:
        name: of the table. body: the query. columns: those the role may read.
    """

    name: str
    body: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """The guard of one database.

    Args:
        gate, at: by which columns are found that this version opens to nobody.
        schema: where the company's tables lie.
        prefix: first word of every role and schema of the guard.
        trusted: roles that read and write past the guard: the application's own writing, and
            Seiyaku's, which erases.
        refused: whether such columns are NULL, or an error by having no right on them.
    """

    policy: Policy
    datamap: DataMap
    layout: Layout
    gate: Gate
    at: datetime
    schema: str = "public"
    prefix: str = "seiyaku"
    trusted: tuple[str, ...] = ()
    refused: Literal["null", "error"] = "null"

    @property
    def keeper(self) -> str:
        """The role that owns the views; nobody logs in as it."""
        return short_name(f"{self.prefix}_guard")

    def role(self, handling: str) -> str:
        """The login role of a handling."""
        return role_of(self.prefix, handling)

    def roles(self) -> tuple[str, ...]:
        """Every login role."""
        return tuple(map(self.role, self.layout.handlings))

    @cached_property
    def tables(self) -> Mapping[DatasetId, str]:
        """Tables under guard; what concerns nobody in particular is not."""
        datasets = self.datamap.systems[self.layout.system].datasets
        return {
            DatasetId(f"{self.layout.system}.{word}"): d.table or word
            for word, d in datasets.items()
            if not d.shared
        }

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """Tables the guard itself reads."""
        return (*(root.table for root in self.layout.roots), EPOCH_TABLE)

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """Tables that concern nobody in particular."""
        datasets = self.datamap.systems[self.layout.system].datasets
        return tuple(d.table or word for word, d in datasets.items() if d.shared)

    @cached_property
    def closed(self) -> Mapping[str, str]:
        """Datasets no role sees, and why."""
        found: dict[str, str] = {}
        for dataset_id in self.tables:
            try:
                self._showing(next(iter(self.layout.handlings.values()))).show(dataset_id)
            except InvalidInput as error:
                found[dataset_id] = str(error)
        return found

    def views(self, handling: Handling) -> Iterator[View]:
        """Every table as a handling sees it."""
        showing = self._showing(handling)
        for word, dataset in self.datamap.systems[self.layout.system].datasets.items():
            dataset_id = DatasetId(f"{self.layout.system}.{word}")
            if dataset_id not in self.closed:
                shown = showing.show(dataset_id)
                yield View(dataset.table or word, shown.sql[1:-1], self._readable(shown))

    def tests(self) -> tuple[tuple[str, int], ...]:
        """Columns and bits by which rows are picked; the planner is told how many they let by."""
        found: set[tuple[str, int]] = set()
        for handling in self.layout.handlings.values():
            sight = self._sight(handling)
            for dataset_id in self.tables:
                fields = self.datamap.dataset(dataset_id).fields.values()
                found |= {*sight.masks(slot for f in fields for slot in sight.slots(f))}
        return tuple(sorted(found))

    def seldom(self, column: str) -> bool:
        """Whether a column of the permits speaks of a handling that asks for consent first."""
        handling = next(
            h for n, h in self.layout.handlings.items() if column in self.layout.columns_of(n)
        )
        purpose = self.policy.purposes.get(handling.purpose or "")
        recipient = self.policy.recipients.get(handling.recipient or "")
        return bool(purpose and purpose.consent) or bool(recipient and recipient.basis == "consent")

    def _readable(self, shown: Shown) -> tuple[str, ...]:
        hidden = shown.refused if self.refused == "error" else {}
        return tuple(c for c in shown.columns if c not in hidden)

    def _showing(self, handling: Handling) -> Showing:
        return Showing(self.datamap, dialect_of("postgresql"), self._sight(handling), self.schema)

    def _sight(self, handling: Handling) -> Sight:
        return Sight(self.layout, handling, self.policy, self._closed[handling])

    @cached_property
    def _closed(self) -> Mapping[Handling, frozenset[Slot]]:
        return {h: self._closed_to_all(h) for h in self.layout.handlings.values()}

    def _closed_to_all(self, handling: Handling) -> frozenset[Slot]:
        """What this version refuses to everybody, whatever is said and whatever is recorded."""
        codes = IMPERSONAL - _BY_FACTS
        nobody = Standing(PersonId(""), next(iter(self.policy.people)), self.at)

        def shut(slot: Slot) -> bool:
            asked = handling.question(nobody.person, slot.item, self.at, source=slot.source)
            reasons = self.gate.decide(nobody, Assurances(), asked).reasons
            return any(reason.code in codes for reason in reasons)

        return frozenset(filter(shut, self.layout.slots))


def role_of(prefix: str, handling: str) -> str:
    """The login role of a handling, by the name of its permits."""
    return short_name(f"{prefix}_{handling}")
