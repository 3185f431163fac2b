"""Looking for what nobody declared: only reads, never changes, and says where it did not look."""

from seiyaku.scan.identifiers import Identifier, Kind, identifiers_in, strong_columns
from seiyaku.scan.needles import Needles
from seiyaku.scan.residue import BUDGET_BYTES, Hit, Hunt, Place, Unsearched, hunt

__all__ = [
    "BUDGET_BYTES",
    "Hit",
    "Hunt",
    "Identifier",
    "Kind",
    "Needles",
    "Place",
    "Unsearched",
    "hunt",
    "identifiers_in",
    "strong_columns",
]
