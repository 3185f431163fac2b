"""The pledge: one policy file, read, checked, compared, explained and published.

A company writes its privacy policy once, as a file (`seiyaku: 1`). From here on the file is
the promise: `parse_policy` refuses what does not hold together, and everything else in the
house reads the checked `Policy`. The notice of APPI 32(1) and the table of the
Telecommunications Business Act 27-12 are rendered from it, never written beside it.

Life cycle of a version: draft (no `published_at`), published (an immutable file with its
SHA-256 in ``versions.json``), in force (never before its publication), superseded. A later
version never rewrites an earlier one: a person may still stand on it.
"""

from seiyaku.policy.announce import Announcement
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.model import Policy
from seiyaku.policy.parse import ParsedPolicy, check_policy, parse_policy, parse_policy_bytes
from seiyaku.policy.publish import PublishedVersion, load_history
from seiyaku.policy.publish import publish as publish_version

__all__ = [
    "Announcement",
    "History",
    "ParsedPolicy",
    "Policy",
    "PublishedVersion",
    "check_policy",
    "effective_at",
    "load_history",
    "parse_policy",
    "parse_policy_bytes",
    "publish_version",
]
