"""Article 8.3: from when a changed policy counts."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.kernel import InvalidInput
from seiyaku.policy import effective_at, load_history, publish_version
from seiyaku.standing import Acceptance
from seiyaku.testing.promises import promise

from ..homes import Copies, Installed, check, edited, published

POSTED = datetime.fromisoformat("2026-04-01T00:00:00+09:00")
_HEAD = (
    "  id: undated\n  enacted_on: unknown\n  effective: on_publication # 8.3\n"
    "  published_at: 2022-04-01T00:00:00+09:00\n"
)


def _draft(folder: Path, version: str, counts: str) -> Path:
    path = folder / f"{version}.yaml"
    head = f"  id: {version}\n  enacted_on: 2026-03-20\n{counts}"
    path.write_text(edited("nicori", (_HEAD, head)), "utf-8")
    return path


@promise("NICO-8.3")
def test_a_revision_counts_from_being_posted_or_from_a_later_day_that_is_set(
    tmp_path: Path,
) -> None:
    """Given a version posted on 1 April; said to be posted earlier, it is refused. Without a day
    it counts from the moment of posting, not a second before; with 1 May, from that day. One
    that names 25 March is taken in, but counts from its posting: the earlier day gives it
    nothing (the register would refuse it; what the clause says holds either way).
    """
    versions = tmp_path / "versions"
    early = "  effective: on_publication\n  published_at: 2026-03-25T00:00:00+09:00\n"
    with pytest.raises(InvalidInput) as refused:
        publish_version(_draft(tmp_path, "early", early), versions, POSTED)
    assert refused.value.code == "SY122"
    assert not versions.exists()
    days = {
        "first": ("  effective: on_publication\n", POSTED),
        "second": ("  effective: on_date\n  effective_on: 2026-03-25\n", POSTED),
        "third": (
            "  effective: on_date\n  effective_on: 2026-05-01\n",
            datetime.fromisoformat("2026-05-01T00:00:00+09:00"),
        ),
    }
    for version, (counts, _) in days.items():
        publish_version(_draft(tmp_path, version, counts), versions, POSTED)
    history = load_history(versions)
    assert {p.version.id: effective_at(p) for p in history.versions} == {
        version: at for version, (_, at) in days.items()
    }
    assert history.in_force(POSTED - timedelta(seconds=1)) is None
    may = days["third"][1]
    for moment, version in ((may - timedelta(seconds=1), "second"), (may, "third")):
        policy = history.in_force(moment)
        assert policy is not None
        assert policy.version.id == version


@promise("NICO-0.3")
def test_registration_leaves_the_version_accepted_and_the_digest_of_its_text(
    mine: Installed,
) -> None:
    """Given somebody who registers; when they accept the policy, the evidence holds an entry of
    it, with the version and the digest of the file they accepted, and not who they are.
    """
    aki, version = mine.world.person("aki"), mine.home.history.versions[-1].version.id
    mine.home.record(Acceptance(aki.id, mine.clock.now(), version))
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.kind, entry.act, entry.version) == ("consent", "acceptance", version)
    digest = hashlib.sha256(published("nicori").encode()).hexdigest()
    assert entry.digests == {"policy": digest}
    assert entry.person is not None
    assert aki.email.encode() not in entry.to_bytes()


@promise("NICO-8.2")
def test_a_revision_nobody_is_told_of_is_published_with_a_warning_and_an_entry(
    opened: Copies, tmp_path: Path
) -> None:
    """Given a policy that may change without telling anybody, and its second version; published
    without any page that announces it, it counts, the evidence holds an entry with its digest,
    and the check warns, by 8.2. A text that promises a notice is not warned of.
    """
    mine = opened()
    first = tmp_path / "first.yaml"
    first.write_text(published("nicori"), "utf-8")
    publish_version(
        first, mine.folder / "versions", datetime.fromisoformat("2022-04-01T00:00:00+09:00")
    )
    version = mine.home.publish(_draft(tmp_path, "second", "  effective: on_publication\n"))
    assert version.page_sha256 is None
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.kind, entry.version) == ("policy", "second")
    assert entry.digests == {"policy": version.sha256}
    told = ('revisions: {clause: "8.2"}', 'revisions: {clause: "8.2", announced: "8.2"}')
    for text, clauses in ((published("nicori"), ["8.2"]), (edited("nicori", told), [])):
        found = check(tmp_path / "p.yaml", text)
        warned = [f for f in found if f["rule"] == "revision-unannounced"]
        assert [f["clause"] for f in warned] == clauses
        assert {f["severity"] for f in warned} <= {"medium"}


@promise("NICO-0.1")
def test_an_opening_line_that_discloses_where_it_collects_is_reported_until_somebody_decides(
    tmp_path: Path,
) -> None:
    """Given a text (of our own writing: the published one is not ours to copy) whose line 5 says
    that the company discloses the customer's details, where collecting is meant; the check of
    the policy against it reports the verb at line 5, by 0.1, as an error, and that ends the
    check with 1. Once a person wrote how to read it, the finding is gone; nothing was guessed:
    the items of the clause are collected in both.
    """
    line = "We disclose what a deal needs, such as your name and address, when you shop here."
    text = [f"Line {n}." for n in range(1, 80)]
    text[4] = line
    (tmp_path / "text.txt").write_text("\n".join(text), "utf-8")
    policy = tmp_path / "p.yaml"
    own = hashlib.sha256(line.encode()).hexdigest()
    head = published("nicori")
    clause = head[head.index('  "0.1":') : head.index('  "0.2":')]
    old = re.search(r"sha256: \w+", clause)
    assert old is not None
    ours = clause.replace(old[0], f"sha256: {own}")
    read = ours + "    read_as: {ja: 取得する, en: collects}\n"
    for words, places in ((ours, [(5, "0.1", "high")]), (read, [])):
        policy.write_text(head.replace(clause, words), "utf-8")
        command = ["check", str(policy), "--text", str(tmp_path / "text.txt"), "--format", "json"]
        shown = CliRunner().invoke(cli, [*command, "--show-from", "info"])
        found = [f for f in json.loads(shown.stdout) if f["rule"] == "wrong-verb-direction"]
        assert [(f["line"], f["clause"], f["severity"]) for f in found] == places
        assert shown.exit_code == 1
