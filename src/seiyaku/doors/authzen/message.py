"""Reading a request of the norm: strict about what it names, silent about what it does not.

Source: OpenID Authorization API 1.0, sections 5 (entities), 10.1.1 (JSON), 10.1.2 (errors) and
11.4 (I-JSON). Fields nobody defined are ignored; a name that stands twice in an object, a
lone surrogate or a number that is none is refused, since two readers would read two requests.
Messages name fields, never their values.
"""

from __future__ import annotations

import json
from typing import Any

from seiyaku.kernel.errors import InvalidInput

Json = dict[str, Any]
"""A JSON object as it came: its values are checked where they are used."""


class Malformed(InvalidInput):
    """The request is not as the norm wants it; answered with status 400."""


def read(body: bytes) -> Json:
    """The request as an object.

    Raises:
        Malformed: it is empty, not UTF-8, no JSON, ambiguous, nested too deep or no object.
    """
    if not body:
        raise Malformed("the request body is empty", hint="send a JSON object")
    try:
        value = _DECODER.decode(body.decode("utf-8"))
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Malformed(
            "the request body is not one unambiguous JSON object in UTF-8",
            hint="see RFC 7493 (I-JSON)",
        ) from error
    return as_object(value, "the request body")


def as_object(value: Any, name: str) -> Json:
    """`value` as an object.

    Raises:
        Malformed: it is none.
    """
    if type(value) is not dict:
        raise Malformed(f"{name} is not an object")
    return value


def text(entity: Json, key: str, name: str) -> str:
    """A text that must be there.

    Raises:
        Malformed: it is missing, or no text.
    """
    value = entity.get(key)
    if type(value) is not str:
        wrong = "is not a string" if key in entity else "is missing"
        raise Malformed(f"`{name}.{key}` {wrong}")
    return value


def optional_text(entity: Json, key: str, name: str) -> str | None:
    """A text that may be missing.

    Raises:
        Malformed: it is there and is no text.
    """
    return text(entity, key, name) if key in entity else None


def texts(entity: Json, key: str, name: str) -> frozenset[str]:
    """A list of texts that may be missing.

    Raises:
        Malformed: it is there and is no list of texts.
    """
    value = entity.get(key, [])
    if type(value) is not list or not all(type(word) is str for word in value):
        raise Malformed(f"`{name}.{key}` is not a list of strings")
    return frozenset(value)


def flag(entity: Json, key: str, name: str) -> bool:
    """A yes or no, no where it is missing.

    Raises:
        Malformed: it is there and is neither.
    """
    value = entity.get(key, False)
    if type(value) is not bool:
        raise Malformed(f"`{name}.{key}` is not a boolean")
    return value


def properties(entity: Json, name: str) -> Json:
    """The properties of an entity, empty where there are none.

    Raises:
        Malformed: they are no object.
    """
    return as_object(entity["properties"], f"`{name}.properties`") if "properties" in entity else {}


def member(request: Json, name: str) -> Json:
    """An entity that must be there.

    Raises:
        Malformed: it is missing, or no object.
    """
    if name not in request:
        raise Malformed(f"`{name}` is missing")
    return as_object(request[name], f"`{name}`")


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
