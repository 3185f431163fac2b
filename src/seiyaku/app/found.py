"""One thing that is not as it was promised, and the reports on leaks among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from seiyaku.app.wiring import Parts
from seiyaku.incidents.model import clock_of, late
from seiyaku.laws import public_holidays, tokyo_day

REPORT_LATE: Final = "report-overdue"


@dataclass(frozen=True)
class Found:
    """One thing that is not as it was promised.

    Args:
        code: what it is, a stable word. subject: word or id it is about, never a person.
        cite: clause that promises it. since_at: since when; None where it always was.
    """

    code: str
    subject: str
    cite: str
    since_at: datetime | None = None

    @property
    def id(self) -> str:
        """The same for the same thing since the same moment."""
        since = f":{self.since_at:%Y-%m-%dT%H%M%S}" if self.since_at else ""
        return f"{self.code}:{self.subject}{since}"


def late_reports(parts: Parts, now: datetime) -> Iterator[Found]:
    """Reports to the authority whose last day is over."""
    policy, today = parts.policy(), tokyo_day(now)
    promised = policy.incidents
    cite = policy.cite(promised.authority) if promised and promised.authority else ""
    for incident in parts.repositories.incidents.all():
        rule = parts.laws.at(tokyo_day(incident.known_at)).breach
        clock = clock_of(incident, rule, promised, public_holidays())
        for stage in late(incident, clock, today):
            law = str(clock.citations[0]) if clock else ""
            yield Found(REPORT_LATE, f"{incident.id}:{stage}", cite or law, incident.known_at)
