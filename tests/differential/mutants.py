"""Copies of the fast gate with one planted bug each.

Its modules are read as text, one phrase is replaced, and the copies are loaded beside the real
ones. A bug in deciding is judged over policies already filed; one in filing files them anew.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from seiyaku.gate.decide import Gate

CHAIN = (
    "masks",
    "filing.items",
    "filing.recipients",
    "rulebook",
    "facts",
    "matter",
    "gaps",
    "cases",
    "stops",
    "together",
    "grants",
    "consents",
    "decide",
)
"""Modules that file and decide, each after the ones it imports."""
FILING = ("masks", "filing.items", "filing.recipients")


@dataclass(frozen=True)
class Mutant:
    """One planted bug: in `module`, `old` (found exactly once) becomes `new`."""

    says: str
    module: str
    old: str
    new: str

    @property
    def files(self) -> bool:
        """Whether the bug lies in filing the policy."""
        return self.module in FILING

    def load(self) -> type[Gate]:
        """The gate with this bug."""
        modules = {name: self._copy(name) for name in CHAIN}
        try:
            sys.modules.update({f"mutant_gate.{n}": ModuleType(n) for n in ("",)})
            for name, (module, code) in modules.items():
                sys.modules[f"mutant_gate.{name}"] = module
                exec(code, module.__dict__)
            gate: type[Gate] = modules["decide"][0].__dict__["Gate"]
            return gate
        finally:
            for name in [n for n in sys.modules if n.startswith("mutant_gate")]:
                del sys.modules[name]

    def _copy(self, name: str) -> tuple[ModuleType, object]:
        real = importlib.import_module(f"seiyaku.gate.{name}")
        text = Path(str(real.__file__)).read_text(encoding="utf-8")
        if name == self.module:
            if text.count(self.old) != 1:
                raise ValueError(f"`{self.old}` stands {text.count(self.old)} times in {name}")
            text = text.replace(self.old, self.new)
        for other in CHAIN:
            text = text.replace(
                f"from seiyaku.gate.{other} import", f"from mutant_gate.{other} import"
            )
        module = ModuleType(f"mutant_gate.{name}")
        return module, compile(text, f"{name} ({self.says})", "exec")


MUTANTS = (
    Mutant(
        "stops come after what is declared together",
        "decide",
        "stopped, apart",
        "apart, stopped",
    ),
    Mutant("the case comes before the gaps", "decide", "gaps, carried", "carried, gaps"),
    Mutant(
        "who may not be handled comes before what the law holds",
        "decide",
        "carried, held, person",
        "carried, person, held",
    ),
    Mutant(
        "consent comes before what is declared together",
        "decide",
        "apart, _consents",
        "_consents, apart",
    ),
    Mutant("gaps come before never", "decide", "never, gaps", "gaps, never"),
    Mutant(
        "an open contradiction passes",
        "gaps",
        "if not dispute.settled and",
        "if dispute.settled and",
    ),
    Mutant(
        "any condition of an exception will do",
        "cases",
        "if condition not in recorded:",
        "if not recorded:",
    ),
    Mutant("a suspension stops keeping too", "stops", 'm.q.act == "keep" or not', "not"),
    Mutant(
        "an age of the minimum is too young",
        "stops",
        "known.at_least < ages.minimum",
        "known.at_least <= ages.minimum",
    ),
    Mutant("a guardian changes nothing", "stops", "(no_band or known.guardian)", "no_band"),
    Mutant(
        "what has a context needs none",
        "together",
        "elif not contexts & q.contexts",
        "elif not contexts",
    ),
    Mutant(
        "any relation will do", "together", "q.relation != receiver.relation", "q.relation is None"
    ),
    Mutant(
        "a route that leads elsewhere is open", "together", "not way.open", "way.open and False"
    ),
    Mutant(
        "a withdrawal of everything takes nothing back",
        "matter",
        "return any(self._reaches(withdrawal)",
        "return any(withdrawal.scope.items and self._reaches(withdrawal)",
    ),
    Mutant(
        "a scope that names a class misses its members",
        "matter",
        "for word in self.words)",
        "for word in self.words[:1])",
    ),
    Mutant("a period ends a day late", "matter", "age >= length", "age > length"),
    Mutant(
        "a lapsed fact is live",
        "facts",
        "                if fact.holds_at(at):\n                    return None",
        "                return None",
    ),
    Mutant(
        "a membership never ends",
        "facts",
        "if found.holds_at(at) and found.register not in seen",
        "if found.register not in seen",
    ),
    Mutant(
        "a consent of the same moment is early enough",
        "consents",
        "any(c.at < moment and",
        "any(c.at <= moment and",
    ),
    Mutant(
        "nobody needs to be told first",
        "consents",
        "return presented and need.elements",
        "return need.elements",
    ),
    Mutant(
        "nobody needs to be told of the country",
        "consents",
        "return presented and need.elements <= {*consent.informed}",
        "return presented",
    ),
    Mutant(
        "a consent deemed from use counts",
        "consents",
        'if consent.kind != "explicit" and not need.deemed:',
        "if False:",
    ),
    Mutant(
        "consent to one item is consent to all",
        "consents",
        "(not scope.items or q.item in scope.items)",
        "True",
    ),
    Mutant(
        "accepting any version accepts them all",
        "grants",
        "if newest < rank:",
        "if newest < 0:",
    ),
    Mutant(
        "every change is related",
        "grants",
        "rank > 0 and not m.book.masks",
        "rank < 0 and not m.book.masks",
    ),
    Mutant(
        "scopes nobody granted are no matter",
        "together",
        "if asked and asked.keys().isdisjoint(m.q.scopes):",
        "if False:",
    ),
    Mutant(
        "every scope asked has to be granted",
        "together",
        "asked.keys().isdisjoint(m.q.scopes)",
        "not asked.keys() <= m.q.scopes",
    ),
    Mutant(
        "text may go unmasked",
        "together",
        "if receiver.masked is not None and not q.masked:",
        "if False:",
    ),
    Mutant(
        "a reference nobody resolved opens",
        "gaps",
        "if receiver.reference and m.meant(receiver) is None:",
        "if False:",
    ),
    Mutant(
        "a reference may be read as any clause",
        "matter",
        "return clause if clause in receiver.reference else None",
        "return clause",
    ),
    Mutant(
        "a reference once read opens every purpose",
        "together",
        "return m.aim is None or m.meant(receiver) != m.aim.clause",
        "return m.aim is None",
    ),
    Mutant(
        "what is made of a banned item is free",
        "masks",
        "if w in policy.items and w not in found",
        "if False",
    ),
    Mutant(
        "closed lists do not reach what is made of the item",
        "masks",
        "(policy.items[one].only for one in lineage(policy, word))",
        "(policy.items[one].only for one in (word,))",
    ),
    Mutant(
        "joint use told in part opens",
        "filing.recipients",
        'if element not in ("items", "purposes_of_users"):',
        "if False:",
    ),
    Mutant(
        "an earlier version asked for other scopes and still counts",
        "masks",
        "if not before or (today and today <= before):",
        "if True:",
    ),
    Mutant(
        "an earlier version that sent masked text sent it plain",
        "masks",
        "if recipient.masked and not today.masked:",
        "if False:",
    ),
    Mutant(
        "an earlier version with another reference counts",
        "masks",
        "if recipient.reference not in ((), today.reference):",
        "if False:",
    ),
)
