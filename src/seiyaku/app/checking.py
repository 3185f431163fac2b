"""`Home.check_db`: the pledge and the data map against the systems as they are now."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.app.wiring import Parts
from seiyaku.datamap.gaps import find_gaps
from seiyaku.datamap.parse import parse_datamap
from seiyaku.kernel.faults import Fault
from seiyaku.kernel.ids import SystemId
from seiyaku.plans.survey import is_read


def check_db(parts: Parts) -> tuple[Fault, ...]:
    """Every gap; a system that does not answer stops the check, for nobody read it.

    Raises:
        SystemUnavailable: a system does not answer.
        InvalidDocument: the data map has faults.
    """
    policy = parts.policy()
    parsed = parse_datamap(parts.paths.datamap, policy)
    names = [SystemId(n) for n, entry in parsed.datamap.systems.items() if is_read(entry)]
    surfaces = {name: parts.system(name).surface() for name in names}

    def texts(system: SystemId, table: str, column: str) -> Iterator[tuple[str, str]]:
        return parts.system(system).texts(table, column)

    return find_gaps(parsed, policy, surfaces, texts)
