"""What a person may ask, and what is answered: the model, proof of who asks, refusals, packages.

The promise served: disclosure, correction, addition, deletion, suspension, stop of provision,
notice of purposes, complaint, closure (APPI 32 to 39) are taken in, judged by the version in
force at receipt, and answered with the clause or article that says so. Pure: `seiyaku.app`
carries a request out in the systems. Life cycle of a `Request`: received, identity shown,
planned, approved, running, answered; *open* while something is pending, by hand or
unreachable; or refused with a reason.
"""

from seiyaku.requests.answers import Answer
from seiyaku.requests.contents import Says
from seiyaku.requests.identity import Proof, Proxy
from seiyaku.requests.line import Line
from seiyaku.requests.model import Channel, Request, RequestState

__all__ = ["Answer", "Channel", "Line", "Proof", "Proxy", "Request", "RequestState", "Says"]
