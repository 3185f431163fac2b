"""JSON bodies: read strictly, walked along the declared paths, written anew if anything changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn

from seiyaku.datamap.payload import PayloadField, Scalar, steps
from seiyaku.doors.payload.model import REMOVE, Fields, Judge, Put, Spot, Value, unreadable

MAX_DEPTH = 60


@dataclass
class _Node:
    """One step of the declared paths."""

    declared: str = ""
    rule: PayloadField | None = None
    children: dict[str, _Node] = field(default_factory=dict)

    def fixed(self) -> Iterable[tuple[str, Scalar]]:
        for step, child in self.children.items():
            if child.rule is not None and child.rule.always is not None:
                yield step, child.rule.always


def rewrite_json(body: bytes, fields: Fields, judge: Judge) -> bytes:
    """The JSON `body` with every value judged.

    Raises:
        NotPermitted: SY254 it is no strict JSON: a key twice, NaN, bytes that are not UTF-8.
    """
    value = _read(body)
    walked = _Walk(judge).value(value, _tree(fields), "", 0)
    if walked is REMOVE:
        walked = {}
    if walked == value and _types(walked) == _types(value):
        return body
    try:
        return json.dumps(walked, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise unreadable("JSON body", "half a character stands in it") from None


def _tree(fields: Fields) -> _Node:
    root = _Node()
    for path, declared in fields.items():
        node, upto = root, ""
        for step in steps(path):
            upto = f"{upto}{step}" if step == "[]" or not upto else f"{upto}.{step}"
            node = node.children.setdefault(step, _Node(upto))
        node.rule = declared
    return root


class _Walk:
    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def value(self, value: Value, node: _Node, name: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise unreadable("JSON body", "it nests too deep")
        if node.rule is not None and (node.rule.item or not isinstance(value, dict | list)):
            return self._ask(value, node, node.rule, name)
        if isinstance(value, dict) and (node.children or not depth):
            return self._object(value, node, name, depth)
        if isinstance(value, list):
            return self._list(value, node, name, depth)
        return value if value is None else self._ask(value, node, None, name)

    def _object(self, value: dict[str, Value], node: _Node, name: str, depth: int) -> Any:
        fixed = dict(node.fixed())
        kept = {}
        for key, inner in value.items():
            if key in fixed:
                continue
            child = node.children.get(key)
            at = f"{name}.{key}" if name else key
            found = (
                self._ask(inner, node, None, at)
                if child is None
                else self.value(inner, child, at, depth + 1)
            )
            if found is not REMOVE:
                kept[key] = found
        return {**kept, **fixed}

    def _list(self, value: list[Value], node: _Node, name: str, depth: int) -> Any:
        child = node.children.get("[]") or _Node(node.declared, _scalar(node.rule))
        walked = (self.value(v, child, f"{name}[]", depth + 1) for v in value)
        return [v for v in walked if v is not REMOVE]

    def _ask(self, value: Value, node: _Node, rule: PayloadField | None, name: str) -> Any:
        verdict = self._judge(Spot("json", node.declared, name, rule), value)
        if isinstance(verdict, Put):
            return verdict.value
        return REMOVE if verdict is REMOVE else value


def _scalar(rule: PayloadField | None) -> PayloadField | None:
    """A technical field may be a list of plain values; whatever nests must be named."""
    return rule if rule is not None and rule.item is None else None


def _read(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise unreadable("JSON body", "it is not UTF-8") from None
    except RecursionError:
        raise unreadable("JSON body", "it nests too deep") from None
    except ValueError as error:
        why = str(error) if isinstance(error, _OddJson) else "it is no JSON"
        raise unreadable("JSON body", why) from None


class _OddJson(ValueError):
    pass


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddJson("a key stands there twice")
    return found


def _no_constant(text: str) -> NoReturn:
    raise _OddJson(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _OddJson("a number is too large")
    return number


def _types(value: Any) -> Any:
    """Types along the structure: True and 1 are equal to Python, but not on the wire."""
    if isinstance(value, dict):
        return {k: _types(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_types(v) for v in value]
    return type(value)
