"""Which words of a policy file must be declared elsewhere in it, and the ones that are not.

The table below is the whole rule: a pattern of keys, and the part that declares the words
found there. Clause references need no table: every key of the model typed `ClauseRef` is one.
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator, Sequence
from functools import cache
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from seiyaku.kernel.document import Document, Loc
from seiyaku.kernel.faults import Fault
from seiyaku.policy.model import LEGAL_RETENTION, ClauseRef, Policy

Pattern = tuple[str, ...]
"""Keys from the root; ``*`` is any key or index, ``~`` the keys of a mapping themselves."""

ANY: Final = "*"
KEYS: Final = "~"
_SHOWN: Final = 12

WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("sources.*.recipient", "recipients"),
    ("items.*.sources.~", "sources"),
    ("items.*.sources.*.only.*", "purposes"),
    ("items.*.only.purposes.*", "purposes"),
    ("items.*.collect.contexts.*", "contexts"),
    ("items.*.collect.acknowledgement", "acknowledgements"),
    ("items.*.people.*", "people"),
    ("items.*.derived_from.*", "items"),
    ("purposes.*.items.*", "items"),
    ("purposes.*.items_when.~", "contexts"),
    ("purposes.*.items_when.*.*", "items"),
    ("purposes.*.acknowledgement", "acknowledgements"),
    ("purposes.*.people.*", "people"),
    ("purposes.*.tells", "items"),
    ("recipients.*.purposes.*", "purposes"),
    ("recipients.*.items.*", "items"),
    ("recipients.*.items_when.~", "contexts"),
    ("recipients.*.items_when.*.*", "items"),
    ("transmissions.*.recipient", "recipients"),
    ("transmissions.*.items.*", "items"),
    ("transmissions.*.purpose", "purposes"),
    ("minors.attestation", "items"),
    ("retention.*.items.*", "items"),
    ("exports.*.recipients.*", "recipients"),
    ("exports.*.items.*", "items"),
    ("contradictions.*.purposes.*", "purposes"),
    ("contradictions.*.items.*", "items"),
    ("classes.*.items.*", "items"),
)
"""Pattern of a word's places, and the part of the policy that declares it."""

FREE_WORDS: Final[frozenset[str]] = frozenset(
    {
        "people.~",
        "sources.~",
        "contexts.~",
        "items.~",
        "items.*.sources.*.scope",
        "purposes.~",
        "recipients.~",
        "recipients.*.register",
        "recipients.*.relation",
        "recipients.*.requires.*",
        "exceptions.~",
        "exceptions.*.conditions.*",
        "acknowledgements.~",
        "retention.~",
        "retention.*.after",
        "retention.*.ends_early",
        "rights.*.except.*.ground",
        "rights.*.identity.*",
        "measures.~",
        "exports.~",
        "contradictions.~",
        "classes.~",
    }
)
"""Words that declare, or that name things outside the file (registers, assurances, events)."""


def undeclared_words(document: Document) -> Iterator[Fault]:
    """Every word used but not declared, with the nearest declared one as a hint."""
    for text, part in WORDS:
        known = _declared(document.data, part)
        for loc, word in select(document.data, text):
            if word not in known:
                yield Fault(
                    _place(document, text, loc),
                    "undeclared-word",
                    f"`{word}` is not declared under `{part}`",
                    hint=_hint(word, sorted(known), part),
                )


def undeclared_clauses(document: Document) -> Iterator[Fault]:
    """Every clause referred to that does not stand under `clauses`."""
    known = set(_mapping(document.data, "clauses"))
    for text in patterns(Policy, ClauseRef):
        if text == "clauses.~":
            continue
        for loc, clause in select(document.data, text):
            if clause not in known:
                yield Fault(
                    _place(document, text, loc),
                    "undeclared-clause",
                    f"clause `{clause}` does not stand under `clauses`",
                    hint=_hint(clause, sorted(known), "clauses"),
                    clause=clause,
                )


def select(data: Any, text: str) -> Iterator[tuple[Loc, str]]:
    """Every text value of `data` that `text` points at, with its path; other values are left
    to the check of the model."""
    for loc, value in _walk(data, tuple(text.split(".")), ()):
        if isinstance(value, str):
            yield loc, value


@cache
def patterns(model: type[BaseModel], kind: Any) -> tuple[str, ...]:
    """Where values of type `kind` stand in documents of `model`, by the model's annotations."""
    return tuple(dict.fromkeys(".".join(p) for p in _typed(model, kind, ())))


def _declared(data: Any, part: str) -> set[str]:
    extra = {LEGAL_RETENTION} if part == "purposes" else set()
    return set(_mapping(data, part)) | extra


def _mapping(data: Any, part: str) -> dict[str, Any]:
    found = data.get(part) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _walk(value: Any, pattern: Pattern, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    if not pattern:
        yield loc, value
        return
    head, rest = pattern[0], pattern[1:]
    if head == KEYS:
        yield from (((*loc, key), key) for key in (value if isinstance(value, dict) else ()))
        return
    for key, inner in _children(value, head):
        yield from _walk(inner, rest, (*loc, key))


def _children(value: Any, head: str) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from ((k, v) for k, v in value.items() if head in (ANY, k))
    elif isinstance(value, list) and head == ANY:
        yield from enumerate(value)


def _typed(annotation: Any, kind: Any, path: Pattern) -> Iterator[Pattern]:
    if annotation == kind:
        yield path
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = typing.get_type_hints(annotation, include_extras=True)
        for name, field in annotation.model_fields.items():
            yield from _typed(hints[name], kind, (*path, field.alias or name))
    else:
        yield from _typed_inside(annotation, kind, path)


def _typed_inside(annotation: Any, kind: Any, path: Pattern) -> Iterator[Pattern]:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is dict:
        yield from _typed(args[0], kind, (*path, KEYS))
        yield from _typed(args[1], kind, (*path, ANY))
    elif origin is tuple:
        for arg in dict.fromkeys(a for a in args if a is not Ellipsis):
            yield from _typed(arg, kind, (*path, ANY))
    elif origin in (typing.Union, UnionType):
        for arg in args:
            yield from _typed(arg, kind, path)
    elif origin is typing.Annotated:  # an Annotated around something richer than text
        yield from _typed(args[0], kind, path)


def _place(document: Document, text: str, loc: Loc) -> Any:
    return document.key_place(loc) if text.endswith(KEYS) else document.place(loc)


def _hint(word: str, known: Sequence[str], part: str) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    stem = word[:2]
    shown = [k for k in known if k.startswith(stem)] or list(known)
    more = ", ..." if len(shown) > _SHOWN else ""
    return f"declare it under `{part}`, or use one of: {', '.join(shown[:_SHOWN])}{more}"
