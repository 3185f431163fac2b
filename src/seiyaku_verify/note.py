"""Keys, signed notes, checkpoints and the list of keys, from the verifier's side.

Source: C2SP signed-note, C2SP tlog-checkpoint (July 2026); RFC 8032.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seiyaku_verify.errors import Broken, WrongUse

KEYS_FORMAT = "seiyaku-keys/1"
ROTATION_FORMAT = "seiyaku-key-rotation/1"
MAX_NOTE = 65_536


@dataclass(frozen=True)
class Key:
    """A public key with the name it signs under."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """First 4 bytes of SHA-256 over name, newline, 0x01 and key."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    def __str__(self) -> str:
        material = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"


@dataclass(frozen=True)
class Checkpoint:
    """A tree's head: name of the log, number of entries, root of 32 bytes."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Tenure:
    """A key and the size of the tree from which it signs."""

    key: Key
    from_size: int


def parse_key(line: str) -> Key:
    """Read a verifier key line (vkey).

    Raises:
        WrongUse: it is not one.
    """
    try:
        name, key_id, encoded = line.strip().split("+", 2)
        material = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise WrongUse("not a verifier key: expected name+id+key on one line") from None
    key = Key(name, material[1:])
    if not name or material[:1] != b"\x01" or len(material) != 33 or key.id.hex() != key_id:
        raise WrongUse("not a verifier key: its parts do not fit together")
    return key


def open_note(note: str, keys: Sequence[Key], place: str) -> str:
    """The text of a note that at least one of `keys` signed.

    Raises:
        Broken: malformed, signed by none of `keys`, or with a false signature of one.
    """
    body, separator, tail = note.rpartition("\n\n")
    if len(note) > MAX_NOTE or not separator or not tail.endswith("\n"):
        raise Broken(place, "is not a signed note")
    text, signed = body + "\n", False
    for line in tail[:-1].split("\n"):
        name, blob = _signature(line, place)
        for key in keys:
            if (key.name, key.id) == (name, blob[:4]):
                _check_signature(key, blob[4:], text, place)
                signed = True
    if not signed:
        raise Broken(place, "is not signed by a key that may sign it")
    return text


def parse_checkpoint(text: str, place: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        Broken: it is not three lines of origin, size and root in their one form.
    """
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (ValueError, IndexError):
        raise Broken(place, "is not a checkpoint") from None
    if text != f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n" or size < 0:
        raise Broken(place, "is not a checkpoint in its one form")
    if not origin or len(root) != 32:
        raise Broken(place, "is not a checkpoint: origin or root has a wrong length")
    return Checkpoint(origin, size, root)


def open_checkpoint(note: str, tenures: Sequence[Tenure], place: str) -> Checkpoint:
    """Read a checkpoint signed by the key in office at its size.

    Raises:
        Broken: as `open_note` and `parse_checkpoint`, or it is another log's.
    """
    text = open_note(note, [t.key for t in tenures], place)
    checkpoint = parse_checkpoint(text, place)
    open_note(note, in_office(tenures, checkpoint.size), place)
    if checkpoint.origin != tenures[0].key.name:
        raise Broken(place, "is a checkpoint of another log than the key's")
    return checkpoint


def in_office(tenures: Sequence[Tenure], size: int) -> list[Key]:
    """The keys that may sign a tree of `size`: a successor ends its predecessor's term."""
    ends = [*(t.from_size for t in tenures[1:]), size]
    return [t.key for t, end in zip(tenures, ends, strict=True) if t.from_size <= size <= end]


def open_keys(value: Any, trusted: Key | None, place: str) -> tuple[Tenure, ...]:
    """Read the published list of keys; neighbours endorse each other, `trusted` is one.

    Both directions count: else anybody could put a key of his own *before* the trusted
    one and sign old trees with it.

    Raises:
        Broken: malformed, an endorsement is false, or `trusted` is not there.
    """
    try:
        rows = list(value["keys"])
        tenures = tuple(_tenure(row) for row in rows)
        good = value["format"] == KEYS_FORMAT and tenures[0].from_size == 0
    except (KeyError, TypeError, IndexError, WrongUse):
        raise Broken(place, "is not a list of keys") from None
    if not good or len({t.key.name for t in tenures}) != 1:
        raise Broken(place, "is not a list of the keys of one log from size 0 on")
    for (before, after), row in zip(pairwise(tenures), rows[1:], strict=True):
        expected = f"{ROTATION_FORMAT}\n{after.from_size}\n{before.key}\n{after.key}\n"
        for key in (before.key, after.key):
            if open_note(str(row.get("endorsement")), [key], place) != expected:
                raise Broken(place, "two keys do not endorse each other")
        if after.from_size < before.from_size:
            raise Broken(place, "a key begins before the key it follows")
    if trusted is not None and trusted not in [t.key for t in tenures]:
        raise Broken(place, "the key you trust is not a key of this log")
    return tenures


def _tenure(row: Mapping[str, Any]) -> Tenure:
    if type(row["key"]) is not str or type(row["from_size"]) is not int:
        raise TypeError
    return Tenure(parse_key(row["key"]), row["from_size"])


def _signature(line: str, place: str) -> tuple[str, bytes]:
    try:
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Broken(place, "has a malformed signature line") from None
    if dash != "\N{EM DASH}" or not name or len(blob) < 5:
        raise Broken(place, "has a malformed signature line")
    return name, blob


def _check_signature(key: Key, signature: bytes, text: str, place: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        raise Broken(place, "has a false signature of the log's key") from None
