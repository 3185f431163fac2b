"""Group commit for many threads: callers that come together share one sync."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from types import TracebackType

from seiyaku.evidence.entry import Entry
from seiyaku.evidence.group import Appended
from seiyaku.evidence.log import Log
from seiyaku.kernel.errors import Conflict, InvalidInput

LINGER_S = 0.002
MAX_GROUP = 1000

_Waiting = tuple[Entry, "Future[Appended]"]


class GroupCommitter:
    """Takes entries from any thread and appends them in groups.

    What arrives while a group is being synced makes up the next one. After a group of
    more than one, the next waits up to 2 ms for its like. Closing appends what waits.

    Examples:
        with GroupCommitter(log) as committer:
            place = committer.submit(entry).result()
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._crowded = False
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)
        self._thread.start()

    def __enter__(self) -> GroupCommitter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, entry: Entry) -> Future[Appended]:
        """Hand over `entry`; the future is done when it is on the disk.

        Its exception is what `Log.append` would have raised for this entry alone.

        Raises:
            InvalidInput: SY165 the committer is closed.
        """
        future: Future[Appended] = Future()
        with self._gate:
            if self._closed:
                raise InvalidInput("the committer is closed", code="SY165")
            self._queue.put((entry, future))
        return future

    def close(self) -> None:
        """Append what waits, then stop; the log stays open."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._gather()
            self._crowded = len(group) > 1
            if group:
                self._commit(group)

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """Wait for one, then for others until the linger is over."""
        first = self._queue.get()
        if first is None:
            return [], False
        group, until = [first], time.monotonic() + (LINGER_S if self._crowded else 0.0)
        while len(group) < MAX_GROUP:
            try:
                waiting = self._queue.get(timeout=max(1e-6, until - time.monotonic()))
            except queue.Empty:
                break
            if waiting is None:
                return group, False
            group.append(waiting)
        return group, True

    def _commit(self, group: list[_Waiting]) -> None:
        live = [w for w in group if w[1].set_running_or_notify_cancel()]
        try:
            places = self._log.append([entry for entry, _ in live])
        except (Conflict, InvalidInput):
            for waiting in live:  # one bad entry does not spoil the others
                self._commit_alone(waiting)
        except BaseException as error:
            for _, future in live:
                future.set_exception(error)
        else:
            for (_, future), place in zip(live, places, strict=True):
                future.set_result(place)

    def _commit_alone(self, waiting: _Waiting) -> None:
        entry, future = waiting
        try:
            future.set_result(self._log.append([entry])[0])
        except BaseException as error:
            future.set_exception(error)
