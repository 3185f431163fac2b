"""A sealed file opens in a program others wrote, with its passphrase and with no other."""

from __future__ import annotations

import io
from random import Random

import pyrage
import pytest

from seiyaku.requests.sealing import CHUNK_BYTES, Sealer, new_passphrase


def _sealed(data: bytes, passphrase: str, piece: int) -> bytes:
    sink = io.BytesIO()
    sealer = Sealer(sink, passphrase)
    for start in range(0, len(data), piece):
        sealer.write(data[start : start + piece])
    sealer.close()
    return sink.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_001])
def test_another_implementation_of_age_reads_what_was_sealed(size: int) -> None:
    data, passphrase = Random(size).randbytes(size), new_passphrase()
    sealed = _sealed(data, passphrase, 50_001)
    assert pyrage.passphrase.decrypt(sealed, passphrase) == data
    assert data[:32] not in sealed or size < 2


def test_no_other_passphrase_opens_it_and_a_file_cut_short_or_changed_is_noticed() -> None:
    passphrase = new_passphrase()
    sealed = _sealed(bytes(CHUNK_BYTES * 2), passphrase, CHUNK_BYTES)
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(sealed, new_passphrase())
    for broken in (sealed[: -CHUNK_BYTES - 16], sealed[:-1], sealed[:-1] + b"\0"):
        with pytest.raises(pyrage.DecryptError):
            pyrage.passphrase.decrypt(broken, passphrase)


def test_two_passphrases_and_two_seals_of_one_file_have_nothing_in_common() -> None:
    first, second = new_passphrase(), new_passphrase()
    assert first != second
    assert _sealed(b"same", first, 4)[-20:] != _sealed(b"same", first, 4)[-20:]
