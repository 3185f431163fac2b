"""Shadow mode: a coming version answers beside the one in force, and nothing comes of it.

Before a version is published, its controller learns what it would change: which handling of
which item opens or shuts, for how many people, on which clause and for which reason. Over
everybody it is a report; beside a live gate it counts what is really asked. People are counted,
not named; their ids go only into a file that was asked for.
"""

from seiyaku.doors.shadow.coming import coming_history
from seiyaku.doors.shadow.live import ShadowedGate
from seiyaku.doors.shadow.report import Change, ShadowReport
from seiyaku.doors.shadow.shadow import Shadow

__all__ = ["Change", "Shadow", "ShadowReport", "ShadowedGate", "coming_history"]
