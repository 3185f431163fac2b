"""Checking a receipt, in eight numbered steps."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seiyaku_verify.errors import Broken, DoesNotVerify
from seiyaku_verify.merkle import extends, includes, leaf_hash
from seiyaku_verify.note import Checkpoint, Key, Tenure, open_checkpoint, open_keys
from seiyaku_verify.reading import (
    given_checkpoint,
    given_key,
    given_text,
    read_entry,
    strict_json,
)

FORMAT = "seiyaku-receipt/1"
_TAG = b"seiyaku-person/1\x00"


@dataclass
class CheckedReceipt:
    """A receipt while it is checked, and what was found when all steps are passed.

    Attributes:
        passed: one sentence for each step passed.
        key_given: False where the key came out of the receipt itself: then the
            receipt agrees with itself, and nothing says whose it is.
        entries: the entries by their index in the log.
        person: the person's id; shown only where asked for.
    """

    text: str
    trusted: Key | None
    remembered: Path | str | None
    passed: list[str] = field(default_factory=list)
    value: dict[str, Any] = field(default_factory=dict)
    tenures: tuple[Tenure, ...] = ()
    checkpoint: Checkpoint | None = None
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def key_given(self) -> bool:
        return self.trusted is not None

    @property
    def person(self) -> str:
        return str(self.value["person"])


def verify_receipt(
    receipt: Path | str,
    public_key: Path | str | None = None,
    remembered_checkpoint: Path | str | None = None,
) -> None:
    """Check a receipt; silence means that every step passed.

    Args:
        receipt: a file (`Path`) or the text itself (`str`).
        public_key: the log's key as published: a file (`Path`) or its line (`str`).
            None takes the key in the receipt, which proves no origin.
        remembered_checkpoint: a checkpoint or an earlier receipt from before; shows
            that the log was neither rewritten nor forked since.

    Raises:
        DoesNotVerify: a step failed; the error names step and place.
        WrongUse: the key or the checkpoint is not one.
        CannotRead: a file cannot be read.
    """
    check_receipt(receipt, public_key, remembered_checkpoint)


def check_receipt(
    receipt: Path | str,
    public_key: Path | str | None = None,
    remembered_checkpoint: Path | str | None = None,
) -> CheckedReceipt:
    """As `verify_receipt`, but tell what was found."""
    case = CheckedReceipt(given_text(receipt), given_key(public_key), remembered_checkpoint)
    for number, step in enumerate(STEPS, 1):
        try:
            case.passed.append(step(case))
        except Broken as broken:
            raise DoesNotVerify(number, [broken.fault]) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DoesNotVerify(number, [_malformed().fault]) from None
    return case


def _is_receipt(case: CheckedReceipt) -> str:
    value = strict_json(case.text, "receipt")
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Broken("receipt", f"is not of format {FORMAT}")
    if not value["entries"] or type(value["person"]) is not str or not value["person"]:
        raise Broken("receipt", "has no entries or names no person")
    case.value = value
    return f"the file is a receipt ({FORMAT}) with {len(value['entries'])} entries"


def _keys_hold(case: CheckedReceipt) -> str:
    case.tenures = open_keys(case.value["keys"], case.trusted, "receipt, keys")
    if case.value["key"] != str(case.tenures[-1].key):
        raise Broken("receipt, key", "is not the last of its keys")
    if case.trusted is None:
        return "KEY NOT CHECKED: none was given, the receipt's own is used"
    return f"the key you trust is a key of this log (1 of {len(case.tenures)})"


def _checkpoint_is_signed(case: CheckedReceipt) -> str:
    case.checkpoint = open_checkpoint(
        str(case.value["checkpoint"]), case.tenures, "receipt, checkpoint"
    )
    return f"the checkpoint over {case.checkpoint.size} entries is signed"


def _entries_are_whole(case: CheckedReceipt) -> str:
    for row in case.value["entries"]:
        index, place = row["index"], f"receipt, entry {row['index']}"
        if type(index) is not int or index in case.entries:
            raise Broken(place, "has no index, or its index stands twice")
        case.entries[index] = read_entry(row["entry"].encode(), place)
        if case.entries[index]["service"] != case.value["service"]:
            raise Broken(place, "is of another service than the receipt says")
    return "every entry is whole and of the service the receipt names"


def _entries_are_in_the_tree(case: CheckedReceipt) -> str:
    head = _head(case)
    for row in case.value["entries"]:
        proof = [_hash(h) for h in row["proof"]]
        leaf = leaf_hash(row["entry"].encode())
        if not includes(row["index"], head.size, leaf, proof, head.root):
            raise Broken(f"receipt, entry {row['index']}", "is not under the checkpoint")
    return "every entry is in the log, under the checkpoint"


def _entries_name_the_person(case: CheckedReceipt) -> str:
    named = 0
    for row in case.value["entries"]:
        commitment, place = case.entries[row["index"]].get("person"), f"entry {row['index']}"
        if (commitment is None) != (row["nonce"] is None):
            raise Broken(f"receipt, {place}", "has a nonce without a commitment, or none for it")
        if commitment is not None:
            nonce = bytes.fromhex(row["nonce"])
            mac = hmac.new(nonce, _TAG + case.value["person"].encode(), hashlib.sha256)
            if len(nonce) != 32 or not hmac.compare_digest(mac.hexdigest(), commitment):
                raise Broken(f"receipt, {place}", "is not about this person")
            named += 1
    if not named:
        raise Broken("receipt", "no entry names the person")
    return f"{named} of {len(case.entries)} entries are about the person, by their nonces"


def _claims_are_in_the_entries(case: CheckedReceipt) -> str:
    entries = [case.entries[row["index"]] for row in case.value["entries"]]
    if case.value["policy"] != _policy(entries):
        raise Broken("receipt, policy", "is not what the entries say")
    if case.value["reach"] != _reach(entries):
        raise Broken("receipt, reach", "is not what the entries say")
    return "policy version and re-reading are as the entries say"


def _log_only_grew(case: CheckedReceipt) -> str:
    if case.remembered is None:
        return "no remembered checkpoint given: a fork or roll-back would not show"
    head, old = _head(case), given_checkpoint(case.remembered, case.tenures)
    if old.size > head.size:
        raise Broken(
            "receipt, checkpoint",
            f"is over {head.size} entries and you remember {old.size}: either the receipt is "
            "older, or the log was rolled back; ask for a receipt made now",
        )
    since = case.value["since"]
    proof = [] if old.size == head.size else [_hash(h) for h in since["proof"]]
    if old.size not in (0, head.size, since["size"]):
        raise Broken(
            "receipt, since",
            f"joins size {since['size']}, and you remember {old.size}: ask for a receipt "
            f"made since size {old.size}",
        )
    if not extends(old.size, old.root, head.size, head.root, [] if old.size == 0 else proof):
        raise Broken("receipt, since", "the log does not continue what you remember: a fork")
    return f"the log only grew since the {old.size} entries you remember"


STEPS: tuple[Callable[[CheckedReceipt], str], ...] = (
    _is_receipt,
    _keys_hold,
    _checkpoint_is_signed,
    _entries_are_whole,
    _entries_are_in_the_tree,
    _entries_name_the_person,
    _claims_are_in_the_entries,
    _log_only_grew,
)


def _head(case: CheckedReceipt) -> Checkpoint:
    if case.checkpoint is None:
        raise _malformed()
    return case.checkpoint


def _malformed() -> Broken:
    return Broken("receipt", "a field is missing or of a wrong form")


def _hash(text: str) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != 32:
        raise ValueError("a hash has 32 bytes")
    return value


def _policy(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Version and digest by the last entry that has one of them."""
    named = [e for e in entries if e.get("version") or e.get("digests", {}).get("policy")]
    last = named[-1] if named else {}
    return {"version": last.get("version", ""), "sha256": last.get("digests", {}).get("policy", "")}


def _reach(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each entry that tells how far a system was read again."""
    rows = []
    for entry in entries:
        detail = entry.get("detail", {})
        if "reach" in detail:
            row = {key: entry.get(key, "") for key in ("system", "outcome")}
            row["reach"] = detail["reach"]
            row["backups_expire_on"] = detail.get("backups_expire_on", "")
            rows.append(row)
    return rows
