"""The verifier on the command line.

Exit: 0 every step passed, 1 the evidence does not verify, 2 wrong use, 3 cannot read.
"""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seiyaku_verify.errors import DoesNotVerify, VerifyError
from seiyaku_verify.log_check import STEPS as LOG_STEPS
from seiyaku_verify.log_check import check_log
from seiyaku_verify.receipt import STEPS as RECEIPT_STEPS
from seiyaku_verify.receipt import CheckedReceipt, check_receipt

COLUMNS = 80


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a system's name may be Japanese
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    if options.key is None and not options.own_key:
        return _complain(2, "give --key FILE, or --own-key to go without")
    try:
        lines = _receipt(options) if options.command == "receipt" else _fsck(options)
    except DoesNotVerify as error:
        steps = RECEIPT_STEPS if options.command == "receipt" else LOG_STEPS
        return _fail(error, len(steps))
    except VerifyError as error:
        return _complain(error.exit_code, str(error))
    _print(lines)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m seiyaku_verify", description="Check evidence without trusting its maker."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    receipt = commands.add_parser("receipt", help="check one receipt")
    receipt.add_argument("file", type=Path)
    receipt.add_argument("--show-person", action="store_true", help="print the person's id too")
    log = commands.add_parser("fsck", help="check a whole log")
    log.add_argument("dir", type=Path)
    log.add_argument("--hashes-only", action="store_true", help="you have no entries/")
    for command in (receipt, log):
        command.add_argument("--key", type=Path, help="file with the log's published key")
        command.add_argument("--own-key", action="store_true", help="trust the key found inside")
        command.add_argument("--checkpoint", type=Path, help="checkpoint or receipt from before")
    return parser


def _receipt(options: argparse.Namespace) -> list[str]:
    case = check_receipt(options.file, options.key, options.checkpoint)
    lines = _numbered(case.passed)
    lines += ["", *_told(case)]
    if options.show_person:
        lines += ["", f"person: {_plain(case.person)}"]
    return [*lines, "", _verdict("THE RECEIPT IS TRUE", case.key_given)]


def _fsck(options: argparse.Namespace) -> list[str]:
    case = check_log(options.dir, options.key, options.checkpoint, hashes_only=options.hashes_only)
    return [*_numbered(case.passed), "", _verdict("THE LOG IS WHOLE", case.key_given)]


def _told(case: CheckedReceipt) -> list[str]:
    """What the entries say, one paragraph each."""
    lines = []
    for index, entry in sorted(case.entries.items()):
        words = [entry.get(k) for k in ("kind", "act", "system", "outcome")]
        words += [f"{k} {v}" for k, v in _pairs(entry, "counts")]
        words += [f"{k} {v}" for k, v in _pairs(entry, "detail")]
        words.append("by " + ", ".join(entry["clauses"]) if entry.get("clauses") else "")
        text = f"entry {index}, {entry['at']}: " + "; ".join(str(w) for w in words if w)
        lines.append(_plain(text))
    return lines


def _pairs(entry: dict[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    value = entry.get(key, {})
    return value.items() if isinstance(value, dict) else ()


def _numbered(sentences: Sequence[str]) -> list[str]:
    return [f"{number} passed: {_plain(text)}" for number, text in enumerate(sentences, 1)]


def _verdict(words: str, key_given: bool) -> str:
    return words if key_given else f"{words}, IF its own key is the controller's: compare it"


def _fail(error: DoesNotVerify, steps: int) -> int:
    _print([f"step {error.step} of {steps} FAILED", *(_plain(str(f)) for f in error.faults)])
    _print(["", "DOES NOT VERIFY: do not rely on it"])
    return 1


def _complain(code: int, message: str) -> int:
    sys.stderr.write(_plain(message) + "\n")
    return code


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        wrapped = textwrap.wrap(line, COLUMNS, subsequent_indent="    ") or [""]
        sys.stdout.write("\n".join(wrapped) + "\n")


def _plain(text: str) -> str:
    """`text` without anything that could steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


if __name__ == "__main__":
    sys.exit(main())
