"""One advertising partner as a system: it cannot be read, only asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, ColumnSurface, Left, Row, TableSurface
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.clock import Clock, SystemClock
from seiyaku.laws import tokyo_day
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.orders import Order, Orders
from seiyaku.systems._shared.patience import Patience, not_understood
from seiyaku.systems._shared.vendor import Values, VendorSystem
from seiyaku.systems._shared.web import Web

if TYPE_CHECKING:
    from seiyaku.systems.ad_partner.tokens import Signer

_CAN = Capabilities(
    asynchronous=True,
    covers=("whether the partner confirmed what it was asked",),
    excludes=("what the partner holds: it cannot be read", "whom the partner told in turn"),
    verbs=("delete",),
)


@dataclass
class AdPartner:
    """A partner that publishes a ``dsrdelete.json``.

    Args:
        system, entry: its id and declaration: a dataset for each kind of identifier, its table
            named as the framework names the kind (``aaid``, ``idfa``).
        web: its domain. domain: what its answers are issued by.
        signer: who signs for us. orders: what it was asked.
        answer_days: days after which a person asks what became of it.
    """

    system: str
    entry: SystemEntry
    web: Web
    domain: str
    signer: Signer
    orders: Orders
    clock: Clock = field(default_factory=SystemClock)
    answer_days: int = 45

    @property
    def capabilities(self) -> Capabilities:
        return _CAN

    def surface(self) -> tuple[TableSurface, ...]:
        return tuple(
            TableSurface(d.table or n, tuple(ColumnSurface(c, "text") for c in d.fields), d.key)
            for n, d in self.entry.datasets.items()
        )

    def fetch(self, table: str, by: tuple[str, ...], row: Row) -> Iterable[Record]:
        """What we ask by: the partner tells nobody what it holds."""
        return [dict(zip(by, row, strict=True))]

    def every(self, table: str) -> Iterator[Record]:
        return iter(())

    def remove(self, table: str, record: Record, once: str) -> Left | None:
        order = self.orders.get(once)
        if order is None:
            asked = self._ask(table, record, once)
            if isinstance(asked, Left):
                return asked
            order = asked
        today = tokyo_day(self.clock.now())
        return order.waits(today, pending="acknowledged", late="acknowledged_not_confirmed")

    def change(self, table: str, record: Record, values: Values, once: str) -> Left | None:
        return Left("by_hand", 1, "cannot_be_written")

    def remains(self, table: str, record: Record) -> bool:
        return self.orders.remains(table, record)

    def close(self) -> None:
        self.web.close()

    @cached_property
    def _published(self) -> Mapping[str, Any]:
        read = self.web.get("/dsrdelete.json")
        wanted = {"endpoint": str, "identifiers": list, "publicKey": list}
        if not isinstance(read, dict) or any(
            not isinstance(read.get(k), t) for k, t in wanted.items()
        ):
            raise not_understood(self.system)
        return read

    def _ask(self, kind: str, record: Record, once: str) -> Order | Left:
        from seiyaku.systems.ad_partner.tokens import FORMATS, result_of

        taken = {i.get("format") for i in self._published["identifiers"] if i.get("type") == kind}
        form = next((f for f in FORMATS if f in taken), None)
        if form is None:
            return Left("by_hand", 1, "identifier_not_supported")
        value, now = str(next(iter(record.values()))), self.clock.now()
        request = self.signer.request(kind, form, value, once, now)
        path = urlsplit(self._published["endpoint"]).path
        answer = self.web.post_text(path, request, "application/jwt", also=(400,))
        token, keys = _token(answer), self._published["publicKey"]
        code = result_of(self.system, token, keys, self.domain, request)
        if code != 0:
            return Left("by_hand", 1, f"refused_{code}")
        today, digest = tokyo_day(now), sha256_hex(token.encode())
        due = today + timedelta(days=self.answer_days)
        mark = self.orders.mark(kind, record)
        order = Order(
            once, "delete", today, due, about=mark, answer="acknowledged", evidence=digest
        )
        self.orders.put(order)
        return order


def _token(answer: str) -> str:
    """The acknowledgement, sent alone or in an object."""
    if not answer.lstrip().startswith("{"):
        return answer.strip()
    try:
        return str(json.loads(answer).get("acJWT", ""))
    except ValueError:
        return ""


def ad_partner_system(
    system: str,
    entry: SystemEntry,
    *,
    url: str,
    signer: Signer,
    memory: Path,
    domain: str | None = None,
    answer_days: int = 45,
    timeout_s: float = 10.0,
    clock: Clock | None = None,
    patience: Patience | None = None,
) -> VendorSystem:
    """A partner as a company system.

    Args:
        url: its domain with scheme. domain: issuer of its answers; the host of `url` by default.
        memory: folder in which runs and orders are written down.
    """
    partner = AdPartner(
        system,
        entry,
        Web(system, url, timeout_s=timeout_s, patience=patience),
        domain or (urlsplit(url).hostname or ""),
        signer,
        Orders(system, memory),
        answer_days=answer_days,
    )
    if clock is not None:
        partner = replace(partner, clock=clock)
    return VendorSystem(system, entry, partner, memory)
