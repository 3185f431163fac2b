"""Article 5.2: whom pages send to, as a browser recorded it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seiyaku.kernel import InvalidInput
from seiyaku.testing.promises import promise

from ..homes import with_calls
from .conftest import Closm

HOSTS = {
    "auth0": "closm.auth0.example",
    "stripe": "js.stripe.example",
    "google_analytics": "ga.example",
}


def _seen(url: str, page: str, *cookies: str) -> dict[str, object]:
    answer = {"cookies": [{"name": c, "value": "x"} for c in cookies]}
    return {"pageref": page, "request": {"method": "GET", "url": url}, "response": answer}


@promise("CLOSM-5.2")
def test_a_host_nobody_declared_is_reported_with_the_page_it_was_seen_on(
    opened: Callable[..., Closm], tmp_path: Path
) -> None:
    """Given a recording of two pages with requests to three declared recipients, to our own host
    and to one that nobody declared; the three are known, ours is nobody else, and the fourth is
    reported with its address and the first page it was seen on, without the query, in which
    anything may stand. A file that is no recording is refused.
    """
    endpoint = {"path": "/x", "json": {}}
    calls = {r: {"recipient": r, "hosts": [h], "endpoints": [endpoint]} for r, h in HOSTS.items()}
    mine = opened(with_calls("closm-i", calls))
    entries = [
        *(_seen(f"https://{host}/x?u=1", "first") for host in HOSTS.values()),
        _seen("https://closm.example/", "first"),
        _seen("https://cdn.example/lib.js?u=aki%40example.jp", "second"),
        _seen("https://cdn.example/other.js", "first"),
    ]
    pages = [{"id": n, "title": f"https://closm.example/{n}?a=b"} for n in ("first", "second")]
    recording = tmp_path / "pages.har"
    recording.write_text(json.dumps({"log": {"pages": pages, "entries": entries}}), "utf-8")
    found = mine.home.doors.transmissions(recording, ["closm.example"])
    assert found.known == HOSTS.keys()
    (other,) = found.undeclared
    assert (other.url, other.page) == ("https://cdn.example/lib.js", "https://closm.example/second")
    assert "aki" not in repr(found)
    for text in ("[]", "{}", "no json", '{"log": {"entries": [{}]}}'):
        recording.write_text(text, "utf-8")
        with pytest.raises(InvalidInput):
            mine.home.doors.transmissions(recording, [])
