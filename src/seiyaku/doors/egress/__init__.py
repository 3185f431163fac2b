"""The door for calls that go out: who receives is known by host, what goes by payload map.

A call is *cleared* before anything leaves: its host belongs to a declared recipient, its
address is declared, every field is asked at the gate (act ``send``), what may not go is removed,
masked or stops the call, and the release is written down as intended. Then it goes, and its
release becomes sent, failed or unknown. `httpx_transport` and `requests_adapter` stand in two
HTTP clients; `Egress` itself knows neither. In mode ``log`` everything passes unchanged and is
told; in mode ``enforce`` the door holds.
"""

from seiyaku.doors.egress.door import Egress, Mode
from seiyaku.doors.egress.model import Call, Cleared, Finding
from seiyaku.doors.egress.releasing import Releases

__all__ = ["Call", "Cleared", "Egress", "Finding", "Mode", "Releases"]
