"""The guard inside PostgreSQL: a login role for each purpose, and nothing else it can read.

A purpose that a session can set is no control. So each handling has a login role of its own,
which owns nothing, inherits nothing and has no right on any table. What it may read are views in
a schema of its own, called like the tables: they join the permits (`doors.permits`), show a row
where each of its people permits something of it, and a column where its item is permitted. The
tables themselves are under forced row-level security that knows no policy for these roles: a
right granted by mistake opens nothing.

Life: `plan_guard` says every statement (pure) · `install` runs them in one transaction ·
`findings` compares what stands in the database with the plan, and only reads · `Pools` gives the
application a pool for each handling.
"""

from seiyaku.doors.postgres.check import findings
from seiyaku.doors.postgres.connect import connected, require_sight
from seiyaku.doors.postgres.plan import GuardPlan, install, plan_guard
from seiyaku.doors.postgres.pools import Pools
from seiyaku.doors.postgres.present import Present, read_present
from seiyaku.doors.postgres.wanted import Wanted

__all__ = [
    "GuardPlan",
    "Pools",
    "Present",
    "Wanted",
    "connected",
    "findings",
    "install",
    "plan_guard",
    "read_present",
    "require_sight",
]
