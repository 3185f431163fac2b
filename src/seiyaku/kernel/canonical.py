"""Canonical bytes and digests: what is hashed or signed is written one way only."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_PLAIN = frozenset((str, int, bool, type(None)))
"""Most of what is hashed, and never a float."""


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no white space (RFC 8785 for the values we use).

    Floats are refused: their text differs between writers.

    Raises:
        TypeError: `value` holds something that is not text, int, bool, None, list or dict.

    Examples:
        >>> canonical_json({"b": 1, "a": "住所"}).decode()
        '{"a":"住所","b":1}'
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, as hex."""
    return sha256_hex(canonical_json(value))


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no canonical form here: write it as text")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("a key of canonical JSON is text")
            if type(inner) not in _PLAIN:
                _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            if type(inner) not in _PLAIN:
                _refuse_floats(inner)
