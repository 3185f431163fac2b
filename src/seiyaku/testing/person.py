"""One invented person, with values nobody else has.

Domains and numbers are reserved or unassigned, so that nothing reaches anyone: `example`
domains (RFC 2606), documentation addresses (RFC 3849), Japanese mobile numbers in 090-0.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from seiyaku.kernel.ids import PersonId
from seiyaku.testing import names


@dataclass(frozen=True)
class Person:
    """An invented person.

    Args:
        number: 1-based; also the key in the service's table of people.
        short: the name tests call them by (``aki``), or ``p00042``.
        canary: text unique to the person, part of everything they wrote.
        joined_at: when the account was made, aware, UTC.
    """

    number: int
    short: str
    language: Literal["ja", "en"]
    name: str
    email: str
    username: str
    phone: str
    postal_code: str
    address: str
    ip: str
    user_agent: str
    wallet: str
    canary: str
    joined_at: datetime

    @property
    def id(self) -> PersonId:
        """The service's own key of the person, as text."""
        return PersonId(str(self.number))

    @property
    def canaries(self) -> tuple[str, ...]:
        """Values that only this person's data may contain; all of one length a kind."""
        return (self.canary, self.email, self.phone, self.wallet)


def invent(
    count: int, named: tuple[str, ...], rng: random.Random, first_at: datetime, last_at: datetime
) -> Iterator[Person]:
    """Invent `count` people who joined between the two moments, the named ones first."""
    span = int((last_at - first_at).total_seconds())
    for number in range(1, count + 1):
        short = named[number - 1] if number <= len(named) else f"p{number:05d}"
        joined_at = first_at + timedelta(seconds=rng.randrange(span))
        yield _person(number, short, rng, joined_at)


def _person(number: int, short: str, rng: random.Random, joined_at: datetime) -> Person:
    language: Literal["ja", "en"] = "ja" if rng.random() < 0.7 else "en"
    name, latin = _name(language, rng)
    postal_code, place = rng.choice(names.PLACES if language == "ja" else names.ENGLISH_PLACES)
    block = f"{rng.randrange(1, 9)}-{rng.randrange(1, 30)}-{number:05d}"
    mark = hashlib.sha256(f"{rng.random()}:{number}".encode()).hexdigest()
    handle = short if not short.startswith("p0") else f"{latin}{number:05d}"
    return Person(
        number=number,
        short=short,
        language=language,
        name=name,
        email=f"{handle}@{'example.jp' if language == 'ja' else 'example.com'}",
        username=handle,
        phone=f"090-0{number // 10_000:03d}-{number % 10_000:04d}",
        postal_code=postal_code,
        address=f"{place}{block}" if language == "ja" else f"{block} {place}",
        ip=f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::{rng.randrange(1, 0xFFFF):x}",
        user_agent=rng.choice(names.AGENTS),
        wallet="0x" + mark[:40],
        canary=f"canary-{number:06d}-{mark[40:48]}",
        joined_at=joined_at,
    )


def _name(language: str, rng: random.Random) -> tuple[str, str]:
    """A full name as its bearer writes it, and a part of it in ASCII letters."""
    if language == "ja":
        family, given = rng.choice(names.FAMILY), rng.choice(names.GIVEN)
        return f"{family[0]} {given[0]}", given[1]
    family_name, given_name = rng.choice(names.ENGLISH_FAMILY), rng.choice(names.ENGLISH_GIVEN)
    ascii_only = "".join(c for c in given_name.lower() if "a" <= c <= "z")
    return f"{given_name} {family_name}", ascii_only
