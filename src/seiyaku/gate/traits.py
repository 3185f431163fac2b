"""What people said, as bits: two people with the same bits get the same answers.

A standing is taken apart into *traits*: one for each different thing that can be so of a
person (agreed to the newsletter, informed beforehand · suspended advertising · frozen). When it
was said does not matter to a question asked now: whatever is in a standing was said by then.
So a person is an integer, ten million people are a table of bits, and an answer is found by the
bits that may matter to its question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final, Literal, NamedTuple

from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import (
    Consent,
    ConsentKind,
    LiveConsent,
    Scope,
    Standing,
    Withdrawal,
)

Part = Literal[
    "kind",
    "status",
    "age",
    "guardian",
    "suspended",
    "opted_out",
    "accepted",
    "acknowledged",
    "agreed",
]
ONE_OF: Final[tuple[Part, ...]] = ("kind", "status", "age")
"""Parts of which a person has one trait or none."""
NOBODY = PersonId("")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LATER = _LONG_AGO + timedelta(days=1)


class Trait(NamedTuple):
    """One thing that can be so of a person: a word, a scope, an age band or `Agreed`."""

    part: Part
    value: Any


class Agreed(NamedTuple):
    """A consent without its moments.

    Args:
        presented: whether what it is about was shown before it was given.
        fresh: given at the very moment of the standing, which is too late for that moment.
        withdrawn: scopes of the withdrawals that touch it.
    """

    kind: ConsentKind
    scope: Scope
    countries: tuple[str, ...]
    informed: tuple[str, ...]
    presented: bool
    fresh: bool
    withdrawn: frozenset[Scope]

    def live_consent(self, person: PersonId, at: datetime) -> LiveConsent:
        """A consent with this trait; `at` is the moment of the standing it stands in."""
        given = at if self.fresh else _LONG_AGO
        shown = given - timedelta(hours=1) if self.presented else None
        consent = Consent(
            person, given, self.scope, "", shown, self.countries, self.kind, None, self.informed
        )
        withdrawn = (Withdrawal(person, given, scope) for scope in self.withdrawn)
        return LiveConsent(consent, tuple(withdrawn))


class Traits:
    """Every different thing said so far, each with its bit; grows, never renumbers.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._bits: dict[Trait, int] = {}
        self._order: list[Trait] = []
        self._groups: dict[Part, int] = dict.fromkeys(ONE_OF, 0)
        self._lock = Lock()

    def mask(self, standing: Standing) -> int:
        """The bits of a standing; traits not met before get theirs.

        Examples:
            >>> traits, noon = Traits(), datetime(2026, 3, 1, tzinfo=UTC)
            >>> plain = Standing(PersonId("7"), "user", noon)
            >>> traits.mask(plain), traits.mask(Standing(PersonId("8"), "user", noon, "frozen"))
            (1, 3)
        """
        bits, mask = self._bits, 0
        for trait in _taken_apart(standing):
            mask |= bits.get(trait) or self._grown(trait)
        return mask

    def _grown(self, trait: Trait) -> int:
        with self._lock:
            bit = self._bits.get(trait)
            if bit is None:
                bit = 1 << len(self._order)
                self._order.append(trait)
                if trait.part in self._groups:
                    self._groups[trait.part] |= bit
                self._bits[trait] = bit
            return bit

    def standing(self, mask: int, person: PersonId, at: datetime = _LATER) -> Standing:
        """A standing with exactly these traits, its moments made up long ago.

        Args:
            at: the moment of the standing; only consents given at that very moment feel it.
        """
        had: dict[Part, list[Any]] = {}
        for trait in self.of(mask):
            had.setdefault(trait.part, []).append(trait.value)
        at_least, below = had.get("age", [(None, None)])[0]
        return Standing(
            person,
            had.get("kind", [""])[0],
            at,
            status=had.get("status", ["active"])[0],
            consents=tuple(agreed.live_consent(person, at) for agreed in had.get("agreed", ())),
            suspensions=tuple(had.get("suspended", ())),
            opt_outs=tuple(had.get("opted_out", ())),
            accepted=tuple((version, _LONG_AGO) for version in had.get("accepted", ())),
            acknowledged=tuple((what, _LONG_AGO) for what in had.get("acknowledged", ())),
            at_least=at_least,
            below=below,
            guardian="guardian" in had,
        )

    def of(self, mask: int) -> Iterator[Trait]:
        """The traits of a mask, in the order of their bits."""
        while mask:
            low = mask & -mask
            yield self._order[low.bit_length() - 1]
            mask ^= low

    def since(self, known: int) -> Sequence[Trait]:
        """The traits from bit `known` on, in order."""
        return self._order[known:]

    def __len__(self) -> int:
        """How many traits there are."""
        return len(self._order)

    @property
    def groups(self) -> tuple[int, ...]:
        """Masks of traits of which a person has exactly one or none (kind, status, age)."""
        return tuple(self._groups.values())


def settled(standing: Standing) -> bool:
    """Whether its traits stay the same as time goes on and nothing is said.

    What was said at the very moment of the standing is not older than that moment, and so
    does not count yet.
    """
    at = standing.at
    return all(c.consent.at < at for c in standing.consents) and all(
        when < at for _, when in standing.acknowledged
    )


def _taken_apart(standing: Standing) -> Iterator[Trait]:
    yield Trait("kind", standing.kind)
    if standing.status != "active":
        yield Trait("status", standing.status)
    if standing.at_least is not None or standing.below is not None:
        yield Trait("age", (standing.at_least, standing.below))
    if standing.guardian:
        yield Trait("guardian", True)
    for live in standing.consents:
        yield Trait("agreed", _agreed(live, standing.at))
    for scope in standing.suspensions:
        yield Trait("suspended", scope)
    for scope in standing.opt_outs:
        yield Trait("opted_out", scope)
    for version, _ in standing.accepted:
        yield Trait("accepted", version)
    for what, when in standing.acknowledged:
        if when < standing.at:
            yield Trait("acknowledged", what)


def _agreed(live: LiveConsent, at: datetime) -> Agreed:
    consent = live.consent
    return Agreed(
        consent.kind,
        consent.scope,
        consent.countries,
        consent.informed,
        consent.presented_at is not None and consent.presented_at < consent.at,
        consent.at >= at,
        frozenset(withdrawal.scope for withdrawal in live.withdrawn),
    )
