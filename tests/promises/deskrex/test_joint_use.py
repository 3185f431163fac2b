"""Article 8: joint use is announced, and nothing stands under its four headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.policy import load_history
from seiyaku.services import path as packaged
from seiyaku.standing import Acceptance
from seiyaku.testing.promises import promise

from ..homes import AT, Copies, about, check, cites, codes, edited, published
from .conftest import REVISION, with_revision

Edit = tuple[str, str]
_BASIS = "    basis: joint_use\n"
_NAME = '  name: {ja: Deskrex株式会社, en: "Deskrex, Inc."}\n'
_ITEMS = "    items: [email]\n"
_WHO = "    operator: Example Group\n"
_WHAT_FOR = "    purposes: [support]\n"
_RESPONSIBLE = "  responsible: {ja: 管理部長, en: head of administration}\n"
_WHERE = (
    "  address: {ja: 東京都千代田区, en: Tokyo}\n"
    "  representative: {ja: 代表取締役, en: the president}\n"
)
_PARTY = (_BASIS, f"{_BASIS}    countries: [JP]\n{_ITEMS}{_WHO}{_WHAT_FOR}")
_WHOLE = (_PARTY, (_NAME, f"{_NAME}{_RESPONSIBLE}{_WHERE}"))
_ELEMENTS = (
    "items",
    "scope_of_users",
    "purposes_of_users",
    "responsible_name",
    "responsible_address",
    "responsible_representative",
)


def _lacking(file: Path, text: str) -> str:
    """What joint use lacks, as the check says; empty when it does not complain."""
    found = [f for f in check(file, text) if f["rule"] == "joint-use-incomplete"]
    assert all((f["clause"], f["severity"]) == ("8.0", "high") for f in found)
    return "".join(f["message"] for f in found)


@pytest.mark.parametrize(
    ("clause", "line", "element", "edit"),
    [
        pytest.param(
            clause,
            line,
            element,
            edit,
            id=clause,
            marks=pytest.mark.promise(clause, template="", by_hand=False),
        )
        for clause, line, element, edit in (
            ("DESK-8.1", 103, "items", (_BASIS, _BASIS + _ITEMS)),
            ("DESK-8.2", 104, "scope_of_users", (_BASIS, _BASIS + _WHO)),
            ("DESK-8.3", 105, "purposes_of_users", (_BASIS, _BASIS + _WHAT_FOR)),
            ("DESK-8.4", 106, "responsible_name", (_NAME, _NAME + _RESPONSIBLE)),
        )
    ],
)
def test_a_bare_heading_is_no_content_until_something_stands_under_it(
    tmp_path: Path, clause: str, line: int, element: str, edit: Edit
) -> None:
    """Given the policy as published, where a heading of Article 8 stands alone on its line; the
    check fails and names what joint use lacks there, as one finding by 8.0 over all headings
    (where the register asks one for each). Filled, that element is named no more, and the
    others still are.
    """
    clauses = load_history(packaged("deskrex") / "policy.yaml").versions[0].clauses
    assert clauses[clause.removeprefix("DESK-")].lines == (line, line)
    file = tmp_path / "p.yaml"
    before = _lacking(file, published("deskrex"))
    assert f"`{element}`" in before
    after = _lacking(file, edited("deskrex", edit))
    assert before.replace(f"`{element}`, ", "") == after


@promise("DESK-8.0")
def test_nothing_is_shared_before_all_is_filled_published_and_accepted(
    opened: Copies, tmp_path: Path
) -> None:
    """Given joint use as published; the e-mail address for a party of it is undecided by 8.0,
    naming what is empty, and a party nobody named is nobody; the check names every element. With
    the lists filled and nobody responsible it stays undecided. In a version that fills all,
    which the person accepted, the item of the list is shared for the purpose of the list, by 8.0
    and the Act, and nothing else.
    """
    words = {"purpose": "support", "recipient": "joint_users"}
    home = opened(name="published")
    person = home.world.person("aki").id
    empty = home.ask(person, "send", "email", **words)
    assert (empty.outcome, codes(empty), cites(empty)) == (
        "undecided",
        {"empty_list"},
        {"DESK-8.0"},
    )
    lists = {"items", "purposes", "countries", *_ELEMENTS} - {"purposes_of_users"}
    assert about(empty) == {f"{part}:joint_users" for part in lists}
    party = home.ask(person, "send", "email", purpose="support", recipient="joint_party_a")
    assert (party.outcome, codes(party)) == ("undecided", {"unknown_recipient"})
    filled = edited("deskrex", *_WHOLE)
    for element in _ELEMENTS:
        assert f"`{element}`" in _lacking(tmp_path / "p.yaml", published("deskrex"))
        assert f"`{element}`" not in _lacking(tmp_path / "p.yaml", filled)
    halfway = with_revision(opened, _PARTY, name="halfway")
    still = halfway.ask(person, "send", "email", **words)
    assert (still.outcome, codes(still)) == ("undecided", {"empty_list"})
    assert about(still) == {f"{part}:joint_users" for part in _ELEMENTS[3:]}
    revised = with_revision(opened, *_WHOLE)
    unasked = revised.ask(person, "send", "email", **words)
    assert (unasked.outcome, codes(unasked)) == ("refused", {"version_not_accepted"})
    revised.home.record(Acceptance(person, AT.replace(hour=8), REVISION))
    policy = revised.home.history.versions[-1]
    shared = {i for i in policy.items if revised.ask(person, "send", i, **words).permitted}
    assert shared == {"email"}
    granted = revised.ask(person, "send", "email", **words)
    assert {"DESK-8.0", "APPI 27(5)(iii)"} <= cites(granted)
    other = revised.ask(person, "send", "email", purpose="promo_mail", recipient="joint_users")
    assert (other.outcome, codes(other)) == ("refused", {"purpose_not_for_recipient"})
