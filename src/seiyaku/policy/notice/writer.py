"""What every section of a notice needs: the policy, the law, the language, and names of words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seiyaku.kernel.text import Language, Text
from seiyaku.laws import Fact, Laws
from seiyaku.policy.addresses import host_of
from seiyaku.policy.labels import LABELS, label
from seiyaku.policy.model import Policy
from seiyaku.policy.notice.page import Cell


@dataclass(frozen=True)
class Writer:
    """Writes in one language about one policy under the law it names."""

    policy: Policy
    laws: Laws
    language: Language

    def say(self, ja: str, en: str) -> str:
        """The one of two wordings that fits."""
        return ja if self.language == "ja" else en

    def text(self, text: Text | None) -> str:
        """A text of the policy; "not stated" where there is none."""
        return text.get(self.language) if text else self.unstated

    @property
    def unstated(self) -> str:
        """How a notice says that the policy does not say."""
        return self.say("明示なし", "not stated")

    def join(self, parts: Iterable[str]) -> str:
        """A list in words; "not stated" where it is empty."""
        return self.say("、", ", ").join(parts) or self.unstated

    def items(self, words: Iterable[str]) -> str:
        """Items by name."""
        return self.join(self.text(self.policy.items[w].name) for w in words)

    def purposes(self, words: Iterable[str]) -> str:
        """Purposes by name."""
        return self.join(self.purpose(w) for w in words)

    def purpose(self, word: str) -> str:
        """One purpose by name."""
        purpose = self.policy.purposes.get(word)
        return self.text(purpose.name) if purpose else label(word, self.language)

    def contexts(self, words: Iterable[str]) -> str:
        """Contexts by name."""
        return self.join(self.text(self.policy.contexts[w].name) for w in words)

    def acknowledged(self, word: str) -> str:
        """What a person must have acknowledged first."""
        what = self.text(self.policy.acknowledgements[word].name)
        return self.say(f"事前の確認：{what}", f"acknowledged first: {what}")

    def people(self, words: Iterable[str]) -> str:
        """Kinds of people by name."""
        return self.join(self.text(self.policy.people[w].name) for w in words)

    def words(self, words: Iterable[str]) -> str:
        """Other words by their label."""
        return self.join(label(w, self.language) for w in words)

    def country(self, code: str) -> str:
        """A country by the policy's own name for it, else by ours."""
        note = self.policy.countries.get(code)
        name = note.name if note else LABELS.get(code)
        return name.get(self.language) if name else code

    def request(self, kind: str) -> str:
        """A kind of request by the law's name for it, else by ours."""
        rule = self.laws.request(kind)
        return rule.name.get(self.language) if rule else label(kind, self.language)

    def days(self, days: int) -> str:
        """A number of days."""
        return self.say(f"{days}日", f"{days} day" + ("" if days == 1 else "s"))

    def cell(self, text: str, *cites: str | None, notes: Iterable[str] = ()) -> Cell:
        """A statement with the clauses it rests on, once each."""
        named = tuple(dict.fromkeys(c for c in cites if c))
        return Cell(text, tuple(note for note in notes if note), named)

    def cite(self, fact: Fact) -> str:
        """Where a fact of the law stands; a fact nobody verified says so."""
        said = fact.citation.get(self.language)
        return said if fact.verified else self.say(f"{said}（未確認）", f"{said}, not verified")

    def link(self, url: str | None, text: str) -> Cell:
        """A link to a web address, or "not stated"; what is no web address is only shown."""
        if not url:
            return Cell(self.unstated)
        return Cell(text, href=url) if host_of(url) else Cell(url)
