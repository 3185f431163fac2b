"""What pages send to others, as a browser recorded it, against whom the policy names.

A recording is a HAR file, as browsers and their drivers write them. Every host that is neither
our own nor one of a declared recipient is a finding, with the page it was first seen on; so is
a cookie that such a host sets. Query strings may hold anything and are left out.

Law: Telecommunications Business Act 27-12 (telling of transmissions).
Source: HTTP Archive (HAR) 1.2, ``log.entries``, ``log.pages``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seiyaku.datamap.payload import Calls, origin
from seiyaku.kernel.errors import InvalidInput


@dataclass(frozen=True)
class Undeclared:
    """A host that pages send to and nobody declared.

    Args:
        url: first seen, without its query. page: where. cookies: how many cookies it set.
    """

    url: str
    page: str
    cookies: int


@dataclass(frozen=True)
class Transmissions:
    """What a recording shows: declared recipients that were reached, and the others."""

    known: frozenset[str]
    undeclared: tuple[Undeclared, ...]


def read(path: Path) -> Mapping[str, Any]:
    """The recording in a file.

    Raises:
        InvalidInput: SY153 it is none, or cannot be read.
    """
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        raise _no_recording() from None
    if not isinstance(found, dict):
        raise _no_recording()
    return found


def audit(
    recording: Mapping[str, Any], calls: Mapping[str, Calls], own: Iterable[str]
) -> Transmissions:
    """Compare a recording with the declared hosts.

    Args:
        recording: a HAR document. own: our own hosts.

    Raises:
        InvalidInput: SY153 it is no such recording.
    """
    hosts = {
        origin(h)[1]: entry.recipient or word for word, entry in calls.items() for h in entry.hosts
    }
    ours, known, others = frozenset(own), set[str](), dict[str, Undeclared]()
    for url, page, cookies in _entries(recording):
        host = urlsplit(url).hostname or ""
        if host in hosts:
            known.add(hosts[host])
        elif host not in ours:
            seen = others.get(host, Undeclared(_bare(url), _bare(page), 0))
            others[host] = Undeclared(seen.url, seen.page, seen.cookies + cookies)
    return Transmissions(frozenset(known), tuple(others.values()))


def _entries(recording: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """URL, page and number of cookies set, for every request."""
    try:
        log = recording["log"]
        pages = {str(p["id"]): str(p.get("title", "")) for p in log.get("pages", ())}
        return [
            (
                str(entry["request"]["url"]),
                pages.get(str(entry.get("pageref")), ""),
                len(entry["response"].get("cookies", ())),
            )
            for entry in log["entries"]
        ]
    except (KeyError, TypeError, AttributeError):
        raise _no_recording() from None


def _no_recording() -> InvalidInput:
    return InvalidInput(
        "this is no recording of page loads",
        code="SY153",
        hint="save the network log of a browser as HAR",
    )


def _bare(url: str) -> str:
    """The address without query and fragment."""
    return url.partition("?")[0].partition("#")[0]
