"""Stripe passes the public suite against localstripe, as far as a vendor can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems.stripe import stripe_system
from seiyaku.testing.bad_days import Between, Call, between
from seiyaku.testing.programs import card_only
from seiyaku.testing.system_suite import Bench, Correction, SystemSuite
from stripe_shop import KNOWN, Shop, stripe_entry, stripe_map

NO_TRANSACTIONS = "a vendor has no transactions; the run is taken up again and ends the same"


class TestStripe(SystemSuite):
    gaps: ClassVar = {"test_a_failure_half_way_leaves_nothing_half_done": NO_TRANSACTIONS}

    @pytest.fixture
    def proxy(self, localstripe_url: str) -> Iterator[Between]:
        with between(localstripe_url) as proxy:
            proxy.reword = lambda call: card_only(call.method, call.path)
            yield proxy

    @pytest.fixture
    def bench(self, proxy: Between, tmp_path: Path) -> Bench:
        shop = Shop(proxy.upstream)
        shop.flush()
        mine = shop.customer("marker-one@example.com", "marker-two")
        shop.customer("two@example.com", "two")
        kept = shop.rows()
        own = {d: [r for r in rows if mine in r] for d, rows in kept.items()}

        @contextmanager
        def cut_off() -> Iterator[None]:
            proxy.spoil(*["silent"] * 500)
            yield
            proxy.heal()

        @contextmanager
        def spoil() -> Iterator[None]:
            proxy.spoil(*["failing"] * 500, when=_second_effect())
            yield
            proxy.heal()

        return Bench(
            system=SystemId("stripe"),
            datamap=stripe_map("subscriptions", "payment_methods", "customers"),
            open=lambda: stripe_system(
                "stripe",
                stripe_entry("subscriptions", "payment_methods", "customers"),
                key="sk_test_x",
                memory=tmp_path / "runs",
                url=proxy.url,
                patience=Patience(tries=2, first_s=0.01),
            ),
            person=KNOWN(mine),
            absent=KNOWN("cus_nobody"),
            held=own,
            referring={},
            look=shop.rows,
            cut_off=cut_off,
            spoil=spoil,
            markers=("marker-one@example.com", "marker-two"),
            correction=Correction(DatasetId("stripe.customers"), "name", "New Name"),
        )


def _second_effect() -> Callable[[Call], bool]:
    """Lets one change through, then none."""
    seen: list[str] = []

    def spoiled(call: Call) -> bool:
        if call.method == "GET":
            return False
        seen.append(call.path)
        return len(set(seen)) > 1

    return spoiled
