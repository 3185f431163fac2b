"""The door in Python code: ask, require, declare what a function needs.

    gate = LiveGate(Gate(history, laws), people, SystemClock())
    if gate.may_use(person, "email", purpose="newsletter").permitted: ...
    gate.require_send(person, "postal_address", purpose="ship_goods", recipient="printful")
    gate.allowed_items(person, purpose="ship_goods")

    @gate.requires("email", purpose="newsletter")
    def send_newsletter(person: PersonId) -> None: ...

    with handling(person=person, purpose="ship_goods"): ...

A `LiveGate` answers for now: it keeps everyone's traits and every answer in memory, follows the
people's changes, and begins anew when a version, a law or a fact begins or ends. Code that asks
often prepares its question once (`prepare`). All of it is safe in threads and in tasks.
Law: APPI 17, 18, 20, 22, 27, 28.
"""

from seiyaku.doors.code.live import LiveGate
from seiyaku.doors.code.prepared import Prepared
from seiyaku.doors.handling import (
    Occasion,
    current_handling,
    handling,
    require_handling,
)

__all__ = [
    "LiveGate",
    "Occasion",
    "Prepared",
    "current_handling",
    "handling",
    "require_handling",
]
