"""The declaration of an API: how rows are found, read, changed and deleted over HTTP.

One YAML file says it all, so that a company adds a vendor without Python. ``{name}`` in an
address or a body stands for a column of the row, or for an option of the system in
`seiyaku.yaml`. Vendors that many use lie beside this file in ``apis/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator, model_validator

from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Part, Word

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
Template = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def require_safe(address: str) -> None:
    """Let no call leave this machine unencrypted.

    Raises:
        InvalidInput: SY175 it is no https address.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise InvalidInput(f"`{address}` is not an https address", code="SY175", hint="use https")


class Auth(Part):
    """How calls prove who makes them; the secret itself stands in the settings.

    Args:
        how: ``bearer`` token, ``basic`` with `user`, a `header` of the vendor's own, ``oauth``
            client credentials fetched from `token_url`, ``service_account`` (the secret is the
            JSON file of its key, or a token), or ``none``.
    """

    how: Literal["bearer", "basic", "header", "oauth", "service_account", "none"] = "bearer"
    header: str = "Authorization"
    user: str = ""
    token_url: str = ""
    client_id: str = ""
    audience: str = ""
    scope: str = ""


class Rate(Part):
    """At most `calls` in any stretch of `seconds`, all workers of one installation together."""

    calls: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(gt=0)] = 60


class Retry(Part):
    """A call that may be made again is made `times` at most.

    Args:
        first_s: wait before the second, doubled each time, with jitter.
        longest_s: a vendor that asks for a longer wait is told of instead.
    """

    times: Annotated[int, Field(ge=1, le=10)] = 4
    first_s: Annotated[float, Field(ge=0)] = 0.5
    longest_s: Annotated[float, Field(ge=0)] = 30


class Page(Part):
    """How a long list is read on.

    Args:
        how: ``cursor`` taken from `next`, page ``number``, ``offset``, or the ``link`` header.
        param: parameter that carries it. next: place of the cursor in the answer.
        first: number of the first page. size: rows asked for, in `size_param`.
    """

    how: Literal["cursor", "number", "offset", "link"]
    param: str = ""
    next: str = "next"
    first: int = 0
    size: Annotated[int, Field(ge=1)] = 50
    size_param: str = ""


class Listing(Part):
    """A call that reads rows.

    Args:
        get: path below the base, or a whole address (no credentials go to another host).
        row: place of the one record in the answer. rows: place of the list; ``.`` is all of it.
    """

    get: Template
    row: str = "."
    rows: str | None = None
    page: Page | None = None


