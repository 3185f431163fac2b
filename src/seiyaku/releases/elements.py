"""What each element of a record says, for a release and for a receipt.

An element that nobody can tell stays empty: the record is then incomplete and nothing goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from seiyaku.assurance.model import Assurances
from seiyaku.laws import Laws, tokyo_day
from seiyaku.policy.model import Policy
from seiyaku.releases.agreed import consents_named
from seiyaku.releases.ground import Ground
from seiyaku.releases.model import Giving, Party, Receiving
from seiyaku.standing.model import Standing

CONFIRMS: Final = "recipient_confirms_consent"
"""Kind of the assurance that the recipient of related information has the person's consent."""


@dataclass(frozen=True)
class Recording:
    """What holds while records are written, the same for every one of a moment.

    Args:
        policy: the version in force. laws: those of the packs it names, undated.
        parties: what is known of third parties, by word.
    """

    policy: Policy
    laws: Laws
    assurances: Assurances
    parties: Mapping[str, Party]
    at: datetime

    def party(self, word: str) -> Party:
        """Who a word stands for; nothing but a name, where only the policy tells of it."""
        if word in self.parties:
            return self.parties[word]
        declared = self.policy.recipients.get(word)
        name = (declared.operator or declared.name.ja) if declared else ""
        return Party(word, name, "")


@dataclass(frozen=True)
class Provided:
    """What is known of something that goes to a third party."""

    recording: Recording
    standing: Standing
    giving: Giving
    ground: Ground

    def tell(self, element: str) -> str:
        """The text of one element; empty where nobody can tell."""
        return _PROVIDED[element](self) if element in _PROVIDED else ""

    @property
    def party(self) -> Party:
        """Who receives."""
        return self.recording.party(self.giving.recipient)

    def consent(self) -> str:
        """The consents it rests on: when, and to which version."""
        named = consents_named(self.standing, self.giving, self.ground)
        return "; ".join(f"{c.at.isoformat()} ({c.version})" for c in named)

    def confirmed(self) -> str:
        """Where it is written that the recipient has the consent."""
        word, at = self.giving.recipient, self.recording.at
        facts = (f for f in self.recording.assurances.facts if f.kind == CONFIRMS)
        return "; ".join(f.source for f in facts if f.subject == word and f.holds_at(at))


@dataclass(frozen=True)
class Received:
    """What is known of something that came from someone else."""

    recording: Recording
    standing: Standing
    receiving: Receiving

    def tell(self, element: str) -> str:
        """The text of one element; empty where nobody can tell."""
        return _RECEIVED[element](self) if element in _RECEIVED else ""

    @property
    def party(self) -> Party:
        """Who gave it."""
        return self.recording.party(self.receiving.giver)


def _representative(party: Party) -> str:
    """Who represents it; a single person, known by name and address, has nobody."""
    return party.representative or ("-" if party.name and party.address else "")


_PROVIDED: Final[Mapping[str, Callable[[Provided], str]]] = {
    "provided_on": lambda p: tokyo_day(p.recording.at).isoformat(),
    "consent_obtained": Provided.consent,
    "consent_confirmed": Provided.confirmed,
    "third_party_name": lambda p: p.party.name,
    "third_party_address": lambda p: p.party.address,
    "third_party_representative": lambda p: _representative(p.party),
    "person_identifier": lambda p: p.giving.person,
    "data_items": lambda p: ", ".join(sorted(set(p.giving.items))),
}
_RECEIVED: Final[Mapping[str, Callable[[Received], str]]] = {
    "received_on": lambda r: tokyo_day(r.recording.at).isoformat(),
    "consent_obtained": lambda r: r.receiving.agreed,
    "published_by_commission": lambda r: r.receiving.published,
    "giver_name": lambda r: r.party.name,
    "giver_address": lambda r: r.party.address,
    "giver_representative": lambda r: _representative(r.party),
    "how_acquired": lambda r: r.receiving.how_acquired,
    "person_identifier": lambda r: r.receiving.person,
    "data_items": lambda r: ", ".join(sorted(set(r.receiving.items))),
}
