"""Reading what others wrote: strict JSON, entries in their one form, files, arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seiyaku_verify.errors import Broken, CannotRead
from seiyaku_verify.note import Checkpoint, Key, Tenure, open_checkpoint, parse_key

ENTRY_FORMAT = "seiyaku-entry/1"
MAX_FILE = 256 * 1024 * 1024


def read_text(path: Path) -> str:
    """The text of a file given by the user.

    Raises:
        CannotRead: it is missing, not readable, not UTF-8 or over 256 MB.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise CannotRead(f"{path}: over {MAX_FILE} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CannotRead(f"{path}: not UTF-8") from None


def given_text(given: Path | str) -> str:
    """A `Path` is read, a `str` is the text itself."""
    return read_text(given) if isinstance(given, Path) else given


def given_key(given: Path | str | None) -> Key | None:
    """The trusted key from a vkey line, or from a file whose first line it is.

    Raises:
        WrongUse: it is not a key.
        CannotRead: the file cannot be read.
    """
    return None if given is None else parse_key(given_text(given).lstrip().partition("\n")[0])


def given_checkpoint(given: Path | str, tenures: tuple[Tenure, ...]) -> Checkpoint:
    """The remembered checkpoint, from a note or from an earlier receipt.

    Raises:
        Broken: it is not a checkpoint signed by this log.
    """
    text, place = given_text(given), "remembered checkpoint"
    if text.lstrip().startswith("{"):
        value = strict_json(text, place)
        text = str(value.get("checkpoint")) if isinstance(value, dict) else ""
    return open_checkpoint(text, tenures, place)


def strict_json(text: str | bytes, place: str) -> Any:
    """JSON without doubled keys, NaN or endless nesting.

    Raises:
        Broken: it is something else.
    """
    try:
        return json.loads(text, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Broken(place, "is not JSON") from None


def read_entry(data: bytes, place: str) -> dict[str, Any]:
    """An entry, from bytes that are its canonical JSON.

    Raises:
        Broken: another format, or not the one form an entry has.
    """
    value = strict_json(data, place)
    if not isinstance(value, dict) or value.get("format") != ENTRY_FORMAT:
        raise Broken(place, f"is not an entry of format {ENTRY_FORMAT}")
    if not all(type(value.get(key)) is str for key in ("act_id", "kind", "at", "service")):
        raise Broken(place, "is an entry without act, kind, time or service")
    try:
        one_form = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        same = one_form.encode() == data
    except UnicodeEncodeError:
        same = False
    if not same:
        raise Broken(place, "is not in canonical form")
    return value


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)
