"""What people and the controller said is witnessed: who (as a commitment), which version, when.

An entry holds no words of the person: the kind of event, the version it was said of and the
digest of that version's text. One group of events is one append. Law: APPI 16(1), 27(1), 28.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.evidence import Entry
from seiyaku.kernel.ids import PersonId, RequestId
from seiyaku.policy import PublishedVersion
from seiyaku.standing.model import (
    Acceptance,
    Acknowledged,
    Closure,
    Consent,
    Event,
    Guardian,
    OptIn,
    OptOut,
    Resumption,
    Suspension,
    Withdrawal,
)

_AGREES: Final = (Acceptance, Acknowledged, Consent, Guardian, OptIn, Resumption)
_REFUSES: Final = (Closure, OptOut, Suspension, Withdrawal)


def record_events(parts: Parts, events: Sequence[Event]) -> None:
    """Add what people said and witness it, all of it in one append."""
    if not events:
        return
    group, store = f"said-{uuid4().hex[:12]}", parts.repositories
    acts = {f"{group}:{n}": PersonId(event.person) for n, event in enumerate(events)}
    with store.store.together():
        store.standing.append(events)
        made = store.nonces.commitments(RequestId(group), acts)
    pairs = zip(acts, events, strict=True)
    parts.log.append([_said(parts, act_id, event, made[act_id]) for act_id, event in pairs])


def record_facts(parts: Parts, facts: Sequence[Assurance]) -> None:
    """Add dated facts and witness them: kind, subject, about, by; never their source."""
    if not facts:
        return
    group = f"assured-{uuid4().hex[:12]}"
    entries = [_assured(parts, f"{group}:{n}", fact) for n, fact in enumerate(facts)]
    parts.repositories.assurances.record(facts)
    parts.log.append(entries)


def witness_publication(parts: Parts, version: PublishedVersion) -> None:
    """Append the entry of a published version; publishing twice is one act."""
    entry = Entry(
        act_id=f"policy:{version.id}",
        kind="policy",
        at=datetime.fromisoformat(version.published_at),
        service=parts.settings.service,
        act="publish",
        outcome="published",
        version=version.id,
        digests=_published(version),
    )
    parts.log.append([entry])


def _published(version: PublishedVersion) -> dict[str, str]:
    page = {"page": version.page_sha256} if version.page_sha256 else {}
    return {"policy": version.sha256, **page}


def _said(parts: Parts, act_id: str, event: Event, person: str) -> Entry:
    version = getattr(event, "version", "")
    known = {p.policy.version.id: p.sha256 for p in parts.policies}
    digests = {"policy": known[version]} if version in known else {}
    text = getattr(event, "text_sha256", None)
    return Entry(
        act_id=act_id,
        kind=_kind(event),
        at=event.at,
        service=parts.settings.service,
        act=type(event).__name__.lower(),
        version=version if version in known else "",
        digests={**digests, "text": text} if text else digests,
        person=person,
    )


def _kind(event: Event) -> str:
    if isinstance(event, _AGREES):
        return "consent"
    return "withdrawal" if isinstance(event, _REFUSES) else "decision"


def _assured(parts: Parts, act_id: str, fact: Assurance) -> Entry:
    until = fact.until_at.isoformat() if fact.until_at else None
    detail = {"subject": fact.subject, "about": fact.about, "until": until}
    return Entry(
        act_id=act_id,
        kind="reading" if fact.kind == "reading" else "assurance",
        at=parts.clock.now(),
        service=parts.settings.service,
        act=fact.kind,
        actor=fact.by,
        detail={name: word for name, word in detail.items() if word},
    )
