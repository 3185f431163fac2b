"""Values that name one person and hardly ever stand anywhere by chance.

Only these are hunted for: e-mail addresses, telephone numbers, and the ids of accounts and
vendors that are long and mixed enough. A name, a short number or a date is in every second row
of other people; looking for it would find them, not the person.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from seiyaku.datamap.concepts import suggested
from seiyaku.datamap.detectors import is_email
from seiyaku.datamap.graph import Resolution
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import Handles, Value
from seiyaku.kernel.ids import DatasetId
from seiyaku.policy.model import Policy

Kind = Literal["email", "phone", "account"]
EMAIL: Final = "pd:EmailAddress"
PHONE: Final = "pd:TelephoneNumber"
MIN_BITS: Final = 38.0
"""What an id must be worth: a guess meets it once in 10^11, in no table by chance."""
_ID_NAME: Final = re.compile(
    r"(^|_)(u?id|uuid|guid|sub|key|ref|no|number|account|customer|wallet|token)$"
)


@dataclass(frozen=True, order=True)
class Identifier:
    """One value to look for, in the form it is compared in.

    Personal data: kept in the own store while a request is open, and nowhere else.
    """

    kind: Kind
    value: str


_DASHES: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc", "-")
)
"""Signs that Japanese texts put between the parts of a telephone number."""


def plain(text: str) -> str:
    """`text` as it is compared: NFKC, small letters, every dash as one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).translate(_DASHES).lower()


def national(digits: str) -> str:
    """A telephone number without what differs from one way of writing it to another.

    Examples:
        >>> national("09012345678"), national("819012345678"), national("00819012345678")
        ('9012345678', '9012345678', '9012345678')
    """
    rest = digits.removeprefix("00") if digits.startswith("0081") else digits
    if rest.startswith("81") and len(rest) in (11, 12):
        rest = rest[2:]
    return rest.removeprefix("0")


def identified(value: Value, concept: str = "") -> Identifier | None:
    """The identifier a value is; None where it is too weak to look for.

    Args:
        concept: DPV concept of its column, where one is known.

    Examples:
        >>> identified("cus_9sK2mQ71xTa0")
        Identifier(kind='account', value='cus_9sk2mq71xta0')
        >>> identified("42"), identified("Tanaka")
        (None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = plain(str(value)).strip()
    if is_email(text):
        return Identifier("email", text)
    if concept == PHONE or text.startswith("+"):
        digits = national(re.sub(r"[^0-9]", "", text))
        return Identifier("phone", digits) if 8 <= len(digits) <= 14 else None
    return Identifier("account", text) if bits(text) >= MIN_BITS else None


def bits(text: str) -> float:
    """How much an id is worth by its length and its characters; 0 for words and sentences.

    Examples:
        >>> round(bits("0123456789ab")), bits("international"), bits("aaaaaaaaaaaaaaa1")
        (48, 0.0, 0.0)
    """
    signs = [c for c in text if c.isalnum()]
    mixed = len(set(signs)) >= 5 and any(c.isdigit() for c in signs)
    if not mixed or not text.isascii() or any(c.isspace() for c in text):
        return 0.0
    if all(c.isdigit() for c in signs):
        return len(signs) * math.log2(10)
    return len(signs) * (4.0 if set(signs) <= set("0123456789abcdefx") else math.log2(36))


def strong_columns(
    policy: Policy, datamap: DataMap, resolution: Resolution
) -> Mapping[DatasetId, Mapping[str, str]]:
    """Columns of people's rows that may hold such values, each with the concept it is read as.

    They are the columns of an e-mail address or a telephone number, those that links and
    vendors find rows by, and those of an item that are called like an id.
    """
    named = _finding(datamap, resolution)
    found: dict[DatasetId, dict[str, str]] = {}
    for step in resolution.steps:
        if not (step.root or any(p.owns for p in step.paths)):
            continue
        dataset = datamap.dataset(step.dataset)
        of_two = {c for link in dataset.links if link.role for c in link.by}
        for column, field in dataset.fields.items():
            if field.subject or column in of_two:  # it may name the other person of the row
                continue
            item = policy.items.get(field.item or "")
            concept = _concept(item.personal if item else "", column)
            by_id = field.item and _ID_NAME.search(column)
            if concept in (EMAIL, PHONE) or by_id or (step.dataset, column) in named:
                found.setdefault(step.dataset, {})[column] = concept
    return found


def identifiers_in(
    handles: Handles, columns: Mapping[DatasetId, Mapping[str, str]]
) -> Iterator[Identifier]:
    """The identifiers among values that were found by one column each."""
    for column, rows in handles.values.items():
        concepts = columns.get(column.dataset, {})
        if len(column.columns) == 1 and column.columns[0] in concepts:
            for (value,) in rows:
                found = identified(value, concepts[column.columns[0]])
                if found is not None:
                    yield found


@lru_cache(maxsize=4096)
def _concept(declared: str, column: str) -> str:
    if declared in (EMAIL, PHONE):
        return declared
    first = suggested(column)[:1]
    return first[0] if first and first[0] in (EMAIL, PHONE) else ""


def _finding(datamap: DataMap, resolution: Resolution) -> set[tuple[DatasetId, str]]:
    """Columns by which rows or accounts are found elsewhere."""
    found = {(s.dataset, y[0]) for s in resolution.steps for y in s.yields if len(y) == 1}
    for entry in datamap.systems.values():
        for place in entry.found_by:
            dataset, _, column = place.rpartition(".")
            found.add((DatasetId(dataset), column))
    return found
