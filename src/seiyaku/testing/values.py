"""A value for an item, whatever column holds it: the general ones, by word of the policy.

A service whose policy uses other words, or whose columns want another shape, gives its own
in ``VALUES`` of its module in `seiyaku.testing.worlds`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

from seiyaku.testing import names
from seiyaku.testing.person import Person

Plain = str | int | float | None
"""A value as SQLite stores it; moments are text in UTC, ``2026-02-16 00:00:00``."""
ItemValue = Callable[[Person, str, random.Random], Plain]
"""From the person, the column's name and the source of chance."""


def written(person: Person, column: str, rng: random.Random) -> str:
    """Something the person wrote; it carries their canary. JSON where the column says so."""
    text = f"{rng.choice(names.SENTENCES)} {person.canary}"
    return json.dumps({"text": text}, ensure_ascii=False) if "json" in column else text


def token(person: Person, column: str, rng: random.Random) -> str:
    """An opaque identifier of the person's, 24 hex digits, different each time."""
    return f"{column[:3]}_{rng.getrandbits(96):024x}"


def _address(person: Person, column: str, rng: random.Random) -> str:
    return person.postal_code if "postal" in column or "zip" in column else person.address


def _path(person: Person, column: str, rng: random.Random) -> str:
    return rng.choice(names.PATHS)


VALUES: Mapping[str, ItemValue] = {
    "address": _address,
    "access_log": _path,
    "browser_type": lambda p, c, r: p.user_agent,
    "browsing_history": _path,
    "cookie_id": token,
    "email": lambda p, c, r: p.email,
    "ip_address": lambda p, c, r: p.ip,
    "name": lambda p, c, r: p.name,
    "nickname": lambda p, c, r: p.name.split(" ")[-1],
    "phone": lambda p, c, r: p.phone,
    "postal_address": _address,
    "usage_history": _path,
    "user_agent": lambda p, c, r: p.user_agent,
    "username": lambda p, c, r: p.username,
    "wallet_address": lambda p, c, r: p.wallet,
}
