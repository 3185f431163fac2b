"""Calls to outside AI are written down: which request, which model, the digest of what went."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.canonical import sha256_hex

if TYPE_CHECKING:
    from seiyaku.doors.egress import Cleared

_MODEL: Final = re.compile(r"[A-Za-z0-9._:/-]{1,80}")


def recording_ai_calls(
    parts: Parts, report: Callable[[Cleared], None] | None
) -> Callable[[Cleared], None]:
    """A report of cleared calls that witnesses those to recipients that get masked text only."""

    def told(cleared: Cleared) -> None:
        if cleared.refusal is None and cleared.releases and _is_ai(parts, cleared.recipient or ""):
            parts.log.append([_entry(parts, cleared, release) for release in cleared.releases])
        if report is not None:
            report(cleared)

    return told


def _is_ai(parts: Parts, recipient: str) -> bool:
    """Whether somebody, or the class they are of, gets masked text only."""
    policy, now = parts.policy(), parts.clock.now()
    facts = parts.repositories.assurances.all()
    return any(
        declared.masked is not None
        and (
            word == recipient
            or (
                declared.register_name is not None
                and facts.membership(declared.register_name, recipient, now) is not None
            )
        )
        for word, declared in policy.recipients.items()
    )


def _entry(parts: Parts, cleared: Cleared, release: str) -> Entry:
    body = cleared.call.payload.body
    detail = {"recipient": cleared.recipient or "", "model": _model(body)}
    return Entry(
        act_id=f"{release}/ai-call",
        kind="release",
        at=parts.clock.now(),
        service=parts.settings.service,
        act="ai_call",
        outcome="cleared",
        version=parts.policy().version.id,
        digests={"payload": sha256_hex(body)},
        detail={name: word for name, word in detail.items() if word},
    )


def _model(body: bytes) -> str:
    """The model a payload asks for; empty where it names none."""
    try:
        read = json.loads(body)
    except ValueError:
        return ""
    model = read.get("model") if isinstance(read, dict) else None
    return model if isinstance(model, str) and _MODEL.fullmatch(model) else ""
