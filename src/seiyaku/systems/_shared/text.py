"""Text as a system holds it, which is not always text."""

from __future__ import annotations


def text_or_bytes(data: bytes) -> str | bytes:
    """Text as it stands; bytes that are no UTF-8 stay bytes, so that nothing is lost.

    Examples:
        >>> text_or_bytes("愛".encode()), text_or_bytes(b"a\\xff")
        ('愛', b'a\\xff')
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def shown(value: object) -> str:
    """A value as text for a detector."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def whole(value: object) -> str:
    """A value as text from which its bytes can be had again (`surrogateescape`)."""
    if isinstance(value, memoryview):
        value = bytes(value)
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
