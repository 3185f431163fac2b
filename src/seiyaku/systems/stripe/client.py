"""Calls to Stripe through its client, with patience, and its errors as ours.

What Stripe says in an error may quote what it was sent, so none of its words are passed on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import stripe

from seiyaku.kernel.errors import Conflict
from seiyaku.systems._shared.pace import Pace
from seiyaku.systems._shared.patience import (
    NotNow,
    Patience,
    key_refused,
    no_answer,
    not_understood,
    retry_after,
    throttled,
)
from seiyaku.systems._shared.unlogged import unlogged

T = TypeVar("T")
PREVIEW = "2025-07-30.preview"
"""Redaction jobs are a public preview and ask for a version of their own."""
_PAGE = 100


class Missing(Exception):
    """Stripe knows no such record."""


class Calls:
    """Stripe's API as one system uses it.

    Args:
        system: its id in the data map. key: the secret key. url: None for Stripe itself.
        timeout_s: seconds to wait for an answer. pace: of all workers; None waits for nobody.
    """

    def __init__(
        self,
        system: str,
        key: str,
        url: str | None,
        timeout_s: float,
        patience: Patience,
        pace: Pace | None = None,
    ) -> None:
        self._system, self._patience, self._pace = system, patience, pace
        self._http = stripe.RequestsClient(timeout=timeout_s)
        addresses: Any = {"api": url} if url else None
        self._client = stripe.StripeClient(
            key, base_addresses=addresses, http_client=self._http, max_network_retries=0
        )

    def get(self, table: str, record: str) -> dict[str, Any]:
        """One record by its id.

        Raises:
            Missing: there is none, or it was deleted.
        """
        found = self._raw("get", f"/v1/{table}/{record}")
        if found.get("deleted"):
            raise Missing
        if found.get("id") != record:
            raise not_understood(self._system)
        return found

    def all(self, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every record of a list, page by page; a filter by customer is checked, not trusted."""
        wanted, more = {**filters, "limit": _PAGE}, True
        while more:
            try:
                page = self._raw("get", path, **wanted)
            except Missing:
                return
            if page.get("object") != "list" or not isinstance(page.get("data"), list):
                raise not_understood(self._system)
            for found in page["data"]:
                if any(_plain(found.get(k)) != filters[k] for k in ("customer",) if k in filters):
                    raise not_understood(self._system)
                yield found
            more = bool(page.get("has_more") and page["data"])
            wanted["starting_after"] = page["data"][-1]["id"] if more else ""

    def post(self, path: str, once: str, **values: Any) -> dict[str, Any]:
        """Change something; `once` is its Idempotency-Key."""
        return self._raw("post", path, idempotency_key=once, **values)

    def preview(self, method: str, path: str, once: str = "", **values: Any) -> dict[str, Any]:
        """A call to what is in preview."""
        key = {"idempotency_key": once} if once else {}
        return self._raw(method, path, stripe_version=PREVIEW, **key, **values)

    def delete(self, path: str) -> dict[str, Any]:
        """Delete or cancel something, which is the same done twice."""
        return self._raw("delete", path)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()  # type: ignore[no-untyped-call]

    def _raw(self, method: str, path: str, **params: Any) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            if self._pace:
                self._pace.wait()
            with unlogged():
                body = self._client.raw_request(method, path, **params).body
            return self._read(body)

        return self._patience.call(lambda: self._told(call))

    def _read(self, body: str) -> dict[str, Any]:
        """The answer, where it is one: an error that comes as a success is none."""
        read = json.loads(body)
        if not isinstance(read, dict) or "error" in read or "object" not in read:
            raise not_understood(self._system)
        return read

    def _told(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except ValueError:
            raise NotNow(not_understood(self._system)) from None
        except stripe.StripeError as error:
            raise self._meaning(error) from None

    def _meaning(self, error: stripe.StripeError) -> Exception:
        status = error.http_status or 0
        headers: Mapping[str, str] = {k.lower(): v for k, v in (error.headers or {}).items()}
        after = retry_after(headers.get("retry-after"))
        if status == 429:
            if self._pace:
                self._pace.hold(after, self._patience.longest_s)
            return NotNow(throttled(self._system), after)
        if status in (401, 403):
            return key_refused(self._system)
        if _is_missing(error, status):
            return Missing()
        if status in (402, 404) or status == 400:
            return self._refused()
        if status == 200:
            return NotNow(not_understood(self._system))
        return NotNow(no_answer(self._system), after)

    def _refused(self) -> Conflict:
        return Conflict(
            f"`{self._system}` refused a call",
            code="SY512",
            hint="look at the log of requests in Stripe's dashboard; nothing more was done",
        )


def _is_missing(error: stripe.StripeError, status: int) -> bool:
    return status == 404 or (status == 400 and error.code == "resource_missing")


def _plain(value: Any) -> Any:
    """An id, where the object stands in its place."""
    return value.get("id") if isinstance(value, dict) else value
