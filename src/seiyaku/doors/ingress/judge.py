"""What becomes of each field that comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from seiyaku.datamap.detectors import DETECTORS
from seiyaku.datamap.payload import Rest
from seiyaku.doors.egress.judge import hollow
from seiyaku.doors.masking.normal import plain_form
from seiyaku.doors.masking.numbers import find_numbers
from seiyaku.doors.payload import KEEP, REMOVE, Put, Spot, Verdict
from seiyaku.doors.payload.model import Value
from seiyaku.gate.ask import shown
from seiyaku.gate.model import Decision
from seiyaku.kernel.errors import NotPermitted
from seiyaku.policy.model import Policy

Asked = Callable[[str, str | None], Decision]
"""The gate about collecting one item: its word and its source."""
Why = Literal["", "undeclared", "not_permitted", "never_kept", "endpoint_undeclared"]
_FEWEST_DIGITS: Final = 13
_CARD_CONCEPTS: Final = frozenset({"pd:PaymentCardNumber", "pd:CreditCardNumber"})


@dataclass(frozen=True)
class Taken:
    """What became of one field that came in; in mode ``log``, what would have.

    Args:
        done: ``passed`` · ``dropped`` · ``blanked`` · ``cut``: a card number was taken out of
            its text · ``stopped``: the request was refused because of it.
    """

    spot: Spot
    done: Literal["passed", "dropped", "blanked", "cut", "stopped"]
    why: Why = ""
    decision: Decision | None = None


class FieldJudge:
    """Judges the fields of one request and remembers what it found.

    Args:
        collect: the gate about collecting. keep: about keeping, for what is never kept.
        source: where what comes in here comes from, where a field says nothing else.
        cuts: whether card numbers are cut out of texts.
        enforce: False only looks: every field stays.
    """

    def __init__(
        self,
        collect: Asked,
        keep: Asked,
        source: str | None,
        rest: Rest,
        cuts: bool,
        enforce: bool = True,
    ) -> None:
        self._collect = collect
        self._keep = keep
        self._source = source
        self._rest = rest
        self._cuts = cuts
        self._enforce = enforce
        self.taken: list[Taken] = []

    def __call__(self, spot: Spot, value: Value) -> Verdict:
        """The verdict on one field.

        Raises:
            NotPermitted: SY258 the request may not come in with it.
        """
        verdict = self._verdict(spot, value)
        return verdict if self._enforce else KEEP

    def _verdict(self, spot: Spot, value: Value) -> Verdict:
        if spot.rule is None:
            return KEEP if spot.part == "headers" else self._denied(spot, value, "undeclared", None)
        if spot.rule.item is None:
            return self._passed(spot, value, None)
        source = spot.rule.source or self._source
        kept = self._keep(spot.rule.item, source)
        if kept.step == 1:
            return self._denied(spot, value, "never_kept", kept)
        decision = self._collect(spot.rule.item, source)
        if not decision.permitted:
            return self._denied(spot, value, "not_permitted", decision)
        return self._passed(spot, value, decision)

    def _passed(self, spot: Spot, value: Value, decision: Decision | None) -> Verdict:
        cut = without_cards(value) if self._cuts else value
        if cut == value:
            return self._found(KEEP, Taken(spot, "passed", "", decision))
        return self._found(Put(cut), Taken(spot, "cut", "never_kept", decision))

    def _denied(self, spot: Spot, value: Value, why: Why, decision: Decision | None) -> Verdict:
        blank = spot.rule.blank if spot.rule else None
        if blank is not None:
            return self._found(Put(blank), Taken(spot, "blanked", why, decision))
        if self._rest == "refuse" or spot.part == "segments":
            self.taken.append(Taken(spot, "stopped", why, decision))
            return self._stop(spot, why, decision)
        if self._rest == "mask":
            return self._found(Put(hollow(value)), Taken(spot, "blanked", why, decision))
        return self._found(REMOVE, Taken(spot, "dropped", why, decision))

    def _stop(self, spot: Spot, why: Why, decision: Decision | None) -> Verdict:
        if not self._enforce:
            return KEEP
        told = why if decision is None else "; ".join(map(shown, decision.reasons))
        item = spot.rule.item if spot.rule and spot.rule.item else spot.declared or "a field"
        raise NotPermitted(
            f"`{item}` in the {spot.part} may not come in: {told}",
            code="SY258",
            hint="leave it out",
        )

    def _found(self, verdict: Verdict, taken: Taken) -> Verdict:
        self.taken.append(taken)
        return verdict


def keeps_no_cards(policy: Policy) -> bool:
    """Whether the policy says that it keeps no card numbers."""
    return any(
        "keep" in item.never and item.personal in _CARD_CONCEPTS & DETECTORS.keys()
        for item in policy.items.values()
    )


def without_cards(value: Value) -> Value:
    """The value with the digits of card numbers taken out of its texts."""
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if _cut(str(value)) == str(value) else 0
    if isinstance(value, list):
        return [without_cards(v) for v in value]
    if isinstance(value, dict):
        return {k: without_cards(v) for k, v in value.items()}
    return value


def _cut(text: str) -> str:
    if sum(character.isdigit() for character in text) < _FEWEST_DIGITS:
        return text
    plain = plain_form(text)
    cards = [f for f in find_numbers(plain.text) if f.kind == "card"]
    for found in sorted(cards, reverse=True):
        start, end = plain.span(found.start, found.end)
        text = text[:start] + "****" + text[end:]
    return text


def counts(taken: list[Taken]) -> Mapping[str, int]:
    """How many fields each thing was done to, with why: ``{"dropped undeclared": 2}``."""
    counted: dict[str, int] = {}
    for one in taken:
        key = f"{one.done} {one.why}".strip()
        counted[key] = counted.get(key, 0) + 1
    return counted
