"""What is told of permits that lie in a database: what a push did, and what has drifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seiyaku.doors.permits.answering import Epoch


@dataclass(frozen=True)
class Drift:
    """How what lies in a database differs from what should.

    Args:
        missing: rows that should be there. differing: rows with other numbers.
        extra: rows of people nobody knows any more.
        epoch: what the database says it holds; None where nothing was laid for this layout.
    """

    missing: int
    differing: int
    extra: int
    epoch: Epoch | None

    @property
    def clean(self) -> bool:
        """Whether everything is as it should be."""
        return self.epoch is not None and not (self.missing or self.differing or self.extra)


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Args:
        scope: ``people`` who said something since, or ``everybody``.
        written, removed: rows. seconds: from reading standings to the commit.
    """

    scope: Literal["people", "everybody"]
    written: int
    removed: int
    seconds: float
    epoch: Epoch
