"""What a lint rule is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from seiyaku.kernel.document import Document, Loc
from seiyaku.kernel.faults import Fault, Place, Severity
from seiyaku.laws import Laws
from seiyaku.policy.model import LEGAL_RETENTION, Policy, Purpose, Recipient


@dataclass(frozen=True)
class Found:
    """One thing a rule found.

    Args:
        loc: path of keys in the policy file.
        message: what is wrong, lower case, names in backticks.
        hint: what to do.
        clause: clause it concerns; empty where there is none.
        at_key: the place is the key's, not the value's.
    """

    loc: Loc
    message: str
    hint: str
    clause: str = ""
    at_key: bool = False


@dataclass(frozen=True)
class Context:
    """The policy under lint, the law it names, and its text where that was read."""

    policy: Policy
    laws: Laws
    document: Document | None = None

    @cached_property
    def purposes_of_item(self) -> dict[str, tuple[str, ...]]:
        """Every item with the purposes that may use it, in any context."""
        found: dict[str, tuple[str, ...]] = dict.fromkeys(self.policy.items, ())
        for word, purpose in self.policy.purposes.items():
            for item in items_of(purpose):
                found[item] = (*found.get(item, ()), word)
        return found

    @cached_property
    def kept_items(self) -> frozenset[str]:
        """Items that may be stored: all but those the policy says are never kept."""
        return frozenset(w for w in self.policy.items if self.policy.ban(w, "keep") is None)

    def purpose(self, word: str) -> Purpose | None:
        """The purpose called `word`; None for legal retention, which every policy knows."""
        return None if word == LEGAL_RETENTION else self.policy.purposes[word]

    def abroad(self, recipient: Recipient) -> tuple[str, ...]:
        """The recipient's countries and groups outside the packs' own country."""
        if not self.laws.packs:
            return ()
        return tuple(c for c in recipient.countries if not self.laws.is_domestic(c))


def items_of(part: Purpose | Recipient) -> tuple[str, ...]:
    """Items of a purpose or recipient, the ones bound to a context among them, once each."""
    bound = (item for items in part.items_when.values() for item in items)
    return tuple(dict.fromkeys((*part.items, *bound)))


Check = Callable[[Context], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """A rule of lint.

    Args:
        id: stable; findings, baselines and SARIF refer to it.
        severity: how grave a finding is.
        law: what it rests on: a citation the packs know, or words where no law says it.
        check: finds; its docstring is the rule in one sentence.
    """

    id: str
    severity: Severity
    law: str
    check: Check

    @property
    def says(self) -> str:
        """The rule in one sentence."""
        return (self.check.__doc__ or "").strip().partition("\n")[0]

    def run(self, context: Context) -> Iterator[Fault]:
        """Every fault of this rule, at its place."""
        for found in self.check(context):
            yield Fault(
                _place(context, found),
                self.id,
                found.message,
                severity=self.severity,
                hint=found.hint,
                clause=found.clause,
            )


def _place(context: Context, found: Found) -> Place:
    document = context.document
    if document is None:
        return Place(context.policy.service, 1, 1)
    return document.key_place(found.loc) if found.at_key else document.place(found.loc)


def listed(words: Sequence[str]) -> str:
    """Words in backticks, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def article_of(clause: str) -> str:
    """The article a clause belongs to: ``6`` for ``6.2c``."""
    return clause.partition(".")[0]


def paragraph_of(clause: str) -> str:
    """The paragraph a clause belongs to: ``6.2`` for ``6.2c``."""
    return clause.rstrip("abcdefghijklmnopqrstuvwxyz")
