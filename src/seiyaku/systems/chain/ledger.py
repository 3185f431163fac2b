"""What an EVM chain says of addresses: their transactions, and tokens that moved to or from them.

A node keeps no index of transactions by address, so blocks are read one after another, in
batches, from the block the settings name; tokens have an index of their own (logs by topic).

Source: the Ethereum JSON-RPC specification; ERC-20 and ERC-721, event ``Transfer``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from seiyaku.datamap.system import ColumnSurface, TableSurface
from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.patience import not_understood
from seiyaku.systems._shared.web import Web

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""Keccak-256 of ``Transfer(address,address,uint256)``."""
BATCH = 100
"""Blocks asked for in one call."""
SPAN = 5_000
"""Blocks of one question for logs; nodes refuse wider ones."""
TRANSACTIONS = TableSurface(
    "transactions",
    (
        ColumnSurface("hash", "text", nullable=False),
        ColumnSurface("block", "integer", nullable=False),
        ColumnSurface("at", "timestamp", nullable=False),
        ColumnSurface("from", "text", nullable=False),
        ColumnSurface("to", "text"),
        ColumnSurface("value_wei", "text", nullable=False),
        ColumnSurface("input", "text"),
    ),
    ("hash",),
)
TRANSFERS = TableSurface(
    "transfers",
    (
        ColumnSurface("hash", "text", nullable=False),
        ColumnSurface("log", "integer", nullable=False),
        ColumnSurface("block", "integer", nullable=False),
        ColumnSurface("contract", "text", nullable=False),
        ColumnSurface("from", "text", nullable=False),
        ColumnSurface("to", "text", nullable=False),
        ColumnSurface("token_or_amount", "text", nullable=False),
    ),
    ("hash", "log"),
)


class Ledger:
    """One chain, read through a node.

    Args:
        system: its id in the data map. web: the node's JSON-RPC address.
        from_block: first block that is read: the one in which the service began.
    """

    def __init__(self, system: str, web: Web, from_block: int = 0) -> None:
        self._system, self._web, self.from_block = system, web, from_block

    def read(self, table: str, addresses: Collection[str]) -> Iterator[Record]:
        """Records of a table that name one of `addresses`, each as it was spelled by the asker.

        Raises:
            SystemUnavailable: the node does not answer, or not what was asked.
            InvalidInput: SY131 an address is none of an EVM chain.
        """
        spelled = {_plain(a): a for a in addresses}
        if not spelled:
            return iter(())
        reading: Callable[[Mapping[str, str]], Iterator[Record]]
        reading = self._transactions if table == TRANSACTIONS.name else self._transfers
        return reading(spelled)

    def newest(self) -> int:
        """Number of the newest block."""
        return _number(self._ask([("eth_blockNumber", [])])[0])

    def close(self) -> None:
        """Let go of connections."""
        self._web.close()

    def _transactions(self, spelled: Mapping[str, str]) -> Iterator[Record]:
        last = self.newest()
        for start in range(self.from_block, last + 1, BATCH):
            numbers = range(start, min(start + BATCH, last + 1))
            blocks = self._ask([("eth_getBlockByNumber", [hex(n), True]) for n in numbers])
            for number, block in zip(numbers, blocks, strict=True):
                yield from self._of_block(number, block, spelled)

    def _of_block(self, number: int, block: Any, spelled: Mapping[str, str]) -> Iterator[Record]:
        if not isinstance(block, dict) or _number(block.get("number")) != number:
            raise not_understood(self._system)
        at = datetime.fromtimestamp(_number(block["timestamp"]), UTC)
        for read in block["transactions"]:
            sender, receiver = str(read["from"]).lower(), str(read.get("to") or "").lower()
            if sender in spelled or receiver in spelled:
                yield {
                    "hash": read["hash"],
                    "block": number,
                    "at": at,
                    "from": spelled.get(sender, sender),
                    "to": spelled.get(receiver, receiver) or None,
                    "value_wei": str(_number(read["value"])),
                    "input": read["input"] if read["input"] != "0x" else None,
                }

    def _transfers(self, spelled: Mapping[str, str]) -> Iterator[Record]:
        last, seen = self.newest(), set[tuple[str, int]]()
        topics = ["0x" + a.removeprefix("0x").rjust(64, "0") for a in spelled]
        for start in range(self.from_block, last + 1, SPAN):
            span = {"fromBlock": hex(start), "toBlock": hex(min(start + SPAN - 1, last))}
            asked = [[TRANSFER, topics], [TRANSFER, None, topics]]
            calls = [("eth_getLogs", [{**span, "topics": t}]) for t in asked]
            for log in (log for logs in self._ask(calls) for log in logs):
                record = self._transfer(log, spelled)
                key = (str(record["hash"]), int(str(record["log"])))
                if key not in seen:
                    seen.add(key)
                    yield record

    def _transfer(self, log: Mapping[str, Any], spelled: Mapping[str, str]) -> Record:
        _, sender, receiver, *token = log["topics"]
        ends = ["0x" + str(t)[-40:].lower() for t in (sender, receiver)]
        if not set(ends) & set(spelled):
            raise not_understood(self._system)
        return {
            "hash": log["transactionHash"],
            "log": _number(log["logIndex"]),
            "block": _number(log["blockNumber"]),
            "contract": log["address"],
            "from": spelled.get(ends[0], ends[0]),
            "to": spelled.get(ends[1], ends[1]),
            "token_or_amount": str(int(token[0] if token else log["data"], 16)),
        }

    def _ask(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """The results of several calls, in their order; one that is missing is no answer."""
        said = [
            {"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(calls)
        ]
        answers = self._web.post("", said)
        if not isinstance(answers, list):
            raise not_understood(self._system)
        results = {a.get("id"): a["result"] for a in answers if "result" in a}
        if set(results) != set(range(len(calls))):
            raise not_understood(self._system)
        return [results[n] for n in range(len(calls))]


def _number(value: Any) -> int:
    return int(str(value), 16)


def _plain(address: str) -> str:
    """An address in small letters.

    Raises:
        InvalidInput: SY131 it is none.
    """
    plain = address.strip().lower()
    if len(plain) != 42 or not plain.startswith("0x") or set(plain[2:]) - set("0123456789abcdef"):
        raise InvalidInput(
            "a value that finds people on a chain is no address of one",
            code="SY131",
            hint="see which column `links` of the chain's datasets point at",
        )
    return plain
