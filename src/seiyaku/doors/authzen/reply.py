"""Answers of the norm as bytes: a decision, its reasons in Japanese and English, an error.

The norm knows yes and no. What the gate cannot decide is a no, and the answer says so:
``"outcome": "undecided"``, with the gap and near words where there are some.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from seiyaku.gate.model import Decision, Reason
from seiyaku.gate.words import WORDS

Hint = Callable[[Decision], str]
_KEPT = 8192
"""Answers kept as bytes; there are few different decisions, and many of each."""


class Replies:
    """Writes decisions; the same decision is written once.

    Args:
        hint: near words for what nobody declared.
    """

    def __init__(self, hint: Hint) -> None:
        self._hint = hint
        self._kept: dict[int, tuple[Decision, bytes]] = {}

    def of(self, decision: Decision) -> bytes:
        """The entity ``decision`` of the norm, with its context."""
        kept = self._kept.get(id(decision))
        if kept is not None:
            return kept[1]
        written = dumps(_entity(decision, self._hint(decision)))
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[id(decision)] = (decision, written)  # kept alive, so its id stays its own
        return written


def dumps(value: Any) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def failed(message: str) -> bytes:
    """One evaluation of several that could not be read: closed, and why."""
    return dumps({"decision": False, "context": {"error": {"status": 400, "message": message}}})


def together(decisions: Sequence[bytes]) -> bytes:
    """The response to several evaluations, in their order."""
    return b'{"evaluations":[' + b",".join(decisions) + b"]}"


def _entity(decision: Decision, hint: str) -> dict[str, Any]:
    context: dict[str, Any] = {
        "outcome": decision.outcome,
        "version": decision.version,
        "reasons": [_reason(reason) for reason in decision.reasons],
    }
    if hint:
        context["hint"] = hint
    return {"decision": decision.permitted, "context": context}


def _reason(reason: Reason) -> dict[str, str]:
    words = WORDS[reason.code]
    # What is no word may be data that came in by mistake: it is not repeated.
    about = "" if reason.code.startswith("unknown_") else reason.about
    found = {"code": reason.code, "about": about, "cite": reason.cite}
    return {k: v for k, v in found.items() if v} | {"ja": words.ja, "en": words.en}
