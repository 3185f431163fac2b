"""One small world for each vendor that has a stand-in of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from saas_world import AT, FAST, MOMENT, datamap, known, opener, spoiled
from seiyaku.datamap.system import Row
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.testing.bad_days import between
from seiyaku.testing.fakes.server import VendorFake
from seiyaku.testing.fakes.vendors import CloudflareFake, OpenAiFake, PrintfulFake
from seiyaku.testing.system_suite import Bench

LINK = [{"by": "id", "to": "app.users", "columns": "vendor_id"}]
ORDERS: dict[str, Any] = {
    "orders": {
        "key": "id",
        "links": LINK,
        "fields": {
            "id": None,
            "status": None,
            "created_at": None,
            "recipient_name": "name",
            "recipient_zip": "postal_address",
        },
    }
}
IMAGES: dict[str, Any] = {
    "images": {
        "key": "id",
        "links": LINK,
        "fields": {"id": None, "filename": "image", "uploaded": None},
    }
}
RESPONSES: dict[str, Any] = {
    "responses": {"key": "id", "links": LINK, "fields": {"id": None, "output": "research_query"}},
    "files": {"key": "id", "links": LINK, "fields": {"id": None, "filename": "research_query"}},
}


def order(number: int, status: str, name: str) -> dict[str, Any]:
    recipient = {"name": name, "zip": "150-0001", "country_code": "JP"}
    return {
        "id": number,
        "external_id": f"x{number}",
        "status": status,
        "created_at": AT,
        "recipient": recipient,
    }


@contextmanager
def printful(memory: Path) -> Iterator[tuple[PrintfulFake, Bench]]:
    """Mei's draft order, and one of Ken's."""
    fake = PrintfulFake(
        orders={"11": order(11, "draft", "Mei-mark"), "12": order(12, "draft", "K")}
    )

    def look() -> list[Row]:
        return [
            (o["id"], o["status"], MOMENT, o["recipient"]["name"], o["recipient"]["zip"])
            for o in fake.orders.values()
        ]

    with _bench(fake, "printful", ORDERS, memory, "11", lambda: {"orders": look()}) as bench:
        yield fake, bench


@contextmanager
def cloudflare(memory: Path) -> Iterator[tuple[CloudflareFake, Bench]]:
    """An image each, both in the cache."""
    fake = CloudflareFake(cached={"m/1", "k1"})
    for name, title in (("m/1", "Mei-mark.png"), ("k1", "k.png")):
        fake.images[name] = {"id": name, "filename": title, "uploaded": AT}

    def look() -> list[Row]:
        return [(i["id"], i["filename"], MOMENT) for i in fake.images.values()]

    with _bench(
        fake, "cloudflare_images", IMAGES, memory, "m/1", lambda: {"images": look()}
    ) as bench:
        yield fake, bench


@contextmanager
def openai(memory: Path) -> Iterator[tuple[OpenAiFake, Bench]]:
    """A stored response of Mei, and one of Ken."""
    fake = OpenAiFake()
    for name in ("resp_mei", "resp_ken"):
        fake.objects[name] = {
            "id": name,
            "object": "response",
            "output": ["Mei-mark" if name == "resp_mei" else "Ken"],
            "error": {"code": "server_error"},
        }

    def look() -> list[Row]:
        return [(o["id"], json.dumps(o["output"])) for o in fake.objects.values()]

    with _bench(
        fake, "openai", RESPONSES, memory, "resp_mei", lambda: {"responses": look()}
    ) as bench:
        yield fake, bench


@contextmanager
def _bench(
    fake: VendorFake, kind: str, datasets: Mapping[str, Any], memory: Path, mine: str, look: Any
) -> Iterator[Bench]:
    def shown() -> dict[DatasetId, list[Row]]:
        with fake.guard:
            return {DatasetId(f"own.{n}"): rows for n, rows in look().items()}

    held = {d: [r for r in rows if str(r[0]) == mine] for d, rows in shown().items()}
    declared = datamap(kind, datasets, vendor_id=None)
    with fake.running() as url, between(url) as vendor:
        options = {
            "account": "acc",
            "zone": "zone",
            "property": "7",
            "delivery": f"{vendor.url}/delivery",
            **FAST,
        }
        yield Bench(
            system=SystemId("own"),
            datamap=declared,
            open=opener(declared, memory, vendor.url, **options),
            person=known("vendor_id", mine),
            absent=known("vendor_id", "0"),
            held=held,
            referring={},
            look=shown,
            cut_off=lambda: spoiled(vendor, "silent"),
            spoil=lambda: spoiled(vendor, "failing", "DELETE"),
            markers=("Mei-mark",),
            throttle=lambda: spoiled(vendor, "throttled"),
        )
