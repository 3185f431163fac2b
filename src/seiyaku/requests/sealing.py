"""A file that only the person can read: the age format with a passphrase, written as it comes.

Anybody opens it with the program ``age`` (or ``rage``): ``age -d -o package.zip package.zip.age``.

Source: age-encryption.org/v1 (C2SP), recipient type ``scrypt``, payload in chunks of 64 KiB.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUFFIX: Final = ".age"
CHUNK_BYTES: Final = 64 * 1024
_VERSION: Final = b"age-encryption.org/v1"
_WORK: Final = 15
"""Base-two logarithm of the cost of scrypt: 32 MiB. Our passphrases cannot be guessed anyway."""
_WORDS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class Sink(Protocol):
    """Where bytes go, one after another."""

    def write(self, data: bytes, /) -> object: ...


def new_passphrase() -> str:
    """A passphrase of 128 random bits, to be read aloud or written on paper.

    Examples:
        >>> len(new_passphrase())
        34
    """
    letters = "".join(secrets.choice(_WORDS) for _ in range(28))  # 31 ** 28 > 2 ** 138
    return "-".join(letters[n : n + 4] for n in range(0, 28, 4))


class Sealer:
    """Encrypts what is written to it into `sink`; nothing is kept but one chunk.

    Args:
        passphrase: opens the file; it is kept nowhere.
    """

    def __init__(self, sink: Sink, passphrase: str) -> None:
        self._sink = sink
        file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
        sink.write(_header(file_key, passphrase))
        sink.write(nonce)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._chunk, self._count = bytearray(), 0

    def write(self, data: bytes) -> int:
        """Take `data`; whole chunks go on at once."""
        self._chunk += data
        while len(self._chunk) > CHUNK_BYTES:  # the last chunk, even a full one, is marked
            self._seal(bytes(self._chunk[:CHUNK_BYTES]), last=False)
            del self._chunk[:CHUNK_BYTES]
        return len(data)

    def close(self) -> None:
        """Write the last chunk, marked so that a file cut short is noticed."""
        self._seal(bytes(self._chunk), last=True)
        self._chunk.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = self._count.to_bytes(11, "big") + bytes([last])
        self._sink.write(self._cipher.encrypt(nonce, chunk, None))
        self._count += 1


def _header(file_key: bytes, passphrase: str) -> bytes:
    salt = secrets.token_bytes(16)
    wrapping = hashlib.scrypt(
        passphrase.encode(),
        salt=_VERSION + b"/scrypt" + salt,
        n=1 << _WORK,
        r=8,
        p=1,
        maxmem=1 << 27,
        dklen=32,
    )
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    stanza = b"-> scrypt %s %d\n%s\n" % (_base64(salt), _WORK, _base64(wrapped))
    head = _VERSION + b"\n" + stanza + b"---"
    mac = hmac.new(_derived(file_key, b"", b"header"), head, hashlib.sha256).digest()
    return head + b" " + _base64(mac) + b"\n"


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(key)


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
