"""The versions of one policy, oldest first, and which one is in force when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone

from seiyaku.policy.model import Policy, Revision

JST = timezone(timedelta(hours=9), "JST")


def effective_at(policy: Policy) -> datetime | None:
    """From which moment a version counts; None while it is a draft.

    Never earlier than its publication: a version dated back counts from publishing.

    Law: APPI 17, 21 (a purpose is published before it is used).
    """
    published = policy.version.published_at
    if published is None:
        return None
    if policy.version.effective == "on_publication" or policy.version.effective_on is None:
        return published.astimezone(UTC)
    start = datetime.combine(policy.version.effective_on, time.min, JST)
    return max(published, start).astimezone(UTC)


@dataclass(frozen=True)
class History:
    """Every published version of one service's policy.

    Args:
        versions: oldest first; drafts stand last and never count.
    """

    versions: tuple[Policy, ...]

    def in_force(self, at: datetime) -> Policy | None:
        """The version in force at `at`, or None when there was none yet."""
        found = None
        for policy in self.versions:
            start = effective_at(policy)
            if start is not None and start <= at:
                found = policy
        return found

    def known_by_date(self, at: datetime) -> Revision | None:
        """The version in force at `at` of which only the date is known, not the text.

        None where a version with its text was in force, or where none is known at all.
        """
        if self.in_force(at) is not None or not self.versions:
            return None
        day = at.astimezone(JST).date()
        lines = [line for line in self.versions[0].version.history if line.on <= day]
        return max(lines, key=lambda line: line.on, default=None)

    def before(self, policy: Policy) -> tuple[Policy, ...]:
        """The versions that came before `policy`, newest first."""
        index = next(i for i, p in enumerate(self.versions) if p.version.id == policy.version.id)
        return self.versions[:index][::-1]

    def rank(self, version_id: str) -> int:
        """Position of a version, 0 for the oldest; -1 when it is not one of them."""
        for index, policy in enumerate(self.versions):
            if policy.version.id == version_id:
                return index
        return -1
