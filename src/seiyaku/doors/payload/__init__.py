"""Payloads of HTTP calls, taken apart field by field and put together again.

What goes out and what comes in are read by the same code: JSON, forms, query strings, multipart
bodies, headers and path segments. Every value is shown to a judge that keeps, removes or
replaces it; what is sent on is written anew from what was read, so that nothing another parser
would read differently slips through. What cannot be read is refused.
"""

from seiyaku.doors.payload.model import KEEP, REMOVE, Judge, Put, Spot, Verdict
from seiyaku.doors.payload.rewrite import Payload, rewrite

__all__ = ["KEEP", "REMOVE", "Judge", "Payload", "Put", "Spot", "Verdict", "rewrite"]
