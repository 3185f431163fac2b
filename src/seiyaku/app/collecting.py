"""What people were shown where data is collected, against what it was used for since.

An entrance of the data map tells which purposes stand beside its form, and the digest of that
text. A use for another purpose that was asked of the gate since is a finding: it was collected
by showing something else. Law: APPI 20(1), 21(2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seiyaku.app.found import Found
from seiyaku.app.wiring import Parts
from seiyaku.datamap.payload import Intake
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput

MISMATCH: Final = "purpose-mismatch"
_MEASURE: Final = "lawful_collection"


def mismatches(parts: Parts) -> Iterator[Found]:
    """Every item used for a purpose that no entrance showed where it is collected."""
    shown = _shown(parts)
    if not shown:
        return
    measure = parts.policy().measures.get(_MEASURE)
    cite = parts.policy().cite(measure.clause) if measure else "APPI 20(1)"
    for item, purpose in sorted(parts.repositories.asked.uses()):
        if item in shown and purpose not in shown[item]:
            yield Found(MISMATCH, f"{item}:{purpose}", cite)


def require_same_text(parts: Parts, entrance: str, text: bytes) -> None:
    """That a form still shows the text whose digest the data map has.

    Raises:
        InvalidInput: SY154 it does not, or the entrance tells none.
    """
    declared = parts.datamap.intake.get(entrance)
    if declared is None or declared.shown is None or declared.shown.sha256 != sha256_hex(text):
        raise InvalidInput(
            f"what `{entrance}` shows is not what the data map says",
            code="SY154",
            hint="read it again, then correct `purposes` and `sha256`",
        )


def _shown(parts: Parts) -> dict[str, set[str]]:
    """The purposes shown wherever each item is collected by an entrance that tells."""
    found: dict[str, set[str]] = {}
    for entrance in parts.datamap.intake.values():
        for item in _items(entrance) if entrance.shown else ():
            found.setdefault(item, set()).update(entrance.shown.purposes if entrance.shown else ())
    return found


def _items(entrance: Intake) -> Iterator[str]:
    for _, fields in entrance.parts():
        yield from (f.item for f in fields.values() if f.item)
