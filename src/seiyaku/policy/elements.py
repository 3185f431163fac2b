"""What joint use must have told beforehand, and what the policy file leaves empty of it.

Law: APPI 27(5)(iii): the fact, the items, the scope of users, their purposes, and who is
responsible, by name, address and representative. The list itself is asked of the law packs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from seiyaku.laws import Basis
from seiyaku.policy.model import Controller, Recipient

_STATED: Final[dict[str, Callable[[Controller, Recipient], object]]] = {
    "fact_of_joint_use": lambda c, r: True,
    "items": lambda c, r: r.items or any(r.items_when.values()),
    "scope_of_users": lambda c, r: r.operator or r.register_name,
    "purposes_of_users": lambda c, r: r.purposes,
    "responsible_name": lambda c, r: c.responsible,
    "responsible_address": lambda c, r: c.address,
    "responsible_representative": lambda c, r: c.representative,
}


def missing_elements(
    controller: Controller, recipient: Recipient, basis: Basis | None
) -> tuple[str, ...]:
    """Elements of joint use that are empty, in the law's order; none for another basis.

    What no part of the file can tell counts as empty.
    """
    if recipient.basis != "joint_use" or basis is None:
        return ()
    told = (code for code in basis.elements if code in _STATED)
    empty = {code for code in told if not _STATED[code](controller, recipient)}
    return tuple(c for c in basis.elements if c in empty or c not in _STATED)
