"""The tea shop of the doors' tests, opened once a module and put back after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unit.doors.outgoing_world import World, shop


@pytest.fixture(scope="module")
def opened_shop() -> Iterator[World]:
    with shop() as world:
        yield world


@pytest.fixture
def world(opened_shop: World) -> Iterator[World]:
    """The shop as it opened; what people said in a test stays said."""
    yield opened_shop
    opened_shop.put_back()
