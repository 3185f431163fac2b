"""The release record of a call: intended before it goes, settled when it is known what became."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from seiyaku.doors.handling import Occasion
from seiyaku.gate.model import Decision
from seiyaku.kernel.clock import Clock
from seiyaku.kernel.errors import SeiyakuError
from seiyaku.kernel.ids import PersonId
from seiyaku.releases.model import Giving, Release, ReleaseBook, ReleaseState

_log = logging.getLogger(__name__)


class Releases(ReleaseBook, Protocol):
    """A book of releases that knows how a record is written (`app.releasing.Releasing`)."""

    def of(self, giving: Giving, release_id: str | None = None) -> Release:
        """The release of `giving` now, with its record; nothing is kept yet."""
        ...


def intend(releases: Releases, giving: Giving) -> tuple[str, ...]:
    """Write down that something is about to go; nothing where it holds no item.

    Raises:
        NotPermitted: SY220 the law wants a record and nobody can write all of it.
        SystemUnavailable: the book does not answer; nothing may go.
    """
    if not giving.items:
        return ()
    release = releases.of(giving)
    releases.intend([release])
    return (release.id,)


def settle(releases: Releases, ids: Sequence[str], state: ReleaseState, clock: Clock) -> None:
    """Say what became of them. A book that does not answer leaves them intended.

    The call has been made by then: raising here would make the caller send it again.
    """
    if not ids:
        return
    try:
        releases.settle(ids, state, clock.now())
    except SeiyakuError as error:
        _log.error("releases stay intended, though %s: %s", state, error.code)


def giving_of(
    person: PersonId,
    occasion: Occasion,
    recipient: str,
    country: str | None,
    decided: Mapping[str, Decision],
) -> Giving:
    """What is about to go, in the words of a record."""
    reasons = [reason for decision in decided.values() for reason in decision.reasons]
    case = occasion.case.kind if occasion.case else None
    return Giving(
        person=person,
        recipient=recipient,
        items=tuple(decided),
        purpose=occasion.purpose,
        country=country,
        route=occasion.route,
        cites=tuple(dict.fromkeys(reason.cite for reason in reasons if reason.cite)),
        case=None if case == "own_request" else case,
        reference=occasion.reference,
    )
