"""The signed tokens of a deletion request: who asks (idJWT), the request, its acknowledgement.

Source: IAB Tech Lab, Data Deletion Request Framework 1.0; RFC 7517, RFC 7519.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt

from seiyaku.systems._shared.patience import not_understood

_ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "EdDSA")
FORMATS = ("plaintext", "sha256")
"""How an identifier may be written, the one we rather use first."""


@dataclass(frozen=True)
class Signer:
    """Who signs for us.

    Args:
        domain: ours, where our own ``dsrdelete.json`` lies. kid: name of the key there.
        pem: the private key. algorithm: of its signatures.
    """

    domain: str
    kid: str
    pem: str = field(repr=False)
    algorithm: str = "ES256"

    def request(self, kind: str, form: str, value: str, once: str, at: datetime) -> str:
        """The token that asks for the deletion of one identifier."""
        subject = {
            "identifierValue": written(value, form),
            "identifierType": kind,
            "identifierFormat": form,
        }
        own = self._signed({"jti": f"{once}-id", "sub": subject}, at)
        return self._signed({"jti": once, "sub": subject, "idJWT": own}, at)

    def _signed(self, claims: Mapping[str, Any], at: datetime) -> str:
        said = {"version": "1.0", "iss": self.domain, "iat": int(at.timestamp()), **claims}
        return jwt.encode(said, self.pem, self.algorithm, headers={"kid": self.kid})


def written(value: str, form: str) -> str:
    """An identifier in one of `FORMATS`."""
    return value if form == "plaintext" else hashlib.sha256(value.encode()).hexdigest()


def result_of(system: str, token: str, keys: Sequence[Any], issuer: str, request: str) -> int:
    """The result code a partner signed for exactly our request.

    Raises:
        SystemUnavailable: SY324 it is not signed by the partner, or answers something else.
    """
    try:
        header = jwt.get_unverified_header(token)
        key = next(k for k in keys if k.get("kid") == header.get("kid"))
        claims = jwt.decode(
            token,
            jwt.PyJWK.from_dict(key).key,
            algorithms=[a for a in _ALGORITHMS if a == key.get("alg", header.get("alg"))],
            issuer=issuer,
            # the subject of a request is an object, against RFC 7519: the framework says so
            options={"require": ["iss", "iat", "jti"], "verify_sub": False, "verify_iat": False},
        )
    except (jwt.PyJWTError, StopIteration, ValueError, AttributeError, TypeError):
        raise not_understood(system) from None
    code = claims.get("raResultCode")
    if claims.get("rqJWT") != request or not isinstance(code, int):
        raise not_understood(system)
    return code
