"""What goes out to a recipient and comes in from outside, field by field.

The third thing a data map names, beside columns and links: each address of a recipient and each
entrance of our own, and the item every field there holds. What nobody named is not a guess: a
door lets nothing through that stands in no such map.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import Field as PydanticField
from pydantic import StringConstraints, field_validator, model_validator

from seiyaku.policy.model import ClauseRef, Country, Part, Word

Scalar = bool | int | float | str
FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""``email``, or in JSON ``recipient.name``, ``items[].sku``, ``[].id``."""
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "WEBSOCKET"]
Rest = Literal["remove", "mask", "refuse"]

_ORIGIN: Final = re.compile(r"(?:(https?)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?")
_STEP: Final = re.compile(r"[^.\[\]]+|\[\]")
_PATH: Final = re.compile(r"(?:[^.\[\]]+|\[\])(?:\[\]|\.[^.\[\]]+)*")
_BRACED: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class PayloadField(Part):
    """One field of a payload.

    Args:
        item: the item it holds; None for a technical value that says nothing of a person.
        source: where the item comes from, where the field always has the same.
        blank: what is written instead, where the field may not be missing.
        always: what is written at every call, whatever the caller wrote (``store: false``).
        opaque: its value names something and must say nothing of a person (the key of a file).
        address: it is the address of a page: what stands behind its path is cut off, but for
            the parameters in `keeps`.
    """

    item: Word | None = None
    source: Word | None = None
    blank: Scalar | None = None
    always: Scalar | None = None
    opaque: bool = False
    address: bool = False
    keeps: tuple[str, ...] = ()


Fields = dict[FieldPath, PayloadField]


def _short_field(value: Any) -> Any:
    if value is None:
        return {}
    return {"item": value} if isinstance(value, str) else value


class Endpoint(Part):
    """One address and everything that may stand in what goes there.

    Args:
        path: ``/orders/{order_id}``; a braced name is one segment, told under `segments`.
        query, headers, json, form, multipart: the fields of each part.
        body: what the whole body is, where it is none of these (a picture, plain text).
        rest: what becomes of a field nobody named, or that may not pass and has no `blank`:
            ``remove`` it, ``mask`` its value, or ``refuse`` the whole.
    """

    path: Annotated[str, StringConstraints(pattern=r"^/[^?#\s]*$", max_length=300)]
    methods: tuple[Method, ...] = ("POST",)
    segments: Fields = PydanticField(default_factory=dict)
    query: Fields = PydanticField(default_factory=dict)
    headers: Fields = PydanticField(default_factory=dict)
    json_fields: Fields = PydanticField(default_factory=dict, alias="json")
    form: Fields = PydanticField(default_factory=dict)
    multipart: Fields = PydanticField(default_factory=dict)
    body: PayloadField | None = None
    rest: Rest = "remove"

    @field_validator(
        "segments", "query", "headers", "json_fields", "form", "multipart", mode="before"
    )
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: _short_field(v) for k, v in value.items()}

    @field_validator("body", mode="before")
    @classmethod
    def _short_body(cls, value: Any) -> Any:
        return {"item": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _paths_are_paths(self) -> Endpoint:
        for path in self.json_fields:
            if not _PATH.fullmatch(path):
                raise ValueError(f"`{path}` is no path: write `recipient.name` or `items[].sku`")
        if set(self.segments) != set(_BRACED.findall(self.path)):
            raise ValueError("`segments` tells what each braced name of `path` holds, and no more")
        return self

    def parts(self) -> tuple[tuple[str, Fields], ...]:
        """Every part with its fields; the body as a whole is under ``body``."""
        whole = {"body": self.body} if self.body is not None else {}
        return (
            ("segments", self.segments),
            ("query", self.query),
            ("headers", self.headers),
            ("json", self.json_fields),
            ("form", self.form),
            ("multipart", self.multipart),
            ("body", whole),
        )


class Calls(Part):
    """How one recipient is called: the hosts that are its own, and its endpoints.

    Args:
        recipient: declared recipient of the policy; the entry's own word by default.
        member: which member of the recipient's register answers there, where it is a class
            and the host belongs to one of them.
        country: where the hosts handle the data.
        hosts: ``api.printful.com``, with another port ``host:8443``; ``http://`` only where
            the traffic never leaves the machine.
    """

    recipient: Word | None = None
    member: Word | None = None
    clause: ClauseRef | None = None
    country: Country | None = None
    hosts: Annotated[tuple[str, ...], PydanticField(min_length=1)]
    endpoints: Annotated[tuple[Endpoint, ...], PydanticField(min_length=1)]

    @field_validator("hosts")
    @classmethod
    def _hosts_are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            origin(host)
        return value


class ShownText(Part):
    """What stands beside a form. `sha256`: of that text, UTF-8."""

    purposes: tuple[Word, ...]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Intake(Endpoint):
    """One entrance of our own: what may come in there.

    Args:
        source: where what comes in here comes from, where a field says nothing else.
        contexts: circumstances present whenever this entrance is used.
        shown: what people read there before they give anything.
    """

    source: Word | None = None
    contexts: tuple[Word, ...] = ()
    shown: ShownText | None = None


Origin = tuple[str, str, int]


def origin(text: str) -> Origin:
    """Scheme, host and port of a host as written in the data map.

    Raises:
        ValueError: it is no host.

    Examples:
        >>> origin("api.printful.com"), origin("http://127.0.0.1:8080")
        (('https', 'api.printful.com', 443), ('http', '127.0.0.1', 8080))
    """
    found = _ORIGIN.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no host: write `api.example.com`, lower case, IDNA")
    scheme, host, port = found.groups(default="")
    scheme = scheme or "https"
    return scheme, host, int(port) if port else {"https": 443, "http": 80}[scheme]


def steps(path: str) -> tuple[str, ...]:
    """A JSON path, step by step; ``[]`` stands for every element of a list.

    Examples:
        >>> steps("items[].name")
        ('items', '[]', 'name')
    """
    return tuple(_STEP.findall(path))
