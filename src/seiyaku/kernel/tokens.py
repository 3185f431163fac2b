"""Tokens: by what a program shows that it may ask in an actor's name.

A token is ``NAME.SECRET``: the name finds it, the secret proves it. The secret is 256 random
bits, so one SHA-256 of it is as safe at rest as a slow hash would be.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import NotPermitted


@dataclass(frozen=True)
class Token:
    """A token as it is kept: enough to know it again, too little to make it.

    Args:
        name: finds it; may be shown and logged.
        sha256: digest of its secret, hexadecimal.
        actor: in whose name it asks.
        ends_at: from when on it counts no more; None where it has no end.
    """

    name: str
    sha256: str
    actor: Actor
    made_at: datetime
    ends_at: datetime | None = None


class TokenRefused(NotPermitted):
    """Nobody may ask with this token, or with none."""

    default_code = "SY270"


def new_token(actor: Actor, at: datetime, ends_at: datetime | None = None) -> tuple[Token, str]:
    """A new token, and the text that is shown once and kept nowhere."""
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return Token(name, _digest(secret), actor, at, ends_at), f"{name}.{secret}"


def require_token(tokens: Mapping[str, Token], shown: str, at: datetime) -> Token:
    """The token that was shown.

    Args:
        tokens: those in use, by name.
        shown: ``NAME.SECRET`` as it came.

    Raises:
        TokenRefused: SY271 it is not one of these, or it has ended.
    """
    name, _, secret = shown.partition(".")
    token = tokens.get(name)
    same = hmac.compare_digest(_digest(secret), token.sha256 if token else _NOBODY)
    if token is None or not same or (token.ends_at is not None and token.ends_at <= at):
        raise TokenRefused("the token is not valid", code="SY271", hint="ask for a new one")
    return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


_NOBODY = _digest("")
"""Compared where no token has the name, so that both cases take the same time."""
