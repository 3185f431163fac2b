"""Who must be told to stop and delete: whoever got something, as the book says."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from seiyaku.releases.model import Release

Recall = tuple[str, tuple[str, ...]]
"""A recipient, and the items it has, sorted."""


def to_recall(
    releases: Iterable[Release],
    items: Collection[str] = (),
    recipients: Collection[str] | None = None,
) -> tuple[Recall, ...]:
    """Recipients that have items of somebody, or may have them; sorted.

    What went under an exception of the law (a demand of a court) is called back by nobody.

    Args:
        items: only these; all when empty. recipients: only these; None means everyone.
    """
    found: dict[str, set[str]] = {}
    for release in releases:
        gone = release.direction == "provided" and release.state != "failed"
        asked = recipients is None or release.recipient in recipients
        theirs = set(release.items) & set(items) if items else set(release.items)
        if gone and asked and theirs and release.basis != "exception":
            found.setdefault(release.recipient, set()).update(theirs)
    return tuple((word, tuple(sorted(found[word]))) for word in sorted(found))
