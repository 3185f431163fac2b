"""What is promised by words alone, and which version of the words counts when."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import InvalidInput
from seiyaku.policy import Announcement, load_history, publish_version
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise

from ..homes import AT, Copies, Installed, check, cites, codes, edited, published
from ..homes import with_policies as versions
from .conftest import SERVICE, VERSION, in_order

BLOCK = {
    "ja": "〒104-0061 東京都中央区銀座4-12-15 歌舞伎座タワー",
    "en": "Kabukiza Tower, 4-12-15, Ginza, Chuo-ku, Tokyo 104-0061",
}
SECTION = {"ja": "個人情報お問い合わせ窓口", "en": "Personal Information Inquiry Section"}


def _notice(language: str, form: str = "md") -> str:
    policy = str(packaged(SERVICE) / "policy.yaml")
    shown = CliRunner().invoke(cli, ["notice", policy, "--lang", language, "--format", form])
    assert shown.exit_code == 0
    return shown.stdout


def _of_rule(found: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [f for f in found if f["rule"] == rule]


@promise("CAST-0.2")
def test_a_policy_without_the_act_laid_over_it_is_warned_about(tmp_path: Path) -> None:
    """Given a controller in Japan whose policy names no law pack of the Act; the check warns that
    the overlay is off; named, the warning is gone. The product itself cannot run without: the
    gate asks the packs that are named.
    """
    named = "regimes: [jp-appi, jp-telecom-27-12, jp-records]"
    off = check(tmp_path / "off.yaml", edited(SERVICE, (named, "regimes: [jp-records]")))
    (warning,) = _of_rule(off, "legal-overlay-off")
    assert warning["severity"] == "medium"
    assert not _of_rule(check(tmp_path / "on.yaml", published(SERVICE)), "legal-overlay-off")


@promise("CAST-8.1")
def test_a_partner_whose_own_policy_counts_is_named_when_its_link_is_missing(
    tmp_path: Path,
) -> None:
    """Given two kinds of partners whose own policies count, one of them without an address; the
    check warns of that one, by name, and no more once it has one.
    """
    joint = "    relation: joint_service_member\n"
    sponsors = "    basis: consent\n    register: commercial_partners\n"
    own, link = '    own_policy: "8.1"\n', "    policy_url: https://example.com/p\n"
    linked = (joint, f"{joint}{own}{link}")
    unlinked = edited(SERVICE, linked, (sponsors, f"{sponsors}{own}"))
    (found,) = _of_rule(check(tmp_path / "a.yaml", unlinked), "external-policy-without-link")
    assert "`commercial_partners`" in found["message"]
    assert (found["clause"], found["severity"]) == ("8.1", "low")
    both = edited(SERVICE, linked, (sponsors, f"{sponsors}{own}{link}"))
    assert not _of_rule(check(tmp_path / "b.yaml", both), "external-policy-without-link")


@promise("CAST-9.7")
def test_the_address_for_letters_is_whole_or_warned_about_and_stands_in_every_notice(
    tmp_path: Path,
) -> None:
    """Given a block of address without its postal code; the check warns that it is incomplete.
    The block published is whole, and stands with its section in the notices of both languages.
    """
    address = ("    ja: 〒104-0061 東京都", "    ja: 東京都"), ("Tokyo 104-0061", "Tokyo")
    (found,) = _of_rule(check(tmp_path / "a.yaml", edited(SERVICE, *address)), "contact-incomplete")
    assert (found["clause"], found["severity"]) == ("9.7", "low")
    assert not _of_rule(check(tmp_path / "b.yaml", published(SERVICE)), "contact-incomplete")
    for language, block in BLOCK.items():
        for form in ("md", "html"):
            notice = _notice(language, form)
            assert block in notice
            assert SECTION[language] in notice


def _without_group() -> str:
    """An invented revision that takes provision to group companies out."""
    text = published(SERVICE)
    purpose, rest = text.index("  group_provision: #"), text.index("  avatar_sync:\n")
    taken = text[purpose:rest]
    anchored = taken[taken.index("&customer_data\n") + len("&customer_data\n") :]
    assert "opt_out" in anchored
    text = text[:purpose] + text[rest:]
    group, partners = text.index("  group_companies: #"), text.index("  commercial_partners: #")
    text = text[:group] + text[partners:]
    return text.replace('  id: "2020-09-07"\n', '  id: "2026-10-01"\n').replace(
        "  enacted_on: 2020-09-07\n", "  enacted_on: 2026-10-01\n"
    )


OCTOBER = datetime.fromisoformat("2026-10-01T12:00:00+09:00")
_MOMENT = "  published_at: 2020-09-07T00:00:00+09:00\n"


@promise("CAST-10.1")
def test_a_revision_that_takes_the_group_out_shows_it_and_old_decisions_keep_their_version(
    opened: Copies, tmp_path: Path
) -> None:
    """Given the version of 2020 and a draft without provision to group companies; compared, the
    purpose is listed as taken out. Once it is published nothing goes to the group, for anybody;
    what was decided before is still explained by the version of 2020, and asked about that day
    the gate answers as it did.
    """
    second = _without_group().replace(_MOMENT, f"  published_at: {OCTOBER.isoformat()}\n")
    files = [tmp_path / "v1.yaml", tmp_path / "v2.yaml"]
    for file, text in zip(files, (published(SERVICE), second), strict=True):
        file.write_text(text, "utf-8")
    shown = CliRunner().invoke(cli, ["diff", *map(str, files), "--json"])
    gone = {(c["part"], c["kind"]): c for c in json.loads(shown.stdout)}
    use = gone["purposes.group_provision", "use"]
    assert (use["direction"], use["clause"]) == ("narrowing", "2.22")
    assert {"- email from person", "- view_history from device"} <= set(use["details"])
    assert all(detail.startswith("- ") for detail in use["details"])
    mine = in_order(opened(versions(published(SERVICE), second)))
    person = mine.world.person("ben").id
    words = {"purpose": "group_provision", "recipient": "group_a"}
    before = OCTOBER - timedelta(seconds=1)
    old = mine.ask(person, "send", "email", at=before, **words)
    assert (old.permitted, old.version) == (True, VERSION)
    new = mine.ask(person, "send", "email", **words)
    assert (new.outcome, new.version) == ("undecided", "2026-10-01")
    assert codes(new) == {"unknown_purpose", "unknown_recipient"}
    explained = {a.question.at: a.decision for a in mine.home.why(person, "email").asked}
    assert explained[before] == old
    assert "CAST-2.22" in cites(explained[before])
    assert mine.ask(person, "send", "email", at=before, **words) == old
    again = CliRunner().invoke(cli, ["explain", str(files[0]), "2.22"])
    assert again.exit_code == 0, again.output


@promise("CAST-12.1")
@promise("CAST-12.2")
def test_the_version_of_2019_is_known_by_its_date_and_its_text_is_missing(
    asked: Installed, someone: Any, tmp_path: Path
) -> None:
    """Given the two dates of the text; before 18 September 2019 there is no version, on that day
    one that is known by its date, and from 7 September 2020 the one whose text we have. A decision
    of 1 January 2020 is undecided, for no text was in force that anybody knows; both dates stand
    in the notices.
    """
    history = asked.home.history

    def known(day: str) -> tuple[str | None, str | None]:
        at = datetime.fromisoformat(f"{day}T12:00:00+09:00")
        by_text, by_date = history.in_force(at), history.known_by_date(at)
        return by_text and by_text.version.id, by_date and by_date.on.isoformat()

    assert known("2019-09-17") == (None, None)
    assert known("2019-09-18") == (None, "2019-09-18")
    assert known("2020-01-01") == (None, "2019-09-18")
    assert known("2020-09-06") == (None, "2019-09-18")
    assert known("2020-09-07") == ("2020-09-07", None)
    old = datetime.fromisoformat("2020-01-01T09:00:00+09:00")
    decision = asked.ask(someone, "use", "email", purpose="important_notice", at=old)
    assert (decision.outcome, codes(decision)) == ("undecided", {"no_policy_in_force"})
    assert asked.ask(someone, "use", "email", purpose="important_notice").permitted
    english = _notice("en")
    assert "2019-09-18" in english
    assert "2020-09-07" in english


@promise("CAST-10.2")
def test_a_change_counts_once_the_page_that_announces_it_is_kept(tmp_path: Path) -> None:
    """Given the published version and a draft of its revision; without proof of the page on the
    website it is not published, and what was in force stays so. With address, digest and time of
    the page it is, from its publication on; one dated back is refused, proof or not.
    """
    folder, draft = tmp_path / "versions", tmp_path / "draft.yaml"
    draft.write_text(published(SERVICE), "utf-8")
    publish_version(draft, folder, datetime.fromisoformat("2020-09-07T00:00:00+09:00"))
    draft.write_text(_without_group().replace(_MOMENT, ""), "utf-8")
    with pytest.raises(InvalidInput) as unproven:
        publish_version(draft, folder, OCTOBER)
    assert unproven.value.code == "SY138"
    in_force = load_history(folder).in_force(AT)
    assert in_force is not None
    assert in_force.version.id == VERSION
    url, page = "https://customcast.example/privacy", "プライバシーポリシーを改定しました".encode()
    shown = Announcement(url, page, OCTOBER)
    line = publish_version(draft, folder, OCTOBER, shown)
    assert (datetime.fromisoformat(line.published_at), len(line.sha256)) == (OCTOBER, 64)
    assert (line.page_url, line.page_sha256) == (url, shown.sha256)
    assert datetime.fromisoformat(line.page_seen_at or "") == OCTOBER
    assert publish_version(draft, folder, OCTOBER).page_sha256 == shown.sha256
    later = load_history(folder).in_force(OCTOBER)
    assert later is not None
    assert later.version.id == "2026-10-01"
    back = _without_group().replace('id: "2026-10-01"', 'id: "2026-10-02"')
    draft.write_text(back, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        publish_version(draft, folder, OCTOBER + timedelta(days=1), shown)
    assert refused.value.code == "SY122"
