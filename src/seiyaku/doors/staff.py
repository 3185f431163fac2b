"""Who of the staff may work for which purpose: nobody by default, and until a date.

A grant is a dated fact like any other: kind ``staff_grant``, subject the staff identifier, about
the purpose, with an end. Facts of the kinds a grant `needs` (``staff_training``,
``staff_pledge``) must be on file for the same person before anything is granted and as long as
it is used; ``staff_left`` ends every grant.

Law: APPI 23, 24 (security, supervision of employees).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.kernel.errors import NotPermitted

GRANT: Final = "staff_grant"
LEFT: Final = "staff_left"


@dataclass(frozen=True)
class Staff:
    """What is on file about the staff.

    Args:
        needs: kinds of facts somebody must have on file to be granted anything.
    """

    assurances: Assurances
    needs: tuple[str, ...] = ()

    def require_grant(self, staff: str, purpose: str, at: datetime) -> Assurance:
        """The live grant of `staff` for `purpose`.

        Raises:
            NotPermitted: SY291 there is none; SY292 it has ended; SY293, SY294 as in
                `require_fit`.
        """
        self.require_fit(staff, at)
        given = [g for g in self._of(GRANT, staff) if g.about == purpose and g.from_at <= at]
        live = next((g for g in given if g.holds_at(at)), None)
        if live is not None:
            return live
        code, told = ("SY292", "has ended") if given else ("SY291", "was never given")
        raise NotPermitted(
            f"the grant of `{staff}` for `{purpose}` {told}",
            code=code,
            hint="whoever answers for the data grants it, with an end",
        )

    def require_fit(self, staff: str, at: datetime) -> None:
        """That `staff` may hold any grant at all.

        Raises:
            NotPermitted: SY293 a fact that grants need is missing; SY294 they left.
        """
        if any(fact.holds_at(at) for fact in self._of(LEFT, staff)):
            raise NotPermitted(
                f"`{staff}` has left", code="SY294", hint="grant it to somebody else"
            )
        for kind in self.needs:
            if not self.assurances.live(kind, staff, None, at):
                raise NotPermitted(
                    f"nothing on file shows `{kind}` of `{staff}`",
                    code="SY293",
                    hint="record it with its source before anything is granted",
                )

    def _of(self, kind: str, staff: str) -> Iterable[Assurance]:
        return (f for f in self.assurances.facts if f.kind == kind and f.subject == staff)
