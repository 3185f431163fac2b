"""One clause explained: what it says, what stands on it, what it answers, what lint says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from seiyaku.kernel.document import Loc
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.faults import Fault, Place
from seiyaku.kernel.text import Text
from seiyaku.policy.lint import lint
from seiyaku.policy.model import ClauseRef, Force, Policy
from seiyaku.policy.parse import ParsedPolicy
from seiyaku.policy.references import patterns, select

_VERBS: Final[dict[str, tuple[str, ...]]] = {
    "never": ("may_collect", "may_use", "may_send", "may_keep"),
    "items": ("may_collect", "may_use", "may_keep"),
    "purposes": ("may_use",),
    "recipients": ("may_send",),
    "exceptions": ("may_send",),
    "transmissions": ("may_send",),
    "foreign_consent": ("may_send",),
    "countries": ("may_send",),
    "opened_by_consent": ("may_use", "may_send"),
    "acknowledgements": ("may_collect", "may_use"),
    "contexts": ("may_collect", "may_use"),
    "sources": ("may_collect", "may_use"),
    "minors": ("may_collect", "may_use", "may_send"),
    "retention": ("may_keep",),
    "exports": ("may_release",),
}
"""Which questions to the gate a part of the policy helps to answer."""


@dataclass(frozen=True)
class Stands:
    """A part of the policy file that rests on the clause: ``recipients.printful``."""

    part: str
    key: str
    place: Place


@dataclass(frozen=True)
class Explanation:
    """Everything known about one clause.

    Args:
        cite: ``CLOSM-6.2c``. says: our paraphrase.
        lines: first and last line of the published text, from 1.
        sha256: of those lines, hex.
        stands: parts that rest on it, in the order of the file.
        answers: questions it helps to answer: ``may_use tea_letter``.
        findings: what lint says of it.
    """

    clause: str
    cite: str
    says: Text
    force: Force
    proof: str
    lines: tuple[int, int]
    sha256: str
    stands: tuple[Stands, ...]
    answers: tuple[str, ...]
    findings: tuple[Fault, ...]


def explain(parsed: ParsedPolicy, clause: str) -> Explanation:
    """What `clause` is; it may be written ``6.2c`` or ``CLOSM-6.2c``.

    Raises:
        InvalidInput: SY127 the policy has no such clause; the hint names near ones.
    """
    policy = parsed.policy
    name = clause.removeprefix(f"{policy.prefix}-")
    text = policy.clauses.get(name)
    if text is None:
        raise _unknown(policy, clause, name)
    stands = tuple(_stands(parsed, name))
    return Explanation(
        clause=name,
        cite=policy.cite(name),
        says=text.says,
        force=text.force,
        proof=text.proof,
        lines=text.lines,
        sha256=text.sha256,
        stands=stands,
        answers=tuple(dict.fromkeys(a for part in stands for a in _answers(part))),
        findings=tuple(f for f in lint(policy, parsed.laws, parsed.document) if f.clause == name),
    )


def _stands(parsed: ParsedPolicy, clause: str) -> Iterator[Stands]:
    found = [
        (_part(loc), loc)
        for text in patterns(Policy, ClauseRef)
        if text != "clauses.~"
        for loc, value in select(parsed.document.data, text)
        if value == clause
    ]
    places = [Stands(part, _key(loc), parsed.document.place(loc)) for part, loc in found]
    yield from sorted(places, key=lambda s: s.place)


def _part(loc: Loc) -> str:
    """The part of the file a path lies in: its section and word (or index)."""
    return ".".join(str(key) for key in loc[:2]) if len(loc) > 2 else str(loc[0])


def _key(loc: Loc) -> str:
    """The key that names the clause, without indexes."""
    return next(str(key) for key in reversed(loc) if isinstance(key, str))


def _answers(stands: Stands) -> Iterator[str]:
    section, _, word = stands.part.partition(".")
    if section == "rights":
        yield f"request {word}"
    for verb in _VERBS.get(section, ()):
        yield f"{verb} {word}".rstrip()


def _unknown(policy: Policy, clause: str, name: str) -> InvalidInput:
    stem = name.rstrip("abcdefghijklmnopqrstuvwxyz")
    near = [known for known in policy.clauses if known.startswith(stem)][:8]
    known = near or list(policy.clauses)[:8]
    return InvalidInput(
        f"`{policy.service}` has no clause `{clause}`",
        code="SY127",
        hint=f"near ones: {', '.join(known)}",
    )
