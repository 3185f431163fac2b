"""Files and bytes are read as far as they say something; what was not read is told."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import random
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from seiyaku.datamap.system import Content
from seiyaku.scan import Identifier, Needles
from seiyaku.scan.contents import HEAD_BYTES, OVERLAP, WINDOW, FileTexts, Piece, forms_of

MAIL = "aki.sato@example.jp"
NEEDLES = Needles(
    [
        Identifier("email", MAIL),
        Identifier("phone", "9012345678"),
        Identifier("account", "0b0f6c2e-92a1-4d0e-8f4b-6f1d2c3b4a59"),
    ]
)
LETTER = f"親愛なる{MAIL}様、０９０－１２３４－５６７８".encode()


def read(data: bytes, size: int = 1000) -> tuple[set[str], bool]:
    """The kinds found, in pieces of `size`, and whether something was not read."""
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    texts = FileTexts(Content(len(data), lambda: iter(pieces)))
    return {k for piece in texts for k in kinds(piece)}, texts.packed


def kinds(piece: Piece) -> frozenset[str]:
    text, among_bytes = piece
    return NEEDLES.kinds_among_bytes(text) if among_bytes else NEEDLES.kinds(text)


def zipped(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


def tarred(data: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("letter.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        lambda d: gzip.compress(b"first\n") + gzip.compress(d),
        bz2.compress,
        lzma.compress,
        lambda d: zipped(("a.txt", b"x"), ("word/document.xml", d)),
        lambda d: gzip.compress(zipped(("inner.gz", gzip.compress(d)))),
        lambda d: d.decode().encode("utf-16"),
        lambda d: d.decode().encode("cp932"),
        lambda d: d.decode().replace("－", "\u2212").encode("euc_jp"),
    ],
)
def test_text_is_read_however_it_is_packed_or_written(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(LETTER)) == ({"email", "phone"}, False)


def test_a_tar_and_a_database_file_say_their_texts(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "backup.db")
    db.execute("CREATE TABLE users (mail)")
    db.execute("INSERT INTO users VALUES (?)", (MAIL,))
    db.commit()
    db.close()
    assert read((tmp_path / "backup.db").read_bytes()) == ({"email"}, False)
    assert read(gzip.compress(tarred(MAIL.encode()))) == ({"email"}, False)


@pytest.mark.parametrize("place", [0, WINDOW - 5, WINDOW - OVERLAP - 3, 3 * WINDOW - 7])
@pytest.mark.parametrize("size", [777, 1 << 20])
def test_nothing_is_lost_where_pieces_meet(place: int, size: int) -> None:
    data = b" " * place + MAIL.encode() + b" " * 100
    assert read(data, size)[0] == {"email"}


def test_of_a_picture_only_the_beginning_is_read_and_it_says_so() -> None:
    picture = b"\xff\xd8\xff\xe1Exif" + b"Artist " + MAIL.encode() + bytes(range(256)) * 2000
    assert read(picture) == ({"email"}, True)
    late = b"\x89PNG" + b"\0" * HEAD_BYTES + MAIL.encode()
    assert read(late) == (set(), True)


def test_what_cannot_be_opened_is_told() -> None:
    rng = random.Random(7)
    assert read(rng.randbytes(5000)) == (set(), True)
    assert read(gzip.compress(LETTER * 99)[:-20])[1]
    assert read(b"PK\x03\x04 no archive")[1]
    deep = LETTER
    for _ in range(5):
        deep = gzip.compress(deep)
    assert read(deep) == (set(), True)


def test_what_grows_without_end_is_taken_a_little_at_a_time() -> None:
    bomb = gzip.compress(b"\x20" * (64 << 20))
    texts = iter(FileTexts(Content(len(bomb), lambda: iter([bomb]))))
    assert len(next(texts).text) == WINDOW


@pytest.mark.parametrize(
    "data",
    [
        MAIL.encode(),
        bytes.fromhex("0b0f6c2e92a14d0e8f4b6f1d2c3b4a59"),
        hashlib.sha256(MAIL.encode()).digest(),
        gzip.compress(LETTER, mtime=0),
        b"\x80\x04\x95" + b"mail\x94\x8c\x13" + MAIL.encode() + b"\x94s.",
    ],
    ids=("text", "id", "digest", "packed", "within"),
)
def test_a_value_of_bytes_is_found_as_text_digest_and_id(data: bytes) -> None:
    assert any(kinds(form) for form in forms_of(data))
