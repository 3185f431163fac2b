"""Query strings, forms, headers and path segments: names with one value each, or several."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote, urlencode

from seiyaku.doors.payload.model import REMOVE, Fields, Judge, Part, Put, Spot, unreadable

Pair = tuple[str, str]
MAX_FIELDS = 2_000


def rewrite_urlencoded(text: str, part: Part, fields: Fields, judge: Judge) -> str:
    """A query string or a form with every value judged, encoded anew.

    Raises:
        NotPermitted: SY254 it is not UTF-8, or has over 2,000 fields.
    """
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS, separator="&"
        )
    except ValueError:
        raise unreadable(part, "it is no form of UTF-8 with at most 2,000 fields") from None
    kept = rewrite_pairs(pairs, part, fields, judge)
    return text if kept == pairs else urlencode(kept)


def rewrite_pairs(pairs: Sequence[Pair], part: Part, fields: Fields, judge: Judge) -> list[Pair]:
    """The pairs that stay, their values judged; fixed ones are written whatever stood there."""
    always = {k: f.always for k, f in fields.items() if f.always is not None}
    kept: list[Pair] = []
    for name, value in pairs:
        if name in always:
            continue
        field = fields.get(name)
        verdict = judge(Spot(part, name if field else "", name, field), value)
        if verdict is REMOVE:
            continue
        kept.append((name, plain(verdict.value) if isinstance(verdict, Put) else value))
    return kept + [(name, plain(value)) for name, value in always.items()]


def split_path(path: str) -> tuple[str, ...]:
    """The segments of a path, decoded.

    Raises:
        NotPermitted: SY254 a segment leads elsewhere than it says (``..``, an encoded slash).
    """
    try:
        segments = tuple(unquote(part, errors="strict") for part in path.split("/")[1:])
    except UnicodeDecodeError:
        raise unreadable("path", "it is not UTF-8") from None
    if any(s in (".", "..") or "/" in s or "\\" in s or "\0" in s for s in segments):
        raise unreadable("path", "a segment leads elsewhere than it says")
    return segments


def join_path(segments: Sequence[str]) -> str:
    """The path of decoded segments."""
    return "".join("/" + quote(segment, safe="!$&'()*+,;=:@~") for segment in segments)


def plain(value: object) -> str:
    """A value as a form writes it: ``true`` rather than ``True``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
