"""Orders given to others: what was asked of whom, and what they answered.

An order is known by a name made from its run, so that it goes out once. It holds days, words
and digests; whom it is about stands in what was sent, and here as a keyed mark only.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from seiyaku.datamap.system import Left
from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems._shared.files import translated, write_synced
from seiyaku.systems._shared.matching import Record

_DAYS = ("sent_on", "due_on", "answered_on")


@dataclass(frozen=True)
class Order:
    """One order.

    Args:
        id: its name. kind: ``delete``, ``contract_end``. sent_on: the day it went out.
        due_on: the day by which an answer is expected.
        holder: which of several it went to. about: keyed mark of the record it is about; empty
            where it is about everybody.
        answer: ``acknowledged`` or ``confirmed``; empty while there is none.
        evidence: SHA-256 of what proves the answer. by: who took it in, on `answered_on`.
    """

    id: str
    kind: str
    sent_on: date
    due_on: date
    holder: str = ""
    about: str = ""
    answer: str = ""
    evidence: str = ""
    by: str = ""
    answered_on: date | None = None

    def waits(self, today: date, *, pending: str, late: str) -> Left | None:
        """What a record waits for while this is not confirmed; None once it is."""
        if self.answer == "confirmed":
            return None
        if today >= self.due_on:
            return Left("by_hand", 1, late)
        return Left("pending", 1, pending, self.due_on)


class Orders:
    """The orders of one system, in files of this installation.

    Args:
        system: its id, for errors. folder: made when the first order goes out.
    """

    def __init__(self, system: str, folder: Path) -> None:
        self._system, self._folder = system, folder

    def get(self, name: str) -> Order | None:
        """An order; None where it did not go out."""
        return self._all().get(name)

    def all(self) -> tuple[Order, ...]:
        """Every order, those first that are due first."""
        return tuple(sorted(self._all().values(), key=lambda o: (o.due_on, o.id)))

    def open(self) -> tuple[Order, ...]:
        """Orders nobody has confirmed, those first that are due first."""
        return tuple(o for o in self.all() if o.answer != "confirmed")

    def put(self, order: Order) -> None:
        """Write an order down; on disk when this returns."""
        with self._alone():
            said = [asdict(o) for o in {**self._all(), order.id: order}.values()]
            write_synced(self._path, json.dumps(said, default=date.isoformat).encode())

    def answered(
        self, name: str, answer: str, evidence: str, by: str = "", on: date | None = None
    ) -> Order:
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
        told = replace(order, answer=answer, evidence=evidence, by=by, answered_on=on)
        self.put(told)
        return told

    def mark(self, table: str, record: Record) -> str:
        """A keyed mark of a record, by which its order is found again."""
        said = f"{table}\n{sorted(record.items())!r}".encode()
        return hmac.digest(self._key(), said, "sha256").hex()[:32]

    def remains(self, table: str, record: Record) -> bool:
        """Whether nobody confirmed that a record is gone."""
        if not self._path.exists():
            return True
        about = self.mark(table, record)
        return not any(o.about == about and o.answer == "confirmed" for o in self.all())

    @property
    def _path(self) -> Path:
        return self._folder / "orders.json"

    def _all(self) -> dict[str, Order]:
        with translated(self._system):
            if not self._path.exists():
                return {}
            read = json.loads(self._path.read_bytes())
        return {o["id"]: _order(o) for o in read}

    def _key(self) -> bytes:
        path = self._folder / "orders.key"
        with translated(self._system):
            if path.exists():
                return path.read_bytes()
        with self._alone():
            if not path.exists():
                write_synced(path, secrets.token_hex(32).encode())
                path.chmod(0o600)
            return path.read_bytes()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other worker writes meanwhile."""
        with translated(self._system):
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "orders.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield


def _order(read: dict[str, str]) -> Order:
    days = {k: date.fromisoformat(read[k]) for k in _DAYS if read.get(k)}
    return Order(**{**read, **days})  # type: ignore[arg-type]
