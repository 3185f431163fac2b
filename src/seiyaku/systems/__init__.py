"""Company systems: the drivers through which Seiyaku finds, shows and erases people's rows.

Each one implements `seiyaku.datamap.system.System` and passes the public suite in
`seiyaku.testing.system_suite`, which third parties run on their own. What a driver cannot do
it says in its capabilities instead of trying: a chain is immutable, a vendor's console is
worked in by hand. A statement group takes effect whole or not at all, and the record that it
did stands beside the effect, so that a run repeated after a crash changes nothing more
(APPI 33-35: what was disclosed, corrected or erased must be so). Life cycle of a driver:
`open_system`, any calls from any thread, `close`.
"""

from seiyaku.systems._shared.orders import Order, Orders
from seiyaku.systems.access_log import access_log_system
from seiyaku.systems.by_hand import ByHandSystem
from seiyaku.systems.chain import ChainSystem
from seiyaku.systems.folder import FolderSystem
from seiyaku.systems.jsonl import jsonl_system
from seiyaku.systems.open import SystemSettings, open_system
from seiyaku.systems.sqlite import SqliteSystem

__all__ = [
    "ByHandSystem",
    "ChainSystem",
    "FolderSystem",
    "Order",
    "Orders",
    "SqliteSystem",
    "SystemSettings",
    "access_log_system",
    "jsonl_system",
    "open_system",
]
