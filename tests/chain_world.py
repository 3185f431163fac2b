"""People on a real chain: coins sent, a token moved, read back without the driver."""

from __future__ import annotations

import json
import secrets
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems.chain.ledger import TRANSFER

NAME = {"ja": "系", "en": "system"}
ENDS = [{"by": end, "to": "app.wallets", "columns": "address"} for end in ("from", "to")]
COLUMNS = {
    "transactions": ("hash", "block", "at", "from", "to", "value_wei"),
    "transfers": ("hash", "log", "block", "contract", "from", "to", "token_or_amount"),
}
KEYS: dict[str, str | list[str]] = {"transactions": "hash", "transfers": ["hash", "log"]}


def chain_map() -> DataMap:
    wallets = {"person": "user", "key": "address", "fields": {"address": "wallet_address"}}
    chain = {
        "kind": "chain",
        "name": NAME,
        "immutable": True,
        "clause": "9.3",
        "found_by": ["app.wallets.address"],
        "datasets": {
            name: {
                "key": KEYS[name],
                "links": ENDS,
                "fields": {**dict.fromkeys(columns), "from": "chain_history"},
            }
            for name, columns in COLUMNS.items()
        },
    }
    app = {"kind": "sqlite", "name": NAME, "datasets": {"wallets": wallets}}
    raw = {"seiyaku_datamap": 1, "service": "t", "systems": {"app": app, "chain": chain}}
    return DataMap.model_validate(raw)


def known(*addresses: str) -> Handles:
    column = HandleColumn(DatasetId("app.wallets"), ("address",))
    return Handles({column: frozenset((a,) for a in addresses)})


def new_address() -> str:
    return "0x" + secrets.token_hex(20)


@dataclass(frozen=True)
class Chain:
    """A chain through plain JSON-RPC."""

    url: str

    def call(self, method: str, *params: Any) -> Any:
        said = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.url, json.dumps(said).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())["result"]

    def next_block(self) -> int:
        return int(self.call("eth_blockNumber"), 16) + 1

    def pay(self, to: str, wei: int) -> str:
        """Coins from a rich account; the hash of the transaction."""
        sender = self.call("eth_accounts")[0]
        sent = {"from": sender, "to": to, "value": hex(wei)}
        return str(self.call("eth_sendTransaction", sent))

    def mint(self, to: str, token: int) -> str:
        """A token that comes to `to`: a contract that says ``Transfer`` while it is made."""
        words = (token, int(to, 16), 0, int(TRANSFER, 16))
        code = "0x" + "".join(f"7f{w:064x}" for w in words) + "60006000a400"
        sender = self.call("eth_accounts")[1]
        return str(self.call("eth_sendTransaction", {"from": sender, "data": code}))

    def transaction(self, name: str, spelled: str) -> Row:
        """A transaction as an export shows it."""
        read = self.call("eth_getTransactionByHash", name)
        number = int(read["blockNumber"], 16)
        block = self.call("eth_getBlockByNumber", hex(number), False)
        at = datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
        return (name, number, at, read["from"].lower(), spelled, str(int(read["value"], 16)))

    def transfer(self, name: str, spelled: str, token: int) -> Row:
        """A moved token as an export shows it."""
        (log,) = self.call("eth_getTransactionReceipt", name)["logs"]
        place = (int(log["logIndex"], 16), int(log["blockNumber"], 16))
        return (name, *place, log["address"], "0x" + "0" * 40, spelled, str(token))

    def blocks(self, start: int) -> list[Row]:
        """Everything since a block."""
        numbers = range(start, self.next_block())
        read = (self.call("eth_getBlockByNumber", hex(n), True) for n in numbers)
        return [(t["hash"], t["blockNumber"]) for b in read for t in b["transactions"]]
