"""An entry of the evidence: one act, named by its clause, and no personal data.

The person stands in an entry only as a commitment: HMAC-SHA256 under a nonce of
its own. The nonce lies with the person's record and dies with it; from then on
nobody, not even the controller, can tell whom the entry was about.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seiyaku.kernel.clock import parse_at
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput

FORMAT = "seiyaku-entry/1"
MAX_BYTES = 65_535
NONCE_BYTES = 32

KINDS = (
    "approval",
    "assurance",
    "consent",
    "decision",
    "disposal",
    "halt",
    "incident",
    "intent",
    "key",
    "outcome",
    "policy",
    "reading",
    "release",
    "request",
    "withdrawal",
)
"""What an entry can be about; a new kind is added here and nowhere else."""

# As kernel.canonical writes it (a test compares); floats cannot get past the checks below,
# so its search for them is left out: it is a third of the cost of an append.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

_PERSON_TAG = b"seiyaku-person/1\x00"
_IDENTIFIER = re.compile(r'[^\x00-\x1f\x7f-\U0010ffff@"\\]{1,200}')
_NAME = re.compile(r'[^\x00-\x20@"\\]{1,200}')
_HEX64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One act or decision, as it is hashed into the log.

    Text is printable ASCII without ``@``: identifiers, never names or addresses.
    That is a net with wide meshes; what is safe to put here is the caller's duty.

    Args:
        act_id: key under which the act happens once, e.g. ``plan-7/app.orders/outcome``.
        kind: one of `KINDS`.
        at: when it happened; aware, kept in UTC to the microsecond.
        service: the service whose policy applies, e.g. ``closm-i``.
        clauses: citations, e.g. ``("CLOSM-9.2b", "APPI 35(6)")``.
        act: the verb, e.g. ``erase``.
        outcome: what came of it, e.g. ``done`` or ``kept_by_law``; empty for an intent.
        system: system or dataset, e.g. ``app.orders``.
        counts: numbers of rows, objects, messages.
        actor: staff identifier of who decided or approved.
        version: policy version in force, e.g. ``2026-02-16``.
        digests: SHA-256 in hex of what was acted upon: ``policy``, ``plan``, ``report``.
        person: commitment to the person (see `commitment_of`), or None.
        detail: few further identifiers and numbers; ``reach`` and
            ``backups_expire_on`` say how far a re-reading went.

    Raises:
        InvalidInput: SY160 a field is not of the form above, SY161 the whole is too long.
    """

    act_id: str
    kind: str
    at: datetime
    service: str
    clauses: tuple[str, ...] = ()
    act: str = ""
    outcome: str = ""
    system: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    actor: str = ""
    version: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    person: str | None = None
    detail: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_words(self)
        _check_numbers(self)
        _check_hashes(self)

    def to_bytes(self) -> bytes:
        """The canonical bytes that are hashed; at most 65,535 of them."""
        data = _ENCODER.encode(self._to_value()).encode()
        if len(data) > MAX_BYTES:
            raise InvalidInput(
                f"entry `{self.act_id}` is {len(data)} bytes; the limit is {MAX_BYTES}",
                code="SY161",
                hint="keep long things elsewhere and put their digest here",
            )
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Read an entry back.

        Raises:
            EvidenceBroken: SY620 the bytes are not an entry in canonical form.
        """
        try:
            entry = _from_value(json.loads(data))
        except (ValueError, TypeError, KeyError, InvalidInput, RecursionError):
            raise EvidenceBroken("the bytes are not an entry", code="SY620") from None
        if entry.to_bytes() != data:
            raise EvidenceBroken("the entry is not in canonical form", code="SY620")
        return entry

    def same_act(self, other: Entry) -> bool:
        """Whether `other` tells the same act: equal but for the time and the commitment."""
        mine, theirs = self._to_value(), other._to_value()
        for key in ("at", "person"):
            mine.pop(key, None)
            theirs.pop(key, None)
        return mine == theirs

    def _to_value(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        value = {
            "format": FORMAT,
            "act_id": self.act_id,
            "kind": self.kind,
            "at": _at_text(self.at),
            "service": self.service,
            "clauses": list(self.clauses),
            "act": self.act,
            "outcome": self.outcome,
            "system": self.system,
            "counts": dict(self.counts),
            "actor": self.actor,
            "version": self.version,
            "digests": dict(self.digests),
            "person": self.person,
            "detail": dict(self.detail),
        }
        return {key: part for key, part in value.items() if part}


def new_nonce() -> bytes:
    """32 fresh random bytes: one nonce for one entry about one person."""
    return secrets.token_bytes(NONCE_BYTES)


def commitment_of(person: str, nonce: bytes) -> str:
    """The commitment to `person` under `nonce`, as 64 hex digits.

    Two entries about one person cannot be joined by it, and without the nonce it
    cannot be tried against a list of everybody.

    Raises:
        InvalidInput: SY160 the nonce is not 32 bytes, or the person is empty.

    Examples:
        >>> commitment_of("42", bytes(32))[:16]
        '36c1167d9280e4e6'
    """
    if len(nonce) != NONCE_BYTES or not person:
        raise InvalidInput("a commitment takes a person and a nonce of 32 bytes", code="SY160")
    return hmac.new(nonce, _PERSON_TAG + person.encode(), hashlib.sha256).hexdigest()


def _check_words(entry: Entry) -> None:
    if entry.kind not in KINDS:
        raise _wrong("kind", entry.kind if _IDENTIFIER.fullmatch(entry.kind) else "?")
    if not (entry.act_id and entry.service):
        raise _wrong("act_id" if not entry.act_id else "service", "")
    words = (entry.act_id, entry.service, entry.act, entry.outcome, entry.actor, entry.version)
    for word in (*words, *entry.clauses, *(v for v in entry.detail.values() if type(v) is str)):
        if word and not _IDENTIFIER.fullmatch(word):
            raise _not_identifier()
    for word in (*entry.counts, *entry.digests, *entry.detail):
        if not _IDENTIFIER.fullmatch(word):
            raise _not_identifier()
    if entry.system and not _NAME.fullmatch(entry.system):
        raise _not_identifier()


def _check_numbers(entry: Entry) -> None:
    if entry.at.tzinfo is None:
        raise _wrong("at", "a moment without zone")
    for key, number in entry.counts.items():
        if type(number) is not int or number < 0:
            raise _wrong("counts", key)
    for key, value in entry.detail.items():
        if type(value) not in (str, int):
            raise _wrong("detail", key)


def _check_hashes(entry: Entry) -> None:
    if entry.person is not None and not _HEX64.fullmatch(entry.person):
        raise _wrong("person", "not a commitment")  # INVARIANT: never echo what stood there
    for key, value in entry.digests.items():
        if not _HEX64.fullmatch(value):
            raise _wrong("digests", key)


def _wrong(name: str, value: str) -> InvalidInput:
    return InvalidInput(
        f"`{name}` of an entry cannot be `{value}`", code="SY160", hint="see Entry for its form"
    )


def _not_identifier() -> InvalidInput:
    return InvalidInput(
        "a text of the entry is not an identifier",
        code="SY160",
        hint="printable ASCII without @, quotes or backslash, at most 200 characters",
    )


def _at_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _from_value(value: dict[str, Any]) -> Entry:
    fields = dict(value)
    if fields.pop("format") != FORMAT:
        raise ValueError("another format")
    fields["at"] = parse_at(fields["at"])
    fields["clauses"] = tuple(fields.get("clauses", ()))
    return Entry(**fields)
