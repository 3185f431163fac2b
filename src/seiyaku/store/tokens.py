"""Tokens in use; their secrets are not here."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.tokens import Token
from seiyaku.store import tables
from seiyaku.store.prepared import Row
from seiyaku.store.store import Store


class TokenStore:
    """Who may ask through the doors that take tokens."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, token: Token) -> None:
        """Put a token in use."""
        row = {
            "name": token.name,
            "sha256": token.sha256,
            "actor": token.actor.name,
            "role": token.actor.role,
            "made_at": token.made_at,
            "ends_at": token.ends_at,
        }
        self._store.write(sa.insert(tables.tokens), row)

    def all(self) -> Mapping[str, Token]:
        """Every token in use by its name, oldest first."""
        found = self._store.read(sa.select(tables.tokens).order_by("made_at", "name"))
        return {row.name: _token(row) for row in found}

    def revoke(self, name: str) -> bool:
        """Take a token out of use; whether there was one."""
        table = tables.tokens
        return bool(self._store.write(sa.delete(table).where(table.c.name == name)))


def _token(row: Row) -> Token:
    actor = Actor(row.actor, row.role)
    return Token(row.name, row.sha256, actor, row.made_at, row.ends_at)
