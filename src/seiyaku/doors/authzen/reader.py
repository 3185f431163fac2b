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

_KEPT = 8192


class Reader:
    """Reads entities. Those without properties are few and come often: they are kept.

    Args:
        names: what callers call the things of the policy.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self._resources: dict[tuple[str, str], Resource] = {}
        self._actions: dict[str, Action] = {}

    def subject(self, request: Json) -> Subject:
        """The subject of a request."""
        try:
            entity = request["subject"]
            if len(entity) == 2:
                kind, key = entity["type"], entity["id"]
                if type(kind) is str is type(key):
                    return kind, PersonId(key)
        except (KeyError, TypeError):
            pass
        return self._subject(member(request, "subject"))

    def _subject(self, entity: Json) -> Subject:
        if "properties" in entity:
            properties(entity, "subject")
        return text(entity, "type", "subject"), PersonId(text(entity, "id", "subject"))

    def resource(self, request: Json) -> Resource:
        """The resource of a request."""
        try:
            entity = request["resource"]
            if len(entity) == 2:
                return self._resources[entity["type"], entity["id"]]
        except (KeyError, TypeError):
            pass
        return self._resource(member(request, "resource"))

    def _resource(self, entity: Json) -> Resource:
        kind, word = text(entity, "type", "resource"), text(entity, "id", "resource")
        item = self.names.item(kind, word)
        if "properties" in entity:
            return _with_properties(item, properties(entity, "resource"))
        if len(self._resources) < _KEPT:
            self._resources[kind, word] = entities.resource(item)
        return entities.resource(item)

    def action(self, request: Json) -> Action:
        """The action of a request."""
        try:
            entity = request["action"]
            if len(entity) == 1:
                return self._actions[entity["name"]]
        except (KeyError, TypeError):
            pass
        return self._action(member(request, "action"))

    def _action(self, entity: Json) -> Action:
        word = text(entity, "name", "action")
        if "properties" in entity:
            return _action_with(word, properties(entity, "action"))
        if len(self._actions) < _KEPT:
            self._actions[word] = _plain_action(word)
        return _plain_action(word)


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


def _with_properties(item: str | None, more: Json) -> Resource:
    name = "resource.properties"
    return entities.resource(
        item,
        optional_text(more, "source", name),
        _moment(more, "data_at", name),
        flag(more, "masked", name),
    )


def _plain_action(word: str) -> Action:
    for act in ALONE:
        if word == act:
            return entities.action(act)
    return entities.action("use", word)


def _action_with(word: str, more: Json) -> Action:
    name = "action.properties"
    act, recipient = optional_text(more, "act", name), optional_text(more, "recipient", name)
    if act is None and word in ALONE:
        act, purpose = word, None
    else:
        purpose = word
    return entities.action(
        _act(act, recipient),
        purpose,
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
