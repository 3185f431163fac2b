"""What was given to whom, and what was received: the record the law wants, kept as it happens.

A release to a third party yields a record by its basis, route and country (Law: APPI 29, 30,
31(3)); which one, and what stands in it, is asked of the law packs. Life of a release:
*intended* before anything goes, then *sent*, *failed*, or *unknown* where nobody can say. An
incomplete record means no release. Records are themselves personal data: disclosed to the person
(APPI 33(5)), kept for their period, listed as kept when the rest is erased.

Files with nobody in them (statistics, research rows, publications) leave no record: a `Report`
bound to the file's bytes shows that nobody is recognised, and `gate.release` asks for it.
"""

from seiyaku.releases.check import check_rows
from seiyaku.releases.elements import Recording
from seiyaku.releases.model import (
    Giving,
    Manner,
    Means,
    Party,
    Receiving,
    Release,
    ReleaseBook,
    ReleaseState,
    require_complete,
)
from seiyaku.releases.publication import check_publication
from seiyaku.releases.recall import to_recall
from seiyaku.releases.reduce import Transform, suppress_rare_rows, suppress_small_groups
from seiyaku.releases.report import Column, Finding, Report
from seiyaku.releases.write import receipt_of, release_of

__all__ = [
    "Column",
    "Finding",
    "Giving",
    "Manner",
    "Means",
    "Party",
    "Receiving",
    "Recording",
    "Release",
    "ReleaseBook",
    "ReleaseState",
    "Report",
    "Transform",
    "check_publication",
    "check_rows",
    "receipt_of",
    "release_of",
    "require_complete",
    "suppress_rare_rows",
    "suppress_small_groups",
    "to_recall",
]
