"""Asking about somebody who has said nothing yet: a sign-up carries its own answers.

Consent, age and acceptance come in with the very form that is judged, so that they cannot count
against it. A newcomer is asked about as somebody who said yes to everything: what is refused
even so, no answer of theirs could open. The application asks again when it knows them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from seiyaku.doors.code import LiveGate
from seiyaku.gate.model import Decision, Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Policy
from seiyaku.standing.model import Consent, LiveConsent, Scope, Standing

_NOBODY = PersonId("newcomer")
_LONG_AGO = timedelta(days=36_500)
_OLD = 200


def decide_of_newcomer(
    gate: LiveGate, policy: Policy, handling: Handling, item: str, source: str | None, at: datetime
) -> Decision:
    """The decision about somebody who would agree to all of it."""
    standing = willing(policy, handling, item, at)
    question = handling.question(_NOBODY, item, at, source=source)
    return gate.gate.decide(standing, gate.people.assurances(), question)


def willing(policy: Policy, handling: Handling, item: str, at: datetime) -> Standing:
    """Somebody grown up, of the right kind, who agreed to this, knew it, and accepted all."""
    before = at - _LONG_AGO
    purposes = (handling.purpose,) if handling.purpose else ()
    consent = Consent(
        _NOBODY,
        before,
        Scope((item,), purposes),
        policy.version.id,
        presented_at=before - timedelta(days=1),
    )
    return Standing(
        person=_NOBODY,
        kind=_kind(policy, handling, item),
        at=at,
        consents=(LiveConsent(consent),),
        accepted=((policy.version.id, before),),
        acknowledged=tuple((what, before) for what in policy.acknowledgements),
        at_least=_OLD,
        guardian=True,
    )


def _kind(policy: Policy, handling: Handling, item: str) -> str:
    """A kind of people the item and the purpose are for."""
    declared = policy.items.get(item)
    purpose = policy.purposes.get(handling.purpose or "")
    kinds = [
        kind
        for kind in policy.people
        if (declared is None or not declared.people or kind in declared.people)
        and (purpose is None or not purpose.people or kind in purpose.people)
    ]
    return next(iter(kinds or policy.people))
