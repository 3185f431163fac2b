"""What a request by letter must say, and what is missing from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from seiyaku.policy.model import Policy

Element = Literal["details", "delivery", "name", "address"]
By = Literal["post", "email", "download"]


@dataclass(frozen=True)
class Says:
    """What stands in a letter, as the one who opened it wrote it down.

    Args:
        details: what is wanted: confirmation, the content of a correction ...
        by, not_before_on: how and from when the answer is wished.
        provision_history: when and how the data was once given, in the sender's words.
        name, address: of the sender.
    """

    details: str = field(default="", repr=False)
    by: By | None = None
    not_before_on: date | None = None
    provision_history: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    def has(self, element: Element) -> bool:
        """Whether the letter says anything about it; a wish or the history is enough."""
        if element == "delivery":
            return bool(self.by or self.not_before_on or self.provision_history.strip())
        return bool({"details": self.details, "name": self.name}.get(element, self.address).strip())


def missing(policy: Policy, says: Says) -> tuple[Element, ...]:
    """What the policy wants a letter to say and this one does not, in its order. Pure."""
    return tuple(e for e in policy.contents if not says.has(e))
