"""Printful, Cloudflare Images, Google Analytics and OpenAI, as far as the drivers use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seiyaku.testing.fakes.server import Asked, VendorFake

Answer = tuple[int, Any]
Records = dict[str, dict[str, Any]]


@dataclass
class PrintfulFake(VendorFake):
    """Orders by id; one that is being made cannot be deleted."""

    schema: str = "printful"
    orders: Records = field(default_factory=dict)

    def list_orders(self, asked: Asked) -> Answer:
        start, size = int(asked.query.get("offset", 0)), int(asked.query["limit"])
        return 200, {"data": list(self.orders.values())[start : start + size]}

    def get_order(self, asked: Asked) -> Answer:
        order = self._order(asked.path["id"])
        return (200, {"data": order}) if order else (404, {"status": 404, "title": "Not Found"})

    def delete_order(self, asked: Asked) -> Answer:
        order = self._order(asked.path["id"])
        if order is None:
            return 404, {"status": 404, "title": "Not Found"}
        if order["status"] not in ("draft", "failed", "canceled"):
            return 409, {"status": 409, "title": "Conflict"}
        del self.orders[str(order["id"])]
        return 204, None

    def _order(self, name: str) -> dict[str, Any] | None:
        if name.startswith("@"):
            named = (o for o in self.orders.values() if o["external_id"] == name[1:])
            return next(named, None)
        return self.orders.get(name)


@dataclass
class CloudflareFake(VendorFake):
    """Images by id, and a cache in front of them that keeps what was not purged."""

    schema: str = "cloudflare_images"
    images: Records = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    def get_image(self, asked: Asked) -> Answer:
        image = self.images.get(asked.path["id"])
        return (200, _envelope(image)) if image else (404, _envelope(None, 5404))

    def delete_image(self, asked: Asked) -> Answer:
        image = self.images.pop(asked.path["id"], None)
        return (200, _envelope(None)) if image else (404, _envelope(None, 5404))

    def purge(self, asked: Asked) -> Answer:
        named = (f.partition("/delivery/")[2] for f in asked.body["files"])
        self.cached -= {n.removesuffix("/public") for n in named}
        return 200, _envelope(None)

    def deliver(self, asked: Asked) -> Answer:
        there = asked.path["id"] in self.cached or asked.path["id"] in self.images
        return (200, {}) if there else (404, None)


def _envelope(image: dict[str, Any] | None, fault: int = 0) -> dict[str, Any]:
    errors = [{"code": fault, "message": "Image not found"}] if fault else []
    told = {"result": image} if image else {}
    return {"success": not fault, "errors": errors, "messages": [], **told}


@dataclass
class AnalyticsFake(VendorFake):
    """Deletions that were asked for; whether they happened nobody can see.

    Args:
        account: public key and address of the service account that may ask for a token.
    """

    schema: str = "google_analytics"
    account: tuple[Any, str] = ("", "")
    submitted: list[str] = field(default_factory=list)
    retention: str = "FOURTEEN_MONTHS"

    def fetch_token(self, asked: Asked) -> Answer:
        import jwt

        public, address = self.account
        try:
            claims = jwt.decode(
                asked.body["assertion"], public, ["RS256"], audience=f"{self.url}/token"
            )
        except jwt.PyJWTError:
            return 400, {"error": "invalid_grant"}
        if claims["iss"] != address or not claims["scope"].endswith("/auth/analytics.edit"):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"}

    def submit(self, asked: Asked) -> Answer:
        self.submitted += [str(v) for v in asked.body.values()]
        return 200, {"deletionRequestTime": "2026-02-16T00:00:00Z"}

    def retention_settings(self, asked: Asked) -> Answer:
        name = "properties/7/dataRetentionSettings"
        return 200, {"name": name, "eventDataRetention": self.retention}


@dataclass
class OpenAiFake(VendorFake):
    """Stored objects by id."""

    schema: str = "openai"
    objects: Records = field(default_factory=dict)
    retention: str = "zero_data_retention"
    deletes: bool = True

    def get_response(self, asked: Asked) -> Answer:
        return self._get("response", asked)

    def get_completion(self, asked: Asked) -> Answer:
        return self._get("chat.completion", asked)

    def get_file(self, asked: Asked) -> Answer:
        return self._get("file", asked)

    def delete_response(self, asked: Asked) -> Answer:
        return self._delete("response", asked)

    def delete_completion(self, asked: Asked) -> Answer:
        return self._delete("chat.completion", asked)

    def delete_file(self, asked: Asked) -> Answer:
        return self._delete("file", asked)

    def data_retention(self, asked: Asked) -> Answer:
        return 200, {"object": "organization.data_retention", "type": self.retention}

    def _get(self, kind: str, asked: Asked) -> Answer:
        found = self.objects.get(asked.path["id"])
        if found is None or found["object"] != kind:
            return 404, {"error": {"message": "not found"}}
        return 200, found

    def _delete(self, kind: str, asked: Asked) -> Answer:
        status, found = self._get(kind, asked)
        if status != 200:
            return status, found
        if self.deletes:
            del self.objects[found["id"]]
        return 200, {"id": found["id"], "object": kind, "deleted": self.deletes}
