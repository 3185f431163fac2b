"""From a request's members to entities; each raises `Malformed` where a member is not sound."""

from __future__ import annotations

from datetime import datetime

from seiyaku.doors.authzen import entities
from seiyaku.doors.authzen.entities import (
    ACTS,
    ALONE,
    NOWHERE,
    Action,
    Context,
    Names,
    Resource,
    Subject,
)
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
from seiyaku.kernel.clock import parse_at
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Act

Words = tuple[str, str, str, str | None]
"""Action, type and id of the resource, and source of a plain request."""


def plain(request: Json) -> Words | None:
    """The words of a request with nothing else but a subject; None of any other.

    It reads what most requests are, without looking whether they are sound: the words are
    compared with those of sound requests, and only those are answered by them.
    """
    try:
        action, resource, source = request["action"], request["resource"], None
        if len(resource) == 3 and len(resource["properties"]) == 1:
            source = resource["properties"]["source"]
            if type(source) is not str:
                return None
        elif len(resource) != 2:
            return None
        if len(request) != 3 or len(action) != 1 or len(request["subject"]) != 2:
            return None
        words = (action["name"], resource["type"], resource["id"], source)
        hash(words)
        return words
    except (KeyError, TypeError):
        return None


class Reader:
    """Reads entities.

    Args:
        names: what callers call the things of the policy.
    """

    def __init__(self, names: Names) -> None:
        self.names = names

    def subject(self, request: Json) -> Subject:
        """The subject of a request."""
        entity = member(request, "subject")
        if "properties" in entity:
            properties(entity, "subject")
        return text(entity, "type", "subject"), PersonId(text(entity, "id", "subject"))

    def resource(self, request: Json) -> Resource:
        """The resource of a request."""
        entity = member(request, "resource")
        item = self.names.item(text(entity, "type", "resource"), text(entity, "id", "resource"))
        if "properties" not in entity:
            return entities.resource(item)
        more, name = properties(entity, "resource"), "resource.properties"
        return entities.resource(
            item,
            optional_text(more, "source", name),
            _moment(more, "data_at", name),
            flag(more, "masked", name),
        )

    def action(self, request: Json) -> Action:
        """The action of a request."""
        entity = member(request, "action")
        word = text(entity, "name", "action")
        return _action(word, properties(entity, "action") if "properties" in entity else {})


def context_of(request: Json) -> Context:
    """The context of a request; now and without circumstances where it has none."""
    if "context" not in request:
        return NOWHERE
    entity = as_object(request["context"], "`context`")
    return entities.context(
        _moment(entity, "time", "context"),
        texts(entity, "contexts", "context"),
        texts(entity, "scopes", "context"),
    )


def without_id(request: Json, name: str) -> Json:
    """The request with any id of the entity searched for left out, as a search ignores it."""
    return {**request, name: {**member(request, name), "id": ""}}


def _action(word: str, more: Json) -> Action:
    name = "action.properties"
    act, recipient = optional_text(more, "act", name), optional_text(more, "recipient", name)
    alone = word in ALONE and act in (None, word)
    return entities.action(
        _act(word if alone else act, recipient),
        None if alone else word,
        recipient,
        optional_text(more, "relation", name),
        optional_text(more, "country", name),
        optional_text(more, "route", name),
    )


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
