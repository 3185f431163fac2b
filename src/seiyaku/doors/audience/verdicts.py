"""One question answered for everybody at once, to be looked up by row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from seiyaku.doors.audience.diagram import diagram
from seiyaku.doors.audience.ids import BLOCK, Ids
from seiyaku.doors.audience.population import Population, bits, blocks_of
from seiyaku.doors.audience.program import compile
from seiyaku.doors.code.unknown import decided_of_nobody
from seiyaku.gate.answers import Answer
from seiyaku.gate.model import Decision
from seiyaku.kernel.ids import PersonId

NOBODY: Final = 0
"""Code of a row in which nobody stands."""


@dataclass(frozen=True)
class Verdicts:
    """A decision for each person, at one moment.

    Args:
        codes: by row, one small number. decisions: what each number stands for, reasons and
            all; number 0 is that nobody knows the person.
    """

    codes: npt.NDArray[np.unsignedinteger]
    decisions: tuple[Decision, ...]
    ids: Ids

    def permitted(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """For many rows in any order: whether it is permitted; undecided counts as refused."""
        found: npt.NDArray[np.bool_] = self._permitted[rows]
        return found

    @cached_property
    def _permitted(self) -> npt.NDArray[np.bool_]:
        """By row, so that asking is one look-up."""
        told = np.array([decision.permitted for decision in self.decisions])
        found: npt.NDArray[np.bool_] = told[self.codes]
        return found

    def of(self, person: PersonId) -> Decision:
        """The decision about one person."""
        row = self.ids.row(person)
        known = row is not None and row < len(self.codes)
        return self.decisions[int(self.codes[row]) if known else NOBODY]


def verdicts(population: Population, ids: Ids, answer: Answer) -> Verdicts:
    """Decide for everybody: once for each combination of traits that matters."""
    relevant = answer.relevant
    values = {mask & relevant: answer.decide(mask) for mask in population.combinations()}
    found = tuple(dict.fromkeys(values.values()))
    codes: npt.NDArray[np.unsignedinteger] = np.zeros(-(-population.rows // 64) * 64, np.uint8)
    if len(found) > np.iinfo(np.uint8).max:
        codes = codes.astype(np.uint16)
    for number, decision in enumerate(found, 1):
        chosen = population.select(compile(diagram({m: v == decision for m, v in values.items()})))
        for block in blocks_of(chosen):
            part = codes[block * BLOCK : (block + 1) * BLOCK]
            np.add(part, number, out=part, where=bits(chosen, block).view(np.bool_))
    return Verdicts(codes, (decided_of_nobody(answer.decide(0)), *found), ids)
