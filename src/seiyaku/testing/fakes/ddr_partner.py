"""An advertising partner as the Data Deletion Request Framework describes one.

It verifies what it is sent with the keys the requester publishes, and signs its answer. Any
call the framework does not describe is 501 and noted in `unknown`, which a test looks at.

Source: IAB Tech Lab, Data Deletion Request Framework 1.0.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from seiyaku.testing.bad_days import Answer, Call

_HEX_FORMATS = {"sha256": 64}


@dataclass(frozen=True)
class Key:
    """A signing key with the form it is published in."""

    kid: str
    private: EllipticCurvePrivateKey = field(
        default_factory=lambda: generate_private_key(SECP256R1())
    )

    @property
    def pem(self) -> str:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.private.private_bytes(*form).decode()

    @property
    def published(self) -> dict[str, Any]:
        read = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**read, "kid": self.kid, "use": "sig", "alg": "ES256"}


@dataclass
class DdrPartner:
    """A partner.

    Args:
        domain: its own. requester: key the requester publishes.
        identifiers: kinds it takes, with the form it takes them in.
        received: subjects of the requests it accepted. unknown: calls nobody described.
    """

    domain: str
    requester: Key
    identifiers: tuple[tuple[str, str], ...] = (("aaid", "plaintext"), ("idfa", "sha256"))
    key: Key = field(default_factory=lambda: Key("partner-1"))
    received: list[dict[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def __call__(self, call: Call) -> Answer:
        """The answer to a call."""
        if (call.method, call.path) == ("GET", "/dsrdelete.json"):
            return 200, json.dumps(self.published()).encode()
        if (call.method, call.path) == ("POST", "/ddr"):
            return self._received(call.body.decode())
        self.unknown.append(f"{call.method} {call.path}")
        return 501, b"{}"

    def published(self) -> dict[str, Any]:
        """What it publishes at its domain."""
        kinds = [{"id": n, "type": t, "format": f} for n, (t, f) in enumerate(self.identifiers)]
        return {
            "endpoint": f"https://{self.domain}/ddr",
            "identifiers": kinds,
            "publicKey": [self.key.published],
            "vendorScriptRequirement": False,
        }

    def _received(self, request: str) -> Answer:
        code = self._judged(request)
        return 400 if code else 202, self.acknowledged(request, code).encode()

    def acknowledged(self, request: str, code: int) -> str:
        """The signed answer to a request."""
        said = {"version": "1.0", "rqJWT": request, "jti": f"ack-{len(self.received)}",
                "iss": self.domain, "iat": int(time.time()), "raResultCode": code}  # fmt: skip
        return jwt.encode(said, self.key.pem, "ES256", headers={"kid": self.key.kid})

    def _judged(self, request: str) -> int:
        """The framework's result code of a request."""
        try:
            claims = self._verified(request)
            own = self._verified(claims["idJWT"])
        except jwt.InvalidSignatureError:
            return 2
        except jwt.PyJWTError:
            return 3
        except KeyError:
            return 1
        subject = claims.get("sub")
        if not isinstance(subject, dict) or own.get("sub") != subject:
            return 1
        kind, form = subject.get("identifierType"), subject.get("identifierFormat")
        if kind not in {t for t, _ in self.identifiers}:
            return 4
        if (kind, form) not in self.identifiers or not _fits(subject):
            return 5
        self.received.append(subject)
        return 0

    def _verified(self, token: str) -> dict[str, Any]:
        public = self.requester.private.public_key()
        options: Any = {"require": ["iss", "jti", "iat"], "verify_sub": False}
        return jwt.decode(token, public, algorithms=["ES256"], options=options)


def _fits(subject: dict[str, str]) -> bool:
    length = _HEX_FORMATS.get(subject["identifierFormat"])
    return length is None or len(subject["identifierValue"]) == length
