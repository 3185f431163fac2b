"""Multipart bodies: cut at the boundary, judged part by part, put together anew.

Only the part's name, its type and its content go on. A file's name is often the name of a
person: what goes on is the field's own, with the file's ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from secrets import token_hex
from typing import Final

from seiyaku.doors.payload.model import REMOVE, Fields, Judge, Put, Spot, unreadable
from seiyaku.doors.payload.pairs import plain

_BOUNDARY: Final = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]")
_ENDING: Final = re.compile(r"\.[a-z0-9]{1,8}", re.I)
_NAME: Final = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}")


@dataclass(frozen=True)
class _Piece:
    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def rewrite_multipart(
    body: bytes, content_type: str, fields: Fields, judge: Judge
) -> tuple[bytes, str]:
    """The body with every part judged, and its content type with the new boundary.

    Raises:
        NotPermitted: SY254 it is no plain multipart/form-data.
    """
    pieces = [_judged(piece, fields, judge) for piece in _pieces(body, _boundary(content_type))]
    boundary = f"seiyaku-{token_hex(16)}"
    parts = [_written(piece, boundary) for piece in pieces if piece is not None]
    parts += [
        _written(_Piece(name, None, None, plain(field.always).encode()), boundary)
        for name, field in fields.items()
        if field.always is not None
    ]
    end = f"--{boundary}--\r\n".encode()
    return b"".join(parts) + end, f"multipart/form-data; boundary={boundary}"


def _judged(piece: _Piece, fields: Fields, judge: Judge) -> _Piece | None:
    field = fields.get(piece.name)
    if field is not None and field.always is not None:
        return None
    spot = Spot("multipart", piece.name if field else "", piece.name, field)
    verdict = judge(spot, _value(piece))
    if verdict is REMOVE:
        return None
    if not isinstance(verdict, Put):
        return piece
    put = verdict.value
    content = put if isinstance(put, bytes) else plain(put).encode()
    return _Piece(piece.name, piece.filename, piece.content_type, content)


def _value(piece: _Piece) -> str | bytes:
    """Text where it is text: files of other types are bytes."""
    kind = piece.content_type or "text/plain"
    if piece.filename is None or kind.startswith("text/"):
        try:
            return piece.content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return piece.content


def _boundary(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise unreadable("multipart body", "it has no boundary")
    return boundary


def _pieces(body: bytes, boundary: str) -> Iterator[_Piece]:
    mark = b"\r\n--" + boundary.encode()
    chunks = (b"\r\n" + body).split(mark)
    if (
        len(chunks) < 2
        or chunks[0].strip()
        or chunks[-1].strip(b"\r\n -")
        or chunks[-1][:2] != b"--"
    ):
        raise unreadable("multipart body", "it does not begin and end at its boundary")
    for chunk in chunks[1:-1]:
        if not chunk.startswith(b"\r\n"):
            raise unreadable("multipart body", "a boundary is not alone on its line")
        yield _piece(chunk[2:])


def _piece(chunk: bytes) -> _Piece:
    head, mark, content = chunk.partition(b"\r\n\r\n")
    if not mark:
        raise unreadable("multipart body", "a part has no head")
    message = Message()
    try:
        for line in head.decode("utf-8").split("\r\n"):
            key, _, value = line.partition(":")
            if key.strip().lower() in message:
                raise unreadable("multipart body", "a part has a header twice")
            message[key.strip()] = value.strip()
    except UnicodeDecodeError:
        raise unreadable("multipart body", "a head is not UTF-8") from None
    name = message.get_param("name", header="content-disposition")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise unreadable("multipart body", "a part has no plain name")
    if message["content-transfer-encoding"] not in (None, "binary", "8bit", "7bit"):
        raise unreadable("multipart body", "a part is encoded")
    return _Piece(name, message.get_filename(), message["content-type"], content)


def _written(piece: _Piece, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{piece.name}"'
    if piece.filename is not None:
        ending = _ENDING.search(piece.filename[-9:])
        head += f'; filename="{piece.name}{ending.group() if ending else ""}"'
    if piece.content_type is not None:
        head += f"\r\nContent-Type: {piece.content_type.partition(';')[0].strip()}"
    return head.encode() + b"\r\n\r\n" + piece.content + b"\r\n"
