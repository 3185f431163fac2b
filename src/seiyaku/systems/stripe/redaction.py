"""Redaction jobs: Stripe validates what it is asked to redact, and redacts it afterwards.

Source: docs.stripe.com/privacy/redaction (public preview).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from seiyaku.datamap.system import Left
from seiyaku.kernel.errors import Conflict

if TYPE_CHECKING:
    from seiyaku.systems.stripe.client import Calls

_JOBS = "/v1/privacy/redaction_jobs"


def redact(calls: Calls, table: str, record: str, once: str, today: date) -> Left | None:
    """Have one transaction redacted; a job under way is looked at again the next day."""
    from seiyaku.systems.stripe.client import Missing

    try:
        # a key is forgotten after a day; a second job for a redacted object does no harm
        job = calls.preview("post", _JOBS, f"{once}-{today}", objects={table: [record]})
        if job.get("status") in ("created", "validating"):
            job = calls.preview("get", f"{_JOBS}/{job['id']}")
        if job.get("status") == "ready":
            job = calls.preview("post", f"{_JOBS}/{job['id']}/run", f"{once}-{today}-run")
    except Missing:
        return Left("by_hand", 1, "redaction_not_enabled")
    except Conflict:
        return Left("by_hand", 1, "redaction_refused")
    return _meaning(str(job.get("status")), today)


def _meaning(status: str, today: date) -> Left | None:
    if status == "succeeded":
        return None
    if status in ("failed", "canceled", "canceling"):
        return Left("by_hand", 1, "redaction_refused")
    return Left("pending", 1, "redacting", today + timedelta(days=1))
