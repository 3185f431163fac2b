"""Vendors behind an API pass the public suite as far as vendors go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from saas_vendors import cloudflare, openai, printful

from saas_world import auth0_bench, tenant
from seiyaku.testing.bad_days import between
from seiyaku.testing.system_suite import Bench, SystemSuite

NO_TRANSACTION = "a vendor has no transaction: what was not done is done when the run goes on"


class TestAuth0(SystemSuite):
    """Users with linked identities, sessions and tokens."""

    gaps: ClassVar = {
        "test_a_failure_half_way_leaves_nothing_half_done": NO_TRANSACTION,
    }

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        fake = tenant()
        with fake.running() as url, between(url) as vendor:
            yield auth0_bench(fake, vendor, tmp_path / "runs")


NOT_LISTED = "the vendor lists no rows a detector could read"


class TestPrintful(SystemSuite):
    """Orders that were not made yet."""

    gaps: ClassVar = {
        "test_a_failure_half_way_leaves_nothing_half_done": NO_TRANSACTION,
    }

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with printful(tmp_path / "runs") as (_, bench):
            yield bench


class TestCloudflareImages(SystemSuite):
    """An image is there while the API shows it or its address answers."""

    gaps: ClassVar = {
        "test_a_failure_half_way_leaves_nothing_half_done": NO_TRANSACTION,
        "test_texts_can_be_read_by_row": NOT_LISTED,
    }

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with cloudflare(tmp_path / "runs") as (_, bench):
            yield bench


class TestOpenAi(SystemSuite):
    """Stored responses."""

    gaps: ClassVar = {
        "test_a_failure_half_way_leaves_nothing_half_done": NO_TRANSACTION,
        "test_texts_can_be_read_by_row": NOT_LISTED,
    }

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with openai(tmp_path / "runs") as (_, bench):
            yield bench
