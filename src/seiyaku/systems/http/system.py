"""An API as a company system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Action, Applied, Handles, Value
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.orders import Orders
from seiyaku.systems._shared.pace import FileTurns, Turns
from seiyaku.systems._shared.vendor import VendorSystem
from seiyaku.systems.http.client import Calls
from seiyaku.systems.http.model import Api
from seiyaku.systems.http.vendor import ApiVendor, Proven


class HttpSystem(VendorSystem):
    """A vendor behind an API.

    Args:
        system: its id in the data map. entry: its declaration there. api: how it is called.
        secret: token or password. memory: folder in which runs are written down.
        timeout_s: seconds to wait for an answer. turns: of calls; in `memory` by default.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        api: Api,
        secret: str | None,
        memory: Path,
        *,
        timeout_s: float = 5.0,
        clock: Clock | None = None,
        turns: Turns | None = None,
    ) -> None:
        calls = Calls(system, api, secret, timeout_s, turns or FileTurns(memory))
        self._api_vendor = ApiVendor(
            system, entry, api, calls, clock or SystemClock(), Orders(system, memory)
        )
        super().__init__(system, entry, self._api_vendor, memory)

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Make the calls, once it is known that every one of them exists; see `VendorSystem`."""
        for action in actions:
            told = action.kept if action.verb == "set" else ()
            columns = (*action.blank, *action.cut, *told)
            table = self._table(action.dataset)
            self._api_vendor.require_calls(table, action.verb, columns)
        return super().apply(run, actions, handles, values)

    def prove(self) -> tuple[Proven, ...]:
        """What the vendor's API says today about its promises: retention, training.

        Raises:
            SystemUnavailable: it does not answer; then nothing is proven.
        """
        return self._api_vendor.prove()
