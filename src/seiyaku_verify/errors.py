"""Errors of the verifier, by what the reader of the evidence should do.

* VerifyError
  x DoesNotVerify   the evidence is not what it claims     (do not rely on it)  exit 1
  x WrongUse        an argument is no key or checkpoint    (give another)       exit 2
  x CannotRead      a file is missing or cannot be read    (get the file)       exit 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit.

    Args:
        place: file, byte and entry or hash, as exact as can be told.
        message: what is wrong there.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class VerifyError(Exception):
    """Base of every error of the verifier."""

    exit_code: ClassVar[int] = 1


class DoesNotVerify(VerifyError):
    """The evidence is not what it claims to be.

    Attributes:
        step: the step that failed, from 1.
        faults: every fault found in that step; at least one.
    """

    exit_code = 1

    def __init__(self, step: int, faults: Sequence[Fault]) -> None:
        self.step = step
        self.faults = tuple(faults)
        more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        super().__init__(f"step {step}: {self.faults[0]}{more}")


class WrongUse(VerifyError):
    """An argument is not what it should be."""

    exit_code = 2


class CannotRead(VerifyError):
    """A file is missing or cannot be read; nothing is known about the evidence."""

    exit_code = 3


class Broken(Exception):
    """A fault on its way to the step that names it; never leaves this package."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(place, message)
