"""Check Seiyaku's evidence without Seiyaku: standard library and `cryptography` only.

Two questions can be asked. `verify_receipt`: is this receipt true, that is, are its
entries about this person, in the log, under a checkpoint that the log's key signed?
`fsck`: does everything a log publishes follow from its entries, down to the signed
root? Both take a checkpoint you remember from before; without one a log that was
rolled back or forked by its own operator looks whole.

This package shares no code with the writer, so that a mistake there is not a
mistake here. On the command line: ``python -m seiyaku_verify receipt FILE --key KEY``
and ``python -m seiyaku_verify fsck DIR --key KEY``.
"""

from seiyaku_verify.errors import CannotRead, DoesNotVerify, Fault, VerifyError, WrongUse
from seiyaku_verify.log_check import CheckedLog, check_log, fsck
from seiyaku_verify.receipt import CheckedReceipt, check_receipt, verify_receipt

__all__ = [
    "CannotRead",
    "CheckedLog",
    "CheckedReceipt",
    "DoesNotVerify",
    "Fault",
    "VerifyError",
    "WrongUse",
    "check_log",
    "check_receipt",
    "fsck",
    "verify_receipt",
]
