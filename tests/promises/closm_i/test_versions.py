"""Articles 4 (closed), 6.3, 12 and 14: what a new version may change, for whom and from when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.assurance import Assurance
from seiyaku.cli import cli
from seiyaku.kernel import InvalidInput, PersonId
from seiyaku.policy import load_history, publish_version
from seiyaku.standing import Acceptance, AgeBand, Consent, Scope
from seiyaku.testing.promises import promise

from .conftest import AT, REVISION, VERSION, Closm, cites, codes, published, revised, with_revision

NOON = datetime.fromisoformat("2026-07-01T12:00:00+09:00")
JOINED = datetime.fromisoformat("2026-04-01T10:00:00+09:00")
AKI = PersonId("1")


@promise("CLOSM-4.8")
def test_no_item_serves_a_newsletter_until_a_new_version_says_so_and_the_person_accepted_it(
    opened: Callable[..., Closm],
) -> None:
    """Given a user without any extra consent; when an address would serve promotion, no purpose
    is declared (undecided, for every item). A revision that declares one changes nothing for a
    person before they accepted it.
    """
    closm = opened(with_revision)
    closm.home.record(AgeBand(AKI, JOINED, at_least=13), Acceptance(AKI, JOINED, VERSION))
    before = NOON - timedelta(seconds=1)
    for item in closm.home.history.versions[0].items:
        for purpose in ("newsletter", "advertising"):
            decision = closm.ask(AKI, "use", item, purpose=purpose, at=before)
            assert not decision.permitted
            assert codes(decision) <= {"unknown_purpose", "source_unstated", "outside_only"}
    words = {"source": "person", "purpose": "newsletter"}
    decision = closm.ask(AKI, "use", "email", at=before, **words)
    assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_purpose"})
    unasked = closm.ask(AKI, "use", "email", at=NOON, **words)
    assert (unasked.outcome, codes(unasked)) == ("refused", {"version_not_accepted"})
    closm.home.record(Acceptance(AKI, NOON + timedelta(hours=1), REVISION))
    assert closm.ask(AKI, "use", "email", at=NOON + timedelta(hours=2), **words).permitted


@promise("CLOSM-6.3b")
def test_a_consent_deemed_from_use_does_not_grow_with_the_table_of_countries(
    opened: Callable[..., Closm],
) -> None:
    """Given a user whose use counted as consent to the US and the EU, and a revision that adds
    Singapore; a picture to Cloudflare in Singapore is refused before the next use. That use is
    recorded as deemed, with version and countries. It opens nothing by itself: the transfer also
    rests on measures proven for Singapore and on a version the person accepted.
    """
    closm = opened(with_revision)
    measures = Assurance("equivalent_measures", "cloudflare", JOINED, "file 9", "SG", by="sato")
    old = Consent(AKI, JOINED, Scope(), VERSION, countries=("US", "EU"), kind="deemed")
    closm.home.record(AgeBand(AKI, JOINED, at_least=13), old)

    def sent(at: datetime) -> tuple[str, set[str]]:
        words = {"source": "person", "purpose": "service", "recipient": "cloudflare"}
        decision = closm.ask(AKI, "send", "image", at=at, country="SG", **words)
        return decision.outcome, codes(decision)

    assert sent(NOON) == ("undecided", {"assurance_missing"})
    closm.home.assure(measures)
    assert sent(NOON) == ("refused", {"transfer_consent_missing", "version_not_accepted"})
    used = NOON + timedelta(days=1)
    countries = ("US", "EU", "SG")
    closm.home.record(Consent(AKI, used, Scope(), REVISION, countries=countries, kind="deemed"))
    deemed = closm.home.standing(AKI).consents[-1].consent
    assert (deemed.kind, deemed.version, deemed.countries) == ("deemed", REVISION, countries)
    later = used + timedelta(hours=1)
    assert sent(later) == ("refused", {"version_not_accepted"})
    closm.home.record(Acceptance(AKI, used, REVISION))
    assert sent(later) == ("permitted", {"granted"})
    assert sent(NOON)[0] == "refused"


@promise("CLOSM-12.1")
def test_a_revision_that_adds_a_purpose_or_a_country_is_listed_as_material(tmp_path: Path) -> None:
    """Given a revision with a purpose and a country more; when the two are compared, both stand
    there as material widenings with their clauses, and whom to ask what.
    """
    (tmp_path / "v1.yaml").write_text(published(), "utf-8")
    (tmp_path / "v2.yaml").write_text(revised(), "utf-8")
    command = ["diff", str(tmp_path / "v1.yaml"), str(tmp_path / "v2.yaml"), "--json"]
    shown = CliRunner().invoke(cli, [*command, "--fail-on-material"])
    assert shown.exit_code == 1
    changes = {c["part"]: c for c in json.loads(shown.stdout) if c["material"]}
    purpose, country = changes["purposes.newsletter"], changes["recipients.cloudflare"]
    assert (purpose["clause"], purpose["direction"]) == ("4.9", "widening")
    assert purpose["ask"] == ["consent"]
    assert (country["clause"], country["people"]) == ("6.2d", ["user"])
    assert any("SG" in detail for detail in country["details"])
    same = [*command[:2], command[1], "--json", "--fail-on-material"]
    assert json.loads(CliRunner().invoke(cli, same).stdout) == []


@promise("CLOSM-12.2")
def test_a_revision_counts_from_the_second_it_is_published_and_never_from_earlier(
    opened: Callable[..., Closm], tmp_path: Path
) -> None:
    """Given a revision published at 12:00:00; a decision at 11:59:59 is by the old version and
    one at 12:00:00 by the new. A version dated back is refused, and published files stay as
    they are.
    """
    folder = tmp_path / "versions"
    draft = tmp_path / "draft.yaml"
    draft.write_text(published(), "utf-8")
    publish_version(draft, folder, datetime.fromisoformat("2026-02-16T00:00:00+09:00"))
    draft.write_text(revised(published_at=""), "utf-8")
    line = publish_version(draft, folder, NOON)
    assert datetime.fromisoformat(line.published_at) == NOON
    assert [p.version.id for p in load_history(folder).versions] == [VERSION, REVISION]

    def publish(home: Path) -> None:
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            files = ", ".join(str(folder / f"{v}.yaml") for v in (VERSION, REVISION))
            settings.write(f"policies: [{files}]\n")

    closm = opened(publish)
    words = {"source": "person", "purpose": "service"}
    closm.home.record(AgeBand(AKI, JOINED, at_least=13))
    second = timedelta(seconds=1)
    assert closm.ask(AKI, "use", "post", at=NOON - second, **words).version == VERSION
    assert closm.ask(AKI, "use", "post", at=NOON, **words).version == REVISION
    back = "  published_at: 2026-06-30T12:00:00+09:00\n"
    text = revised(published_at=back).replace(f'id: "{REVISION}"', 'id: "2026-07-02"')
    draft.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        publish_version(draft, folder, NOON + second)
    assert refused.value.code == "SY122"
    assert [p.version.id for p in load_history(folder).versions] == [VERSION, REVISION]


@promise("CLOSM-14.1")
def test_no_decision_is_made_by_the_policy_before_the_day_it_was_enacted(
    closm: Closm, someone: PersonId
) -> None:
    """Given a moment on 15 February 2026; no version was in force, and collecting is undecided,
    which is no permission. From 16 February on, the version of that day is cited.
    """
    eve = datetime.fromisoformat("2026-02-15T23:59:59+09:00")
    assert closm.home.history.in_force(eve) is None
    decision = closm.ask(someone, "collect", "email", at=eve, source="person")
    assert (decision.outcome, codes(decision)) == ("undecided", {"no_policy_in_force"})
    assert (decision.version, cites(decision)) == ("", {""})
    first = closm.home.history.in_force(eve + timedelta(seconds=1))
    assert first is not None
    assert first.version.id == VERSION
    assert closm.ask(someone, "collect", "email", at=AT, source="person").version == VERSION
