"""Ask vendors about their promises: a daily control whose answers a gate may lean on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.kernel.errors import SystemUnavailable

if TYPE_CHECKING:
    from seiyaku.systems.http import Proven


@runtime_checkable
class Proves(Protocol):
    """A system whose vendor can be asked about its promises."""

    def prove(self) -> tuple[Proven, ...]:
        """What the vendor answers today."""
        ...


def proven_now(parts: Parts) -> tuple[Assurance, ...]:
    """Facts that hold by what the vendors' APIs answer now, each for as long as it counts.

    A vendor that does not answer, or answers something else, proves nothing: what was proven
    before lapses, and the gate is undecided.
    """
    now = parts.clock.now()
    systems = (parts.system(name) for name in parts.read_systems())
    return tuple(fact for s in systems if isinstance(s, Proves) for fact in _asked(s, s.id, now))


def _asked(system: Proves, name: str, now: datetime) -> tuple[Assurance, ...]:
    try:
        proven = system.prove()
    except SystemUnavailable:
        return ()
    return tuple(fact for p in proven if (fact := p.assurance(now, name)) is not None)
