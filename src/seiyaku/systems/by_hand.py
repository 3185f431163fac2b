"""A system a person works in: a task with evidence, never a call of ours."""

from __future__ import annotations

from typing import ClassVar

from seiyaku.datamap.system import Capabilities
from seiyaku.kernel.errors import WaitsForPerson
from seiyaku.systems._shared.unread import UnreadSystem


class ByHandSystem(UnreadSystem):
    """A system acted on by a person, who brings evidence. Acting on it raises SY410."""

    can: ClassVar[Capabilities] = Capabilities(
        by_hand=True, writes=False, excludes=("everything: a person looks",), verbs=()
    )

    def refusal(self) -> WaitsForPerson:
        return WaitsForPerson(
            f"`{self._id}` is worked in by hand",
            code="SY410",
            hint="give the task to a person and record the evidence they bring",
        )
