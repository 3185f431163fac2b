"""What waits to be sent of somebody who said stop is not sent, and that is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from seiyaku.app.releasing import Releasing
from seiyaku.app.wiring import Parts
from seiyaku.kernel.ids import PersonId
from seiyaku.releases import Release
from seiyaku.requests.model import Request
from seiyaku.standing.model import Scope


def stop_waiting(
    parts: Parts, releases: Releasing, request: Request, people: Sequence[PersonId]
) -> dict[str, int]:
    """Settle as failed whatever is intended of these people and the request stops.

    Returns:
        How many were stopped, by recipient.
    """
    if request.kind not in ("suspension", "stop_provision", "closure"):
        return {}
    given = parts.repositories.releases.of_people(people)
    waiting = tuple(_stopped(given, request.scope))
    if waiting:
        releases.settle([r.id for r in waiting], "failed", parts.clock.now())
    return dict(Counter(r.recipient for r in waiting))


def _stopped(given: Sequence[Release], scope: Scope) -> Iterator[Release]:
    for release in given:
        if release.state == "intended" and release.direction == "provided":
            items = not scope.items or bool(set(scope.items) & set(release.items))
            purposes = not scope.purposes or release.purpose in scope.purposes
            recipients = not scope.recipients or release.recipient in scope.recipients
            if items and purposes and recipients:
                yield release
