"""What changed between two versions, what it means, and who must be asked.

A change *narrows* (the controller may do less, or owes more), *widens* (it may do more, or
owes less) or is *neutral*. Narrowings bind at once for everyone. A widening is material and
counts for a person only once they accepted the version, unless the new version names its
clause under `related_changes`: then it stays within what a person could expect, and telling
people is enough. `widenings` lists what each version of a history permits beyond the one before.

Law: APPI 17(2), 18(1), 21(3), 27(1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from seiyaku.laws import Laws
from seiyaku.policy.diff.fact import Key, PolicyFact, Sense
from seiyaku.policy.diff.facts import facts_of
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.model import Policy

Direction = Literal["narrowing", "widening", "neutral"]
Asking = Literal["consent", "acknowledgement", "notice"]


_TERMS: Final = frozenset({"fee", "identity"})
"""Terms of a right: they come and go with it, and are a change only while it stands."""


_OF_NOBODY: Final = frozenset({"export", "group_size"})
"""About files in which nobody is recognised: there is nobody to ask, telling is enough."""


@dataclass(frozen=True, order=True)
class Change:
    """One change.

    Args:
        kind: what it is about: ``use``, ``send``, ``consent``, ``retention``, ``fee`` ...
        part: where it stands in the policy file: ``purposes.tea_letter``.
        direction: for the controller: may it do more, less, or neither.
        material: whether people must accept it before it counts for them.
        clause: clause it rests on, in the new version where it stands there.
        details: what came, went or moved, sorted: ``+ email from auth0``, ``90 -> 30``.
        ask: what must be done towards the people: ``consent``, ``acknowledgement``,
            ``notice``; empty where nothing.
        people: kinds of people concerned, sorted.
    """

    kind: str
    part: str
    direction: Direction
    material: bool
    clause: str
    details: tuple[str, ...]
    ask: tuple[Asking, ...]
    people: tuple[str, ...]


def diff(old: Policy, new: Policy, laws: Laws) -> tuple[Change, ...]:
    """Every change from `old` to `new`, material ones first.

    Args:
        laws: packs of the new version; groups of countries are taken apart with them.
    """
    before, after = facts_of(old, laws), facts_of(new, laws)
    _forget_moved_clauses(before, after)
    groups: dict[tuple[str, str, Direction, str], list[_Moved]] = {}
    for moved in _moves(before, after):
        fact = moved.fact
        groups.setdefault((fact.kind, fact.part, moved.direction, fact.clause), []).append(moved)
    changes = [_change(old, new, group) for group in groups.values()]
    return tuple(sorted(changes, key=lambda c: (not c.material, c)))


@dataclass(frozen=True)
class _Moved:
    """A fact that came, went or changed."""

    fact: PolicyFact
    direction: Direction
    says: str


def _moves(before: dict[Key, PolicyFact], after: dict[Key, PolicyFact]) -> Iterator[_Moved]:
    stood, stands = _parts(before), _parts(after)
    for key, fact in after.items():
        if key in before:
            yield from _moved(before[key], fact)
        elif not _goes_with_its_part(fact, stood):
            yield _Moved(fact, _meaning(fact.sense, grows=True), f"+ {_name(fact)}")
    for key, fact in before.items():
        if key not in after and not _goes_with_its_part(fact, stands):
            yield _Moved(fact, _meaning(fact.sense, grows=False), f"- {_name(fact)}")


def _parts(side: dict[Key, PolicyFact]) -> frozenset[str]:
    sources = {f"{f.part}.sources.{f.detail}" for f in side.values() if f.kind == "collect"}
    return frozenset(fact.part for fact in side.values()) | sources


def _goes_with_its_part(fact: PolicyFact, other_side: frozenset[str]) -> bool:
    """A condition of something that is not there on the other side is no change of its own."""
    if fact.kind in _TERMS:
        return True
    conditional = fact.part.startswith(("items.", "purposes.", "recipients.", "exports."))
    return conditional and fact.sense == "binds" and fact.part not in other_side


def _moved(old: PolicyFact, new: PolicyFact) -> Iterator[_Moved]:
    if old.amount != new.amount:
        grows = (new.amount or 0) > (old.amount or 0)
        if old.amount is None or new.amount is None:  # a number that comes binds
            grows = (new.amount is None) == (new.amount_sense == "permits")
        says = f"{_name(new)}: {old.amount} -> {new.amount}".lstrip(": ")
        yield _Moved(new, _meaning(new.amount_sense, grows=grows), says)
    if old.value != new.value and new.sense == "tells":
        yield _Moved(new, "neutral", f"~ {_name(new)}")


def _meaning(sense: Sense, *, grows: bool) -> Direction:
    if sense == "tells":
        return "neutral"
    return "widening" if (sense == "permits") == grows else "narrowing"


def _name(fact: PolicyFact) -> str:
    return fact.detail or fact.part.rpartition(".")[2]


def _forget_moved_clauses(before: dict[Key, PolicyFact], after: dict[Key, PolicyFact]) -> None:
    """A binding clause that only got another number is no duty gone and come."""
    gone = _duties(before, but=after)
    come = _duties(after, but=before)
    for words in gone.keys() & come.keys():
        del before[gone[words]], after[come[words]]


def _duties(side: dict[Key, PolicyFact], *, but: dict[Key, PolicyFact]) -> dict[str, Key]:
    """Binding clauses that stand on this side only, by the digest of their words."""
    return {f.value: k for k, f in side.items() if f.kind == "duty" and k not in but}


def _change(old: Policy, new: Policy, group: list[_Moved]) -> Change:
    first = group[0]
    direction, clause = first.direction, first.fact.clause
    related = clause in new.version.related_changes or first.fact.kind in _OF_NOBODY
    material = direction == "widening" and not related
    people = {who for m in group for who in (m.fact.people or tuple({**old.people, **new.people}))}
    return Change(
        kind=first.fact.kind,
        part=first.fact.part,
        direction=direction,
        material=material,
        clause=clause,
        details=tuple(sorted(m.says for m in group)),
        ask=_ask(new, first.fact, direction, material),
        people=tuple(sorted(people)),
    )


def _ask(new: Policy, fact: PolicyFact, direction: Direction, material: bool) -> tuple[Asking, ...]:
    if material:
        return ("consent", "acknowledgement") if _acknowledged(new, fact) else ("consent",)
    if direction == "widening" or fact.kind in ("controller", "contact"):
        return ("notice",)
    announced = new.revisions is not None and new.revisions.announced is not None
    return ("notice",) if announced else ()


def _acknowledged(new: Policy, fact: PolicyFact) -> bool:
    """Whether the part needs to be acknowledged before it counts."""
    part, _, word = fact.part.partition(".")
    purpose = new.purposes.get(word) if part == "purposes" else None
    return bool(purpose and purpose.acknowledgement)


@dataclass(frozen=True)
class Widening:
    """A version permits more than the one before it.

    Args:
        before, version: ids of the two versions.
        cite: the clause that permits it: ``CLOSM-4.4``.
    """

    before: str
    version: str
    cite: str
    change: Change

    def __str__(self) -> str:
        counts = "for those who accept it" if self.change.material else "for everyone"
        return (
            f"version `{self.version}` permits more than `{self.before}`, {counts}: "
            f"{self.change.kind} of {self.change.part} ({self.cite}): "
            f"{', '.join(self.change.details)}"
        )


def widenings(history: History, laws: Laws) -> tuple[Widening, ...]:
    """Everything a version opened wider than the one before it, oldest first, drafts left out.

    Args:
        laws: the packs the versions name; groups of countries are taken apart with them.
    """
    published = [v for v in history.versions if effective_at(v) is not None]
    return tuple(
        Widening(old.version.id, new.version.id, new.cite(change.clause), change)
        for old, new in pairwise(published)
        for change in diff(old, new, laws)
        if change.direction == "widening"
    )


__all__ = ["Asking", "Change", "Direction", "Widening", "diff", "facts_of", "widenings"]
