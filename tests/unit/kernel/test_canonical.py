"""What is hashed is written in one way only."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.kernel.canonical import canonical_json, digest
from seiyaku.kernel.clock import SystemClock, parse_at

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_canonical_json_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_change_a_digest(value: dict[str, int]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


@pytest.mark.parametrize("value", [1.5, [1.0], {"a": {"b": 2.0}}])
def test_a_float_is_refused_because_its_text_differs_between_writers(value: object) -> None:
    with pytest.raises(TypeError, match="float"):
        canonical_json(value)


def test_a_key_that_is_not_text_is_refused() -> None:
    with pytest.raises(TypeError, match="key"):
        canonical_json({1: "a"})


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse_at("2026-02-16T09:00:00")


def test_the_clock_tells_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert parse_at("2026-02-16T09:00:00+09:00") == datetime(2026, 2, 16, tzinfo=UTC)
