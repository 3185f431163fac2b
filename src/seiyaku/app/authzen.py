"""The AuthZEN door of an installation: its gate, its people, and the tokens that open it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from seiyaku.app.people import HomePeople
from seiyaku.app.wiring import Parts
from seiyaku.doors.authzen import AuthZen, Names, Presence, Site, read_names
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.tokens import Token, new_token
from seiyaku.store.tokens import TokenStore

_FRESH = timedelta(seconds=1)
"""How long a revoked token may still be taken."""


def open_authzen(parts: Parts, url: str, names: Path | None = None) -> AuthZen:
    """The door over an installation, as an ASGI application.

    Args:
        url: https address under which callers know it.
        names: file of the names callers use; see `seiyaku.doors.authzen.names`.

    Raises:
        InvalidInput: `url` is none, or `names` cannot be read.
        InvalidDocument: `names` has faults.
    """
    known = read_names(names) if names is not None else Names()
    presence = Presence(parts.gate, parts.history, HomePeople(parts), parts.clock)
    return AuthZen(presence, TokensInUse(parts).now, Site(url), known)


class TokensInUse:
    """The tokens of an installation, read again every second."""

    def __init__(self, parts: Parts) -> None:
        self._store, self._clock = TokenStore(parts.repositories.store), parts.clock
        self._read_at: datetime | None = None
        self._tokens: Mapping[str, Token] = {}

    def now(self) -> Mapping[str, Token]:
        """Those in use, by name."""
        at = self._clock.now()
        if self._read_at is None or at - self._read_at >= _FRESH:
            self._tokens, self._read_at = self._store.all(), at
        return self._tokens


def make_token(parts: Parts, actor: Actor, days: int | None = None) -> str:
    """Put a new token in use; its text is told here and kept nowhere.

    Args:
        days: after how many days it ends; None where it does not.
    """
    at = parts.clock.now()
    token, shown = new_token(actor, at, at + timedelta(days=days) if days else None)
    TokenStore(parts.repositories.store).add(token)
    return shown


def list_tokens(parts: Parts) -> tuple[Token, ...]:
    """Every token in use, oldest first; none tells its secret."""
    return tuple(TokenStore(parts.repositories.store).all().values())


def revoke_token(parts: Parts, name: str) -> None:
    """Take a token out of use; doors refuse it within a second.

    Raises:
        InvalidInput: there is no such token.
    """
    if not TokenStore(parts.repositories.store).revoke(name):
        raise InvalidInput(f"there is no token `{name}`", hint="seiyaku authzen token list")
