"""Articles 12 and 14: what a revision changes, for whom and from when."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seiyaku.assurance import Assurance, Membership
from seiyaku.cli import cli
from seiyaku.kernel import InvalidDocument, InvalidInput, PersonId
from seiyaku.policy import Announcement, effective_at, load_history, parse_policy, publish_version
from seiyaku.services import path as packaged
from seiyaku.standing import Acceptance, Consent, Scope, consent_receipt
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
    shown = Announcement("https://deskrex.example/privacy", b"changed", REVISED_AT)
    publish_version(_draft(tmp_path, _ACME), folder, REVISED_AT, shown)
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


@promise("DESK-12.3")
def test_a_revision_is_not_published_without_its_day_nor_without_proof_of_its_announcement(
    tmp_path: Path,
) -> None:
    """Given the published version and three drafts of its revision; the one that says it counts
    from a day and names none has a fault and is not published. One with day and content is not
    published without the page that announces it, nor with a page that is silent on that day, was
    seen in the future, or has no address. With the page it is, kept by address and digest, and
    counts from its day, never from before its publication.
    """
    folder = tmp_path / "versions"
    file = tmp_path / "first.yaml"
    file.write_text(published("deskrex"), "utf-8")
    publish_version(file, folder, datetime.fromisoformat("2026-02-10T00:00:00+09:00"))
    counts = "  effective: on_publication\n"
    days = ("  effective: on_date\n", "  effective: on_date\n  effective_on: 2026-07-01\n")
    with pytest.raises(InvalidDocument):
        publish_version(_draft(tmp_path, (counts, days[0])), folder, REVISED_AT)
    draft = _draft(tmp_path, (counts, days[1]))
    url, page = "https://deskrex.example/privacy", b"From July 1, 2026: ..."
    silent = Announcement(url, b"We changed something.", REVISED_AT)
    early = Announcement(url, page, REVISED_AT + _SECOND)
    nowhere = Announcement("", page, REVISED_AT)
    for shown, code in ((None, "SY138"), *((s, "SY139") for s in (silent, early, nowhere))):
        with pytest.raises(InvalidInput) as refused:
            publish_version(draft, folder, REVISED_AT, shown)
        assert refused.value.code == code
        assert [v.version.id for v in load_history(folder).versions] == [VERSION]
    line = publish_version(draft, folder, REVISED_AT, Announcement(url, page, REVISED_AT))
    assert (line.page_url, line.page_sha256) == (url, hashlib.sha256(page).hexdigest())
    policy = load_history(folder).versions[-1]
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


_OLD = (
    '  id: "2026-02-10"\n  enacted_on: 2026-02-10\n',
    '  id: "2023-10-12"\n  enacted_on: 2023-10-12\n',
)


@promise("DESK-14.2")
def test_a_receipt_of_a_consent_names_who_it_was_given_to(tmp_path: Path) -> None:
    """Given a consent of 1 May 2024 (to an invented text of 2023, for the real one is not at
    hand); its receipt names the former maker of the policy as controller, and that Deskrex, Inc.
    took over on 30 May, by 14.2. One of 30 May names Deskrex, Inc. alone. The notices tell the
    day too.
    """
    for language in ("ja", "en"):
        notice = _notice(language)
        assert [x for x in notice.splitlines() if "2024-05-30" in x and "Deskrex" in x]
    now = parse_policy(packaged("deskrex") / "policy.yaml")
    (tmp_path / "old.yaml").write_text(edited("deskrex", _OLD), "utf-8")
    old = parse_policy(tmp_path / "old.yaml").policy

    def receipt(day: str) -> dict[str, Any]:
        at = datetime.fromisoformat(f"{day}T12:00:00+09:00")
        words = Scope(("email",))
        consent = Consent(PersonId("1"), at, words, "2023-10-12", presented_at=at - _SECOND)
        return consent_receipt(old, now.laws, consent, "en", record="r-1", now=now.policy)

    before = receipt("2024-05-01")
    assert "former maker" in before["dpv:hasDataController"]["schema:name"]
    followed = before["seiyaku:succession"]
    assert (followed["dct:date"], followed["seiyaku:clause"]) == ("2024-05-30", "DESK-14.2")
    assert followed["dpv:hasDataController"]["schema:name"] == "Deskrex, Inc."
    after = receipt("2024-05-30")
    assert after["dpv:hasDataController"]["schema:name"] == "Deskrex, Inc."
    assert "seiyaku:succession" not in after


@promise("DESK-14.3")
def test_the_ban_on_training_is_cited_from_its_day_and_older_sets_are_listed_for_a_look(
    mine: Installed,
) -> None:
    """Given the ban of 10 February 2026; a decision of the day before says nothing of it, from
    that day training is refused by 4.3a under that version. A set built on the 9th is reported
    as built before the rule, not as a breach, and is somebody's duty to look at; one built on
    the 11th is a breach; one of things that may be trained with, or destroyed, is neither.
    """
    person = mine.world.person("aki").id
    begins = datetime.fromisoformat("2026-02-10T00:00:00+09:00")
    words = {"purpose": "train_model"}
    before = mine.ask(person, "use", "user_content", at=begins - _SECOND, **words)
    assert (before.outcome, codes(before)) == ("undecided", {"no_policy_in_force"})
    after = mine.ask(person, "use", "user_content", at=begins, **words)
    assert (after.outcome, after.version, cites(after)) == ("refused", VERSION, {"DESK-4.3a"})
    day = timedelta(days=1)
    mine.home.assure(
        Assurance("training_set", "set_a", begins - day, "export 1", "user_content", by="ito"),
        Assurance("training_set", "set_b", begins + day, "export 2", "user_content", by="ito"),
        Assurance(
            "training_set", "set_c", begins - day, "gone", "user_content", until_at=begins + day
        ),
    )
    found = [f for f in mine.home.days.check().found if f.code.startswith("trained")]
    assert {(f.code, f.subject, f.cite) for f in found} == {
        ("trained-before-ban", "set_a:user_content", "DESK-4.3a"),
        ("trained-against-ban", "set_b:user_content", "DESK-4.3a"),
    }
    duties = {d.subject for d in mine.home.days.duties() if d.code.startswith("trained")}
    assert duties == {"set_a:user_content", "set_b:user_content"}


@promise("DESK-13.0")
def test_the_empty_list_of_partners_is_reported_and_each_without_a_way_out(
    mine: Installed, tmp_path: Path
) -> None:
    """Given a text (of our own writing: the published one is not ours to copy) that announces the
    list of advertising partners at line 128 and prints none; the check of the policy against it
    reports that there, by 13.0, as an error, and no more once one is printed. A partner put on
    the register without the page on which to opt out is reported too, until it has one.
    """
    lines = [f"Line {n}." for n in range(1, 140)]
    lines[127:129] = ["We work with the following businesses that advertise.", "History"]
    printed = [*lines[:128], "- adnet1: https://adnet1.example/stop", *lines[128:]]
    for text, found in ((lines, [("13.0", "high")]), (printed, [])):
        (tmp_path / "text.txt").write_text("\n".join(text), "utf-8")
        command = ["check", str(packaged("deskrex") / "policy.yaml"), "--format", "json"]
        shown = CliRunner().invoke(cli, [*command, "--text", str(tmp_path / "text.txt")])
        empty = [f for f in json.loads(shown.stdout) if f["rule"] == "empty-list"]
        assert [(f["clause"], f["severity"]) for f in empty if f["line"] == 128] == found
    policy = mine.home.history.versions[-1]
    assert policy.clauses["13.0"].lines == (128, 128)
    assert "13.0" in policy.recipients["ad_partners"].also
    mine.home.enrol(Membership("ad_partners", "adnet1", JOINED, countries=("JP",)))
    assert _way_out(mine) == [("adnet1", "DESK-6.11o")]
    page = Assurance("opt_out_page", "adnet1", JOINED, "https://adnet1.example/stop", by="sato")
    mine.home.assure(page)
    assert _way_out(mine) == []


@promise("DESK-13.1")
def test_each_switch_against_advertising_tells_that_it_may_be_behavioural_and_whom_it_reaches(
    mine: Installed,
) -> None:
    """Given the settings page in Japanese and English; beside the switch against advertising
    partners stands that advertisements, also off the service, may be behavioural, by 13.1, and
    that no partner is listed. With two on the list both stand there, and markup in none of it.
    """
    behavioural = {"ja": "行動ターゲティング", "en": "follow your behaviour"}
    nobody = {"ja": "現在の一覧にはありません", "en": "none listed"}
    for language in ("ja", "en"):
        page = mine.home.switches(language)  # type: ignore[arg-type]
        (switch,) = [x for x in page.split("</section>") if 'id="ad_partners"' in x]
        says = [x for x in switch.splitlines() if "DESK-13.1" in x]
        assert says
        assert behavioural[language] in says[0]
        assert nobody[language] in switch
    for partner in ("adnet1", "adnet2"):
        mine.home.enrol(Membership("ad_partners", partner, JOINED, countries=("JP",)))
    listed = mine.home.switches("en")
    assert "Reaches: adnet1, adnet2" in listed
    assert nobody["en"] not in listed
    policy = str(packaged("deskrex") / "policy.yaml")
    shown = CliRunner().invoke(cli, ["notice", policy, "--lang", "ja", "--switches"])
    assert shown.stdout.strip() == ja_before(mine)


def ja_before(mine: Installed) -> str:
    """The switches while nobody is listed."""
    return "\n".join(
        line.replace("adnet1, adnet2", "現在の一覧にはありません")
        for line in mine.home.switches("ja").splitlines()
    )


def _way_out(mine: Installed) -> list[tuple[str, str]]:
    found = [x for x in mine.home.review() if x.code == "opt-out-page-missing"]
    return [(x.subject, x.cite) for x in found]


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
