"""The book of releases of an installation: durable, and witnessed without personal data.

1. `intend`   complete records are written down and witnessed; from then on something may go;
2. (a door sends)
3. `settle`   sent, failed or unknown, in the store, then in the evidence;
4. `give_up`  what nobody settled is unknown: whoever sent it may have died on the way.

Every entry is appended once per release and state, so a repeated call heals what a crash left
between store and evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from seiyaku.app import persons
from seiyaku.app.seam import boundary
from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.laws import tokyo_day
from seiyaku.releases import (
    Giving,
    Party,
    Receiving,
    Recording,
    Release,
    ReleaseState,
    receipt_of,
    release_of,
    require_complete,
)
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Standing

_MAX_TEXT: Final = 200
Step = tuple[Release, ReleaseState, datetime]
"""A release, a state it came to, and when."""


class Releasing:
    """Keeps releases; a `ReleaseBook`, and what writes the records in it.

    ```python
    release = home.releases.of(Giving(person, "partner_b", ("email",), "ads", cites=cites))
    home.releases.intend([release])
    ...                                        # it goes
    home.releases.settle([release.id], "sent", clock.now())
    ```
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._told: list[str] = []

    # -- records ---------------------------------------------------------------------

    def of(self, giving: Giving, release_id: str | None = None) -> Release:
        """The release of `giving` now, with its record; nothing is kept yet.

        Raises:
            NotPermitted: SY262 one record for many is not allowed on this basis.
        """
        return release_of(self._recording(), self._standing(giving.person), giving, release_id)

    def receive(self, receiving: Receiving, release_id: str | None = None) -> Release:
        """Write down what was received of a person from someone else. Law: APPI 30.

        Raises:
            NotPermitted: SY220 the record is incomplete: what came may not be taken. SY262.
        """
        standing = self._standing(receiving.person)
        receipt = receipt_of(self._recording(), standing, receiving, release_id)
        self.intend([receipt])
        self.settle([receipt.id], "sent", receipt.at)
        return receipt

    def name(self, *parties: Party) -> None:
        """Say who third parties are; a word named again is changed."""
        self._r.parties.name(parties)

    # -- the book --------------------------------------------------------------------

    def intend(self, releases: Sequence[Release]) -> None:
        """Write them down, durably, before anything goes; the same id twice is one.

        Raises:
            NotPermitted: SY220 a record the law wants is incomplete; nothing may go.
            InvalidInput: SY160 an id or a word is no identifier.
        """
        require_complete(releases)
        with self._r.store.together():
            self._note_told()
            self._r.releases.add(releases)
            entries = self._entries([(release, "intended", release.at) for release in releases])
        boundary("release:intend:stored")
        self._parts.log.append(entries)
        self._told += [release.id for release in releases]
        boundary("release:intend:after")

    def settle(self, ids: Sequence[str], state: ReleaseState, at: datetime) -> None:
        """Say what became of them; said twice is said once.

        Raises:
            NotPermitted: SY260 one was never intended; SY261 one ended otherwise.
        """
        with self._r.store.together():
            self._note_told()
            self._r.releases.settle(ids, state, at)
            found = self._r.releases.get(ids)
            entries = self._entries([step for release in found for step in _history(release)])
        boundary("release:settle:stored")
        self._parts.log.append(entries)
        self._told += [release.id for release in found]
        boundary("release:settle:after")

    def give_up(self, before: datetime) -> tuple[Release, ...]:
        """Call unknown what was intended before a moment and never settled.

        What a dead process wrote into the store and not into the evidence is told there first.
        """
        self._tell()
        found = self._r.releases.intended_before(before)
        if found:
            self.settle([r.id for r in found], "unknown", self._parts.clock.now())
        return self._r.releases.get([r.id for r in found])

    def of_person(self, person: str) -> tuple[Release, ...]:
        """Everything given and received of one person, oldest first."""
        return self._r.releases.of_person(PersonId(person))

    def dispose(self) -> int:
        """Destroy the records whose period is over, and witness how many.

        Returns:
            How many records went.
        """
        now = self._parts.clock.now()
        gone = self._r.releases.dispose(tokyo_day(now))
        if gone:
            self._parts.log.append([self._disposal(gone, now)])
        return gone

    def _tell(self) -> None:
        """Append what the evidence may lack; what it holds is not appended twice."""
        with self._r.store.together():
            waiting = self._r.releases.untold()
            entries = self._entries([step for release in waiting for step in _history(release)])
        if entries:
            self._parts.log.append(entries)
            self._told += [release.id for release in waiting]
            self._note_told()

    def _note_told(self) -> None:
        """Write down with the next transaction what the last ones told: it saves a sync each.

        # INVARIANT: before a state is changed, so that no newer state passes for told.
        """
        told, self._told = self._told, []
        self._r.releases.mark_told(told)

    # -- inside ----------------------------------------------------------------------

    def _recording(self) -> Recording:
        parts = self._parts
        return Recording(
            policy=parts.policy(),
            laws=parts.laws,
            assurances=self._r.assurances.all(),
            parties=self._r.parties.all(),
            at=parts.clock.now(),
        )

    def _standing(self, person: PersonId) -> Standing:
        kind = persons.kind_of(self._parts, person)
        return fold(person, kind, self._r.standing.of(person), self._parts.clock.now())

    def _entries(self, steps: Sequence[Step]) -> list[Entry]:
        """Entries of these steps, under commitments that are kept."""
        acts = {_act(r, state): (RequestId(r.id), r.person) for r, state, _ in steps}
        made = self._r.nonces.commitments_of(acts)
        service = self._parts.settings.service
        return [_entry(service, step, made[_act(step[0], step[1])]) for step in steps]

    def _disposal(self, gone: int, at: datetime) -> Entry:
        keeping = self._parts.laws.at(tokyo_day(at)).record_keeping.values()
        return Entry(
            act_id=f"releases-{uuid4().hex[:12]}:disposed",
            kind="disposal",
            at=at,
            service=self._parts.settings.service,
            clauses=tuple(dict.fromkeys(str(rule.citation) for rule in keeping)),
            act="dispose",
            outcome="done",
            system="seiyaku.releases",
            counts={"rows": gone},
        )


def _history(release: Release) -> list[Step]:
    """What the evidence has to hold of a release as it is now."""
    first: Step = (release, "intended", release.at)
    if release.state == "intended":
        return [first]
    return [first, (release, release.state, release.ended_at or release.at)]


def _act(release: Release, state: ReleaseState) -> str:
    return f"{release.id}:{state}"


def _entry(service: str, step: Step, commitment: str) -> Entry:
    release, state, at = step
    return Entry(
        act_id=_act(release, state),
        kind="release",
        at=at,
        service=service,
        clauses=release.cites,
        act="provide" if release.direction == "provided" else "receive",
        outcome=state,
        counts={"items": len(release.items)},
        version=release.version,
        person=commitment,
        detail=_detail(release),
    )


def _detail(release: Release) -> dict[str, str | int]:
    """Words only: no reference, no record, nothing anybody wrote."""
    words = {
        "recipient": release.recipient,
        "items": _joined(release.items),
        "purpose": release.purpose,
        "basis": release.basis,
        "route": release.route,
        "country": release.country,
        "record": "required" if release.required else "own",
    }
    return {name: word for name, word in words.items() if word}


def _joined(words: Iterable[str]) -> str:
    return ",".join(words)[:_MAX_TEXT]
