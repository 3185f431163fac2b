"""When data leaks: the record, the clocks, who must be told, and when it may be closed.

The promise served: a leak is reported to the authority in time, the people are told, and the
facts and what prevents the next one are published (APPI 26; a policy may promise more). A
disclaimer switches none of that off: who is liable stands beside the duties, not over them.
Life cycle: open; reported, told, published, in any order; closed, once all that is owed is done.
"""

from seiyaku.incidents.model import (
    DueTo,
    Incident,
    IncidentKind,
    Notice,
    Report,
    ReportStage,
    Statement,
)

__all__ = ["DueTo", "Incident", "IncidentKind", "Notice", "Report", "ReportStage", "Statement"]
