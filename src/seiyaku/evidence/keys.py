"""The log's signing key, at rest, and the list by which one key hands over to the next.

The list is published as ``keys.json``. Where one key hands over to the next, at a
size of the tree, *both* sign so: whoever trusts the old key may go on to the new
one, and whoever knows only the new one may look back. From that size on the new
key signs, and the old one counts for checkpoints up to that size only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seiyaku.evidence.checkpoint import (
    Checkpoint,
    VerifierKey,
    check_name,
    open_note,
    signature_line,
)
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput

KEY_FORMAT = "seiyaku-key/1"
LIST_FORMAT = "seiyaku-keys/1"
ROTATION_FORMAT = "seiyaku-key-rotation/1"


class SigningKey:
    """An Ed25519 key that signs checkpoints under a name.

    The name is the log's origin, without scheme: ``evidence.example.jp/closm-i``.

    Examples:
        >>> key = SigningKey.generate("evidence.example.jp/closm-i")
        >>> key.verifier.name
        'evidence.example.jp/closm-i'
    """

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        check_name(name)
        self.name = name
        self._private = private
        self.verifier = VerifierKey(name, private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier})"

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A fresh key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: bytes | None = None) -> SigningKey:
        """Read a key that `save` wrote.

        Raises:
            InvalidInput: SY163 no key there, or not readable with this passphrase.
        """
        try:
            head, _, pem = path.read_text().partition("\n\n")
            format_line, name = head.split("\n")
            private = serialization.load_pem_private_key(pem.encode(), passphrase)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
            raise _unreadable(path) from None
        if format_line != KEY_FORMAT or not isinstance(private, Ed25519PrivateKey):
            raise _unreadable(path)
        return cls(name, private)

    def save(self, path: Path, passphrase: bytes | None = None) -> None:
        """Write the key to a new file that only its owner may read (mode 0600).

        Args:
            path: must not exist: a key is never overwritten.
            passphrase: encrypts the key (PKCS #8, PBES2); None leaves it plain.

        Raises:
            InvalidInput: SY163 the file exists or cannot be written.
        """
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            encryption = serialization.BestAvailableEncryption(passphrase)
        pem = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )
        text = f"{KEY_FORMAT}\n{self.name}\n\n{pem.decode()}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InvalidInput(
                f"cannot write key `{path}`: {error.strerror}", code="SY163"
            ) from None

    def sign_note(self, text: str) -> str:
        """`text` (ending in a newline) as a signed note."""
        return f"{text}\n{self.signature(text)}"

    def signature(self, text: str) -> str:
        """The signature line for `text`."""
        return signature_line(self.name, self.verifier.id, self._private.sign(text.encode()))

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """`checkpoint` with its note."""
        note = self.sign_note(checkpoint.text)
        return Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, note)


@dataclass(frozen=True)
class Tenure:
    """One key and the size of the tree from which it signs.

    Args:
        key: the key.
        from_size: 0 for the first key.
        endorsement: note by the key before and by this one; empty for the first.
    """

    key: VerifierKey
    from_size: int
    endorsement: str = ""


@dataclass(frozen=True)
class KeyList:
    """All keys of a log, oldest first."""

    tenures: tuple[Tenure, ...]

    @property
    def current(self) -> VerifierKey:
        """The key that signs now."""
        return self.tenures[-1].key

    def at(self, size: int) -> tuple[VerifierKey, ...]:
        """The keys that may sign a checkpoint of `size`: one, or two where it changed."""
        ends = [*(t.from_size for t in self.tenures[1:]), size]
        return tuple(
            t.key for t, end in zip(self.tenures, ends, strict=True) if t.from_size <= size <= end
        )

    def rotated(self, old: SigningKey, new: SigningKey, size: int) -> KeyList:
        """The list after `old` hands over to `new` at `size`.

        Raises:
            InvalidInput: SY164 `old` is not the current key, the name changes, or
                `new` has been in office before.
        """
        known = [t.key for t in self.tenures]
        if old.verifier != self.current or new.name != old.name or new.verifier in known:
            raise InvalidInput(
                "only the current key hands over, to a fresh one of the same name", code="SY164"
            )
        text = rotation_text(old.verifier, new.verifier, size)
        note = old.sign_note(text) + new.signature(text)
        return KeyList((*self.tenures, Tenure(new.verifier, size, note)))

    def to_json(self) -> str:
        """The list as published."""
        keys = [
            {"key": str(t.key), "from_size": t.from_size, "endorsement": t.endorsement}
            for t in self.tenures
        ]
        return json.dumps({"format": LIST_FORMAT, "keys": keys}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> KeyList:
        """Read a published list and check that neighbours endorse each other.

        Raises:
            EvidenceBroken: SY611 it is malformed or an endorsement is false.
        """
        try:
            value = json.loads(text)
            if value["format"] != LIST_FORMAT:
                raise ValueError("another format")
            tenures = tuple(
                Tenure(VerifierKey.parse(k["key"]), int(k["from_size"]), str(k["endorsement"]))
                for k in value["keys"]
            )
        except (ValueError, TypeError, KeyError, RecursionError, InvalidInput):
            raise EvidenceBroken("the list of keys is malformed", code="SY611") from None
        _check_chain(tenures)
        return cls(tenures)


def rotation_text(old: VerifierKey, new: VerifierKey, size: int) -> str:
    """What both keys sign where one hands over to the other."""
    return f"{ROTATION_FORMAT}\n{size}\n{old}\n{new}\n"


def _check_chain(tenures: Sequence[Tenure]) -> None:
    if not tenures or tenures[0].from_size != 0:
        raise EvidenceBroken("the list of keys does not begin at size 0", code="SY611")
    for before, after in pairwise(tenures):
        text, signers = open_note(after.endorsement, (before.key, after.key))
        endorsed = text == rotation_text(before.key, after.key, after.from_size)
        both = set(signers) == {before.key, after.key} and after.key.name == before.key.name
        if not (endorsed and both and after.from_size >= before.from_size):
            raise EvidenceBroken("two keys do not endorse each other", code="SY611")


def _unreadable(path: Path) -> InvalidInput:
    return InvalidInput(
        f"`{path}` holds no signing key that can be read",
        code="SY163",
        hint="check the path and the passphrase",
    )
