"""The generated world of Custom Cast: made once, copied by the tests that write.

`asked` is a home nobody writes to but with questions; `opened` gives a test its own copy. The
registers the policy speaks of hold one company each, with what the law wants to be on file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seiyaku.assurance import Assurance, Membership
from seiyaku.kernel import PersonId
from seiyaku.requests import Request
from seiyaku.services import path as packaged
from seiyaku.standing import Consent, Scope
from seiyaku.testing.people import World

from ..homes import AT, SINCE, UNTIL, Copies, Installed, entrusted, installed

SERVICE = "custom-cast"
VERSION = "2020-09-07"
COMPANIES = {
    "group_a": "group_companies",
    "studio_x": "joint_service_partners",
    "lab_y": "commercial_partners",
    "sponsor_z": "commercial_partners",
    "packer": "delivery_contractors",
    "mailhouse": "mail_contractors",
}
"""Every company, and the register of the policy it stands in."""


def agreed(person: PersonId, *items: str, hour: int = 8, **words: tuple[str, ...]) -> Consent:
    """A consent given today, after what it is about was shown."""
    given = AT.replace(hour=hour)
    shown = given.replace(minute=0, hour=hour - 1)
    return Consent(person, given, Scope(items, **words), VERSION, presented_at=shown)


def reviewed(company: str) -> Assurance:
    """The yearly review of a company, and when the next is due."""
    return Assurance("supervision", company, SINCE, "review file", until_at=UNTIL, by="sato")


def in_order(home: Installed) -> Installed:
    """Put every company into its register, with its papers."""
    members = [Membership(r, c, SINCE, countries=("JP",)) for c, r in COMPANIES.items()]
    home.home.enrol(*members)
    home.home.assure(Assurance("opt_out_filing", "group_a", SINCE, "filing 1", by="sato"))
    for company, register in COMPANIES.items():
        papers = entrusted(company) if register.endswith("contractors") else (reviewed(company),)
        home.home.assure(*papers)
    return home


def by_letter(home: Installed, kind: Any, person: str, **scope: tuple[str, ...]) -> Request:
    """A request that came by post with a copy of a passport, and takes effect at once."""
    request = home.proven(kind, person, "passport", channel="post", scope=Scope(**scope))
    home.home.answer(request.id)
    return home.home.request(request.id)


def mapped(*edits: tuple[str, str]) -> Callable[[Path], None]:
    """Let a home know a data map with pieces replaced; each must stand there exactly once."""

    def edit(home: Path) -> None:
        text = (packaged(SERVICE) / "datamap.yaml").read_text("utf-8")
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (home / "datamap.yaml").write_text(text, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    return edit


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sixty people of Custom Cast, and a home over their data."""
    return installed(SERVICE, tmp_path_factory.mktemp(SERVICE) / "home")


@pytest.fixture(scope="session")
def asked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A home for questions, every company in order: nothing is run in it."""
    copies = Copies(world, tmp_path_factory.mktemp(SERVICE))
    yield in_order(copies())
    copies.close()


@pytest.fixture(scope="session")
def _strangers(world: World) -> Iterator[PersonId]:
    return iter([p.id for p in world.everyone if p.short.startswith("p0")])


@pytest.fixture
def someone(_strangers: Iterator[PersonId], asked: Installed) -> PersonId:
    """A customer who has said nothing yet, each given out once."""
    return next(_strangers)


@pytest.fixture
def opened(world: World, tmp_path: Path) -> Iterator[Copies]:
    """Open a copy of the home, as often as the test likes."""
    copies = Copies(world, tmp_path)
    yield copies
    copies.close()


@pytest.fixture
def mine(opened: Copies) -> Installed:
    """The test's own copy of the home."""
    return opened()
