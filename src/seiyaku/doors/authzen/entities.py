"""The entities of the norm as the gate's words: who, what is done, with what, around what.

| the norm | here |
|---|---|
| subject ``type``, ``id`` | kind of people, the person's key |
| resource ``type``, ``id`` | ``item``, its word; or what `Names` says |
| its properties | ``source`` · ``data_at`` · ``masked`` |
| action ``name`` | the purpose; ``collect`` or ``keep`` alone is that act, for no purpose |
| its properties | ``act`` · ``recipient`` · ``relation`` · ``country`` · ``route`` |
| context | ``time`` (now without) · ``contexts`` · ``scopes`` |

Without ``act`` a purpose means ``use``, and ``send`` where a recipient is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, get_args

from seiyaku.doors.authzen.message import (
    Json,
    Malformed,
    as_object,
    flag,
    member,
    optional_text,
    properties,
    text,
    texts,
)
from seiyaku.gate.model import Handling
from seiyaku.kernel.clock import parse_at
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Act

ITEM = "item"
"""Type of a resource that is a declared item under its own word."""
ACTS: tuple[Act, ...] = get_args(Act)
ALONE: tuple[Act, ...] = ("collect", "keep")
"""Acts that need no purpose, and so are actions by themselves."""


class Subject(NamedTuple):
    """Whose data: kind of people and key."""

    type: str
    id: PersonId


class Resource(NamedTuple):
    """What is handled.

    Args:
        item: its word in the policy; None where `Names` knows no such resource.
    """

    item: str | None
    source: str | None = None
    data_at: datetime | None = None
    masked: bool = False


class Action(NamedTuple):
    """What is done and why."""

    act: Act
    purpose: str | None = None
    recipient: str | None = None
    relation: str | None = None
    country: str | None = None
    route: str | None = None


class Context(NamedTuple):
    """When and under which circumstances; `at` None means now."""

    at: datetime | None = None
    contexts: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


NOWHERE = Context()


@dataclass(frozen=True)
class Names:
    """What callers call the things of the policy, where they have names of their own.

    Args:
        resources: for each type of resource, ids and the items they stand for.
    """

    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def item(self, type: str, id: str) -> str | None:
        """The item a resource stands for; None where nobody said so."""
        if type in self.resources:
            return self.resources[type].get(id)
        return id if type == ITEM else None

    def ids(self, type: str, items: tuple[str, ...]) -> Mapping[str, str]:
        """Every id of this type and its item."""
        if type in self.resources:
            return self.resources[type]
        return {item: item for item in items} if type == ITEM else {}


def subject_of(request: Json) -> Subject:
    """The subject of a request.

    Raises:
        Malformed: it is missing or not as it should be; so do the others below.
    """
    entity = member(request, "subject")
    if "properties" in entity:
        properties(entity, "subject")
    return Subject(text(entity, "type", "subject"), PersonId(text(entity, "id", "subject")))


def resource_of(request: Json, names: Names) -> Resource:
    """The resource of a request."""
    entity = member(request, "resource")
    item = names.item(text(entity, "type", "resource"), text(entity, "id", "resource"))
    if "properties" not in entity:
        return Resource(item)
    more, name = properties(entity, "resource"), "resource.properties"
    return Resource(
        item,
        optional_text(more, "source", name),
        _moment(more, "data_at", name),
        flag(more, "masked", name),
    )


def action_of(request: Json) -> Action:
    """The action of a request."""
    entity = member(request, "action")
    word = text(entity, "name", "action")
    if "properties" not in entity:
        return _plain(word)
    more, name = properties(entity, "action"), "action.properties"
    recipient = optional_text(more, "recipient", name)
    act = optional_text(more, "act", name)
    if act is None and word in ALONE:
        act, purpose = word, None
    else:
        purpose = word
    return Action(
        _act(act, recipient),
        purpose,
        recipient,
        optional_text(more, "relation", name),
        optional_text(more, "country", name),
        optional_text(more, "route", name),
    )


def context_of(request: Json) -> Context:
    """The context of a request; now and without circumstances where it has none."""
    if "context" not in request:
        return NOWHERE
    entity = as_object(request["context"], "`context`")
    return Context(
        _moment(entity, "time", "context"),
        texts(entity, "contexts", "context"),
        texts(entity, "scopes", "context"),
    )


def without_id(request: Json, name: str) -> Json:
    """The request with any id of the entity searched for left out, as a search ignores it."""
    return {**request, name: {**member(request, name), "id": ""}}


@lru_cache(maxsize=4096)
def handling_of(action: Action, context: Context, masked: bool) -> Handling:
    """What is being done, without whose and which item."""
    return Handling(
        act=action.act,
        purpose=action.purpose,
        recipient=action.recipient,
        relation=action.relation,
        country=action.country,
        route=action.route,
        contexts=context.contexts,
        scopes=context.scopes,
        masked=masked,
    )


@lru_cache(maxsize=4096)
def _plain(word: str) -> Action:
    for act in ALONE:
        if word == act:
            return Action(act)
    return Action("use", word)


def _act(word: str | None, recipient: str | None) -> Act:
    if word is None:
        return "use" if recipient is None else "send"
    for act in ACTS:
        if word == act:
            return act
    raise Malformed("`action.properties.act` is none of collect, use, send, keep")


def _moment(entity: Json, key: str, name: str) -> datetime | None:
    word = optional_text(entity, key, name)
    if word is None:
        return None
    try:
        return parse_at(word)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"`{name}.{key}` is no ISO 8601 moment with a time zone") from error
