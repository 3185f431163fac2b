"""What one handling may see: which bits of the permits speak of it, and what lasts how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from seiyaku.assurance.model import Assurances
from seiyaku.datamap.model import Field
from seiyaku.doors.permits import Layout, Slot, slots_of_field
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import LEGAL_RETENTION, Policy
from seiyaku.standing.model import Standing

IMPERSONAL: Final = frozenset(
    {
        "never",
        "outside_only",
        "unknown_item",
        "unknown_source",
        "unknown_country",
        "unknown_context",
        "purpose_unstated",
        "source_unstated",
        "recipient_unstated",
        "country_unstated",
        "member_unstated",
        "empty_list",
        "basis_unstated",
        "route_unstated",
        "open_contradiction",
        "assurance_missing",
        "assurance_lapsed",
        "source_not_declared",
        "context_missing",
        "not_masked",
        "item_not_for_purpose",
        "purpose_not_for_recipient",
        "item_not_for_recipient",
        "relation_missing",
        "country_not_declared",
        "route_not_declared",
        "route_not_open",
        "kind_needs_case",
    }
)
"""Reasons that hold whoever the person is and whatever they said."""


@dataclass(frozen=True)
class Sight:
    """What one handling may see of a database.

    Args:
        layout: where the permits of this database stand.
        closed: what is refused for everybody.
        own: only rows of one person, whom each query names, are seen.
    """

    layout: Layout
    handling: Handling
    policy: Policy
    closed: frozenset[Slot] = frozenset()
    own: bool = False

    @cached_property
    def word(self) -> str:
        """The handling in one word: the column of its permits."""
        return self.layout.name(self.handling)

    def slots(self, field: Field) -> tuple[Slot, ...]:
        """What a column may hold that is not refused for everybody."""
        found = slots_of_field(self.policy, field)
        return tuple(s for s in found if s in self.layout.bits and s not in self.closed)

    def masks(self, slots: Iterable[Slot]) -> tuple[tuple[str, int], ...]:
        """Columns of the permits and their bits for these."""
        return self.layout.masks(self.handling, slots)

    @cached_property
    def windows(self) -> Mapping[str, timedelta]:
        """How long each item may be used after it was collected: the shortest period.

        What a law wants kept is used for that purpose beyond it.
        """
        held: set[str] = set()
        if self.handling.act == "use" and self.handling.purpose == LEGAL_RETENTION:
            held = {i for r in self.policy.retention.values() if r.law for i in r.items}
        found: dict[str, timedelta] = {}
        for rule in self.policy.retention.values():
            if rule.law is None and rule.after == "collected" and rule.days is not None:
                length = timedelta(days=rule.days)
                for item in set(rule.items) - held:
                    found[item] = min(length, found.get(item, length))
        return found


def closed_to(
    gate: Gate, layout: Layout, handling: Handling, assurances: Assurances, at: datetime
) -> frozenset[Slot]:
    """What is refused for everybody: for a reason that no person and no word of theirs changes."""
    nobody = Standing(PersonId(""), "", at)
    return frozenset(
        slot
        for slot in layout.slots
        if IMPERSONAL
        & {
            reason.code
            for reason in gate.decide(
                nobody,
                assurances,
                handling.question(nobody.person, slot.item, at, source=slot.source),
            ).reasons
        }
    )
