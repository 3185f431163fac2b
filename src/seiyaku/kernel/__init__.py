"""What everything else stands on: errors, ids, clock, bilingual text, actors, documents.

Nothing here knows of policies, systems or people. What a caller meets everywhere has its
place on this face: who acts (`Actor`), whose data it is (`PersonId`), words in both languages
(`Text`), what a check found (`Fault`), and the errors, one branch for each thing the caller can
do about them.
"""

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import (
    Conflict,
    EvidenceBroken,
    InvalidDocument,
    InvalidInput,
    NotPermitted,
    SeiyakuError,
    SystemUnavailable,
    WaitsForPerson,
)
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.text import Text

__all__ = [
    "Actor",
    "Conflict",
    "EvidenceBroken",
    "Fault",
    "InvalidDocument",
    "InvalidInput",
    "NotPermitted",
    "PersonId",
    "SeiyakuError",
    "SystemUnavailable",
    "Text",
    "WaitsForPerson",
]
