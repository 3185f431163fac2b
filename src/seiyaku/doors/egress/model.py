"""An outgoing call, whichever client makes it, and what the door made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from seiyaku.datamap.payload import Origin
from seiyaku.doors.masking import Masking
from seiyaku.doors.payload import Payload, Spot
from seiyaku.gate.model import Decision
from seiyaku.kernel.errors import NotPermitted

Done = Literal["passed", "masked", "blanked", "removed", "stopped"]
Why = Literal["", "undeclared", "not_permitted", "revealing", "withheld"]


@dataclass(frozen=True)
class Call:
    """One outgoing HTTP call.

    Args:
        origin: scheme, host and port it really goes to. path: encoded, without the query.
        sni: the host the TLS handshake names, where the caller sets another.
    """

    method: str
    origin: Origin
    path: str
    payload: Payload = field(repr=False)
    sni: str | None = None


@dataclass(frozen=True)
class Finding:
    """What became of one field; in mode ``log``, what would have.

    Args:
        why: ``undeclared`` in the payload map · ``not_permitted`` by the gate · ``revealing``:
            a technical field in which an address, a card number or a known value stands.
    """

    spot: Spot
    done: Done
    why: Why = ""
    decision: Decision | None = None


@dataclass(frozen=True)
class Cleared:
    """A call as it may go, and how that came about.

    Args:
        call: what goes. recipient, country: who receives, as asked at the gate.
        items: words of the items that go. findings: field by field.
        masking: placeholders of this call, to restore in its answer; None where nothing was
            masked. releases: ids of the releases intended.
        refusal: in mode ``log``, why the call as a whole would not have gone.
    """

    call: Call
    recipient: str = ""
    country: str | None = None
    items: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    masking: Masking | None = field(default=None, repr=False)
    releases: tuple[str, ...] = ()
    refusal: NotPermitted | None = None

    def counts(self) -> Mapping[str, int]:
        """How many fields each thing was done to: ``{"passed": 4, "removed": 1}``."""
        counted: dict[str, int] = {}
        for finding in self.findings:
            counted[finding.done] = counted.get(finding.done, 0) + 1
        return counted