class Find(Part):
    """How rows are found by the values of `by`.

    Args:
        echo: place in the answer that must repeat the value asked by; by default every
            record must hold it in its own columns.
        exact: False where the vendor's search is loose: what does not match is left aside.
        probe: a row exists where the address answers 200; the body is not read.
        assumed: nothing can be read; each value asked by stands for one row.
    """

    by: tuple[str, ...]
    get: Template | None = None
    row: str = "."
    rows: str | None = None
    page: Page | None = None
    echo: str | None = None
    exact: bool = True
    probe: bool = False
    assumed: bool = False

    @field_validator("by", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _asks_or_assumes(self) -> Find:
        if (self.get is None) is not self.assumed:
            raise ValueError("a find rule has `get`, or says that rows are `assumed`")
        if self.echo is not None and len(self.by) != 1:
            raise ValueError("`echo` repeats one value: `by` has one column then")
        return self


class Column(Part):
    """Where a column stands in a record, and what type it has.

    Args:
        at: place (``address.city``), or text with places in braces (``{provider}|{id}``).
        asked: column the rows were asked by, where the record does not repeat it.
        kind: type to read the text or number as; lists and objects become JSON text.
    """

    at: str | None = None
    asked: str | None = None
    kind: Literal["text", "integer", "decimal", "date", "datetime", "unix"] | None = None


class Leaves(Part):
    """What remains after a call, although the vendor took it.

    Args:
        days: days after which the vendor says it is done; None where it does not say. What is
            ``pending`` for so long is an order: asked for once, open until it is confirmed.
    """

    outcome: Literal["pending", "by_hand", "impossible"]
    why: Word
    days: Annotated[int, Field(ge=1)] | None = None


class Send(Part):
    """A call that changes something: ``DELETE /users/{user_id}``.

    Args:
        send: method and path; None where nothing is sent and the row is only told of (`left`).
        when: only for rows in which each column has one of these values.
        expect: place → values of which the answer must hold one (any, where none is named);
            else it was no success.
        then: further calls for the row, in order (purge a cache).
    """

    send: Annotated[str, StringConstraints(pattern=r"^(POST|PUT|PATCH|DELETE) \S+$")] | None = None
    body: dict[str, Any] | None = None
    when: dict[str, tuple[Json, ...]] = Field(default_factory=dict)
    expect: dict[str, tuple[Json, ...]] = Field(default_factory=dict)
    then: tuple[Send, ...] = ()
    left: Leaves | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Send:
        if self.send is None and self.left is None:
            raise ValueError("a rule that sends nothing says what is `left`")
        return self


class ApiDataset(Part):
    """Rows of one shape.

    Args:
        columns: every column that exists, with its place; ``~`` is the place of that name.
        find: how rows are found, by which columns.
        list: how all rows are read, for detectors; without it texts are not searched.
        delete: rules by which a row goes; the first that fits its `when` counts.
        change: call that sets columns; its body is made from their places.
    """

    columns: dict[str, Column]
    find: tuple[Find, ...]
    list: Listing | None = None
    delete: tuple[Send, ...] = ()
    change: Send | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _short_columns(cls, value: Any) -> Any:
        return {k: _short(k, v) for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("delete", mode="before")
    @classmethod
    def _one_rule(cls, value: Any) -> Any:
        return (value,) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _some_rule_fits(self) -> ApiDataset:
        if self.delete and self.delete[-1].when:
            raise ValueError("the last rule of `delete` fits every row: it has no `when`")
        return self

    @model_validator(mode="after")
    def _names_columns(self) -> ApiDataset:
        known = set(self.columns)
        for find in self.find:
            _require(known, find.by, "by")
            _require(set(find.by), _names(find.get), "get")
        for rule in (*self.delete, *([self.change] if self.change else [])):
            _require(known, rule.when, "when")
            for call in _chain(rule):
                _require(known, (*_names(call.send), *_names(call.body)), "send")
        return self


class Proof(Part):
    """A promise of the vendor that its API can be asked about.

    Args:
        kind, subject: of the assurance it supports. days: how long an answer counts.
        expect: place → values of which the answer must hold one.
    """

    kind: Word
    subject: Word
    get: Template
    expect: dict[str, tuple[Json, ...]]
    days: Annotated[int, Field(ge=1)] = 1


class Api(Part):
    """Everything Seiyaku needs to know about an API; see the module.

    Args:
        options: what options are where the settings do not say.
        base: address that paths hang on; the `url` of the system's settings goes before it.
        gone: statuses that say the row is not there.
        errors: a success that holds one of these, filled, at its top was none.
        accept: place → values that every JSON answer must hold (``success: [true]``).
        idempotency: header that carries a key of the run with each change.
        covers, excludes: what reading again looks at, and what it does not see.
    """

    seiyaku_api: Literal[1]
    options: dict[Word, str] = Field(default_factory=dict)
    base: Template
    auth: Auth = Auth()
    headers: dict[str, str] = Field(default_factory=dict)
    rate: Rate | None = None
    retry: Retry = Retry()
    gone: tuple[int, ...] = (404, 410)
    errors: tuple[str, ...] = ("error", "errors")
    accept: dict[str, tuple[Json, ...]] = Field(default_factory=dict)
    idempotency: str | None = None
    countries: tuple[str, ...] = ()
    covers: tuple[str, ...] = ("records the API shows",)
    excludes: tuple[str, ...] = ("backups of the vendor",)
    datasets: dict[Word, ApiDataset]
    proofs: tuple[Proof, ...] = ()


def _short(name: str, value: Any) -> Any:
    if value is None:
        return {"at": name}
    if isinstance(value, str):
        return {"at": value}
    if isinstance(value, dict) and not {"at", "asked"} & set(value):
        return {"at": name, **value}
    return value


def _chain(rule: Send) -> Iterator[Send]:
    yield rule
    for after in rule.then:
        yield from _chain(after)


def _names(value: Any) -> Iterator[str]:
    """Every name in braces, in a text or anywhere in a body."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part)


def _require(known: set[str], names: Any, where: str) -> None:
    unknown = sorted(set(names) - known)
    if unknown:
        raise ValueError(f"`{where}` names `{unknown[0]}`, which is neither a column nor an option")
