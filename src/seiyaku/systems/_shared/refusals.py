"""What a database's refusal means for the caller, whatever the engine.

A driver's message may hold the row; only its code is looked at, and no word of it is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable


@dataclass(frozen=True)
class Meaning:
    """Why a system cannot be worked with now, and what helps.

    Args:
        code: of the error, ``SY30x``.
    """

    code: str
    message: str
    hint: str

    def of(self, system: str) -> SystemUnavailable:
        """The error of `system`."""
        return SystemUnavailable(f"`{system}`: {self.message}", code=self.code, hint=self.hint)


LOCKED = Meaning("SY301", "the rows are locked by another writer", "try again in a moment")
READ_ONLY = Meaning("SY302", "the database is read-only", "connect to one that may be written to")
NO_ROOM = Meaning(
    "SY303", "there is no room left", "free space or connections; nothing was changed"
)
DISK = Meaning("SY303", "the disk did not take or give the data", "check disk and permissions")
NOT_THERE = Meaning(
    "SY304",
    "the database cannot be reached or does not let us in",
    "see whether it is up, and check where it lies, user and secret",
)
DAMAGED = Meaning("SY305", "the database is damaged", "restore it before acting on it")
TOO_LONG = Meaning("SY307", "a statement took longer than it may", "see whether links have indexes")


def not_allowed(right: str) -> Meaning:
    """Whoever we are may not do this; `right` is what to give them."""
    return Meaning("SY302", "we may not do this", f"give us {right}")


def refused(system: str, code: object) -> SystemUnavailable:
    """A refusal nobody foresaw, by the code the database gave."""
    meaning = Meaning(
        "SY306",
        f"the database refused a statement ({code})",
        "nothing was changed; see whether it is a database of the service",
    )
    return meaning.of(system)


def stands_against(system: str, what: str) -> Conflict:
    """A rule of the database does not let the change through."""
    return Conflict(
        f"`{system}`: {what} of the database stands against the change",
        code="SY503",
        hint="nothing was changed; give the column a `blank` value that the database takes",
    )


@contextmanager
def translating(
    system: str, errors: type[Exception], meaning: Callable[[str, Any], SeiyakuError]
) -> Iterator[None]:
    """Raise what a driver raises as an error of ours, without a value of anybody in it.

    Args:
        errors: what the driver raises. meaning: the error of ours for one of them.

    Raises:
        SystemUnavailable: SY301 locked, SY302 not allowed, SY303 no room, SY304 not there,
            SY305 damaged, SY306 refused, SY307 took too long.
        Conflict: SY503 a rule of the database stands against the change.
    """
    try:
        yield
    except errors as error:
        raise meaning(system, error) from None
