"""Proof of what was done, which an outsider can check without trusting us.

The promise served: every decision and act leaves evidence. A caller builds an
`Entry` (clause, act, outcome, counts; the person only as a commitment under a
nonce of its own), and appends it: the *intent* before an act, the *outcome* after
it is committed and read again. The entry is then a leaf of a Merkle tree (RFC
6962) under a signed `Checkpoint` (C2SP tlog-tiles, signed-note). The person takes
home a `Receipt`; `seiyaku_verify`, which shares no code with this package, checks
it offline. When the person's record is destroyed, the nonces go with it, and the
entries are about nobody any longer. Nothing in the log is ever changed or removed.
"""

from seiyaku.evidence.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from seiyaku.evidence.committer import GroupCommitter
from seiyaku.evidence.entry import KINDS, Entry, commitment_of, new_nonce
from seiyaku.evidence.group import Appended
from seiyaku.evidence.keys import KeyList, SigningKey
from seiyaku.evidence.log import Log
from seiyaku.evidence.reader import LogReader
from seiyaku.evidence.receipt import Evidence, Receipt, make_receipt

__all__ = [
    "KINDS",
    "Appended",
    "Checkpoint",
    "Entry",
    "Evidence",
    "GroupCommitter",
    "KeyList",
    "Log",
    "LogReader",
    "Receipt",
    "SigningKey",
    "VerifierKey",
    "commitment_of",
    "make_receipt",
    "new_nonce",
    "open_checkpoint",
]
