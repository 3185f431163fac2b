"""Who asks, and how we know: before anything is shown or changed.

A proxy shows who they are, the mandate, and its scope: a mandate for disclosure does not
cover deletion. Copies of documents are looked at and disposed of; only their kind is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from seiyaku.kernel.errors import InvalidInput, WaitsForPerson
from seiyaku.policy.model import Policy, RequestKind


@dataclass(frozen=True)
class Proxy:
    """Somebody who asks for the person.

    Args:
        mandate_sha256: digest of the document that says so.
        covers: kinds of requests the mandate names.
        proven_by: kind of proof of the proxy's own identity.
    """

    mandate_sha256: str
    covers: tuple[RequestKind, ...]
    proven_by: str


@dataclass(frozen=True)
class Proof:
    """How somebody showed who they are.

    Args:
        kind: kind of proof, a word: ``signed_in``, ``email_link``, ``id_copy`` ...
        seen_by: staff identifier, or ``system`` where a machine checked it.
    """

    kind: str
    seen_by: str = "system"
    proxy: Proxy | None = None


def require_identity(policy: Policy, kind: RequestKind, proof: Proof) -> None:
    """Accept `proof`, or say what is missing.

    Raises:
        InvalidInput: SY197 the policy does not accept this kind of proof.
        WaitsForPerson: SY404 the mandate does not cover this kind of request.
    """
    right = policy.rights.get(kind)
    accepted = right.identity if right else ()
    if accepted and proof.kind not in accepted:
        raise InvalidInput(
            f"`{proof.kind}` is no proof the policy accepts for {kind}",
            code="SY197",
            hint="accepted: " + ", ".join(accepted),
        )
    proxy = proof.proxy
    if proxy is not None and kind not in proxy.covers:
        raise WaitsForPerson(
            f"the mandate does not cover {kind}",
            code="SY404",
            hint="ask for a mandate that names it; this one covers " + ", ".join(proxy.covers),
        )
