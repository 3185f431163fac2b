"""What a person is told of the records of provision and receipt. Law: APPI 33(5).

Told is what was given or may have been: what nobody can say of is told as such. An intent that
came to nothing gave nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.policy.model import Policy
from seiyaku.releases import Release
from seiyaku.requests.line import Line

_HEADS: Final = {
    ("provided", "sent"): Text(ja="提供しました", en="given to"),
    ("provided", "unknown"): Text(ja="提供した可能性があります", en="perhaps given to"),
    ("provided", "intended"): Text(ja="提供した可能性があります", en="perhaps given to"),
    ("received", "sent"): Text(ja="提供を受けました", en="received from"),
    ("received", "unknown"): Text(ja="提供を受けた可能性があります", en="perhaps received from"),
    ("received", "intended"): Text(ja="提供を受けた可能性があります", en="perhaps received from"),
}
_ELEMENTS: Final = ("name", "address", "representative")


def recorded(policy: Policy, given: Iterable[Release]) -> Iterator[Line]:
    """A line for each release and receipt, oldest first: day, who, items, consent."""
    for release in sorted(given, key=lambda r: (r.at, r.id)):
        head = _HEADS.get((release.direction, release.state))
        if head is not None:
            yield Line(_told(policy, release, head), _cite(release), release.recipient)


def _told(policy: Policy, release: Release, head: Text) -> Text:
    day = tokyo_day(release.at).isoformat()
    who, items = _who(policy, release), [_name(policy, item) for item in release.items]
    ja = f"{day} {who.ja}: {'、'.join(i.ja for i in items)} ({head.ja})"
    en = f"{day} {head.en} {who.en}: {', '.join(i.en for i in items)}"
    agreed = release.record.get("consent_obtained", "")
    if agreed:
        ja, en = f"{ja} 同意: {agreed}", f"{en}, by consent of {agreed}"
    return Text(ja=ja, en=en)


def _who(policy: Policy, release: Release) -> Text:
    """The third party as its record names it, else as the policy does, else by its word."""
    particulars = _particulars(release)
    declared = policy.recipients.get(release.recipient)
    if particulars or declared is None:
        word = ", ".join(particulars) or release.recipient
        return Text(ja=word, en=word)
    return declared.name


def _particulars(release: Release) -> list[str]:
    whose = "third_party" if release.direction == "provided" else "giver"
    found = [release.record.get(f"{whose}_{element}", "") for element in _ELEMENTS]
    return [text for text in found if text and text != "-"]


def _name(policy: Policy, item: str) -> Text:
    declared = policy.items.get(item)
    return declared.name if declared else Text(ja=item, en=item)


def _cite(release: Release) -> str:
    return next((c for c in reversed(release.cites)), "")
