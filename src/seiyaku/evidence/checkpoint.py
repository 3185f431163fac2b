"""Checkpoints: the tree's head as a note, signed with Ed25519. Pure.

Source: C2SP tlog-checkpoint, C2SP signed-note (July 2026), RFC 8032.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seiyaku.kernel.errors import EvidenceBroken, InvalidInput

ED25519 = b"\x01"
MAX_NOTE_BYTES = 65_536
_DASH = "\N{EM DASH}"


@dataclass(frozen=True)
class VerifierKey:
    """Who may sign: a name and an Ed25519 public key.

    Args:
        name: the log's origin, e.g. ``evidence.example.jp/closm-i``; no spaces, no plus.
        public: 32 bytes.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != 32:
            raise InvalidInput("an Ed25519 public key has 32 bytes", code="SY162")

    @property
    def id(self) -> bytes:
        """The key's identifier: 4 bytes over name, signature type and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The key as one line (a *vkey*), fit to publish."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, line: str) -> VerifierKey:
        """Read a vkey line.

        Raises:
            InvalidInput: SY162 it is not one, or its identifier does not fit its key.
        """
        try:
            name, key_id, encoded = line.strip().split("+", 2)
            material = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise InvalidInput("the line is not a verifier key", code="SY162") from None
        key = cls(name, material[1:])
        if material[:1] != ED25519 or key.id.hex() != key_id:
            raise InvalidInput("the verifier key's parts do not fit together", code="SY162")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) over `text` was made with this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    """What the log commits itself to: so many entries, with this root.

    Args:
        origin: name of the log.
        size: number of entries.
        root: 32 bytes, RFC 6962.
        note: the signed text as published; empty where it has not been signed.
    """

    origin: str
    size: int
    root: bytes
    note: str = ""

    @property
    def text(self) -> str:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def check_name(name: str) -> None:
    """Refuse a key name that the format cannot carry.

    Raises:
        InvalidInput: SY162 it is empty or holds white space, a control character or plus.
    """
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise InvalidInput("a key's name has no spaces and no plus", code="SY162")


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    """One signature line of a note, with its newline."""
    return f"{_DASH} {name} {base64.b64encode(key_id + signature).decode()}\n"


def open_note(note: str, keys: Sequence[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The text of a note and those of `keys` that signed it.

    Lines of other keys are passed over, as the format demands.

    Raises:
        EvidenceBroken: SY610 the note is malformed, no known key signed it, or a
            known key's signature is false.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise EvidenceBroken("the note is too long", code="SY610")
    text, separator, tail = note.rpartition("\n\n")
    text += "\n"
    if not separator or not tail.endswith("\n"):
        raise EvidenceBroken("the note has no signatures", code="SY610")
    found = []
    for line in tail[:-1].split("\n"):
        name, key_id, signature = _signature(line)
        for key in keys:
            if key.name == name and key.id == key_id:
                if not key.verifies(text, signature):
                    raise EvidenceBroken(f"a signature of `{name}` is false", code="SY610")
                found.append(key)
    if not found:
        raise EvidenceBroken("no known key signed the note", code="SY610")
    return text, tuple(found)


def open_checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Read a checkpoint that one of `keys` signed.

    Raises:
        EvidenceBroken: SY610 as `open_note`, or the text is not a checkpoint.
    """
    text, _ = open_note(note, keys)
    lines = text.split("\n")
    try:
        origin, size_text, root_text = lines[:3]
        size, root = int(size_text), base64.b64decode(root_text, validate=True)
    except (ValueError, binascii.Error):
        raise EvidenceBroken("the note is not a checkpoint", code="SY610") from None
    checkpoint = Checkpoint(origin, size, root, note)
    if checkpoint.text != text or len(root) != 32 or size < 0:
        raise EvidenceBroken("the checkpoint is not in its one form", code="SY610")
    return checkpoint


def _signature(line: str) -> tuple[str, bytes, bytes]:
    try:
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise EvidenceBroken("a signature line is malformed", code="SY610") from None
    if dash != _DASH or len(blob) < 5:
        raise EvidenceBroken("a signature line is malformed", code="SY610")
    return name, blob[:4], blob[4:]
