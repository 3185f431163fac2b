"""Where requests come in: letters that were opened, mails to the contact address, proofs.

```python
request = home.intake.letter("disclosure", Says(details="everything", by="post", ...))
request = home.intake.mail(raw)
```

A letter that does not say what the policy wants it to is kept as *incomplete*: its sender is
asked, and nothing runs meanwhile. Nobody is matched by their name alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, cast

from seiyaku.app import persons
from seiyaku.app.running import Running
from seiyaku.app.wiring import Parts
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict, InvalidInput, WaitsForPerson
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.laws import tokyo_day
from seiyaku.policy.model import Policy, RequestKind
from seiyaku.requests.contents import Says, missing
from seiyaku.requests.mail import kind_of, read_mail
from seiyaku.requests.model import WITH_PLAN, Request

DELIVERY: Final = "delivery"
COPY: Final = "identity_copy"
COPY_BYTES: Final = 5 * 1024 * 1024
"""The largest copy of a document that is taken in."""
PERSON: Final = "person"
"""What is missing where nobody, or more than one, fits name and address."""


def wished_later(parts: Parts, request: Request) -> date | None:
    """The day before which the person wishes no answer; None once it has come."""
    if request.channel != "post":  # only letters tell
        return None
    kept = parts.repositories.requests.detail(request.id, DELIVERY)
    day = kept.get("not_before_on") if isinstance(kept, dict) else None
    wished = date.fromisoformat(str(day)) if day else None
    return wished if wished and tokyo_day(parts.clock.now()) < wished else None


def require_wished(parts: Parts, request: Request) -> None:
    """Let nothing go out before the day the person wishes it.

    Raises:
        WaitsForPerson: SY413 the day has not come.
    """
    wished_on = wished_later(parts, request)
    if wished_on is not None:
        raise WaitsForPerson(
            f"the answer to `{request.id}` is wished from {wished_on} on",
            code="SY413",
            hint="hand it out then",
        )


class Intake:
    """The front desk of one installation.

    Args:
        receive: records a request; `Home.receive`.
    """

    def __init__(self, parts: Parts, running: Running, receive: Callable[..., Request]) -> None:
        self._parts = parts
        self._r = parts.repositories
        self._running = running
        self._receive = receive

    # -- letters ---------------------------------------------------------------------

    def letter(
        self, kind: RequestKind, says: Says, *, person: str | None = None, **asked: Any
    ) -> Request:
        """Record a letter that was opened; *incomplete* where it lacks what the policy wants.

        Args:
            person: the service's own key where the letter gives it; else whoever alone has the
                name and the address in it.
            asked: what `Home.receive` takes besides (`scope`, `value`, `received_at` ...).
        """
        who = PersonId(person) if person else self.match(says)
        words: dict[str, Any] = {"channel": "post", **asked}
        words |= {"person": who} if who else {"people": (), "unmatched": True}
        request = self._receive(kind, **words)
        lacking = self._lacking(request, says, who)
        with self._r.store.together():
            self._keep(request, says, who)
            return self._settle(request, lacking) if lacking else request

    def complete(self, request_id: str, says: Says, *, person: str | None = None) -> Request:
        """Add what the sender wrote when asked; received in full once nothing is missing.

        Raises:
            Conflict: SY522 the request is not incomplete.
        """
        request = self._r.requests.get(request_id)
        known = self._r.requests.people(request.id)
        who = PersonId(person) if person else next(iter(known), None) or self.match(says)
        lacking = self._lacking(request, says, who)
        with self._r.store.together():
            if who and not known:
                self._r.requests.name(request.id, who)
                request = replace(request, people=1)
            self._keep(request, says, who)
            if lacking:
                return self._settle(request, lacking)
            done = request.to("received")
            self._r.requests.save(done)
            self._running.note(done, "completed", "")
            return done

    def match(self, says: Says) -> PersonId | None:
        """The one person with this name *and* this address; None where nobody alone has both."""
        names, addresses = self._having("pd:Name", says.name), self._having(_AT, says.address)
        both = names & addresses
        return both.pop() if len(both) == 1 else None

    def _having(self, concept: str, value: str) -> set[PersonId]:
        kind = persons.kinds(self._parts)[0]
        return set(persons.having(self._parts, kind, concept, value)) if value.strip() else set()

    def _lacking(self, request: Request, says: Says, who: PersonId | None) -> tuple[str, ...]:
        policy = self._version(request.version)
        return (*missing(policy, says), *(() if who else (PERSON,)))

    def _settle(self, request: Request, lacking: tuple[str, ...]) -> Request:
        waits = request.to("incomplete")
        self._r.requests.save(waits)
        self._running.note(waits, "incomplete", "", missing=",".join(lacking))
        return waits

    def _keep(self, request: Request, says: Says, who: PersonId | None) -> None:
        """Keep what the letter says until the answer was handed over."""
        wish = {"by": says.by, "not_before_on": says.not_before_on and str(says.not_before_on)}
        self._r.requests.put_detail(request.id, DELIVERY, cast("Any", wish), who)
        words = [says.details, says.provision_history, says.name, says.address]
        self._r.requests.put_detail(request.id, "letter", cast("Any", words), who)

    # -- mails -----------------------------------------------------------------------

    def mail(self, raw: bytes) -> Request:
        """Record a mail to the contact address: one request, however often it is read.

        Raises:
            InvalidInput: SY134 it cannot be read as a mail; SY135 it was sent to none of the
                policy's contact addresses.
        """
        found, policy = read_mail(raw), self._parts.policy()
        if not {c.email.lower() for c in policy.contacts if c.email} & set(found.to):
            raise InvalidInput(
                "the mail was sent to none of the policy's contact addresses",
                code="SY135",
                hint="take in what came to `contacts` only",
            )
        with self._r.store.together():
            self._r.store.alone("mails")
            key = hmac.new(self._r.store.secret("digests"), found.id.encode(), hashlib.sha256)
            known = self._r.requests.noted("mail", key.hexdigest())
            if known is not None:
                return self._r.requests.get(known)
            kind = kind_of(found, self._parts.laws)
            unclear = kind in ("correction", "addition")  # nobody knows yet of which item
            request = self._receive(
                "complaint" if unclear else kind,
                email=found.sender,
                channel="email",
                received_at=self._came_at(found.sent_at),
            )
            self._r.requests.put_detail(request.id, "mail", found.text, self._one(request))
            self._running.note(request, "mail", "", mail=key.hexdigest(), names=kind)
            return request

    def _came_at(self, sent_at: datetime | None) -> datetime:
        """When it came: no later than now, whatever its head says."""
        now = self._parts.clock.now()
        return min(sent_at, now) if sent_at else now

    # -- proofs ----------------------------------------------------------------------

    def ask_proof(self, request_id: str, actor: Actor) -> Request:
        """Ask for more to know who asks: nothing goes on until it is shown.

        Raises:
            Conflict: SY522 the request is past that, or has taken effect at once.
        """
        request = self._r.requests.get(request_id)
        if request.state not in ("received", "identity_shown") or request.kind not in WITH_PLAN:
            raise Conflict(f"request `{request.id}` is {request.state}", code="SY522")
        asked = request if request.state == "received" else request.to("received")
        with self._r.store.together():
            self._r.requests.save(asked)
            self._running.note(asked, "proof_asked", actor.name)
        return asked

    def keep_copy(self, request_id: str, kind: str, copy: bytes, actor: Actor) -> None:
        """Keep the copy of a document, sealed, until it was looked at.

        It is destroyed when identity is shown, or the request ends; the history keeps its kind
        and a keyed digest.

        Raises:
            InvalidInput: SY136 it is empty or larger than 5 MiB.
            Conflict: SY522 the request does not wait for a proof.
        """
        request = self._r.requests.get(request_id)
        if request.state != "received":
            raise Conflict(f"request `{request.id}` is {request.state}", code="SY522")
        if not 0 < len(copy) <= COPY_BYTES:
            raise InvalidInput(
                f"a copy of {len(copy)} bytes is not taken in",
                code="SY136",
                hint="scan one page; at most 5 MiB",
            )
        store = self._r.store
        digest = hmac.new(store.secret("digests"), copy, hashlib.sha256).hexdigest()
        with store.together():
            self._r.requests.put_detail(request.id, COPY, self._sealed(copy), self._one(request))
            self._running.note(request, "copy_kept", actor.name, proof=kind, copy=digest)

    def copy(self, request_id: str) -> bytes | None:
        """The copy, to be looked at; None once it is destroyed."""
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        kept = self._r.requests.detail(RequestId(request_id), COPY)
        if kept is None:
            return None
        sealed = base64.b64decode(str(kept))
        return ChaCha20Poly1305(self._r.store.secret("copies")).decrypt(
            sealed[:12], sealed[12:], None
        )

    def _sealed(self, copy: bytes) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        nonce = secrets.token_bytes(12)
        cipher = ChaCha20Poly1305(self._r.store.secret("copies"))
        return base64.b64encode(nonce + cipher.encrypt(nonce, copy, None)).decode()

    # -- inside ----------------------------------------------------------------------

    def _one(self, request: Request) -> PersonId | None:
        people = self._r.requests.people(request.id)
        return people[0] if len(people) == 1 else None

    def _version(self, version: str) -> Policy:
        return next(p for p in self._parts.history.versions if p.version.id == version)


_AT: Final = "pd:PhysicalAddress"
