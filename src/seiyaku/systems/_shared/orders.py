"""Orders given to others: what was asked of whom, and what they answered.

An order is known by a name made from its run, so that it goes out once. It holds days, words
and digests; whom it is about stands in what was sent, and nowhere here.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems._shared.files import translated, write_synced


@dataclass(frozen=True)
class Order:
    """One order.

    Args:
        id: its name. kind: ``delete``, ``contract_end``. sent_on: the day it went out.
        due_on: the day by which an answer is expected.
        answer: ``acknowledged`` or ``confirmed``; empty while there is none.
        evidence: SHA-256 of what proves the answer. by: who took it in.
    """

    id: str
    kind: str
    sent_on: date
    due_on: date
    answer: str = ""
    evidence: str = ""
    by: str = ""


class Orders:
    """The orders of one system, in a file of this installation.

    Args:
        system: its id, for errors. folder: made when the first order goes out.
    """

    def __init__(self, system: str, folder: Path) -> None:
        self._system, self._path = system, folder / "orders.json"
        self._lock = threading.Lock()

    def get(self, name: str) -> Order | None:
        """An order; None where it did not go out."""
        return self._all().get(name)

    def open(self) -> tuple[Order, ...]:
        """Orders nobody has confirmed, the oldest first."""
        waiting = (o for o in self._all().values() if o.answer != "confirmed")
        return tuple(sorted(waiting, key=lambda o: (o.due_on, o.id)))

    def put(self, order: Order) -> None:
        """Write an order down; on disk when this returns."""
        with self._lock, translated(self._system):
            known = {**self._all(), order.id: order}
            said = [asdict(o) for o in known.values()]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_synced(self._path, json.dumps(said, default=date.isoformat).encode())

    def answered(self, name: str, answer: str, evidence: str, by: str = "") -> Order:
        """Write down the answer to an order.

        Raises:
            InvalidInput: SY133 there is no such order.
        """
        order = self.get(name)
        if order is None:
            raise InvalidInput(
                f"`{self._system}`: no order `{name}` went out",
                code="SY133",
                hint="name an order as it is listed",
            )
        told = replace(order, answer=answer, evidence=evidence, by=by)
        self.put(told)
        return told

    def _all(self) -> dict[str, Order]:
        with translated(self._system):
            if not self._path.exists():
                return {}
            read = json.loads(self._path.read_bytes())
        return {o["id"]: _order(o) for o in read}


def _order(read: dict[str, str]) -> Order:
    days = {k: date.fromisoformat(read[k]) for k in ("sent_on", "due_on")}
    return Order(**{**read, **days})  # type: ignore[arg-type]
