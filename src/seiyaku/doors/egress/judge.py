"""What becomes of each field of a call, by its rule and what the gate answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from seiyaku.datamap.payload import Rest
from seiyaku.doors.egress.model import Done, Finding, Why
from seiyaku.doors.masking import Masking, reveals
from seiyaku.doors.payload import KEEP, REMOVE, Put, Spot, Verdict
from seiyaku.doors.payload.model import Value
from seiyaku.gate.ask import shown
from seiyaku.gate.model import Decision
from seiyaku.kernel.errors import NotPermitted

Asked = Callable[[str, str | None, bool], Decision]
"""The gate about one item of this call: its word, its source, whether it is masked."""

PLAIN_HEADERS: Final = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "authorization", "cache-control",
        "connection", "content-length", "content-type", "date", "expect", "host",
        "idempotency-key", "keep-alive", "te", "transfer-encoding", "user-agent",
    }
)  # fmt: skip
"""Headers that say nothing of a person by themselves; every other one is declared or goes."""
_SECRET: Final = frozenset({"authorization", "content-length", "host", "transfer-encoding"})
MAX_TEXT: Final = 200_000
"""Characters of one text beyond which it is not masked, and so does not go."""
_KEPT_WHOLE: Final = frozenset({"segments", "body"})
_ZERO_ID: Final = re.compile(r"0{8}-?0{4}-?0{4}-?0{4}-?0{12}")
"""What a device tells in place of its advertising identifier when its owner wants none told."""


class FieldJudge:
    """Judges the fields of one call and remembers what it found.

    Args:
        asked: the gate. rest: what becomes of fields that may not pass.
        masking: placeholders of this call, where the recipient gets masked text only.
        known: values of the person that no technical field may carry.
        enforce: False only looks: every field stays, nothing is raised.
    """

    def __init__(
        self,
        asked: Asked,
        rest: Rest,
        masking: Masking | None,
        known: tuple[str, ...],
        enforce: bool = True,
    ) -> None:
        self._asked = asked
        self._rest = rest
        self._masking = masking
        self._known = known
        self._enforce = enforce
        self.findings: list[Finding] = []
        self.decided: dict[str, Decision] = {}

    def __call__(self, spot: Spot, value: Value) -> Verdict:
        """The verdict on one field.

        Raises:
            NotPermitted: SY255 it may not go and nothing may stand for it.
        """
        verdict = self._verdict(spot, value)
        return verdict if self._enforce else KEEP

    def _verdict(self, spot: Spot, value: Value) -> Verdict:
        if spot.rule is not None and spot.rule.item is not None:
            return self._item(spot, spot.rule.item, value)
        if spot.rule is not None:
            return self._technical(spot, value)
        if spot.part == "headers" and spot.name in PLAIN_HEADERS:
            return self._plain_header(spot, value)
        return self._denied(spot, value, "undeclared", None)

    def _plain_header(self, spot: Spot, value: Value) -> Verdict:
        if spot.name in _SECRET or not reveals(str(value), self._known):
            return KEEP
        return self._denied(spot, value, "revealing", None)

    def _item(self, spot: Spot, item: str, value: Value) -> Verdict:
        if spot.rule is not None and spot.rule.opaque and reveals(str(value), self._known):
            return self._denied(spot, value, "revealing", None)
        if isinstance(value, str) and _ZERO_ID.fullmatch(value) and spot.part not in _KEPT_WHOLE:
            return self._found(REMOVE, spot, "removed", "withheld", None)
        bare = _bare(spot, value)
        if bare is not value and reveals(str(bare), self._known):
            return self._denied(spot, value, "revealing", None)
        covered = None if self._masking is None else masked(bare, self._masking)
        source = spot.rule.source if spot.rule else None
        decision = self._asked(item, source, covered is not None)
        if decision.permitted or not self._enforce:  # what only looks lets it go: it is released
            self.decided[item] = decision
        if not decision.permitted:
            return self._denied(spot, value, "not_permitted", decision)
        left = bare if covered is None else covered
        if left == value:
            return self._found(KEEP, spot, "passed", "", decision)
        return self._found(Put(left), spot, "masked", "", decision)

    def _technical(self, spot: Spot, value: Value) -> Verdict:
        if isinstance(value, bytes) or reveals(str(value), self._known):
            return self._denied(spot, value, "revealing", None)
        return self._found(KEEP, spot, "passed", "", None)

    def _denied(self, spot: Spot, value: Value, why: Why, decision: Decision | None) -> Verdict:
        blank = spot.rule.blank if spot.rule else None
        if blank is not None:
            return self._found(Put(blank), spot, "blanked", why, decision)
        if self._rest == "refuse" or spot.part in _KEPT_WHOLE:
            self._found(KEEP, spot, "stopped", why, decision)
            return self._stop(spot, why, decision)
        if self._rest == "mask":
            return self._found(Put(hollow(value)), spot, "blanked", why, decision)
        return self._found(REMOVE, spot, "removed", why, decision)

    def _stop(self, spot: Spot, why: Why, decision: Decision | None) -> Verdict:
        if not self._enforce:
            return KEEP
        told = why if decision is None else "; ".join(map(shown, decision.reasons))
        item = spot.rule.item if spot.rule and spot.rule.item else spot.declared or "a field"
        raise NotPermitted(
            f"`{item}` in the {spot.part} may not go, and nothing may stand for it: {told}",
            code="SY255",
            hint="leave it out, give the field a `blank`, or let `rest` remove it",
        )

    def _found(
        self, verdict: Verdict, spot: Spot, done: Done, why: Why, decision: Decision | None
    ) -> Verdict:
        self.findings.append(Finding(spot, done, why, decision))
        return verdict


def _bare(spot: Spot, value: Value) -> Value:
    """An address of a page without what stands behind its path, but for what the map keeps."""
    if spot.rule is None or not spot.rule.address or not isinstance(value, str):
        return value
    url = urlsplit(value)
    pairs = parse_qsl(url.query, keep_blank_values=True)
    kept = urlencode([(k, v) for k, v in pairs if k in spot.rule.keeps])
    return urlunsplit((url.scheme, url.netloc, url.path, kept, ""))


def masked(value: Value, masking: Masking) -> Value:
    """The value with whatever identifies people masked; None where it cannot be.

    Bytes cannot, nor can a text so long that nobody would wait for it.
    """
    if isinstance(value, str):
        return masking.mask(value) if len(value) <= MAX_TEXT else None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        covered = masking.mask(str(value))
        return value if covered == str(value) else covered
    if isinstance(value, list):
        return _all([masked(v, masking) for v in value], value)
    if isinstance(value, dict):
        covered_values = _all([masked(v, masking) for v in value.values()], list(value.values()))
        if covered_values is None:
            return None
        return dict(zip([masking.mask(k) for k in value], covered_values, strict=True))
    return None


def _all(covered: list[Value], before: list[Value]) -> list[Value] | None:
    whole = all(c is not None or b is None for c, b in zip(covered, before, strict=True))
    return covered if whole else None


def hollow(value: Value) -> Value:
    """Something of the same shape that says nothing."""
    if isinstance(value, str):
        return "***"
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return 0
    if isinstance(value, bytes):
        return b""
    if isinstance(value, list):
        return []
    return {} if isinstance(value, dict) else None
