"""Articles 4, 6.0, 6.1, 6.8, 6.11 and 6.12: who gets what, and lists that are empty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from seiyaku.app import Duty
from seiyaku.assurance import Assurance, Membership
from seiyaku.gate import Case
from seiyaku.kernel import PersonId
from seiyaku.standing import Acceptance, OptOut, Scope
from seiyaku.testing.promises import promise

from ..homes import (
    AT,
    SINCE,
    UNTIL,
    Copies,
    Installed,
    about,
    check,
    cites,
    codes,
    edited,
    entrusted,
)
from .conftest import REVISION, agreed, with_revision

DAY = timedelta(days=1)
_ADS = {"purposes": ("ads",), "recipients": ("adnet1",)}


def _enrol(home: Installed, register: str, *members: str, country: str = "JP") -> None:
    home.home.enrol(*(Membership(register, m, SINCE, countries=(country,)) for m in members))


def _accept(home: Installed, person: PersonId) -> None:
    home.home.record(Acceptance(person, AT.replace(hour=8), REVISION))


def _answer(decision: Any) -> tuple[str, set[str]]:
    return decision.outcome, codes(decision)


# -- Article 4 ---------------------------------------------------------------------------


def test_a_network_that_sets_cookies_is_nobody(asked: Installed, someone: PersonId) -> None:
    """No cookie goes to a network that the empty list does not name, nor to the unnamed partner
    itself.
    """
    words = {"purpose": "measure"}
    adnet = asked.ask(someone, "send", "cookie_id", recipient="adnet.example", **words)
    assert _answer(adnet) == ("undecided", {"unknown_recipient"})
    partner = asked.ask(someone, "send", "cookie_id", recipient="cookie_partner", **words)
    assert _answer(partner) == ("undecided", {"empty_list", "member_unstated"})


def test_an_outside_api_nobody_registered_gets_nothing(mine: Installed) -> None:
    """The half of DESK-4.2a that stands today: to an API in no register nothing may go, and to a
    registered one only once the policy says what. The clause is kept once what leaves for the
    network is checked by the name of the host.
    """
    person = mine.world.person("aki").id
    words = {"purpose": "account_ops"}
    stray = mine.ask(person, "send", "email", recipient="api.geo.example", **words)
    assert _answer(stray) == ("undecided", {"unknown_recipient"})
    _enrol(mine, "api_services", "mapper")
    mine.home.assure(*entrusted("mapper"))
    registered = mine.ask(person, "send", "email", recipient="mapper", **words)
    assert (_answer(registered), about(registered)) == (
        ("undecided", {"empty_list"}),
        {"items:api_services"},
    )


_IN_THE_US = (
    "    purposes: [service]\n    items: [research_query]\n    requires: [training_opt_out]\n"
    '    masked: "4.2c"\n  ai_services:\n',
    "    countries: [US]\n    routes: {US: equivalent_measures}\n"
    "    purposes: [service]\n    items: [research_query]\n    requires: [training_opt_out]\n"
    '    masked: "4.2c"\n  ai_services:\n',
)


def test_a_query_goes_to_openai_once_the_text_names_a_country(opened: Copies) -> None:
    """As published nothing goes to OpenAI, for the text names no country. Under a version that
    does, accepted, with contract, supervision, measures and training setting on file, the query
    goes, for the service alone and masked.
    """
    papers = (
        *entrusted("openai", "training_opt_out"),
        Assurance("equivalent_measures", "openai", SINCE, "file 9", "US", UNTIL, "sato"),
    )
    words: dict[str, Any] = {"recipient": "openai", "purpose": "service", "masked": True}
    home = opened(name="published")
    person = home.world.person("aki").id
    home.home.assure(*papers)
    decision = home.ask(person, "send", "research_query", **words)
    assert (_answer(decision), about(decision)) == (
        ("undecided", {"empty_list"}),
        {"countries:openai"},
    )
    revised = with_revision(opened, _IN_THE_US)
    revised.home.assure(*papers)
    unasked = revised.ask(person, "send", "research_query", **words)
    assert _answer(unasked) == ("refused", {"version_not_accepted"})
    _accept(revised, person)
    sent = revised.ask(person, "send", "research_query", **words)
    assert sent.permitted
    assert {"DESK-4.2b", "DESK-2.1"} <= cites(sent)
    bare = revised.ask(person, "send", "research_query", **{**words, "masked": False})
    assert (_answer(bare), cites(bare)) == (("refused", {"not_masked"}), {"DESK-4.2c"})
    more = revised.ask(person, "send", "email", **words)
    assert _answer(more) == ("refused", {"item_not_for_recipient"})


_SET = "CREATE TABLE eval_examples (id INTEGER PRIMARY KEY, example TEXT NOT NULL, score INTEGER)"


@promise("DESK-4.3a")
def test_nothing_of_anybody_trains_a_model_and_a_set_made_from_it_neither(
    mine: Installed,
) -> None:
    """Given a user who agreed that everything trains a model; using, collecting, keeping or
    sending any item for that is refused by 4.3a, for the consent, a case or the person's own
    request all the same. A set for evaluation is no purpose there is. A table derived from
    content is found, however it is named, and what it would be declared to hold is banned with
    the item.
    """
    person = mine.world.person("aki").id
    policy = mine.home.history.versions[-1]
    mine.home.record(agreed(person, *policy.items, purposes=("train_model",)))
    duty = frozenset({"authority", "legal_duty", "consent_hinders_duty"})
    cases = (
        None,
        Case("exception", "state_cooperation", duty, "sato", "5f" * 32),
        Case("own_request", "disclosure"),
    )
    for item in policy.items:
        for act in ("use", "collect", "keep"):
            decision = mine.ask(person, act, item, purpose="train_model")
            assert decision.outcome == "refused"
            assert ("never", "DESK-4.3a") in {(r.code, r.cite) for r in decision.reasons}
    for case in cases:
        for act, recipient in (("use", None), ("send", "openai")):
            words = {"purpose": "train_model", "recipient": recipient, "case": case}
            decision = mine.ask(person, act, "user_content", **words)
            assert (_answer(decision), cites(decision)) == (("refused", {"never"}), {"DESK-4.3a"})
    other = mine.world.person("ben").id
    evaluated = mine.ask(other, "use", "user_content", purpose="eval")
    assert _answer(evaluated) == ("undecided", {"unknown_purpose"})
    mine.sql(_SET)
    mine.sql("INSERT INTO eval_examples (example) SELECT body FROM user_contents")
    (found,) = [f for f in mine.home.check_db() if f.rule == "undeclared-table"]
    assert "`app.eval_examples`" in found.message


@promise("DESK-4.3b")
def test_nothing_goes_to_outside_ai_while_its_training_setting_is_unproven(
    mine: Installed,
) -> None:
    """Given an outside AI under contract and supervised, whose training setting nobody found to
    be off; a query to it is undecided, which is no permission, and names what is missing. With
    a check on file that found it off, for a day, the query goes, and no longer the day after.
    Another AI's check counts for that one only. Every answer is kept.
    """
    person = mine.world.person("aki").id
    _enrol(mine, "ai_services", "whisper", "parrot")
    mine.home.assure(*entrusted("whisper"), *entrusted("parrot"))
    words: dict[str, Any] = {"recipient": "whisper", "purpose": "service", "masked": True}
    unproven = mine.ask(person, "send", "research_query", **words)
    assert _answer(unproven) == ("undecided", {"assurance_missing"})
    assert about(unproven) == {"training_opt_out:whisper"}
    since = AT - timedelta(hours=1)
    checked = Assurance("training_opt_out", "whisper", since, "check 7", None, since + DAY, "cron")
    mine.home.assure(checked)
    assert mine.ask(person, "send", "research_query", **words).permitted
    stale = mine.ask(person, "send", "research_query", at=since + DAY, **words)
    assert _answer(stale) == ("undecided", {"assurance_lapsed"})
    other = mine.ask(person, "send", "research_query", **{**words, "recipient": "parrot"})
    assert about(other) == {"training_opt_out:parrot"}
    outcomes = [a.decision.outcome for a in mine.home.why(person, "research_query", AT + DAY).asked]
    assert sorted(outcomes) == ["permitted", "undecided", "undecided", "undecided"]


# -- Article 6: consent, contractors ---------------------------------------------------------


@promise("DESK-6.0")
def test_no_third_party_gets_anything_without_consent_or_a_reasoned_exception(
    mine: Installed,
) -> None:
    """Given a company in the United States, and a user who agreed to nothing; an address to it is
    undecided, for nobody declared it, and an exception without its reasons is refused. Agreed to
    beforehand and told of the country, its system and the company's measures, it goes; told less,
    not (the Act asks for that abroad).
    """
    aki, ben, chika = (mine.world.person(short).id for short in ("aki", "ben", "chika"))
    words: dict[str, Any] = {"recipient": "acme", "purpose": "support"}
    stray = mine.ask(aki, "send", "email", country="US", **words)
    assert _answer(stray) == ("undecided", {"unknown_recipient"})
    bare = Case("exception", "life_body_property", approver="sato")
    reasonless = mine.ask(aki, "send", "email", recipient="hospital", case=bare)
    assert _answer(reasonless) == ("refused", {"condition_missing"})
    scope = {"purposes": ("support",), "recipients": ("acme",)}
    told = ("country_name", "country_system", "recipient_measures")
    for person, informed in ((ben, ()), (chika, told)):
        consent = agreed(person, "email", **scope)
        abroad = {"countries": ("US",), "informed": informed}
        mine.home.record(type(consent)(**{**vars(consent), **abroad}))
    half = mine.ask(ben, "send", "email", **words)
    assert _answer(half) == ("refused", {"consent_not_informed"})
    whole = mine.ask(chika, "send", "email", **words)
    assert whole.permitted
    assert {"DESK-6.0", "APPI 28(1)"} <= cites(whole)
    assert not mine.ask(chika, "send", "name", **words).permitted


@promise("DESK-6.1")
def test_a_contractor_for_a_purpose_outside_article_2_fails_the_file(tmp_path: Path) -> None:
    """Given a policy file with a contractor for credit scoring; the file has a fault at that
    word, naming it. For providing the services, a purpose of Article 2, it has none.
    """

    def faults(purpose: str) -> list[dict[str, Any]]:
        transcriber = (
            "  transcriber:\n    clause: '6.1'\n    name: {ja: 書き起こし, en: transcriber}\n"
            "    basis: entrust\n    countries: [JP]\n    items: [research_query]\n"
            f"    purposes: [{purpose}]\n"
        )
        text = edited("deskrex", ("\nrecipients:\n", f"\nrecipients:\n{transcriber}"))
        return [f for f in check(tmp_path / "p.yaml", text) if f["severity"] == "error"]

    (fault,) = faults("credit_scoring")
    assert "`credit_scoring`" in fault["message"]
    assert faults("service") == []


@promise("DESK-6.8")
def test_a_contractor_gets_logs_once_contract_and_supervision_are_on_file(
    mine: Installed,
) -> None:
    """Given a contractor for storing logs, without a contract; it gets none, and both things that
    are missing are named. With the contract alone still not; with both, logs go, by 6.8 and the
    Act's rule on entrusting.
    """
    person = mine.world.person("aki").id
    _enrol(mine, "contractors", "archive_co")
    words = {"recipient": "archive_co", "purpose": "measure"}
    without = mine.ask(person, "send", "access_log", **words)
    assert _answer(without) == ("undecided", {"assurance_missing"})
    assert about(without) == {"trustee_record:archive_co", "supervision:archive_co"}
    contract, supervision = entrusted("archive_co")
    mine.home.assure(contract)
    half = mine.ask(person, "send", "access_log", **words)
    assert about(half) == {"supervision:archive_co"}
    mine.home.assure(supervision)
    sent = mine.ask(person, "send", "access_log", **words)
    assert sent.permitted
    assert cites(sent) == {"DESK-6.8", "DESK-2.3", "APPI 27(5)(i)"}


@promise("DESK-6.8s")
def test_an_overdue_review_is_the_owners_duty_and_stops_what_goes_to_the_contractor(
    mine: Installed,
) -> None:
    """Given the archive, whose review fell due yesterday; the daily look finds it overdue, makes
    it the duty of the archive's owner, once, however often the day is looked at, and nothing
    goes there any more. A review filed ends the duty, and it goes again.
    """
    person = mine.world.person("aki").id
    _enrol(mine, "contractors", "archive_co")
    due = AT - DAY
    mine.home.assure(
        Assurance("owner", "archive_co", SINCE, "chart 2", "ito", by="sato"),
        Assurance("trustee_record", "archive_co", SINCE, "contract", by="sato"),
        Assurance("supervision", "archive_co", SINCE, "review 1", until_at=due, by="sato"),
    )
    words = {"recipient": "archive_co", "purpose": "measure"}
    assert mine.ask(person, "send", "access_log", at=due - DAY, **words).permitted
    (duty,) = _supervising(mine.home.days.check().opened)
    assert (duty.subject, duty.cite, duty.owner, duty.since_at) == (
        "archive_co",
        "DESK-6.8",
        "ito",
        due,
    )
    assert mine.home.days.check().opened == ()
    overdue = mine.ask(person, "send", "access_log", **words)
    assert _answer(overdue) == ("undecided", {"assurance_lapsed"})
    assert about(overdue) == {"supervision:archive_co"}
    mine.home.assure(Assurance("supervision", "archive_co", due, "review 2", by="sato"))
    assert [d.id for d in mine.home.days.check().ended] == [duty.id]
    assert _supervising(mine.home.days.duties()) == []
    assert mine.ask(person, "send", "access_log", **words).permitted


def _supervising(duties: Iterable[Duty]) -> list[Duty]:
    return [d for d in duties if d.code == "supervision-overdue"]


# -- Article 6: advertising ------------------------------------------------------------------


@promise("DESK-6.11")
def test_an_advertising_network_outside_the_list_gets_no_identifier(mine: Installed) -> None:
    """Given a network that the list, which is empty, does not name; an advertising identifier to
    it is undecided: nobody knows it, consent or not. Put on the list it gets the identifier of
    those who agreed to it, by 6.11 (the Act has no exception for advertising, where the register
    asks for the listing alone).
    """
    aki, ben = (mine.world.person(short).id for short in ("aki", "ben"))
    words = {"recipient": "adnet1", "purpose": "ads"}
    unlisted = mine.ask(aki, "send", "advertising_id", **words)
    assert _answer(unlisted) == ("undecided", {"unknown_recipient"})
    _enrol(mine, "ad_partners", "adnet1")
    listed = mine.ask(aki, "send", "advertising_id", **words)
    assert (_answer(listed), cites(listed)) == (("refused", {"consent_missing"}), {"DESK-6.11"})
    mine.home.record(agreed(aki, "advertising_id", **_ADS))
    sent = mine.ask(aki, "send", "advertising_id", **words)
    assert sent.permitted
    assert {"DESK-6.11", "DESK-2.5"} <= cites(sent)
    assert not mine.ask(ben, "send", "advertising_id", **words).permitted


def test_a_network_on_the_list_gets_device_logs_and_identifier_and_nothing_else(
    mine: Installed,
) -> None:
    """Of all items, with consent to each, a listed network gets the identifier, the device and
    logs; e-mail address, queries and location stay.
    """
    person = mine.world.person("aki").id
    _enrol(mine, "ad_partners", "adnet1")
    items = tuple(mine.home.history.versions[-1].items)
    mine.home.record(agreed(person, *items, **_ADS))
    words = {"recipient": "adnet1", "purpose": "ads"}
    sent = {i for i in items if mine.ask(person, "send", i, **words).permitted}
    assert sent == {"advertising_id", "device_info", "access_log"}
    for item in ("email", "research_query", "location"):
        refused = mine.ask(person, "send", item, **words)
        assert {"item_not_for_recipient"} <= codes(refused)
        assert "DESK-6.11" in cites(refused)


def test_who_switches_advertising_partners_off_sends_them_nothing_more(mine: Installed) -> None:
    """From the switch on nothing goes to the partners, though the person agreed before."""
    person = mine.world.person("aki").id
    _enrol(mine, "ad_partners", "adnet1")
    mine.home.record(agreed(person, "advertising_id", "device_info", **_ADS))
    words = {"recipient": "adnet1", "purpose": "ads"}
    mine.home.record(OptOut(person, AT, Scope(recipients=("ad_partners",))))
    for item in ("advertising_id", "device_info"):
        off = mine.ask(person, "send", item, **words)
        assert (_answer(off), cites(off)) == (("refused", {"opted_out"}), {"DESK-6.11o"})
        assert mine.ask(person, "send", item, at=AT - timedelta(seconds=1), **words).permitted


def test_what_a_partner_saw_of_a_person_does_not_come_in(
    asked: Installed, someone: PersonId
) -> None:
    """Nothing is collected from an advertising partner, whatever the item."""
    for item in asked.home.history.versions[-1].items:
        decision = asked.ask(someone, "collect", item, source="ad_partner")
        assert not decision.permitted


_BRAND = {"purposes": ("ads",), "recipients": ("brand1",)}


@promise("DESK-6.12", "DESK-6.12i")
def test_an_advertiser_gets_page_and_identifier_once_somebody_said_what_the_reference_means(
    mine: Installed,
) -> None:
    """Given 6.12, whose printed reference leads to personalising; an advertiser gets nothing,
    whatever was agreed to. A named person reads it as advertising, and the evidence names who.
    From then on it gets from those who agreed (the Act has no exception for advertisers) that
    the page was opened and the identifier: by 6.12, for advertising, and not the address of the
    connection, nor anything else.
    """
    words = {"recipient": "brand1", "purpose": "ads"}
    person = mine.world.person("aki").id
    items = tuple(mine.home.history.versions[-1].items)
    _enrol(mine, "advertisers", "brand1")
    mine.home.record(agreed(person, *items, **_BRAND))
    for item in ("ad_page_view", "advertising_id"):
        for purpose in ("ads", "personalise"):
            unread = mine.ask(person, "send", item, recipient="brand1", purpose=purpose)
            assert _answer(unread) == ("undecided", {"unresolved_reference"})
            assert cites(unread) == {"DESK-6.12"}
    mine.home.assure(Assurance("reading", "advertisers", SINCE, "minute 4", "2.5", by="sato"))
    log = mine.home.parts.log_reader()
    entry = log.entry(log.checkpoint().size - 1)
    assert (entry.kind, entry.actor) == ("reading", "sato")
    assert entry.detail == {"subject": "advertisers", "about": "2.5"}
    sent = {i for i in items if mine.ask(person, "send", i, **words).permitted}
    assert sent == {"ad_page_view", "advertising_id"}
    assert "DESK-6.12" in cites(mine.ask(person, "send", "ad_page_view", **words))
    address = mine.ask(person, "send", "ip_address", **words)
    assert address.outcome == "refused"
    assert "item_not_for_recipient" in codes(address)
    printed = mine.ask(person, "send", "ad_page_view", recipient="brand1", purpose="personalise")
    assert "purpose_not_for_recipient" in codes(printed)
    other = mine.world.person("ben").id
    assert _answer(mine.ask(other, "send", "ad_page_view", **words)) == (
        "refused",
        {"consent_missing"},
    )
