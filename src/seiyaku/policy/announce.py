"""Proof that a revision was announced where the policy says: the page, its digest, its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Policy


@dataclass(frozen=True)
class Announcement:
    """A page on which people were told of a version.

    Args:
        url: where it stands. page: its bytes as they were served. seen_at: when; aware.
    """

    url: str
    page: bytes = field(repr=False)
    seen_at: datetime

    @property
    def sha256(self) -> str:
        """Digest of the page, hex."""
        return sha256_hex(self.page)


def require_announced(policy: Policy, shown: Announcement | None, at: datetime) -> None:
    """Let a revision count only once it stands where the policy promises to tell of it.

    Raises:
        InvalidInput: SY138 no proof is given; SY139 the page is no proof of this version: seen
            in the future, without an address, or silent on the day from which it counts.
    """
    promised = policy.revisions.announced if policy.revisions else None
    if promised is None:
        return
    if shown is None:
        raise InvalidInput(
            f"nothing shows that version `{policy.version.id}` was announced "
            f"({policy.cite(promised)})",
            code="SY138",
            hint="give the page on which it stands: address, bytes, moment",
        )
    if shown.seen_at > at or not shown.url.startswith("https://") or not _tells(policy, shown):
        raise InvalidInput(
            f"the page is no proof that version `{policy.version.id}` was announced",
            code="SY139",
            hint="a page served over https, seen by now, that names the day from which it counts",
        )


def _tells(policy: Policy, shown: Announcement) -> bool:
    """Whether the page names the day from which the version counts, where one is set."""
    text, day = shown.page.decode("utf-8", "replace"), policy.version.effective_on
    return day is None or any(written in text for written in _forms(day))


def _forms(day: date) -> Iterator[str]:
    yield day.isoformat()
    yield f"{day.year}年{day.month}月{day.day}日"
    yield f"{day:%B} {day.day}, {day.year}"
    yield f"{day.day} {day:%B} {day.year}"
