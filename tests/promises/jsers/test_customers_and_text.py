"""Articles 0, 1, 2, 5.3 and 6: who speaks, what is asked when, and addresses that reach nobody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.policy import load_history
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise

from ..homes import Installed, check, cites, codes, edited, published

_PLACEHOLDERS = (
    '  - clause: "5.3"\n    email: "[email protected]"\n',
    '  - clause: "6.1"\n    email: "[email protected]"\n',
)


def _of_rule(found: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [f for f in found if f["rule"] == rule]


def _notice(policy: Path, language: str) -> str:
    shown = CliRunner().invoke(cli, ["notice", str(policy), "--lang", language, "--format", "md"])
    assert shown.exit_code == 0
    return shown.stdout


@promise("JSER-0.1")
def test_there_is_one_version_from_the_day_it_was_established() -> None:
    """Given the history of the policy; on 18 May 2023 there was no version, on 19 May and on
    1 January 2026 the version is that of 19 May 2023. The notice tells the day.
    """
    file = packaged("jsers") / "policy.yaml"
    history = load_history(file)
    versions = {}
    for day in ("2023-05-18", "2023-05-19", "2026-01-01"):
        policy = history.in_force(datetime.fromisoformat(f"{day}T12:00:00+09:00"))
        versions[day] = f"{policy.service}@{policy.version.id}" if policy else None
    assert versions == {
        "2023-05-18": None,
        "2023-05-19": "jsers@2023-05-19",
        "2026-01-01": "jsers@2023-05-19",
    }
    assert "2023-05-19" in _notice(file, "en") + _notice(file, "ja")


@promise("JSER-0.2")
def test_the_notice_names_company_and_representative_and_a_missing_one_is_reported(
    tmp_path: Path,
) -> None:
    """Given the policy; both notices name Jsers, llc. and Mayo Hori. With the representative
    taken out, the check warns that the controller's particulars are incomplete, by 0.2.
    """
    file = tmp_path / "p.yaml"
    says = "representative is missing"
    before = _of_rule(check(file, published("jsers")), "controller-particulars")
    assert not [f for f in before if says in f["message"]]
    for language in ("ja", "en"):
        notice = _notice(file, language)
        assert "Jsers, llc." in notice
        assert "Mayo Hori" in notice
    without = edited("jsers", ("  representative: {ja: Mayo Hori, en: Mayo Hori}\n", ""))
    found = _of_rule(check(file, without), "controller-particulars")
    (missing,) = [f for f in found if says in f["message"]]
    assert (missing["clause"], missing["severity"]) == ("0.2", "medium")


@promise("JSER-1.1z")
def test_a_licence_number_is_asked_for_on_registering_and_by_no_newsletter_form(
    asked: Installed,
) -> None:
    """Given a newsletter form that asks for a licence number; nobody declared that form:
    undecided, and no permission. Asked in any other circumstance than registering or changing
    the registration it is refused by 1.1z, like everything in that list.
    """
    person = asked.world.person("aki").id

    def collected(item: str, *contexts: str) -> tuple[str, set[str], set[str]]:
        words = {"source": "person", "contexts": frozenset(contexts)}
        decision = asked.ask(person, "collect", item, **words)
        return decision.outcome, codes(decision), cites(decision)

    form = collected("drivers_licence", "newsletter_form")
    assert form == ("undecided", {"unknown_context"}, {""})
    listed = ("name", "birth_date", "postal_address", "phone", "email", "bank_account")
    for item in (*listed, "card_number", "drivers_licence"):
        refused = ("refused", {"context_missing"}, {"JSER-1.1z"})
        assert collected(item) == refused
        assert collected(item, "abuse_case") == refused
        for context in ("registration", "registration_edit"):
            assert collected(item, context)[0] == "permitted"


@promise("JSER-2.0")
def test_nothing_is_collected_for_a_purpose_outside_the_list(asked: Installed) -> None:
    """Given a licence number asked on registering for a marketing profile; the list knows no such
    purpose: collecting it, and using it, is undecided and names the word. For a purpose of the
    list that does not have it, it is refused by that purpose's clause.
    """
    person = asked.world.person("aki").id
    registering = {"source": "person", "contexts": frozenset({"registration"})}
    for item in ("drivers_licence", "birth_date", "email"):
        for act, words in (("collect", registering), ("use", {})):
            decision = asked.ask(person, act, item, purpose="profile", **words)
            assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_purpose"})
            assert {r.about for r in decision.reasons} == {"profile"}
    listed = asked.ask(person, "collect", "drivers_licence", purpose="service", **registering)
    assert (listed.outcome, cites(listed)) == ("refused", {"JSER-2.1"})
    assert asked.ask(person, "collect", "email", purpose="service", **registering).permitted


@promise("JSER-5.3", "JSER-6.1")
def test_both_published_addresses_are_placeholders_until_real_ones_stand_there(
    tmp_path: Path,
) -> None:
    """Given the policy as published, whose addresses are what an obfuscation left behind; the
    check fails, with a finding for the line of 5.3 and one for the line of 6.1 (lines 30 and
    32 to 33 of the published text). A real address for one clears that one; real addresses for
    both clear both.
    """
    file = tmp_path / "p.yaml"
    found = _of_rule(check(file, published("jsers")), "contact-placeholder")
    assert [(f["clause"], f["severity"]) for f in found] == [("5.3", "high"), ("6.1", "high")]
    assert CliRunner().invoke(cli, ["check", str(file)]).exit_code == 1
    clauses = load_history(file).versions[0].clauses
    assert [clauses[f["clause"]].lines for f in found] == [(30, 30), (32, 33)]
    real = [(old, old.replace("[email protected]", "privacy@jsers.jp")) for old in _PLACEHOLDERS]
    one = _of_rule(check(file, edited("jsers", real[0])), "contact-placeholder")
    assert [f["clause"] for f in one] == ["6.1"]
    assert not _of_rule(check(file, edited("jsers", *real)), "contact-placeholder")
