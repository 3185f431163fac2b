"""Who signed in with which account, against the rule that no account is anybody else's.

A record of sign-ins is a file of JSON lines, each with ``account`` and ``staff`` (who held the
badge, the key or the machine). Law: APPI 23.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seiyaku.kernel.errors import InvalidInput


@dataclass(frozen=True, order=True)
class Shared:
    """An account that several of the staff used. `staff`: their identifiers, sorted."""

    account: str
    staff: tuple[str, ...]


def read_sign_ins(path: Path) -> Iterator[tuple[str, str]]:
    """Account and staff identifier of every sign-in of a file.

    Raises:
        InvalidInput: SY155 it cannot be read, or a line tells neither account nor staff.
    """
    try:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                entry = json.loads(line)
                yield str(entry["account"]), str(entry["staff"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InvalidInput(
            "this is no record of sign-ins",
            code="SY155",
            hint="JSON lines, each with `account` and `staff`",
        ) from None


def audit_sign_ins(sign_ins: Iterable[tuple[str, str]]) -> tuple[Shared, ...]:
    """Every account that more than one of the staff used. Pure."""
    used: dict[str, set[str]] = {}
    for account, staff in sign_ins:
        used.setdefault(account, set()).add(staff)
    return tuple(sorted(Shared(a, tuple(sorted(who))) for a, who in used.items() if len(who) > 1))
