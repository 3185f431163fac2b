"""Read a YAML document so that every fault can name its line and column.

The text is composed once (libyaml), kept as plain values beside a map from
path to place, and checked by a Pydantic model; all faults come back together.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.kernel.faults import Fault, Place

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 400_000

Loc = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: slower, same answers
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


@dataclass(frozen=True)
class Document:
    """A document as plain values, with the place of every value.

    Args:
        file: name shown in faults.
        data: nested dict, list, str, int, bool, date or None.
        places: path of a value (keys and indexes) to its place. Keys of a mapping
            stand at ``path + (key, "~key")``.
        source: the bytes as read; what a digest of the document covers.
    """

    file: str
    data: Any
    places: dict[Loc, Place]
    source: bytes

    def place(self, loc: Loc) -> Place:
        """The place of `loc`, or of its nearest enclosing value."""
        for end in range(len(loc), -1, -1):
            found = self.places.get(loc[:end])
            if found is not None:
                return found
        return Place(self.file, 1, 1)

    def key_place(self, loc: Loc) -> Place:
        """The place of the *key* at `loc`; of its value where it has no key."""
        return self.places.get((*loc, "~key")) or self.place(loc)


def read_document(path: Path) -> Document:
    """Read the YAML file at `path`.

    Raises:
        InvalidInput: SY102 the file cannot be read, SY103 it is over 2 MB.
        InvalidDocument: it is no YAML, holds a key twice, or nests too deep.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInput(
                f"`{path}` is {size} bytes; the limit is {MAX_BYTES}",
                code="SY103",
                hint="a policy is text a person can read: split or shorten it",
            )
        source = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"cannot read `{path}`: {error.strerror}", code="SY102", hint="check the path"
        ) from None
    return parse_document(source, str(path))


def parse_document(source: bytes, file: str) -> Document:
    """Parse YAML bytes; see `read_document` for what is raised."""
    if len(source) > MAX_BYTES:
        raise InvalidInput(f"`{file}` is over {MAX_BYTES} bytes", code="SY103")
    builder = _Builder(file)
    try:
        node = yaml.compose(source.decode("utf-8"), Loader=_Loader)
        data = None if node is None else builder.build(node, (), 0)
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise InvalidDocument(
            [Fault(Place(file, line, 1), "not-utf8", "the file is not UTF-8", hint="save as UTF-8")]
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise InvalidDocument(
            [Fault(place, "broken-yaml", error.problem or "broken YAML", hint="check indentation")]
        ) from None
    except yaml.YAMLError:
        raise InvalidDocument(
            [Fault(Place(file, 1, 1), "broken-yaml", "the file holds control characters")]
        ) from None
    if builder.faults:
        raise InvalidDocument(builder.faults)
    return Document(file, data, builder.places, source)


def check_model(document: Document, model: type[M]) -> M:
    """Check `document` against `model`.

    Raises:
        InvalidDocument: every fault at once, each at its place, with a hint.
    """
    if not isinstance(document.data, dict):
        raise InvalidDocument(
            [Fault(document.place(()), "not-a-mapping", "the document is not a mapping")]
        )
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        faults = {_fault(document, model, dict(e)) for e in error.errors(include_url=False)}
        raise InvalidDocument(sorted(faults)) from None


class _Builder:
    """Turns a YAML node graph into plain values and their places."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Loc, Place] = {}
        self.faults: list[Fault] = []
        self._nodes = 0
        self._scalars = _Loader("")

    def build(self, node: yaml.Node, loc: Loc, depth: int) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:  # also stops alias bombs and cycles
            raise InvalidDocument(
                [Fault(self._place(node), "too-deep", "the document nests too deep or repeats")]
            )
        self.places[loc] = self._place(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(n, (*loc, i), depth + 1) for i, n in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, loc: Loc, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(self._place(key_node), "odd-key", "a key must be text"))
                continue
            key = str(key_node.value)
            if key in result:
                self.faults.append(
                    Fault(
                        self._place(key_node),
                        "duplicate-key",
                        f"`{key}` stands here a second time",
                        hint="keep one of the two",
                    )
                )
                continue
            self.places[(*loc, key, "~key")] = self._place(key_node)
            result[key] = self.build(value_node, (*loc, key), depth + 1)
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag == "tag:yaml.org,2002:float":
            return str(node.value)  # INVARIANT: `4.1` unquoted is a clause id, never a number
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError):
            self.faults.append(Fault(self._place(node), "odd-value", "this value cannot be read"))
            return None

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _fault(document: Document, model: type[BaseModel], error: dict[str, Any]) -> Fault:
    loc = _document_loc(document, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        key = str(loc[-1])
        siblings = _known_keys(model, error["loc"])
        near = difflib.get_close_matches(key, siblings, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "known keys: " + ", ".join(siblings)
        return Fault(document.key_place(loc), "unknown-key", f"unknown key `{key}`", hint=hint)
    if kind == "missing":
        return Fault(
            document.place(loc[:-1]), "missing-key", f"`{loc[-1]}` is missing", hint="add the key"
        )
    rule = {"literal_error": "unknown-word", "value_error": "wrong-value"}.get(kind, "wrong-value")
    path = ".".join(str(part) for part in loc)
    message = error["msg"].removeprefix("Value error, ")
    return Fault(document.place(loc), rule, f"`{path}`: {message[:1].lower()}{message[1:]}")


def _document_loc(document: Document, loc: Loc) -> Loc:
    """Drop the parts of a Pydantic location that name union branches or key checks."""
    kept: Loc = ()
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if (*kept, part) in document.places or last:
            kept = (*kept, part)
    return kept


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """Keys the model knows where `loc` points, for hints; empty when it cannot tell."""
    current: Any = model
    for part in loc[:-1]:
        current = _step(current, part)
        if current is None:
            return []
    if isinstance(current, type) and issubclass(current, BaseModel):
        return sorted(f.alias or name for name, f in current.model_fields.items())
    return []


def _step(annotation: Any, part: str | int) -> Any:
    from typing import get_args, get_origin

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in (name, field.alias):
                return _unwrap(field.annotation)
        return None
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is dict and len(args) == 2:
        return _unwrap(args[1])
    if origin in (list, tuple) and args:
        return _unwrap(args[0])
    return None


def _unwrap(annotation: Any) -> Any:
    """The model (or container) inside ``X | None`` and ``Annotated``."""
    from typing import get_args, get_origin

    args = get_args(annotation)
    if get_origin(annotation) in (dict, list, tuple) or not args:
        return annotation
    for arg in args:
        inner = _unwrap(arg)
        if get_origin(inner) in (dict, list, tuple):
            return inner
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return annotation
