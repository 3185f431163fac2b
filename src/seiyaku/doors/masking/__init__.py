"""Whatever identifies a person in free text, found and replaced by placeholders.

Japanese and English: names, mail addresses, telephone numbers, postal addresses and codes,
numbers of identity (My Number, card, licence, passport, residence card), network addresses. The
values of the person at hand are always found, however they are spaced or typed. A placeholder
stands for one value within one call and is turned back in the answer. What is found is counted,
never kept. Rules and word lists, no model: how much is found is measured
(docs/how-to/guard-outgoing-calls.md), and it is not everything.
"""

from seiyaku.doors.masking.detect import find_all
from seiyaku.doors.masking.mask import Masking, reveals
from seiyaku.doors.masking.model import KINDS, Found, Kind

__all__ = ["KINDS", "Found", "Kind", "Masking", "find_all", "reveals"]
