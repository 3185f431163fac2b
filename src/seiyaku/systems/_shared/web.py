"""JSON over HTTP with patience: an answer is taken whole and as a success, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from seiyaku.kernel.errors import Conflict, InvalidInput
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

if TYPE_CHECKING:
    import httpx


class Web:
    """Calls to one address.

    Args:
        system: its id in the data map, for errors. url: what every path is joined to.
        timeout_s: seconds to wait for an answer.
    """

    def __init__(
        self, system: str, url: str, *, timeout_s: float = 10.0, patience: Patience | None = None
    ) -> None:
        self._system, self._url, self._timeout = system, url.rstrip("/"), timeout_s
        self._patience = patience or Patience()
        self._client: httpx.Client | None = None

    def get(self, path: str) -> Any:
        """The JSON at `path`."""
        return self._read(self._patience.call(lambda: self._call("GET", path, None, "")))

    def post(self, path: str, said: Any) -> Any:
        """The JSON answered to JSON."""
        body = json.dumps(said)
        return self._read(
            self._patience.call(lambda: self._call("POST", path, body, "application/json"))
        )

    def post_text(self, path: str, said: str, kind: str, also: tuple[int, ...] = ()) -> str:
        """The text answered to a text of a media type; `also` are refusals that say why."""
        return self._patience.call(lambda: self._call("POST", path, said, kind, also))

    def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _read(self, body: str) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            raise not_understood(self._system) from None

    def _call(
        self, method: str, path: str, body: str | None, kind: str, also: tuple[int, ...] = ()
    ) -> str:
        httpx = _httpx()
        if self._client is None:
            self._client = httpx.Client(timeout=self._timeout)
        headers = {"content-type": kind} if kind else {}
        try:
            with unlogged():
                answer = self._client.request(
                    method, self._url + path, content=body, headers=headers
                )
        except httpx.HTTPError:
            raise NotNow(no_answer(self._system)) from None
        if answer.status_code == 429:
            after = retry_after(answer.headers.get("retry-after"))
            raise NotNow(throttled(self._system), after)
        if answer.status_code in (401, 403):
            raise key_refused(self._system)
        if answer.status_code >= 500:
            raise NotNow(no_answer(self._system))
        if answer.status_code >= 300 and answer.status_code not in also:
            raise Conflict(
                f"`{self._system}` refused a call with {answer.status_code}",
                code="SY512",
                hint="see whether its address is right; nothing more was done",
            )
        return answer.text


def _httpx() -> Any:
    try:
        import httpx
    except ImportError:
        raise InvalidInput(
            "httpx is not installed", code="SY132", hint='pip install "seiyaku[saas]"'
        ) from None
    return httpx
