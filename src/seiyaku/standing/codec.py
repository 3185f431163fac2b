"""Events as JSON: the form they are stored and exported in.

An event is a flat object whose ``event`` names its kind (``"consent"``); times are ISO 8601
with a zone; parts that say nothing are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, cast, get_args

from pydantic import TypeAdapter, ValidationError

from seiyaku.kernel.errors import InvalidInput
from seiyaku.standing import model
from seiyaku.standing.model import Event

JsonObject = dict[str, Any]

_KINDS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in get_args(model.Event)}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(k) for name, k in _KINDS.items()}


def events_to_json(events: Iterable[Event]) -> list[JsonObject]:
    """`events` as JSON objects, in the order given.

    Examples:
        >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
        >>> events_to_json([model.Acceptance(model.PersonId("7"), noon, "2026-02-16")])
        [{'event': 'acceptance', 'person': '7', 'at': '2026-03-01T12:00:00Z', \
'version': '2026-02-16'}]
    """
    return [_to_json(event) for event in events]


def event_from_json(value: Mapping[str, Any]) -> Event:
    """The event written as `value`; times are brought to UTC.

    Raises:
        InvalidInput: SY128 the kind is unknown, a part is missing, unknown or wrong, or a
            time has no zone. Names the parts, never their values.
    """
    name = str(value.get("event"))
    if name not in _KINDS:
        raise InvalidInput(
            "the event is of no known kind", code="SY128", hint=f"kinds: {', '.join(_KINDS)}"
        )
    parts = {key: part for key, part in value.items() if key != "event"}
    known = {f.name for f in fields(_KINDS[name])}
    _refuse(name, sorted(set(parts) - known), f"parts of `{name}`: {', '.join(sorted(known))}")
    _refuse(name, [k for k in ("at", "presented_at") if _zoneless(parts.get(k))], "add the zone")
    try:
        event = _ADAPTERS[name].validate_json(_dumped(parts), strict=True)
    except ValidationError as error:
        wrong = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
        _refuse(name, wrong, "see the kinds of events")
        raise
    return cast(Event, _in_utc(event))


def events_from_json(values: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """The events written as `values`; raises as `event_from_json`."""
    return tuple(event_from_json(value) for value in values)


def _to_json(event: Event) -> JsonObject:
    name = type(event).__name__.lower()
    parts = _ADAPTERS[name].dump_python(event, mode="json", exclude_defaults=True)
    return {"event": name, **parts}


def _dumped(parts: JsonObject) -> bytes:
    return TypeAdapter(JsonObject).dump_json(parts)


def _refuse(name: str, parts: list[str], hint: str) -> None:
    if parts:
        listed = ", ".join(f"`{part}`" for part in parts)
        raise InvalidInput(f"event `{name}`: cannot take {listed}", code="SY128", hint=hint)


def _zoneless(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False  # no moment at all: found, and named, by the check of types


def _in_utc(event: Any) -> Any:
    moved = {
        f.name: moment.astimezone(UTC)
        for f in fields(event)
        if isinstance(moment := getattr(event, f.name), datetime)
    }
    return type(event)(**{f.name: getattr(event, f.name) for f in fields(event)} | moved)
