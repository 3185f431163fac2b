"""Write what a person gets into the outbox, and say plainly when it cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seiyaku.kernel.errors import SystemUnavailable


@contextmanager
def writing() -> Iterator[None]:
    """Turn an `OSError` into a `SystemUnavailable`, without a path that may name a person.

    Raises:
        SystemUnavailable: SY340 the outbox cannot be written, or the disk is full.
    """
    try:
        yield
    except OSError as error:
        raise SystemUnavailable(
            f"the outbox cannot be written: {error.strerror or type(error).__name__}",
            code="SY340",
            hint="make room and give this process the right to write there, then run again",
        ) from None
