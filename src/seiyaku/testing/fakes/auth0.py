"""Auth0's Management API as far as the driver uses it, with state: who was deleted is gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seiyaku.testing.fakes.server import Asked, VendorFake

Answer = tuple[int, Any]


@dataclass
class Auth0Fake(VendorFake):
    """A tenant.

    Args:
        users, sessions, tokens: records by id, as the API shows them.
        comes_back: a linked identity whose user was deleted is an account of its own again.
    """

    schema: str = "auth0"
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    comes_back: bool = False

    def fetch_token(self, asked: Asked) -> Answer:
        if asked.body["client_secret"] != "client-secret":  # noqa: S105  (a fake's)
            return 403, _refusal(403, "access_denied")
        told = {"access_token": "vendor-token", "token_type": "Bearer", "expires_in": 3600}
        return 200, told

    def list_users(self, asked: Asked) -> Answer:
        page, size = int(asked.query["page"]), int(asked.query["per_page"])
        rows = [self.users[k] for k in sorted(self.users)]
        shown = rows[page * size : (page + 1) * size]
        told = {"start": page * size, "limit": size, "length": len(shown), "total": len(rows)}
        return 200, {**told, "users": shown}

    def users_by_email(self, asked: Asked) -> Answer:
        return 200, [u for u in self.users.values() if u["email"] == asked.query["email"]]

    def get_user(self, asked: Asked) -> Answer:
        return _one(self.users, asked)

    def update_user(self, asked: Asked) -> Answer:
        if asked.path["id"] in self.users:
            self.users[asked.path["id"]].update(asked.body)
        return _one(self.users, asked)

    def delete_user(self, asked: Asked) -> Answer:
        """Gone with its sessions and tokens; deleting twice is no error."""
        user = self.users.pop(asked.path["id"], None)
        for held in (self.sessions, self.tokens):
            for record in [r for r in held.values() if r["user_id"] == asked.path["id"]]:
                del held[record["id"]]
        linked = user["identities"][1:] if user and self.comes_back else ()
        for identity in linked:
            account = f"{identity['provider']}|{identity['user_id']}"
            self.users[account] = {
                "user_id": account,
                "email": user["email"] if user else "",
                "identities": [identity],
            }
        return 204, None

    def list_sessions(self, asked: Asked) -> Answer:
        return _page(self.sessions, "sessions", asked)

    def get_session(self, asked: Asked) -> Answer:
        return _one(self.sessions, asked)

    def delete_session(self, asked: Asked) -> Answer:
        return _gone(self.sessions, asked, 202)

    def list_tokens(self, asked: Asked) -> Answer:
        return _page(self.tokens, "tokens", asked)

    def get_token(self, asked: Asked) -> Answer:
        return _one(self.tokens, asked)

    def delete_token(self, asked: Asked) -> Answer:
        return _gone(self.tokens, asked, 204)


def _one(held: dict[str, dict[str, Any]], asked: Asked) -> Answer:
    found = held.get(asked.path["id"])
    return (200, found) if found else (404, _refusal(404, "Not Found"))


def _gone(held: dict[str, dict[str, Any]], asked: Asked, status: int) -> Answer:
    if held.pop(asked.path["id"], None) is None:
        return 404, _refusal(404, "Not Found")
    return status, None


def _page(held: dict[str, dict[str, Any]], name: str, asked: Asked) -> Answer:
    """Two records a page at most, so that every list of three has pages."""
    start = int(asked.query.get("from", "0"))
    rows = [r for r in held.values() if r["user_id"] == asked.path["user_id"]]
    size = min(int(asked.query["take"]), 2)
    told: dict[str, Any] = {name: rows[start : start + size]}
    if start + size < len(rows):
        told["next"] = str(start + size)
    return 200, told


def _refusal(status: int, error: str) -> dict[str, Any]:
    return {"statusCode": status, "error": error, "message": error}
