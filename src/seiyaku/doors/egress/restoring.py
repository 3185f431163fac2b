"""Turn the placeholders of a masked call back in its answer."""

from __future__ import annotations

from typing import Final

from seiyaku.doors.masking import Masking

FRAMING: Final = ("content-length", "transfer-encoding")


def restorable(content_type: str) -> bool:
    """Whether an answer of this type is text that is whole when it has been read.

    A stream of events is none: a placeholder may be cut in two between events.
    """
    kind = content_type.partition(";")[0].strip().lower()
    return kind != "text/event-stream" and (kind.startswith("text/") or _is_json(kind))


def restored(content: bytes, content_type: str, masking: Masking) -> bytes:
    """The content with this call's placeholders turned back; as it is where it is no UTF-8."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    kind = content_type.partition(";")[0].strip().lower()
    back = masking.restore_json(text) if _is_json(kind) else masking.restore(text)
    return back.encode()


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")
