"""Send one mail to many: each asked for at the gate, nobody twice, nobody who said no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from seiyaku.app import persons
from seiyaku.app.addresses import address_on_file
from seiyaku.app.doors import Doors
from seiyaku.app.mailing import post_of
from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.text import Language
from seiyaku.letters import Letter, Message
from seiyaku.letters.bulletin import Bulletin, require_fitting


@dataclass(frozen=True)
class Sent:
    """What sending came to: how many got it, and how many not, by reason."""

    sent: int
    left_out: dict[str, int]


class Bulletins:
    """Mails of the company's own accord."""

    def __init__(self, parts: Parts, doors: Doors) -> None:
        self._parts, self._doors = parts, doors

    def send(self, bulletin: Bulletin, people: Sequence[str], language: Language = "ja") -> Sent:
        """Send it to those of `people` it may go to; the same text to the same person once.

        Raises:
            NotPermitted: SY214 it is not what its purpose says.
            InvalidInput: SY116 nobody carries letters; SY198 the purpose is not declared.
        """
        policy = self._parts.policy()
        require_fitting(policy, bulletin)
        carrier = post_of(self._parts)
        if carrier is None:
            raise InvalidInput(
                "no system of the data map carries letters",
                code="SY116",
                hint="declare a system of kind `mail`",
            )
        letter = self._letter(bulletin, language)
        digest = sha256_hex(f"{letter.subject}\n{letter.text}".encode())
        sent, left_out = 0, dict[str, int]()
        for person in map(PersonId, people):
            why = self._refused(person, bulletin.purpose)
            address = None if why else address_on_file(self._parts, person)
            if address is None:
                left_out[why or "no_address"] = left_out.get(why or "no_address", 0) + 1
                continue
            key = f"bulletin.{digest[:16]}.{persons.mark_of(self._parts, person)}"
            if carrier.send(Message(address, letter, key, owed=False)):
                sent += 1
            else:
                left_out["refused_by_address"] = left_out.get("refused_by_address", 0) + 1
        self._witness(bulletin, digest, sent, sum(left_out.values()))
        return Sent(sent, left_out)

    def _refused(self, person: PersonId, purpose: str) -> str:
        """Why the address may not be used for it now; empty where it may."""
        policy = self._parts.policy()
        items = [w for w, i in policy.items.items() if i.personal == persons.EMAIL]
        for item in items:
            source = next(iter(policy.items[item].sources), None)
            decision = self._doors.gate.may_use(person, item, purpose=purpose, source=source)
            if not decision.permitted:
                return decision.reasons[0].code
        return ""

    def _letter(self, bulletin: Bulletin, language: Language) -> Letter:
        subject = bulletin.headed(language)
        return Letter("bulletin", language, subject, bulletin.text, "")

    def _witness(self, bulletin: Bulletin, digest: str, sent: int, left: int) -> None:
        policy = self._parts.policy()
        entry = Entry(
            act_id=f"bulletin-{uuid4().hex[:12]}",
            kind="outcome",
            at=self._parts.clock.now(),
            service=policy.service,
            clauses=(policy.cite(policy.purposes[bulletin.purpose].clause),),
            act="mail",
            outcome="done",
            counts={"sent": sent, "left_out": left},
            version=policy.version.id,
            digests={"report": digest},
            detail={"purpose": bulletin.purpose, "promotes": bulletin.promotes or "nothing"},
        )
        self._parts.log.append([entry])
