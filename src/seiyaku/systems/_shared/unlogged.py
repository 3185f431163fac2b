"""Libraries log the addresses they call, and those hold values of people: ours are not logged.

Whoever shares the process keeps their own lines: only calls made inside `unlogged` are left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_OURS: ContextVar[bool] = ContextVar("ours", default=False)
LOGGERS = ("httpx", "stripe", "urllib3.connectionpool")
"""Those that write down whole addresses or bodies."""


class _Unlogged(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _OURS.get()


_FILTER = _Unlogged()
for _name in LOGGERS:
    logging.getLogger(_name).addFilter(_FILTER)


@contextmanager
def unlogged() -> Iterator[None]:
    """Calls made inside leave no line in the logs of the libraries that make them."""
    token = _OURS.set(True)
    try:
        yield
    finally:
        _OURS.reset(token)
