"""A receipt: what a person takes home and can check without us. Pure but for reading the log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seiyaku.evidence.checkpoint import Checkpoint
from seiyaku.evidence.entry import Entry, commitment_of
from seiyaku.evidence.reader import LogReader
from seiyaku.kernel.errors import InvalidInput

FORMAT = "seiyaku-receipt/1"


@dataclass(frozen=True)
class Evidence:
    """One entry in a receipt.

    Args:
        index: its place in the log.
        entry: its canonical text, byte for byte what was hashed.
        nonce: 32 bytes that open its commitment; None where it names no person.
        proof: inclusion proof in the tree of the receipt's checkpoint, leaf first.
    """

    index: int
    entry: str
    nonce: bytes | None
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Receipt:
    """What was done about one person, with its proof.

    The service, the policy and how far the re-reading went are *read from the
    entries*, so that nothing in a receipt stands on our word alone.

    Args:
        person: the service's own key of the person; personal data.
        evidence: the entries, in the order of the log.
        checkpoint: note that all proofs lead to.
        keys: the log's published list of keys, as text.
        since: size of an earlier checkpoint, 0 for none.
        joined: consistency proof from `since` to the checkpoint.
    """

    person: str
    evidence: tuple[Evidence, ...]
    checkpoint: str
    keys: str
    since: int = 0
    joined: tuple[bytes, ...] = ()

    def to_json(self) -> str:
        """The receipt as a file; format `seiyaku-receipt/1`."""
        entries = [json.loads(e.entry) for e in self.evidence]
        value = {
            "format": FORMAT,
            "service": entries[0]["service"],
            "policy": policy_of(entries),
            "person": self.person,
            "reach": reach_of(entries),
            "entries": [_evidence_value(e) for e in self.evidence],
            "checkpoint": self.checkpoint,
            "key": json.loads(self.keys)["keys"][-1]["key"],
            "keys": json.loads(self.keys),
            "since": {"size": self.since, "proof": [h.hex() for h in self.joined]},
        }
        return json.dumps(value, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Read a receipt; this says nothing about its truth, `seiyaku_verify` does.

        Raises:
            InvalidInput: SY166 it is not a receipt of this format.
        """
        try:
            value = json.loads(text)
            if value["format"] != FORMAT:
                raise ValueError("another format")
            return cls(
                person=str(value["person"]),
                evidence=tuple(_evidence(e) for e in value["entries"]),
                checkpoint=str(value["checkpoint"]),
                keys=json.dumps(value["keys"], indent=1) + "\n",
                since=int(value["since"]["size"]),
                joined=tuple(bytes.fromhex(h) for h in value["since"]["proof"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidInput("the text is not a receipt", code="SY166") from None


def make_receipt(
    log: LogReader,
    indexes: Sequence[int],
    nonces: Mapping[int, bytes],
    person: str,
    *,
    since: Checkpoint | None = None,
) -> Receipt:
    """A receipt for `person` over the entries at `indexes`.

    Args:
        log: where the entries are.
        indexes: entries of one service; at least one must name the person.
        nonces: nonce of each entry that names the person, by index.
        person: the service's own key of the person, as committed to.
        since: a checkpoint the person has from before; the receipt then proves that
            the log only grew since.

    Raises:
        InvalidInput: SY166 a nonce does not open its entry's commitment, no entry
            names the person, the entries are of two services, or one is not there.
    """
    head = log.checkpoint()
    entries = {index: log.entry(index) for index in sorted(set(indexes))}
    for index, entry in entries.items():
        _check_nonce(index, entry, nonces.get(index), person)
    if (
        not any(e.person for e in entries.values())
        or len({e.service for e in entries.values()}) > 1
    ):
        raise InvalidInput("a receipt names one person and one service", code="SY166")
    evidence = tuple(
        Evidence(i, e.to_bytes().decode(), nonces.get(i), log.inclusion_proof(i, head.size))
        for i, e in entries.items()
    )
    size = 0 if since is None else since.size
    joined = log.consistency_proof(size, head.size)
    return Receipt(person, evidence, head.note, log.keys().to_json(), size, joined)


def policy_of(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Version and digest of the policy by the newest entry that names them."""
    for entry in reversed(entries):
        sha = entry.get("digests", {}).get("policy", "")
        if sha or entry.get("version"):
            return {"version": entry.get("version", ""), "sha256": sha}
    return {"version": "", "sha256": ""}


def reach_of(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, str | int]]:
    """How far each system was read again: what the entries' `detail` says of it."""
    return [
        {
            "system": entry.get("system", ""),
            "outcome": entry.get("outcome", ""),
            "reach": entry["detail"]["reach"],
            "backups_expire_on": entry["detail"].get("backups_expire_on", ""),
        }
        for entry in entries
        if "reach" in entry.get("detail", {})
    ]


def _check_nonce(index: int, entry: Entry, nonce: bytes | None, person: str) -> None:
    if entry.person is None and nonce is None:
        return
    if entry.person is None or nonce is None or commitment_of(person, nonce) != entry.person:
        raise InvalidInput(
            f"the nonce given for entry {index} does not open it",
            code="SY166",
            hint="each entry about a person has a nonce of its own, kept with the person's record",
        )


def _evidence_value(evidence: Evidence) -> dict[str, Any]:
    return {
        "index": evidence.index,
        "entry": evidence.entry,
        "nonce": None if evidence.nonce is None else evidence.nonce.hex(),
        "proof": [h.hex() for h in evidence.proof],
    }


def _evidence(value: dict[str, Any]) -> Evidence:
    nonce = value["nonce"]
    return Evidence(
        int(value["index"]),
        str(value["entry"]),
        None if nonce is None else bytes.fromhex(nonce),
        tuple(bytes.fromhex(h) for h in value["proof"]),
    )
