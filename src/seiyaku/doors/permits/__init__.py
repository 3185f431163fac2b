"""The decisions of everybody, laid beside the data: what the doors inside databases read.

Each database gets a small table for each kind of people (``seiyaku_permits_users``): a row for
each person, and for each handling a number whose bits say which items of which source are
permitted. A query, rewritten or guarded, joins it and never decides anything itself. One event
changes one row; a coming version, law or fact ends the *epoch*, and doors refuse until the next
one is laid.

Life: `layout_of` says where each decision stands (pure) · `Permits` answers for a person ·
`Laid.push` writes what differs in one transaction · `Laid.drift` only reads.
"""

from seiyaku.doors.permits.answering import Epoch, Permits
from seiyaku.doors.permits.dialects import Dialect, now_seconds
from seiyaku.doors.permits.laid import Laid
from seiyaku.doors.permits.layout import (
    EPOCH_TABLE,
    Layout,
    Root,
    Slot,
    handling_name,
    layout_of,
    slots_of_field,
)
from seiyaku.doors.permits.owners import Chain, Hop, chains_of
from seiyaku.doors.permits.rowed import WithRows
from seiyaku.doors.permits.told import Drift, Pushed

__all__ = [
    "EPOCH_TABLE",
    "Chain",
    "Dialect",
    "Drift",
    "Epoch",
    "Hop",
    "Laid",
    "Layout",
    "Permits",
    "Pushed",
    "Root",
    "Slot",
    "WithRows",
    "chains_of",
    "handling_name",
    "layout_of",
    "now_seconds",
    "slots_of_field",
]
