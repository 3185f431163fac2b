"""What was given to whom, and what was received: the record the law wants, kept as it happens.

A release to a third party yields a record by its basis, route and country (Law: APPI 29, 30,
31(3)); which one, and what stands in it, is asked of the law packs. Life of a release:
*intended* before anything goes, then *sent*, *failed*, or *unknown* where nobody can say. An
incomplete record means no release. Records are themselves personal data: disclosed to the person
(APPI 33(5)), kept for their period, listed as kept when the rest is erased.
"""

from seiyaku.releases.elements import Recording
from seiyaku.releases.model import (
    Giving,
    Manner,
    Party,
    Receiving,
    Release,
    ReleaseBook,
    ReleaseState,
    require_complete,
)
from seiyaku.releases.write import receipt_of, release_of

__all__ = [
    "Giving",
    "Manner",
    "Party",
    "Receiving",
    "Recording",
    "Release",
    "ReleaseBook",
    "ReleaseState",
    "receipt_of",
    "release_of",
    "require_complete",
]
