"""Rules on the published text itself: what its words lost on the way, or never had.

They need the text the policy file paraphrases. The digests of the clauses are compared first:
a paraphrase of words that are no longer published promises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.faults import Fault, Place, Severity
from seiyaku.policy.addresses import is_placeholder
from seiyaku.policy.model import Policy

_LOST: Final = re.compile(
    r"\b(?:REMOVED|DELETED|REDACTED|TODO|TBD|FIXME|UNDEFINED|XXX+)\b|[〇○●◯]{2,}|＿{3,}|_{4,}"
)
_BRACKETED: Final = re.compile(r"\[[^\]]*\bprotected\b[^\]]*\]|\S+@example\.\w+")
_NUMBERED: Final = re.compile(r"^(\s*)(\d{1,2})[.)．、]\s+\S")
_HEADING: Final = re.compile(r"^\s*(?:Article\s+\d+|第\s*[0-9０-９一二三四五六七八九十]+\s*条)")
_ANNOUNCES: Final = re.compile(r"\bfollowing\b|\bas follows\b|次の|以下の", re.IGNORECASE)
_INLINE: Final = re.compile(r"\(1\)|（1）|①|:\s*\S.{20,}|：\s*\S.{10,}")
_LISTED: Final = re.compile(r"^\s*(?:[-*•・]|\d{1,2}[.)．]|\(\d+\))\s*\S")
_GIVES: Final = re.compile(
    r"\b(?:we|the company|our company)\s+(?:(?:will|may|shall)\s+)?disclose\b(?P<rest>.*)"
    r"|当社は[^。]*を開示(?:します|する)(?P<rest_ja>[^。]*)",
    re.IGNORECASE,
)
_RECEIVER: Final = re.compile(r"\bto\s+(?!as\b)|\brequest|に対して|へ|請求")
_CHROME_LINES: Final = 4


@dataclass(frozen=True)
class PublishedText:
    """A published text and the policy that paraphrases it."""

    policy: Policy
    text: str
    file: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines; line 1 is the first."""
        return tuple(self.text.splitlines())

    def of(self, clause: str) -> str:
        """The published lines of a clause, joined by line feeds."""
        first, last = self.policy.clauses[clause].lines
        return "\n".join(self.lines[first - 1 : last])

    def clause_at(self, line: int) -> str:
        """The first clause that stands on a line; empty where none does."""
        spans = ((c, t.lines) for c, t in self.policy.clauses.items())
        return next((c for c, (first, last) in spans if first <= line <= last), "")

    def unread_at(self, line: int) -> bool:
        """Whether a clause stands on a line and no person decided how to read it."""
        clause = self.clause_at(line)
        return bool(clause) and self.policy.clauses[clause].read_as is None


@dataclass(frozen=True)
class Seen:
    """What a rule saw on a line: what is wrong, and what to do."""

    line: int
    message: str
    hint: str


@dataclass(frozen=True)
class TextRule:
    """A rule on the published text; `id` and `severity` as for rules on the policy file."""

    id: str
    severity: Severity
    check: Callable[[PublishedText], Iterator[Seen]]
    law: str = ""

    @property
    def says(self) -> str:
        """The rule in one sentence."""
        return (self.check.__doc__ or "").strip().partition("\n")[0]

    def run(self, published: PublishedText) -> Iterator[Fault]:
        """Every fault of this rule, at its line, with the clause that stands there."""
        for seen in self.check(published):
            place = Place(published.file, seen.line, 1)
            clause = published.clause_at(seen.line)
            yield Fault(place, self.id, seen.message, self.severity, seen.hint, clause)


def lint_published(policy: Policy, text: str, file: str) -> tuple[Fault, ...]:
    """Everything the rules find in the published text, in its order.

    Args:
        text: the published text, as taken. file: the name shown in faults.
    """
    published = PublishedText(policy, text, file)
    return tuple(sorted({fault for rule in TEXT_RULES for fault in rule.run(published)}))


def text_changed(published: PublishedText) -> Iterator[Seen]:
    """The words of a clause are not the ones the file paraphrases."""
    for clause, part in published.policy.clauses.items():
        if sha256_hex(published.of(clause).encode()) != part.sha256:
            yield Seen(
                part.lines[0],
                f"clause `{clause}` does not paraphrase these lines: their digest differs",
                "read them again, then correct paraphrase, `lines` and `sha256`",
            )


def broken_text(published: PublishedText) -> Iterator[Seen]:
    """A word was lost: a mark stands in its place."""
    for number, line in enumerate(published.lines, 1):
        lost = _LOST.search(line)
        if lost:
            yield Seen(
                number,
                f"`{lost[0]}` stands where a word belongs",
                "restore the word: it may carry the meaning",
            )


