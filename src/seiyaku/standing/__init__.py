"""What each person said, and where that leaves them.

A person consents, withdraws, suspends, opts out, accepts a version, tells an age band,
leaves (Law: APPI 17-18, 20, 27-28, 35). Each of these is an `Event`, recorded once and never
changed; `fold` turns the events up to a moment into the `Standing` the gate asks about.
A withdrawal does not delete the consent it takes back, and a resumption does not delete the
suspension: both stand beside it, so that any past decision can be told again.
Life cycle of a person: active, frozen, closed, erased, and never back.
"""

from seiyaku.standing.codec import event_from_json, events_from_json, events_to_json
from seiyaku.standing.fold import covers, fold, remainder
from seiyaku.standing.model import (
    Acceptance,
    Acknowledged,
    AgeBand,
    Closure,
    Consent,
    Erasure,
    Event,
    Freeze,
    Guardian,
    LiveConsent,
    OptIn,
    OptOut,
    Resumption,
    Scope,
    Standing,
    Status,
    Suspension,
    Withdrawal,
)
from seiyaku.standing.receipts import consent_receipt

__all__ = [
    "Acceptance",
    "Acknowledged",
    "AgeBand",
    "Closure",
    "Consent",
    "Erasure",
    "Event",
    "Freeze",
    "Guardian",
    "LiveConsent",
    "OptIn",
    "OptOut",
    "Resumption",
    "Scope",
    "Standing",
    "Status",
    "Suspension",
    "Withdrawal",
    "consent_receipt",
    "covers",
    "event_from_json",
    "events_from_json",
    "events_to_json",
    "fold",
    "remainder",
]
