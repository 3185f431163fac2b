"""Let everything stand still, and go on again; both are witnessed in the evidence."""

from __future__ import annotations

from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import NotPermitted


def halt(parts: Parts, actor: Actor) -> None:
    """Let everything stand still; anybody may."""
    parts.repositories.runs.halt(actor.name, parts.clock.now())
    _tell(parts, actor, "halt")


def resume(parts: Parts, actor: Actor) -> None:
    """Lift every halt.

    Raises:
        NotPermitted: SY211 only an officer lifts a halt.
    """
    if actor.role != "officer":
        raise NotPermitted("only an officer lifts a halt", code="SY211", hint="ask an officer")
    parts.repositories.runs.resume(actor.name, parts.clock.now())
    _tell(parts, actor, "resume")


def _tell(parts: Parts, actor: Actor, act: str) -> None:
    now = parts.clock.now()
    entry = Entry(
        act_id=f"{act}:{now.isoformat()}",
        kind="halt",
        at=now,
        service=parts.settings.service,
        act=act,
        actor=str(actor),
    )
    parts.log.append([entry])
