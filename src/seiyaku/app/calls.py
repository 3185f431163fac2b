"""The doors for calls, wired to an installation: what goes out and what comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from seiyaku.app.people import HomePeople
from seiyaku.doors.code import LiveGate
from seiyaku.doors.egress import Cleared, Egress, Mode
from seiyaku.doors.ingress import Ingress, Taken

if TYPE_CHECKING:
    from seiyaku.app.home import Home
    from seiyaku.doors.ingress.asgi import App, Who


def gate_of(home: Home) -> LiveGate:
    """The gate that knows where everybody of this installation stands now."""
    return LiveGate(home.parts.gate, HomePeople(home.parts), home.parts.clock)


def egress_of(home: Home, *, mode: Mode, report: Callable[[Cleared], None] | None = None) -> Egress:
    """The door for calls that go out, by the payload maps of the data map."""
    return Egress(
        home.parts.datamap.calls,
        home.history,
        gate_of(home),
        home.releases,
        mode=mode,
        clock=home.parts.clock,
        report=report,
    )


def ingress_of(
    home: Home,
    app: App,
    who: Who,
    *,
    mode: Mode,
    report: Callable[[str, list[Taken]], None] | None = None,
) -> Ingress:
    """`app` behind the door for what comes in, by the entrances of the data map."""
    return Ingress(
        app,
        home.parts.datamap.intake,
        home.history,
        gate_of(home),
        who,
        mode=mode,
        clock=home.parts.clock,
        report=report,
    )