def placeholder_in_text(published: PublishedText) -> Iterator[Seen]:
    """An address was replaced by a placeholder."""
    for number, line in enumerate(published.lines, 1):
        found = _BRACKETED.search(line)
        if found and is_placeholder(found[0]):
            yield Seen(
                number,
                "the e-mail address is a placeholder",
                "publish the real address",
            )


def numbering_restart(published: PublishedText) -> Iterator[Seen]:
    """The numbers of an article start again: two clauses share a label."""
    seen: dict[int, int] = {}
    for number, line in enumerate(published.lines, 1):
        if _HEADING.match(line):
            seen = {}
        match = _NUMBERED.match(line)
        if not match:
            continue
        indent, count = len(match[1]), int(match[2])
        seen = {depth: last for depth, last in seen.items() if depth <= indent}
        if count == 1 and seen.get(indent, 0) >= 1:
            yield Seen(
                number,
                "the numbering starts again within the article",
                "number on, so that every clause has its own label",
            )
        seen[indent] = count


def announced_list_missing(published: PublishedText) -> Iterator[Seen]:
    """A list is announced and nothing follows."""
    for number, line in enumerate(published.lines, 1):
        announces = _ANNOUNCES.search(line)
        if announces and not _INLINE.search(line) and not _something_follows(published, number):
            yield Seen(
                number,
                f"`{announces[0]}` announces something that does not stand there",
                "add it, or do not announce it",
            )


def _something_follows(published: PublishedText, number: int) -> bool:
    """Whether the lines after `number` can be what it announces."""
    here = published.lines[number - 1]
    after = [line for line in published.lines[number:] if line.strip()]
    if not after or _HEADING.match(after[0]):
        return False
    mine, following = _NUMBERED.match(here), _NUMBERED.match(after[0])
    if mine and following and len(following[1]) <= len(mine[1]):
        return int(following[2]) == 1  # what follows is the next item, not a list of its own
    if _LISTED.match(after[0]) or here.rstrip().endswith((":", "：")):
        return True
    return mine is not None or not _is_heading_like(after[0])


def _is_heading_like(line: str) -> bool:
    """A short line without a full stop, with a blank before it, opens something else."""
    return len(line.strip()) < 40 and not line.rstrip().endswith((".", "。", ":", "："))


def list_of_one(published: PublishedText) -> Iterator[Seen]:
    """A numbered list has one member only: its parts may hide in the sentence."""
    runs: dict[int, list[int]] = {}
    article = 0
    for number, line in enumerate((*published.lines, "Article 0"), 1):
        if _HEADING.match(line):
            if list(runs) and all(len(r) == 1 for r in runs.values()) and len(runs) == 1:
                (alone,) = next(iter(runs.values()))
                yield Seen(
                    alone,
                    "a numbered list has one member only",
                    "split it, or drop the number",
                )
            runs, article = {}, number
        match = _NUMBERED.match(line)
        if match and article:
            runs.setdefault(len(match[1]), []).append(number)


def import_noise(published: PublishedText) -> Iterator[Seen]:
    """Words of the page around the policy stand before it."""
    first = min((t.lines[0] for t in published.policy.clauses.values()), default=1)
    before = [n for n, line in enumerate(published.lines[: first - 1], 1) if line.strip()]
    if len(before) >= _CHROME_LINES:
        yield Seen(
            before[0],
            f"{len(before)} lines stand before the first clause",
            "strip navigation before parsing; keep the numbers of the lines",
        )


def wrong_verb_direction(published: PublishedText) -> Iterator[Seen]:
    """The controller is said to disclose and nobody to receive: collecting may be meant."""
    for number, line in enumerate(published.lines, 1):
        gives = _GIVES.search(line)
        if (
            gives
            and not _RECEIVER.search(line[: gives.start()] + gives[0])
            and published.unread_at(number)
        ):
            yield Seen(
                number,
                "the sentence discloses information to nobody",
                "ask a person whether collecting is meant, and write it under `read_as`",
            )


TEXT_RULES: Final = (
    TextRule("text-changed", "high", text_changed),
    TextRule("broken-text", "high", broken_text),
    TextRule("contact-placeholder", "high", placeholder_in_text, "APPI Order 10"),
    TextRule("empty-list", "high", announced_list_missing),
    TextRule("wrong-verb-direction", "high", wrong_verb_direction),
    TextRule("numbering-restart", "medium", numbering_restart),
    TextRule("list-of-one", "info", list_of_one),
    TextRule("import-noise", "info", import_noise),
)
"""Every rule on the published text."""
