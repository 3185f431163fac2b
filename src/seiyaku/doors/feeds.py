"""What others send us of people, row by row: let in, or set aside with the reason.

A feed names its source (a word of the policy) and who sends it. A row comes in if whoever sends
it is known, and each of its items may be collected from this source of this person; aggregates
that name nobody come in as they are. The rest is set aside: nothing of it is kept or logged
here, the caller gets it back with the reasons.

Law: APPI 20 (proper acquisition), 30 (confirmation when receiving).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from seiyaku.assurance.model import Assurances
from seiyaku.doors.egress.door import Decides
from seiyaku.gate.model import Handling
from seiyaku.policy.model import Policy
from seiyaku.releases.identifiers import identifiers

Row = Mapping[str, Any]
PARTNERS: Final = "partners"
"""The register of those who send from a source that names no recipient of the policy."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SetAside:
    """A row that does not come in.

    Args:
        number: of the row in its feed, from 1. why: a word. cites: clauses that say so.
        row: the row itself, for whoever sends it back; never shown.
    """

    number: int
    why: str
    cites: tuple[str, ...]
    row: Row = field(repr=False)


@dataclass(frozen=True)
class Fed:
    """What became of a feed: the rows that come in, and those set aside."""

    let_in: tuple[Row, ...] = field(repr=False)
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True)
class Feeds:
    """The door for feeds.

    Args:
        policy: in force. gate: the gate that knows where everybody stands now (`LiveGate`).
    """

    policy: Policy
    assurances: Assurances
    gate: Decides
    at: datetime

    def feed(
        self,
        source: str,
        sender: str,
        rows: Iterable[Row],
        fields: Mapping[str, str],
        person: str | None = None,
    ) -> Fed:
        """Judge every row of a feed.

        Args:
            source: a word of the policy. sender: whoever sends it, as its register calls them.
            fields: the item of each column that holds one; other columns are counts and labels.
            person: the column that says whose row it is.
        """
        let_in, aside = [], []
        for number, row in enumerate(rows, 1):
            why, cites = self._judged(source, sender, row, fields, person)
            if why:
                aside.append(SetAside(number, why, cites, row))
            else:
                let_in.append(row)
        _log.info("feed `%s`: %d in, %d set aside", source, len(let_in), len(aside))
        return Fed(tuple(let_in), tuple(aside))

    def _judged(
        self, source: str, sender: str, row: Row, fields: Mapping[str, str], person: str | None
    ) -> tuple[str, tuple[str, ...]]:
        """Why a row does not come in, and by which clauses; empty where it does."""
        word = self.policy.sources.get(source)
        told = (self.policy.cite(word.clause),) if word and word.clause else ()
        if word is None or not self._known(source, sender):
            return "unknown_source", told
        items = {fields[column]: value for column, value in row.items() if column in fields}
        whose = row.get(person) if person else None
        if whose is None:
            named = any(next(identifiers(str(value)), None) for value in row.values())
            return ("person_unstated", told) if items or named else ("", ())
        for item in items:
            decision = self.gate.decide(Handling("collect"), str(whose), item, source=source)
            if not decision.permitted:
                cites = dict.fromkeys((*told, *(r.cite for r in decision.reasons if r.cite)))
                return "not_permitted", tuple(cites)
        return "", ()

    def _known(self, source: str, sender: str) -> bool:
        recipient = self.policy.recipients.get(self.policy.sources[source].recipient or "")
        register = recipient.register_name if recipient else PARTNERS
        return bool(register and self.assurances.membership(register, sender, self.at))
