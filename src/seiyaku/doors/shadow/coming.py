"""The policy's history as if a coming version were in force already."""

from __future__ import annotations

from datetime import datetime

from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.model import Policy


def coming_history(history: History, coming: Policy, at: datetime) -> History:
    """The versions in force until `at`, and then the coming one.

    Args:
        coming: a draft, or a version whose day has not come.
        at: aware; the moment from which it is taken to be in force.

    Raises:
        InvalidInput: SY126 it is another service's, or a version in force before has its id.
    """
    past = tuple(p for p in history.versions if (start := effective_at(p)) and start <= at)
    same_id = any(p.version.id == coming.version.id for p in past)
    if same_id or any(p.service != coming.service for p in past):
        raise InvalidInput(
            f"`{coming.version.id}` of `{coming.service}` does not come after what is in force",
            code="SY126",
            hint="give the coming version its own id; a shadow is of the same service",
        )
    version = coming.version.model_copy(
        update={"published_at": at, "effective": "on_publication", "effective_on": None}
    )
    return History((*past, coming.model_copy(update={"version": version})))
