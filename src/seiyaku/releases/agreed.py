"""Which consent a release rests on: what its record calls the consent obtained.

Law: APPI 27(1), 28(1). A consent that was taken back for an item is none for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.releases.ground import Ground
from seiyaku.releases.model import Giving
from seiyaku.standing.model import Consent, LiveConsent, Scope, Standing


def consents_named(standing: Standing, giving: Giving, ground: Ground) -> tuple[Consent, ...]:
    """The newest consent for each item; nothing where an item has none."""
    found = [next(_covering(standing, giving, ground, item), None) for item in giving.items]
    if any(consent is None for consent in found):
        return ()
    return tuple(dict.fromkeys(c for c in found if c is not None))


def _covering(standing: Standing, giving: Giving, ground: Ground, item: str) -> Iterator[Consent]:
    newest_first = sorted(standing.consents, key=lambda c: c.consent.at, reverse=True)
    for live in newest_first:
        taken_back = any(_touches(w.scope, giving, ground, item) for w in live.withdrawn)
        if not taken_back and _covers(live, giving, ground, item):
            yield live.consent


def _covers(live: LiveConsent, giving: Giving, ground: Ground, item: str) -> bool:
    consent, scope = live.consent, live.consent.scope
    if consent.kind != "explicit" or not ground.words & set(scope.recipients):
        return False
    if ground.basis == "consent":
        return item in scope.items and (giving.purpose is None or giving.purpose in scope.purposes)
    return ground.country in consent.countries and _touches(scope, giving, ground, item)


def _touches(scope: Scope, giving: Giving, ground: Ground, item: str) -> bool:
    """Whether a scope contains the release in every part it names."""
    return (
        (not scope.items or item in scope.items)
        and (not scope.purposes or giving.purpose is None or giving.purpose in scope.purposes)
        and (not scope.recipients or bool(ground.words & set(scope.recipients)))
    )
