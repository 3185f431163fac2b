"""Holders that are asked and not read pass the public suite as far as an order can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from asked_world import asked_map, handles
from seiyaku.datamap.system import Handles
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems._shared.patience import Patience, no_answer
from seiyaku.systems.ad_partner import Signer, ad_partner_system
from seiyaku.systems.notice import NoticeSystem, Told
from seiyaku.testing.bad_days import between
from seiyaku.testing.fakes.ddr_partner import DdrPartner, Key
from seiyaku.testing.system_suite import Bench, SystemSuite

NOT_READ = "the holder cannot be read: what is asked by stands for what it holds"
OPEN = "an order is open until the holder confirms it"
GAPS = {
    "test_somebody_unknown_has_nothing": NOT_READ,
    "test_a_system_that_does_not_answer_says_so": NOT_READ,
    "test_texts_can_be_read_by_row": NOT_READ,
    "test_an_erasure_takes_the_person_and_nobody_else": OPEN,
    "test_what_was_exported_is_what_is_erased": OPEN,
    "test_a_failure_half_way_leaves_nothing_half_done": "a run that began is remembered: taken "
    "up again, it says so",
    "test_after_an_erasure_the_old_values_find_nothing": OPEN,
}
MINE = "marker-one"


def bench_of(
    kind: str, opened: Callable[[Any], Any], spoil: Callable[[], Any], look: Callable[[], int]
) -> Bench:
    datamap = asked_map(kind, aaid="")
    dataset = DatasetId("other.aaid")
    return Bench(
        system=SystemId("other"),
        datamap=datamap,
        open=lambda: opened(datamap.systems["other"]),
        person=handles(aaid=MINE),
        absent=Handles({**handles(aaid="marker-nobody").values}),
        held={dataset: [(MINE,)]},
        referring={},
        look=lambda: {dataset: [("asked", n) for n in range(look())]},
        cut_off=spoil,
        spoil=spoil,
        markers=(MINE,),
    )


class TestNotice(SystemSuite):
    gaps: ClassVar = GAPS

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        away: list[bool] = []
        told: list[Told] = []

        def send(order: Told) -> None:
            if away:
                raise no_answer("other")
            told.append(order)

        @contextmanager
        def spoil() -> Iterator[None]:
            away.append(True)
            yield
            away.clear()

        def opened(entry: Any) -> NoticeSystem:
            return NoticeSystem("other", entry, send, tmp_path / "memory")

        return bench_of("notice", opened, spoil, lambda: len(told))


class TestAdPartner(SystemSuite):
    gaps: ClassVar = GAPS

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        own = Key("own-1")
        partner = DdrPartner("ads.example", own)
        with between("http://127.0.0.1:9") as proxy:
            proxy.answers = partner

            @contextmanager
            def spoil() -> Iterator[None]:
                proxy.spoil(*["failing"] * 50)
                yield
                proxy.heal()

            def opened(entry: Any) -> Any:
                return ad_partner_system(
                    "other",
                    entry,
                    url=proxy.url,
                    domain="ads.example",
                    signer=Signer("shop.example", "own-1", own.pem),
                    memory=tmp_path / "memory",
                    patience=Patience(tries=2, first_s=0.01),
                )

            yield bench_of("ad_partner", opened, spoil, lambda: len(partner.received))
        assert partner.unknown == []
