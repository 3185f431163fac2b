"""Vendors' counterparts for tests: programs of their own, one of each in a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seiyaku.testing.programs import anvil, localstripe


@pytest.fixture(scope="session")
def localstripe_url() -> Iterator[str]:
    """A running localstripe, started at its first use."""
    with localstripe() as url:
        yield url


@pytest.fixture(scope="session")
def anvil_url() -> Iterator[str]:
    """A running chain, started at its first use."""
    with anvil() as url:
        yield url
