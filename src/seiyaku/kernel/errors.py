"""Errors raised by Seiyaku.

The tree, by what the caller should do:

* SeiyakuError
  x InvalidInput          SY1xx  a file or an argument is wrong      (fix it)
    + InvalidDocument     SY101  a policy or data map has faults     (fix the places named)
  x NotPermitted          SY2xx  the gate does not permit this       (do not retry)
  x SystemUnavailable     SY3xx  a company system did not answer     (may be retried)
  x WaitsForPerson        SY4xx  someone must decide first           (ask that person)
  x Conflict              SY5xx  the world changed under a plan      (plan again)
  x EvidenceBroken        SY6xx  the evidence does not verify        (stop; investigate)

A raiser may narrow the code (`SY102`) without a class of its own: callers
branch on the class, people search for the code.

# INVARIANT: messages carry identifiers, never personal data. An error may be logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seiyaku.kernel.faults import Fault


class SeiyakuError(Exception):
    """Base of every error a caller is meant to catch.

    Attributes:
        code: stable identifier such as ``SY101``; documented in docs/reference/errors.md.
    """

    default_code: ClassVar[str] = "SY000"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self._hint = hint

    def hint(self) -> str:
        """One sentence saying what the reader can do next; empty when there is none."""
        return self._hint


class InvalidInput(SeiyakuError):
    """A file or an argument is wrong; nothing was done."""

    default_code = "SY100"


class InvalidDocument(InvalidInput):
    """A policy, data map or law pack has faults; `faults` lists them all at once."""

    default_code = "SY101"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        places = "; ".join(str(f) for f in self.faults[:3])
        more = f" (and {len(self.faults) - 3} more)" if len(self.faults) > 3 else ""
        super().__init__(f"{len(self.faults)} faults: {places}{more}", hint="fix the places named")


class NotPermitted(SeiyakuError):
    """The gate refuses this handling, or cannot decide it; asking again changes nothing."""

    default_code = "SY200"


class SystemUnavailable(SeiyakuError):
    """A company system did not answer; nothing is known to have changed there."""

    default_code = "SY300"


class WaitsForPerson(SeiyakuError):
    """A person has to act first: show identity, approve, lift a halt."""

    default_code = "SY400"


class Conflict(SeiyakuError):
    """The world changed since the plan was made, or another run holds it."""

    default_code = "SY500"


class EvidenceBroken(SeiyakuError):
    """Published evidence does not verify; `message` names the place."""

    default_code = "SY600"
