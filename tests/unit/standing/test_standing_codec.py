"""Events as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.standing import Consent, Scope, event_from_json, events_from_json, events_to_json

ME = PersonId("aki@example.jp")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {"event": "acceptance", "person": "7", "at": "2026-03-01T12:00:00Z", "version": "v1"}


def test_an_event_keeps_every_part_through_json() -> None:
    consent = Consent(
        ME,
        NOON,
        Scope(("email",), ("ads",), ("printer",)),
        "v1",
        presented_at=NOON,
        countries=("US",),
        kind="deemed",
        text_sha256="0" * 64,
        informed=("country_name",),
        by_guardian=True,
    )
    written = json.loads(json.dumps(events_to_json([consent])))
    assert events_from_json(written) == (consent,)


def test_moments_are_brought_to_utc() -> None:
    event = event_from_json(GOOD | {"at": "2026-03-01T21:00:00+09:00"})
    assert event.at == NOON
    assert event.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"event": "whim"}, "kind"),
        ({"at": "2026-03-01T12:00:00"}, "`at`"),
        ({"at": "noon"}, "`at`"),
        ({"version": 7}, "`version`"),
        ({"mood": "good"}, "`mood`"),
    ],
)
def test_bad_events_are_refused_by_part_and_without_the_persons_words(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        event_from_json(GOOD | {"person": ME} | change)
    assert refused.value.code == "SY128"
    assert named in str(refused.value)
    assert ME not in str(refused.value) + refused.value.hint()


def test_a_missing_part_is_named() -> None:
    with pytest.raises(InvalidInput, match="`version`"):
        event_from_json({k: v for k, v in GOOD.items() if k != "version"})
