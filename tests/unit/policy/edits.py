"""Policies made from the tea shop by changing one place at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from seiyaku.policy import ParsedPolicy, parse_policy_bytes

FOLDER = Path(__file__).resolve().parents[2] / "policies"
TEASHOP = FOLDER / "teashop.yaml"


def edited(edits: dict[str, Any], base: Path = TEASHOP) -> bytes:
    """The text of `base` with `edits` made: ``/items/email/also`` -> value, None removes."""
    data = yaml.load(base.read_text("utf-8"), Loader=yaml.CSafeLoader)
    for path, value in edits.items():
        _edit(data, path.strip("/").split("/"), value)
    return yaml.dump(
        data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
    ).encode()


def teashop(edits: dict[str, Any] | None = None) -> ParsedPolicy:
    """The tea shop, edited."""
    return parse_policy_bytes(edited(edits or {}), "teashop.yaml")


def loc(path: str) -> tuple[str | int, ...]:
    """A path of an edit as the path of a document."""
    parts = [part for part in path.strip("/").split("/") if part]
    return tuple(int(p) if p.isdigit() else p for p in parts)


def _edit(data: Any, path: list[str], value: Any) -> None:
    *above, last = path
    for part in above:
        data = data[int(part)] if isinstance(data, list) else data.setdefault(part, {})
    if isinstance(data, list):
        data[int(last)] = value
    elif value is None:
        data.pop(last, None)
    else:
        data[last] = value
