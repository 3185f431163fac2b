"""The generated world of Deskrex: made once, copied by the tests that write.

`asked` is a home nobody writes to but with questions; `opened` gives a test its own copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from seiyaku.kernel import PersonId
from seiyaku.standing import Consent, Scope
from seiyaku.testing.people import World

from ..homes import AT, Copies, Installed, edited, installed, published, with_policies

SERVICE = "deskrex"
VERSION = "2026-02-10"
REVISION = "2026-06-01"
REVISED_AT = datetime.fromisoformat("2026-06-01T00:00:00+09:00")
JOINED = datetime.fromisoformat("2026-04-01T10:00:00+09:00")
_HEAD = (
    '  id: "2026-02-10"\n  enacted_on: 2026-02-10\n',
    f'  id: "{REVISION}"\n  enacted_on: {REVISION}\n',
)
_PUBLISHED = (
    "  published_at: 2026-02-10T00:00:00+09:00\n",
    f"  published_at: {REVISED_AT.isoformat()}\n",
)


def agreed(person: PersonId, *items: str, hour: int = 8, **words: tuple[str, ...]) -> Consent:
    """A consent given today, after what it is about was shown."""
    given = AT.replace(hour=hour)
    shown = given.replace(hour=hour - 1)
    return Consent(person, given, Scope(items, **words), VERSION, presented_at=shown)


def revised(*edits: tuple[str, str]) -> str:
    """An invented revision of June with pieces of the text replaced."""
    return edited(SERVICE, _HEAD, _PUBLISHED, *edits)


def with_revision(opened: Copies, *edits: tuple[str, str], name: str = "home") -> Installed:
    """A copy that knows the published version and a revision of it."""
    return opened(with_policies(published(SERVICE), revised(*edits)), name=name)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sixty people of Deskrex, and a home over their data."""
    return installed(SERVICE, tmp_path_factory.mktemp(SERVICE) / "home")


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
