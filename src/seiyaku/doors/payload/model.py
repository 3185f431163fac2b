"""A field met in a payload, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from seiyaku.datamap.payload import PayloadField
from seiyaku.kernel.errors import NotPermitted

Part = Literal["segments", "query", "headers", "json", "form", "multipart", "body"]
Value = bool | int | float | str | bytes | list["Value"] | dict[str, "Value"] | None
Fields = Mapping[str, PayloadField]


@dataclass(frozen=True)
class Spot:
    """One field met in a payload.

    Args:
        declared: the path the payload map writes, or the nearest one above the field; a word
            of ours, so that it may be logged.
        name: the path as met; somebody may have put anything there, so that it never shows.
        rule: what the map says of it; None where nobody named it.
    """

    part: Part
    declared: str
    name: str = field(repr=False)
    rule: PayloadField | None = None


@dataclass(frozen=True)
class Put:
    """The value written instead."""

    value: Value


@dataclass(frozen=True)
class _Same:
    """The value stays."""


@dataclass(frozen=True)
class _Gone:
    """The field goes."""


KEEP: Final = _Same()
REMOVE: Final = _Gone()
Verdict = Put | _Same | _Gone
Judge = Callable[[Spot, Value], Verdict]


def unreadable(part: str, why: str) -> NotPermitted:
    """The refusal of a payload that cannot be read, and so not judged."""
    return NotPermitted(
        f"the {part} cannot be read: {why}",
        code="SY254",
        hint="send plain UTF-8 JSON, a form, a multipart body, or declare `body`",
    )
