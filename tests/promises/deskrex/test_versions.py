"""Articles 12 and 14: what a revision changes, for whom and from when."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import InvalidDocument, InvalidInput
from seiyaku.policy import effective_at, load_history, publish_version
from seiyaku.services import path as packaged
from seiyaku.standing import Acceptance
from seiyaku.testing.promises import promise

from ..homes import Copies, Installed, check, cites, codes, edited, published
from .conftest import JOINED, REVISED_AT, REVISION, VERSION, revised

_SECOND = timedelta(seconds=1)
_OFFERS = (
    (
        "\nrecipients:\n",
        "  research_offers:\n    clause: '2.12'\n    items: [occupation]\n"
        "    name: {ja: 調査の提案, en: offering research}\n\nrecipients:\n",
    ),
    (
        '  "3.1a":\n    says:\n',
        '  "2.12":\n    says: {ja: 調査の提案に使います。, en: To propose research.}\n'
        "    lines: [56, 56]\n"
        '    sha256: "0000000000000000000000000000000000000000000000000000000000000000"\n'
        '    force: may\n  "3.1a":\n    says:\n',
    ),
)
_ACME = (
    "\nrecipients:\n",
    "\nrecipients:\n  acme:\n    clause: '4.2b'\n    name: {ja: アクメ, en: Acme}\n"
    "    basis: entrust\n    countries: [JP]\n    purposes: [service]\n"
    "    items: [research_query]\n",
)
_EXPECTED = (
    "    items: [name, email, inquiry]\n    items_when:\n",
    "    items: [name, email, inquiry, purchase]\n    items_when:\n",
)


def _draft(folder: Path, *edits: tuple[str, str], counts: str = "") -> Path:
    """A revision that is not published yet."""
    text = revised(*edits)
    moment = f"  published_at: {REVISED_AT.isoformat()}\n"
    assert moment in text
    path = folder / "draft.yaml"
    path.write_text(text.replace(moment, counts), "utf-8")
    return path


@promise("DESK-12.1")
def test_a_revision_shows_whom_it_adds_and_leaves_the_old_version_as_it_was(
    tmp_path: Path,
) -> None:
    """Given the version of February and a draft that adds Acme under 4.2b; published, the
    comparison lists Acme with that clause as a widening, both versions can be read, each by the
    digest of its bytes, and a byte changed in the old one is noticed (the register chains the
    digests; the index holds one for every file).
    """
    folder, first = tmp_path / "versions", tmp_path / "first.yaml"
    first.write_text(published("deskrex"), "utf-8")
    publish_version(first, folder, datetime.fromisoformat("2026-02-10T00:00:00+09:00"))
    publish_version(_draft(tmp_path, _ACME), folder, REVISED_AT)
    assert [p.version.id for p in load_history(folder).versions] == [VERSION, REVISION]
    files = [str(folder / f"{version}.yaml") for version in (VERSION, REVISION)]
    shown = CliRunner().invoke(cli, ["diff", *files, "--json"])
    changes = [c for c in json.loads(shown.stdout) if c["part"] == "recipients.acme"]
    (added,) = [c for c in changes if c["direction"] != "neutral"]
    assert (added["clause"], added["direction"], added["material"]) == ("4.2b", "widening", True)
    index = json.loads((folder / "versions.json").read_text("utf-8"))
    assert len({line["sha256"] for line in index["versions"]}) == 2
    Path(files[0]).write_text(published("deskrex") + "# later\n", "utf-8")
    with pytest.raises(InvalidInput) as noticed:
        load_history(folder)
    assert noticed.value.code == "SY121"


@promise("DESK-12.2")
def test_a_purpose_that_needs_consent_counts_for_those_who_accepted_it(opened: Copies) -> None:
    """Given a revision with a new purpose; it serves whoever accepted the revision, and whoever
    joined under it, from that moment on, and is refused for whoever accepted the version of
    February alone, by its clause. A change anybody could expect, marked so, counts for all. (In
    the register a person falls back when they take their consent back; what was accepted here is
    stopped by suspension.)
    """
    expected = '  related_changes: ["2.6"]\n'
    head = (f'  id: "{REVISION}"\n', f'{expected}  id: "{REVISION}"\n')
    text = revised(*_OFFERS, _EXPECTED)
    assert text.count(head[0]) == 1

    def known(home: Path) -> None:
        (home / "v1.yaml").write_text(published("deskrex"), "utf-8")
        (home / "v2.yaml").write_text(text.replace(*head), "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("policies: [v1.yaml, v2.yaml]\n")

    home = opened(known)
    accepts, declines, joins = (home.world.person(s).id for s in ("aki", "ben", "chika"))
    later = REVISED_AT + timedelta(days=9)
    home.home.record(
        Acceptance(accepts, JOINED, VERSION),
        Acceptance(accepts, later, REVISION),
        Acceptance(declines, JOINED, VERSION),
        Acceptance(joins, later, REVISION),
    )
    words = {"purpose": "research_offers"}
    for person in (accepts, joins):
        decision = home.ask(person, "use", "occupation", **words)
        assert (decision.outcome, cites(decision)) == ("permitted", {"DESK-2.12"})
        early = home.ask(person, "use", "occupation", at=later - _SECOND, **words)
        assert codes(early) == {"version_not_accepted"}
    refused = home.ask(declines, "use", "occupation", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"version_not_accepted"})
    assert cites(refused) == {"DESK-2.12"}
    for person in (accepts, declines, joins):
        assert home.ask(person, "use", "purchase", purpose="support").permitted
        old = home.ask(person, "use", "purchase", at=JOINED, purpose="support")
        assert codes(old) == {"item_not_for_purpose"}


def test_a_revision_without_its_day_is_refused_and_none_counts_before_it_is_published(
    tmp_path: Path,
) -> None:
    """The half of DESK-12.3 that stands today: a draft that says it counts from a day and names
    none has a fault and is not published; with the day it is, and counts from it, never from
    before its publication. The clause is kept once a publication wants to be shown where it is.
    """
    folder = tmp_path / "versions"
    counts = "  effective: on_publication\n"
    days = ("  effective: on_date\n", "  effective: on_date\n  effective_on: 2026-07-01\n")
    with pytest.raises(InvalidDocument):
        publish_version(_draft(tmp_path, (counts, days[0])), folder, REVISED_AT)
    assert not folder.exists()
    publish_version(_draft(tmp_path, (counts, days[1])), folder, REVISED_AT)
    (policy,) = load_history(folder).versions
    assert effective_at(policy) == datetime.fromisoformat("2026-07-01T00:00:00+09:00")


def _notice(language: str) -> str:
    policy = str(packaged("deskrex") / "policy.yaml")
    shown = CliRunner().invoke(cli, ["notice", policy, "--lang", language, "--format", "md"])
    assert shown.exit_code == 0
    return shown.stdout


@promise("DESK-14.1")
def test_the_notice_tells_the_first_day_and_nothing_is_decided_before_a_version_at_hand(
    asked: Installed,
) -> None:
    """Given the history of the policy; both notices begin it with 12 October 2023. On the day
    before there was no version. The texts of 2023 and 2024 are not at hand, so nothing is
    decided by them either (the register names a version of that day): undecided.
    """
    for language, first in (("ja", "制定"), ("en", "established")):
        days = [line for line in _notice(language).splitlines() if "2023-10-12" in line]
        assert first in days[0]
    assert "2023-10-11" not in _notice("en")
    history = asked.home.history
    listed = [entry.on.isoformat() for entry in history.versions[0].version.history]
    assert listed == ["2023-10-12", "2024-05-30", "2026-02-10"]
    person = asked.world.person("aki").id
    for day in ("2023-10-11", "2023-10-12"):
        at = datetime.fromisoformat(f"{day}T12:00:00+09:00")
        assert history.in_force(at) is None
        decision = asked.ask(person, "use", "email", at=at, purpose="support")
        assert (decision.outcome, codes(decision)) == ("undecided", {"no_policy_in_force"})


def test_the_notice_tells_who_set_the_policy_since_when() -> None:
    """The half of DESK-14.2 that stands today: the notices tell that the policy is Deskrex,
    Inc.'s since 30 May 2024. The clause is kept once a receipt names who a consent was given to.
    """
    for language in ("ja", "en"):
        notice = _notice(language)
        assert [x for x in notice.splitlines() if "2024-05-30" in x and "Deskrex" in x]


def test_the_ban_on_training_is_cited_from_the_day_it_came_in(asked: Installed) -> None:
    """The half of DESK-14.3 that stands today: on 9 February 2026 nothing says that training was
    banned, nor that it was permitted; from 10 February it is refused by 4.3a under that version.
    The clause is kept once sets made before are listed for a review.
    """
    person = asked.world.person("aki").id
    begins = datetime.fromisoformat("2026-02-10T00:00:00+09:00")
    words = {"purpose": "train_model"}
    before = asked.ask(person, "use", "user_content", at=begins - _SECOND, **words)
    assert (before.outcome, codes(before)) == ("undecided", {"no_policy_in_force"})
    after = asked.ask(person, "use", "user_content", at=begins, **words)
    assert (after.outcome, after.version, cites(after)) == ("refused", VERSION, {"DESK-4.3a"})


def _of_rule(found: list[dict[str, object]], rule: str) -> list[dict[str, object]]:
    return [f for f in found if f["rule"] == rule]


@promise("DESK-11.1")
def test_the_missing_contact_is_reported_until_there_is_one(tmp_path: Path) -> None:
    """Given the policy as published, which announces a form or address and prints neither; the
    check fails with a finding by 11.1, the line of the announcement. With an address given it is
    no more.
    """
    file = tmp_path / "p.yaml"
    (found,) = _of_rule(check(file, published("deskrex")), "missing-contact")
    assert (found["clause"], found["severity"]) == ("11.1", "high")
    assert load_history(file).versions[0].clauses["11.1"].lines == (120, 120)
    assert CliRunner().invoke(cli, ["check", str(file)]).exit_code == 1
    given = ('  - clause: "11.1"\n', '  - clause: "11.1"\n    email: privacy@deskrex.example.jp\n')
    assert not _of_rule(check(file, edited("deskrex", given)), "missing-contact")
