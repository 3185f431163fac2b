"""A public ledger: never read, never changed. What a plan can do is cut the links to it."""

from __future__ import annotations

from typing import ClassVar

from seiyaku.datamap.system import Capabilities
from seiyaku.kernel.errors import Conflict
from seiyaku.systems._shared.unread import UnreadSystem


class ChainSystem(UnreadSystem):
    """An immutable system, declared and not read. Acting on it raises SY508."""

    can: ClassVar[Capabilities] = Capabilities(
        immutable=True, writes=False, excludes=("everything: it is not read",), verbs=()
    )

    def refusal(self) -> Conflict:
        return Conflict(
            f"`{self._id}` is immutable: nothing can be removed there",
            code="SY508",
            hint="plan its items as impossible and cut the links that lead to it",
        )
