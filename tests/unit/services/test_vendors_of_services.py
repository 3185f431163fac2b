"""The packaged data maps name every column their vendors show, and none that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seiyaku import services
from seiyaku.datamap.model import DataMap, SystemEntry
from seiyaku.datamap.reach import OUTSIDE, with_hands
from seiyaku.kernel.document import check_model, read_document
from seiyaku.systems import SystemSettings, open_system

OPTIONS = {
    "ad_partner": {"domain": "shop.example", "kid": "1"},
    "auth0": {"domain": "https://tenant.example", "application": "app"},
    "cloudflare_images": {"account": "a", "zone": "z", "delivery": "https://images.example"},
    "google_analytics": {"property": "7"},
    "notice": {"from": "privacy@shop.example", "to": "privacy@holder.example"},
}
URLS = {
    "ad_partner": "https://partner.example",
    "chain": "https://node.example",
    "notice": "smtp://mx.example:587",
}


def _vendors() -> Iterator[tuple[str, str, SystemEntry]]:
    for service in services.available():
        data = read_document(services.path(service) / "datamap.yaml")
        for name, entry in check_model(data, DataMap).systems.items():
            if entry.kind in OUTSIDE and entry.datasets:
                yield service, name, entry


VENDORS = list(_vendors())


def test_every_service_names_vendors_by_what_they_are() -> None:
    kinds = {entry.kind for _, _, entry in VENDORS}
    assert kinds == OUTSIDE - {"http"}, "one of each, but for those a company declares itself"


@pytest.mark.parametrize(
    ("service", "name", "entry"), VENDORS, ids=[f"{s}-{n}" for s, n, _ in VENDORS]
)
def test_a_vendor_is_mapped_column_by_column(
    service: str, name: str, entry: SystemEntry, tmp_path: Path
) -> None:
    settings = SystemSettings(
        url=URLS.get(entry.kind),
        secret="secret",
        options=OPTIONS.get(entry.kind, {}),
        memory=tmp_path,
    )
    system = open_system(name, entry, settings)
    try:
        tables = {t.name: {c.name for c in t.columns} for t in system.surface()}
    finally:
        system.close()
    for dataset, declared in entry.datasets.items():
        assert set(declared.fields) == tables[declared.table or dataset], dataset


@pytest.mark.parametrize("service", services.available())
def test_a_home_that_reaches_nobody_has_a_task_for_each(service: str) -> None:
    declared = check_model(read_document(services.path(service) / "datamap.yaml"), DataMap)
    ours = {n for n, e in declared.systems.items() if e.kind not in OUTSIDE}
    for name, entry in with_hands(declared, ours).systems.items():
        if declared.systems[name].kind in OUTSIDE:
            assert entry.kind in ("by_hand", "chain"), name
            assert entry.holds, name
            assert entry.found_by, name
