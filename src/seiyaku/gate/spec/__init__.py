"""The definitional gate: what a policy means, with no thought for speed.

Read `seiyaku.gate.model` first: its docstring is this package in words. Then `order`: one
function a step, each giving its reasons or none, and the first that gives any answers; the
steps stand in files of their own, `asked` holds the words they share. It works on policies as
they are written. Every other gate must give the same decision for every input, reason by
reason, and the tables of decisions written from the clauses judge them all.

Laws: APPI 17-18 (purpose of use), 20 (collecting), 22 (erasing in time), 25 and 27 (provision,
entrusting), 28 (abroad), 32-39 (requests). Their consequences are asked of the law packs.
"""

from seiyaku.gate.spec.order import decide

__all__ = ["decide"]
