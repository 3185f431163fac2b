"""What is promised by words alone: controller, contacts, notes on countries, other policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise

from .conftest import check, edited, published


def _notice(language: str, form: str = "md") -> str:
    policy = str(packaged("closm-i") / "policy.yaml")
    shown = CliRunner().invoke(cli, ["notice", policy, "--lang", language, "--format", form])
    assert shown.exit_code == 0
    return shown.stdout


def _of_rule(found: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [f for f in found if f["rule"] == rule]


@promise("CLOSM-0.1")
def test_the_notice_names_controller_and_service_and_no_policy_goes_without(
    tmp_path: Path,
) -> None:
    """Given the published policy; its notice names CLOSM LLC and CLOSM i in both languages.
    A policy file without a controller has a fault.
    """
    words = {"ja": ("名称", "サービス"), "en": ("Name", "Service")}
    for language, (name, service) in words.items():
        notice = _notice(language)
        assert f"- **{name}**: CLOSM LLC [0.1]" in notice
        assert f"- **{service}**: CLOSM i\n" in notice
    text = published()
    start, end = text.index("controller:\n"), text.index("contacts:\n")
    (fault,) = check(tmp_path / "p.yaml", text[:start] + text[end:])
    assert (fault["rule"], fault["severity"]) == ("missing-key", "error")
    assert "`controller`" in fault["message"]


@promise("CLOSM-2.3")
def test_the_missing_link_to_auth0s_own_policy_is_reported(tmp_path: Path) -> None:
    """Given a policy that leaves what Auth0 obtains to Auth0's policy, without its address; the
    check warns of it by 2.3, and no more once an address is given.
    """
    (found,) = _of_rule(check(tmp_path / "p.yaml"), "external-policy-without-link")
    assert (found["clause"], found["severity"]) == ("2.3", "low")
    assert "`auth0`" in found["message"]
    linked = edited(
        (
            '    own_policy: "2.3"\n',
            '    own_policy: "2.3"\n    policy_url: https://example.com/p\n',
        )
    )
    assert not _of_rule(check(tmp_path / "p.yaml", linked), "external-policy-without-link")


@promise("CLOSM-6.3a")
def test_a_processor_without_a_country_is_reported_and_gets_nothing(tmp_path: Path) -> None:
    """Given Printful without a country; the check reports it by 6.2c (as a finding that may fail
    a build: the file can be read), and the gate is undecided about every transfer to it.
    """
    file = tmp_path / "p.yaml"
    countries = "    countries: [US, EU]\n    routes: {US: equivalent_measures, EU: adequacy}\n"
    of_printful = [f for f in _of_rule(check(file), "country-unstated") if f["clause"] == "6.2c"]
    assert not of_printful
    found = _of_rule(check(file, edited((countries, ""))), "country-unstated")
    (missing,) = [f for f in found if f["clause"] == "6.2c"]
    assert "`printful`" in missing["message"]
    asked = ["gate", "send", "postal_address", "--purpose", "ship_goods", "--recipient", "printful"]
    at = ["--country", "US", "--at", "2026-11-20T09:00:00+09:00", "--policy", str(file), "--json"]
    answered = CliRunner().invoke(cli, [*asked, *at])
    assert answered.exit_code == 1
    decision = json.loads(answered.stdout)
    assert decision["outcome"] == "undecided"
    reasons = {(r["code"], r["cite"], r["about"]) for r in decision["reasons"]}
    assert ("empty_list", "CLOSM-6.2c", "countries:printful") in reasons


@promise("CLOSM-6.3c")
def test_the_eu_lacks_the_note_on_its_law_and_the_usa_has_one(tmp_path: Path) -> None:
    """Given the EU without a note on its law; the check reports it for the EU and not for the
    USA, whose note stands in both notices.
    """
    found = _of_rule(check(tmp_path / "p.yaml"), "country-note-missing")
    assert [("`EU`" in f["message"], "`US`" in f["message"]) for f in found] == [(True, False)]
    assert "日本の個人情報保護法に相当する包括的な法律はありません" in _notice("ja")
    assert "no general privacy law like Japan's" in _notice("en")


@promise("CLOSM-13.1")
def test_the_address_for_questions_is_checked_and_keeps_its_plus_tag(tmp_path: Path) -> None:
    """Given an address without an at sign; the file has a fault. The one published stands in the
    notices as it is, plus tag and all.
    """
    broken = edited(("contact+Inquiry-i@closm.llc", "contact+Inquiry-i.closm.llc"))
    (fault,) = check(tmp_path / "p.yaml", broken)
    assert (fault["rule"], fault["severity"]) == ("broken-address", "error")
    for language in ("ja", "en"):
        for form in ("md", "html"):
            assert "contact+Inquiry-i@closm.llc" in _notice(language, form)


@promise("CLOSM-13.2")
def test_the_host_of_the_contact_form_is_reported_as_no_recipient(tmp_path: Path) -> None:
    """Given the policy as published; the check finds that the form of 13.2 lies with somebody
    the policy does not name.
    """
    (found,) = _of_rule(check(tmp_path / "p.yaml"), "undeclared-recipient")
    assert (found["clause"], "`forms.gle`" in found["message"]) == ("13.2", True)
