"""Calls to an API: credentials, pace, retries, and which answers are answers at all.

The transport is used without the client around it: that one would write whole addresses,
and with them e-mail addresses of people, into the log.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from seiyaku.kernel.errors import Conflict, InvalidInput, SystemUnavailable
from seiyaku.systems._shared.pace import Pace, Turns
from seiyaku.systems._shared.patience import (
    NotNow,
    Patience,
    key_refused,
    no_answer,
    not_understood,
    retry_after,
    throttled,
)
from seiyaku.systems.http.grants import Grant, grant_of
from seiyaku.systems.http.model import Api, require_safe

try:
    import httpx
except ImportError:
    raise InvalidInput(
        "httpx is not installed", code="SY132", hint='pip install "seiyaku[saas]"'
    ) from None

_AGAIN = frozenset({0, 408, 425, 429, 500, 502, 503, 504})
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """A success, or a status that says the row is gone."""

    status: int
    headers: httpx.Headers
    data: bytes


class Calls:
    """Makes the calls of one system.

    Args:
        system: its id, for errors. secret: token, password or client secret.
        timeout_s: seconds to wait for a connection and for each part of an answer.
        turns: of the calls, shared by all workers.
    """

    def __init__(
        self, system: str, api: Api, secret: str | None, timeout_s: float, turns: Turns
    ) -> None:
        self._system, self._api, self._secret, self._timeout = system, api, secret, timeout_s
        self._transport = httpx.HTTPTransport(retries=0)
        self._patience = Patience(api.retry.times, api.retry.first_s, api.retry.longest_s)
        rate = api.rate
        self._pace = rate and Pace(system, rate.calls, rate.seconds, turns)
        self._host = urlsplit(api.base).netloc
        self._token: tuple[str, float] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    def call(self, method: str, address: str, body: Any = None, once: str | None = None) -> Answer:
        """Make one call, again where that is safe and there was no answer.

        Args:
            address: path below the base, or a whole address. once: idempotency key.

        Raises:
            SystemUnavailable: SY322 no answer, SY323 too many calls, SY324 the answer is none,
                SY325 our credentials are refused.
            Conflict: SY506 the vendor refuses what is asked.
        """
        url = address if "://" in address else self._api.base.rstrip("/") + address
        key = once if self._api.idempotency else None
        return self._patience.call(lambda: self._try(method, url, body, key))

    def _try(self, method: str, url: str, body: Any, key: str | None) -> Answer:
        answer = self._once(method, url, body, key)
        if answer and answer.status == 401 and self._token is not None:
            self._token = None  # it may have been revoked before its time
            answer = self._once(method, url, body, key)
        status = answer.status if answer else 0
        if answer and (status in self._api.gone or 200 <= status < 300):
            return answer
        if status == 429 or (status in _AGAIN and (method in _REPEATABLE or key is not None)):
            raise self._not_now(answer)
        if status in _AGAIN or status >= 500 or status < 400:
            raise self._unavailable(status)
        if status in (401, 403):
            raise key_refused(self._system)
        raise Conflict(
            f"`{self._system}`: the vendor refuses what is asked (status {status})",
            code="SY506",
            hint="compare the declaration of the API with the vendor's documentation",
        )

    def _not_now(self, answer: Answer | None) -> NotNow:
        status = answer.status if answer else 0
        after = asked_wait(answer.headers) if answer else None
        if self._pace:
            self._pace.hold(after, self._patience.longest_s)
        return NotNow(self._unavailable(status), after)

    def _unavailable(self, status: int) -> SystemUnavailable:
        return throttled(self._system) if status == 429 else no_answer(self._system)

    def _once(self, method: str, url: str, body: Any, key: str | None) -> Answer | None:
        if self._pace:
            self._pace.wait()
        headers = {"Accept": "application/json", **self._api.headers}
        if urlsplit(url).netloc == self._host:
            headers |= self._credentials()
        if key is not None and self._api.idempotency:
            headers[self._api.idempotency] = key
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._send(method, url, headers, content)

    def _send(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None
    ) -> Answer | None:
        """One exchange; None where there was no whole answer."""
        timeout = httpx.Timeout(self._timeout).as_dict()
        request = httpx.Request(
            method, url, headers=headers, content=content, extensions={"timeout": timeout}
        )
        try:
            response = self._transport.handle_request(request)
        except httpx.TransportError:
            return None
        try:
            return Answer(response.status_code, response.headers, self._body(response))
        except httpx.HTTPError:
            return None
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        data = bytearray()
        for part in response.iter_bytes():
            data += part
            if len(data) > MAX_BYTES:
                raise not_understood(self._system)
        return bytes(data)

    def _credentials(self) -> dict[str, str]:
        auth, secret = self._api.auth, self._secret
        if auth.how == "none":
            return {}
        if not secret:
            raise InvalidInput(
                f"`{self._system}`: no secret is set",
                code="SY173",
                hint="set `secret` of the system",
            )
        if auth.how == "header":
            return {auth.header: secret}
        if auth.how == "basic":
            pair = base64.b64encode(f"{auth.user}:{secret}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {"Authorization": f"Bearer {self._fetched(secret)}"}

    def _fetched(self, secret: str) -> str:
        """The token a secret stands for, fetched anew a minute before it ends; or the secret."""
        with self._lock:
            if self._token is None or self._token[1] < time.monotonic():
                grant = grant_of(self._api.auth, secret, datetime.now(UTC))
                if grant is None:
                    return secret
                self._token = self._fetch(grant)
            return self._token[0]

    def _fetch(self, grant: Grant) -> tuple[str, float]:
        require_safe(grant.url)
        headers = {"Content-Type": grant.media_type, "Accept": "application/json"}
        answer = self._send("POST", grant.url, headers, grant.content)
        if answer is None or answer.status in _AGAIN:
            raise self._not_now(answer)
        if answer.status != 200:
            raise key_refused(self._system)
        try:
            told = json.loads(answer.data)
            return str(told["access_token"]), time.monotonic() + float(told["expires_in"]) - 60
        except (ValueError, KeyError, TypeError):
            raise not_understood(self._system) from None


def asked_wait(headers: httpx.Headers) -> float | None:
    """Seconds the vendor asks to wait for: Retry-After, or the reset of its rate limit."""
    if headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in headers:
        return _moment(headers.get("x-ratelimit-reset", ""))
    return retry_after(headers.get("retry-after"))


def _moment(text: str) -> float | None:
    """A number of seconds, or a moment in seconds since 1970, as seconds from now."""
    try:
        number = float(text)
    except ValueError:
        return None
    return max(number - time.time() if number > 1e9 else number, 0.0)
