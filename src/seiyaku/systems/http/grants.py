"""What is asked for a token with: a client's secret, or a service account's signed statement.

Source: RFC 6749, 4.4 (client credentials); RFC 7523, 2.1 (signed statements);
developers.google.com/identity/protocols/oauth2/service-account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems.http.model import Auth

LASTS = timedelta(hours=1)
_STATEMENT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NEEDED = ("client_email", "private_key", "token_uri")


@dataclass(frozen=True)
class Grant:
    """A question for a token.

    Args:
        url: who gives it. content: what is sent there, as `media_type`.
    """

    url: str
    content: bytes = field(repr=False)
    media_type: str = "application/json"


def grant_of(auth: Auth, secret: str, now: datetime) -> Grant | None:
    """The question for a token; None where the secret is one itself.

    Raises:
        InvalidInput: SY178 the secret is no key of a service account; SY132 what signs is not
            installed.
    """
    if auth.how == "oauth":
        return _client(auth, secret)
    if auth.how == "service_account" and secret.lstrip().startswith("{"):
        return _statement(auth, _key(secret), now)
    return None


def _client(auth: Auth, secret: str) -> Grant:
    fields = {
        "grant_type": "client_credentials",
        "client_id": auth.client_id,
        "client_secret": secret,
        "audience": auth.audience,
        "scope": auth.scope,
    }
    return Grant(auth.token_url, json.dumps({k: v for k, v in fields.items() if v}).encode())


def _statement(auth: Auth, key: Mapping[str, Any], now: datetime) -> Grant:
    at = int(now.timestamp())
    claims = {
        "iss": key["client_email"],
        "scope": auth.scope,
        "aud": key["token_uri"],
        "iat": at,
        "exp": at + int(LASTS.total_seconds()),
    }
    said = {"grant_type": _STATEMENT, "assertion": _signed(claims, key)}
    media_type = "application/x-www-form-urlencoded"
    return Grant(key["token_uri"], urlencode(said).encode(), media_type)


def _signed(claims: Mapping[str, Any], key: Mapping[str, Any]) -> str:
    try:
        import jwt
    except ImportError:
        raise InvalidInput(
            "pyjwt is not installed", code="SY132", hint='pip install "seiyaku[saas]"'
        ) from None
    try:
        named = {"kid": str(key.get("private_key_id", ""))}
        return jwt.encode(dict(claims), key["private_key"], "RS256", headers=named)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise _no_key() from None


def _key(secret: str) -> Mapping[str, Any]:
    try:
        key = json.loads(secret)
    except ValueError:
        raise _no_key() from None
    if not all(isinstance(key.get(name), str) for name in _NEEDED):
        raise _no_key()
    found: Mapping[str, Any] = key
    return found


def _no_key() -> InvalidInput:
    return InvalidInput(
        "the secret is no key of a service account",
        code="SY178",
        hint="put the JSON file of the key there as the vendor gives it",
    )
