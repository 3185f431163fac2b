"""Read what a system holds of people, and let go of it however far it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from seiyaku.datamap.system import DatasetRows, Handles, Step, System


@contextmanager
def answer(
    system: System, steps: Sequence[Step], handles: Handles
) -> Iterator[Iterator[DatasetRows]]:
    """The export of a system, read once and in order; what it reads from is closed at the end.

    Examples:
        >>> with answer(system, steps, handles) as datasets:  # doctest: +SKIP
        ...     counts = {d.dataset: sum(1 for _ in d.rows) for d in datasets}
    """
    datasets = system.export(steps, handles)
    try:
        yield datasets
    finally:
        close = getattr(datasets, "close", None)  # drivers may give any iterator
        if close is not None:
            close()
