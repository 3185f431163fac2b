"""The generated world of Nicori: made once, copied by the tests that write.

`asked` is a home nobody writes to but with questions; `opened` gives a test its own copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seiyaku.app import open_home
from seiyaku.assurance import Assurance
from seiyaku.kernel import PersonId
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World

from ..homes import AT, SINCE, UNTIL, Copies, Installed, installed

SERVICE = "nicori"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sixty people of Nicori, and a home over their data.

    Two of the staff may approve exceptions for the one the policy names (9.1).
    """
    made = installed(SERVICE, tmp_path_factory.mktemp(SERVICE) / "home")
    with open_home(made.home, clock=FixedClock(AT)) as home:
        for staff in ("sato", "counsel-1"):
            home.assure(Assurance("delegate", staff, SINCE, "letter 1", "exceptions", UNTIL))
    return made


@pytest.fixture(scope="session")
def asked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A home for questions: nothing is run in it."""
    copies = Copies(world, tmp_path_factory.mktemp(SERVICE))
    yield copies()
    copies.close()


@pytest.fixture(scope="session")
def _strangers(world: World) -> Iterator[PersonId]:
    return iter([p.id for p in world.everyone if p.short.startswith("p0")])


@pytest.fixture
def someone(_strangers: Iterator[PersonId], asked: Installed) -> PersonId:
    """Somebody who has said nothing yet, each given out once."""
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
