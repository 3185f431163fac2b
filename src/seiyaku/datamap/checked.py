"""A data map under examination: what every rule asks for places and words."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from seiyaku.datamap.model import DataMap, Dataset, SystemEntry
from seiyaku.kernel.document import Document, Loc
from seiyaku.kernel.faults import Fault
from seiyaku.policy.model import Policy


@dataclass(frozen=True)
class Check:
    """A data map under examination; the rules ask it for places and words."""

    document: Document
    datamap: DataMap
    policy: Policy

    def fault(self, loc: Loc, rule: str, message: str, hint: str = "", clause: str = "") -> Fault:
        return Fault(self.document.place(loc), rule, message, hint=hint, clause=clause)

    def unknown(self, loc: Loc, word: str | None, known: Collection[str], what: str) -> list[Fault]:
        """A fault where `word` is none of the `known`."""
        if word is None or word in known:
            return []
        near = difflib.get_close_matches(word, list(known), n=1)
        hint = f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(sorted(known))
        return [self.fault(loc, f"unknown-{what}", f"`{word}` is no {what} here", hint)]

    def systems(self) -> Iterator[tuple[Loc, str, SystemEntry]]:
        for name, entry in self.datamap.systems.items():
            yield ("systems", name), name, entry

    def datasets(self) -> Iterator[tuple[Loc, str, str, Dataset]]:
        for loc, system, entry in self.systems():
            for name, dataset in entry.datasets.items():
                yield (*loc, "datasets", name), system, name, dataset
