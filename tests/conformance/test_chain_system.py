"""A chain passes the public suite as far as something that never forgets can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from chain_world import Chain, chain_map, known, new_address
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems._shared.patience import Patience
from seiyaku.systems._shared.web import Web
from seiyaku.systems.chain import ChainSystem, Ledger
from seiyaku.testing.bad_days import between
from seiyaku.testing.system_suite import Bench, SystemSuite

NOTHING_GOES = "nothing can be removed from a chain: a plan says impossible and cuts the links"


class TestChain(SystemSuite):
    gaps: ClassVar = {
        "test_an_erasure_takes_the_person_and_nobody_else": NOTHING_GOES,
        "test_what_was_exported_is_what_is_erased": NOTHING_GOES,
        "test_after_an_erasure_the_old_values_find_nothing": NOTHING_GOES,
        "test_a_run_repeated_changes_nothing_more": NOTHING_GOES,
        "test_two_at_once_do_it_once": NOTHING_GOES,
        "test_a_failure_half_way_leaves_nothing_half_done": NOTHING_GOES,
        "test_it_says_what_reading_again_covers": "it is immutable, and the suite asks that it "
        "is not; what it covers is asked beside it",
        "test_texts_can_be_read_by_row": "everybody's transactions are no data of ours to scan",
    }

    @pytest.fixture
    def bench(self, anvil_url: str) -> Iterator[Bench]:
        chain, datamap = Chain(anvil_url), chain_map()
        first = chain.next_block()
        mine, other = new_address(), new_address()
        paid = [chain.pay(mine, 5), chain.pay(mine, 10**18)]
        chain.pay(other, 7)
        token = chain.mint(mine, 42)
        chain.mint(other, 43)
        with between(anvil_url) as proxy:

            @contextmanager
            def cut_off() -> Iterator[None]:
                proxy.spoil(*["silent"] * 100)
                yield
                proxy.heal()

            def opened() -> ChainSystem:
                web = Web("chain", proxy.url, patience=Patience(tries=2, first_s=0.01))
                return ChainSystem("chain", datamap.systems["chain"], Ledger("chain", web, first))

            yield Bench(
                system=SystemId("chain"),
                datamap=datamap,
                open=opened,
                person=known(mine.upper().replace("0X", "0x")),
                absent=known(new_address()),
                held={
                    DatasetId("chain.transactions"): [
                        chain.transaction(h, mine.upper().replace("0X", "0x")) for h in paid
                    ],
                    DatasetId("chain.transfers"): [
                        chain.transfer(token, mine.upper().replace("0X", "0x"), 42)
                    ],
                },
                referring={},
                look=lambda: {DatasetId("chain.transactions"): chain.blocks(first)},
                cut_off=cut_off,
                spoil=cut_off,
                markers=(mine, mine.upper()[2:]),
            )

    def test_it_says_from_which_block_it_reads(self, bench: Bench) -> None:
        can = bench.open().capabilities
        assert can.immutable
        assert "from block" in can.covers[0]
        assert can.excludes
        assert can.verbs == ()
