"""Write the record of a release or a receipt, as the law packs want it.

Pure: a record is made here and kept by a `ReleaseBook`; it may be incomplete
(`Release.missing`), and then the book lets nothing go.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

from seiyaku.kernel.errors import NotPermitted
from seiyaku.laws import Laws, end_of_record, tokyo_day
from seiyaku.laws.model import RecordContent
from seiyaku.releases.elements import Provided, Received, Recording
from seiyaku.releases.ground import ground_of, home_of, record_wanted
from seiyaku.releases.model import Giving, Manner, Receiving, Release
from seiyaku.standing.model import Standing


def release_of(
    recording: Recording, standing: Standing, giving: Giving, release_id: str | None = None
) -> Release:
    """The release of `giving`, intended, with its record. Law: APPI 29, 31(3).

    Args:
        standing: of the person, now. release_id: the caller's own key, under which a repeated
            call is the same release; made up otherwise.

    Raises:
        NotPermitted: SY262 one record for many is not allowed on this basis.
    """
    laws = recording.laws.at(tokyo_day(recording.at))
    ground = ground_of(recording.policy, laws, recording.assurances, giving, recording.at)
    wanted = record_wanted(laws, ground.basis, ground.route, ground.country)
    bare = Release(
        id=release_id or f"release-{uuid4().hex[:12]}",
        direction="provided",
        person=giving.person,
        recipient=giving.recipient,
        items=tuple(sorted(set(giving.items))),
        purpose=giving.purpose,
        basis=ground.basis,
        route=ground.route,
        country=ground.country,
        version=recording.policy.version.id,
        cites=giving.cites,
        at=recording.at,
        reference=giving.reference,
        manner=giving.manner,
        means=giving.means,
        kept_until=_kept_until(laws, giving.manner, tokyo_day(recording.at)),
    )
    facts = Provided(recording, standing, giving, ground)
    return _recorded(bare, facts, laws.record_content(ground.basis)) if wanted else bare


def receipt_of(
    recording: Recording, standing: Standing, receiving: Receiving, release_id: str | None = None
) -> Release:
    """The receipt of what `receiving` tells, with its record. Law: APPI 30.

    Args:
        standing: of the person, now. release_id: as in `release_of`.

    Raises:
        NotPermitted: SY262 one record for many is not allowed on this basis.
    """
    laws = recording.laws.at(tokyo_day(recording.at))
    country = receiving.country or home_of(laws)
    wanted = record_wanted(laws, receiving.basis, None, country)
    bare = Release(
        id=release_id or f"receipt-{uuid4().hex[:12]}",
        direction="received",
        person=receiving.person,
        recipient=receiving.giver,
        items=tuple(sorted(set(receiving.items))),
        purpose=None,
        basis=receiving.basis,
        route=None,
        country=country,
        version=recording.policy.version.id,
        cites=receiving.cites,
        at=recording.at,
        reference=receiving.reference,
        manner=receiving.manner,
        kept_until=_kept_until(laws, receiving.manner, tokyo_day(recording.at)),
    )
    facts = Received(recording, standing, receiving)
    return _recorded(bare, facts, laws.receipt_content(receiving.basis)) if wanted else bare


def _recorded(bare: Release, facts: Provided | Received, content: RecordContent | None) -> Release:
    """The release with what the law wants of it; without contents nobody knows what to write."""
    if content is None:
        return replace(bare, required=True)
    if bare.manner == "bulk" and not content.bulk_allowed:
        raise NotPermitted(
            f"one record may not stand for many releases on the basis `{bare.basis}`",
            code="SY262",
            hint="write a record each time: leave `manner` out",
        )
    return replace(
        bare,
        required=True,
        record={element: facts.tell(element) for element in content.items},
        cites=tuple(dict.fromkeys((*bare.cites, str(content.citation)))),
    )


def _kept_until(laws: Laws, manner: Manner, on: date) -> date | None:
    keeping = laws.record_keeping.get(manner)
    return None if keeping is None else end_of_record(keeping, on)
