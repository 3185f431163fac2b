"""Articles 4.1 and 6.1: who answers for a control, and what only aims."""

from __future__ import annotations

import json
from datetime import timedelta

from click.testing import CliRunner

from seiyaku.assurance import Assurance, review
from seiyaku.cli import cli
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Installed


def _open(mine: Installed, *measures: str) -> set[tuple[str, str, str]]:
    """What the review finds of these measures: code, word, clause."""
    found = review(mine.home.parts.policy(), mine.home.assurances(), AT)
    return {(x.code, x.subject, x.cite) for x in found if x.subject in measures}


def _owned(mine: Installed, *measures: str) -> None:
    owners = (Assurance("measure_owner", m, SINCE, "chart 2", "sato", by="sato") for m in measures)
    mine.home.assure(*owners)


@promise("NICO-4.1a")
def test_a_control_without_an_owner_is_named_until_it_has_one(mine: Installed) -> None:
    """Given the register of controls, all with an owner but the internal system; `check --home`
    ends with 1 and names it, by 4.1. With an owner set, no control is without one.
    """
    words = tuple(mine.home.parts.policy().measures)
    _owned(mine, *(w for w in words if w != "internal_system"))
    command = ["check", "--home", str(mine.folder), "--format", "json", "--fail-from", "medium"]

    def unowned() -> list[str]:
        shown = CliRunner().invoke(cli, command)
        assert shown.exit_code == 1
        found = json.loads(shown.stdout)
        return [f["message"] + f["clause"] for f in found if f["rule"] == "measure-unowned"]

    (message,) = unowned()
    assert "`internal_system`" in message
    assert message.endswith("4.1a")
    _owned(mine, "internal_system")
    assert unowned() == []


@promise("NICO-6.1")
def test_an_aim_that_was_long_not_looked_at_is_reported_and_stops_nothing(
    mine: Installed,
) -> None:
    """Given the last look at security measures 400 days ago, and a clause that only aims; the
    review reports it as stale, by 6.1, and the address may serve an inquiry all the same.
    """
    word, person = "newest_measures", mine.world.person("aki").id
    before = mine.ask(person, "use", "email", purpose="support", source="person")
    mine.home.assure(Assurance("measure", word, AT - timedelta(days=400), "minutes", by="sato"))
    assert _open(mine, word) == {("measure-stale", word, "NICO-6.1")}
    after = mine.ask(person, "use", "email", purpose="support", source="person")
    assert before.permitted
    assert after == before
