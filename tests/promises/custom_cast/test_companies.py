"""Articles 2, 5 and 6: partners, companies of the group, contractors, and everybody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from seiyaku.assurance import Assurance, Membership, load_assurances, review
from seiyaku.kernel import InvalidDocument, PersonId
from seiyaku.standing import Scope, Suspension, Withdrawal
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, UNTIL, Installed, about, cites, codes
from .conftest import agreed, by_letter, in_order

FACE = "face_expression"
PROMOTION = {"purpose": "partner_services", "recipient": "sponsor_z"}
TO_GROUP = {"purpose": "group_provision", "recipient": "group_a"}
JOINT = {"purpose": "joint_service", "recipient": "studio_x"}


@promise("CAST-2.17a")
def test_a_partner_belongs_to_a_kind_or_gets_nothing(mine: Installed, tmp_path: Path) -> None:
    """Given a partner `studio-x` written down without saying what kind of partner it is; the
    file has a fault that names the place, and nobody who asks gets anything about it: undecided.
    Written down as a partner, it is accepted, and judged as such: by consent.
    """
    file = tmp_path / "assurances.yaml"
    text = "seiyaku_assurances: 1\nregisters:\n  - {member: lab_q, from_at: 2026-04-01}\n"
    file.write_text(text, "utf-8")
    with pytest.raises(InvalidDocument) as refused:
        load_assurances(file)
    (fault,) = refused.value.faults
    assert "registers" in str(fault)
    person = mine.world.person("ben").id
    words = {"purpose": "partner_services", "recipient": "lab_q"}
    unknown = mine.ask(person, "send", "email", **words)
    assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    file.write_text(
        "seiyaku_assurances: 1\nregisters:\n  commercial_partners:\n"
        "    - {member: lab_q, from_at: 2026-04-01, countries: [JP]}\n",
        "utf-8",
    )
    mine.home.enrol(*load_assurances(file).memberships)
    mine.home.assure(Assurance("supervision", "lab_q", SINCE, "review file", by="sato"))
    known = mine.ask(person, "send", "email", **words)
    assert (known.outcome, codes(known)) == ("refused", {"consent_missing"})


def test_a_sponsor_gets_nothing_that_no_section_opens(mine: Installed) -> None:
    """The half of CAST-2.17b that stands today: without consent, an address stays with us, by
    2.17b; agreed to, it goes to that sponsor and no other. The clause is kept once statistics can
    be released to the sponsor after their check.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    refused = mine.ask(person, "send", "email", **PROMOTION)
    assert (refused.outcome, codes(refused)) == ("refused", {"consent_missing"})
    assert cites(refused) == {"CAST-2.17b"}
    scope = {"purposes": ("partner_services",), "recipients": ("sponsor_z",)}
    mine.home.record(agreed(person, "email", **scope))
    assert mine.ask(person, "send", "email", **PROMOTION).permitted
    other = mine.ask(person, "send", "email", **{**PROMOTION, "recipient": "lab_y"})
    assert other.outcome == "refused"


@promise("CAST-2.18")
def test_a_partner_of_a_joint_service_gets_what_its_members_were_shown(mine: Installed) -> None:
    """Given a customer who does not take part in the service run with `studio_x`; their id goes
    nowhere. Somebody who joined, and was shown that id and e-mail address go: exactly these go,
    to that partner; the phone number, the birth date and the face do not.
    """
    in_order(mine)
    outside, joined = mine.world.person("ben").id, mine.world.person("emma").id
    ((needed,),) = mine.sql(
        "SELECT needed_fields_json FROM joint_service_members WHERE customer_id = ?", joined
    )
    assert needed == '["external_id", "email"]'
    refused = mine.ask(outside, "send", "external_id", source="external_service", **JOINT)
    assert refused.outcome == "refused"
    assert "relation_missing" in codes(refused)
    scope = {"purposes": ("joint_service",), "recipients": ("studio_x",)}
    mine.home.record(agreed(joined, "external_id", "email", **scope))
    member = {**JOINT, "relation": "joint_service_member"}
    policy = mine.home.history.versions[-1]
    gone = {i for i in policy.items if mine.ask(joined, "send", i, **member).permitted}
    assert gone == {"external_id", "email"}
    assert not mine.ask(joined, "send", "email", **{**member, "recipient": "sponsor_z"}).permitted
    unasked = mine.ask(outside, "send", "email", **member)
    assert (unasked.outcome, codes(unasked)) == ("refused", {"consent_missing"})


@promise("CAST-5.1")
def test_a_company_gets_data_of_customers_once_it_is_in_the_register_of_the_group(
    mine: Installed,
) -> None:
    """Given a company that is in no register; nothing goes there: undecided. In the register of
    the group, with what the law wants filed, an address goes there, and no more once the company
    left the group; what the person opted out of does not go at all.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    words = {"purpose": "group_provision", "recipient": "group_x"}
    unknown = mine.ask(person, "send", "email", **words)
    assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    until = AT.replace(day=25)
    mine.home.enrol(Membership("group_companies", "group_x", SINCE, until, ("JP",)))
    unfiled = mine.ask(person, "send", "email", **words)
    assert (unfiled.outcome, codes(unfiled)) == ("undecided", {"assurance_missing"})
    mine.home.assure(
        Assurance("opt_out_filing", "group_x", SINCE, "filing 2", by="sato"),
        Assurance("supervision", "group_x", SINCE, "review 2", by="sato"),
    )
    permitted = mine.ask(person, "send", "email", **words)
    assert permitted.permitted
    assert {"CAST-5.1", "CAST-2.22"} <= cites(permitted)
    left = mine.ask(person, "send", "email", at=until, **words)
    assert (left.outcome, codes(left)) == ("undecided", {"unknown_recipient"})
    opted = mine.world.person("chika").id
    by_letter(mine, "stop_provision", opted, recipients=("group_companies",))
    refused = mine.ask(opted, "send", "email", **words)
    assert (refused.outcome, codes(refused)) == ("refused", {"opted_out"})
    assert mine.ask(person, "send", "email", **words).permitted


def test_an_opt_out_by_letter_stops_the_group_and_not_the_counting(mine: Installed) -> None:
    """The half of CAST-5.2 that stands today: from the moment the letter is accepted nothing of
    the person goes to a company of the group, by 5.2, and statistics go on. The clause is kept
    once the company is told to stop, and the telling is in the records.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    assert mine.ask(person, "send", "email", **TO_GROUP).permitted
    by_letter(mine, "stop_provision", person, recipients=("group_companies",))
    for item in ("email", "name", "view_history", "order"):
        refused = mine.ask(person, "send", item, **TO_GROUP)
        assert (refused.outcome, codes(refused)) == ("refused", {"opted_out"})
        assert "CAST-5.2" in cites(refused)
    assert mine.ask(person, "use", "view_history", purpose="statistics").permitted
    assert mine.ask(person, "use", "email", purpose="service").permitted


@promise("CAST-5.3")
def test_everything_on_a_customer_goes_to_the_group_but_the_face_and_what_nobody_declared(
    mine: Installed,
) -> None:
    """Given an export of every column that holds something of a customer; asked column by column,
    each item of User Information goes to the company, and no expression: that is refused by 3.4.
    A column nobody declared stops the export: the check reports it, and what is in it is a word
    the gate does not know: undecided.
    """
    in_order(mine)
    person = mine.world.person("aki").id
    policy = mine.home.history.versions[-1]
    user_information = {w for w, item in policy.items.items() if item.clause.split(".")[0] == "1"}
    assert len(user_information) == 14
    decisions = {i: mine.ask(person, "send", i, **TO_GROUP) for i in policy.items}
    gone = {item for item, decision in decisions.items() if decision.permitted}
    assert gone >= user_information | {"order", "payment", "upload", "avatar", "inquiry"}
    assert decisions[FACE].outcome == "refused"
    assert "CAST-3.4" in cites(decisions[FACE])
    assert not gone & {FACE, "identity_proof", "mandate", "request_letter", "application"}
    mine.sql("ALTER TABLE customers ADD COLUMN blood_type TEXT")
    (fault,) = [f for f in mine.home.check_db() if f.rule == "undeclared-column"]
    assert "`app.customers.blood_type`" in fault.message
    stopped = mine.ask(person, "send", "blood_type", **TO_GROUP)
    assert (stopped.outcome, codes(stopped)) == ("undecided", {"unknown_item"})


@promise("CAST-6.0")
def test_a_company_nobody_listed_gets_nothing_before_the_person_agreed(mine: Installed) -> None:
    """Given a company U that is in no list, and no consent; an address would go there: undecided,
    for nobody knows U. Known from a consent about uploads, it is refused the address by 6.0,
    whatever the purpose; agreed to, it gets it, and no more once the consent is taken back.
    """
    person, other = mine.world.person("ben").id, mine.world.person("dai").id
    purposes = ("service", "support", "promo_mail", "partner_services")
    for purpose in purposes:
        unknown = mine.ask(person, "send", "email", purpose=purpose, recipient="company_u")
        assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    given = agreed(person, "upload", purposes=("service",), recipients=("company_u",))
    mine.home.record(given)
    for purpose in purposes:
        words = {"purpose": purpose, "recipient": "company_u", "country": "JP"}
        refused = mine.ask(person, "send", "email", **words)
        assert (refused.outcome, codes(refused)) == ("refused", {"consent_missing"})
        assert cites(refused) == {"CAST-6.0"}
        assert mine.ask(other, "send", "email", **words).outcome == "undecided"
    mine.home.record(agreed(person, "email", purposes=("service",), recipients=("company_u",)))
    words = {"purpose": "service", "recipient": "company_u", "country": "JP"}
    permitted = mine.ask(person, "send", "email", **words)
    assert permitted.permitted
    assert "CAST-6.0" in cites(permitted)
    mine.home.record(Withdrawal(person, AT.replace(minute=30)))
    later = mine.ask(person, "send", "email", at=AT.replace(hour=10), **words)
    assert not later.permitted


@promise("CAST-6.1a")
def test_who_packs_parcels_gets_addresses_for_parcels_and_for_nothing_else(
    mine: Installed,
) -> None:
    """Given a contractor `packer` registered for shipping; an address would go there to aim
    advertising: refused, for that purpose is not outsourced to it. For shipping it goes. Birth
    dates are nothing it gets at all.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    words = {"recipient": "packer"}
    refused = mine.ask(person, "send", "postal_address", purpose="targeting", **words)
    assert refused.outcome == "refused"
    assert "purpose_not_for_recipient" in codes(refused)
    assert "CAST-6.1a" in cites(refused)
    shipped = mine.ask(person, "send", "postal_address", purpose="shipping", **words)
    assert shipped.permitted
    assert {"CAST-6.1a", "CAST-2.4", "APPI 27(5)(i)"} <= cites(shipped)
    birth = mine.ask(person, "send", "birth_date", purpose="shipping", **words)
    assert "item_not_for_recipient" in codes(birth)


@promise("CAST-6.2")
def test_an_overdue_review_of_a_contractor_is_found_and_stops_what_goes_there(
    mine: Installed,
) -> None:
    """Given a contractor who sends mail and whose review fell due yesterday; the daily review
    names the contractor and since when, and the next address that would go there is undecided,
    naming the supervision that lapsed. The day before, and after the next review, neither.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    words = {"purpose": "important_notice", "recipient": "mailhouse"}
    due = UNTIL
    before, after = due - timedelta(days=1), due + timedelta(days=1)
    assert _overdue(mine, before, "mailhouse") == []
    assert mine.ask(person, "send", "email", at=before, **words).permitted
    assert _overdue(mine, after, "mailhouse") == [("CAST-6.1a", due)]
    mine.home.assure(Assurance("trustee_record", "mailhouse", SINCE, "contract 2", by="sato"))
    overdue = mine.ask(person, "send", "email", at=after, **words)
    assert (overdue.outcome, codes(overdue)) == ("undecided", {"assurance_lapsed"})
    assert about(overdue) == {"supervision:mailhouse"}
    mine.home.assure(Assurance("supervision", "mailhouse", due, "review 2", by="sato"))
    assert _overdue(mine, after, "mailhouse") == []
    assert mine.ask(person, "send", "email", at=after, **words).permitted


@promise("CAST-2.17c")
def test_an_overdue_review_of_a_partner_is_a_duty_and_stops_what_goes_there(
    mine: Installed,
) -> None:
    """Given a studio whose review fell due yesterday; the daily look names it and makes it
    somebody's duty, and nothing goes there, with consent neither.
    """
    in_order(mine)
    person, after = mine.world.person("ben").id, UNTIL + timedelta(days=1)
    scope = {"purposes": ("joint_service",), "recipients": ("studio_x",)}
    mine.home.record(agreed(person, "email", **scope))
    words = {**JOINT, "relation": "joint_service_member"}
    assert mine.ask(person, "send", "email", **words).permitted
    assert _overdue(mine, after, "studio_x") == [("CAST-2.18", UNTIL)]
    assert "studio_x" not in {d.subject for d in mine.home.days.check().opened}
    mine.clock.set(after)
    (found,) = [d for d in mine.home.days.check().opened if d.subject == "studio_x"]
    assert (found.code, found.cite) == ("supervision-overdue", "CAST-2.18")
    assert found in mine.home.days.duties()
    overdue = mine.ask(person, "send", "email", at=after, **words)
    assert (overdue.outcome, codes(overdue)) == ("undecided", {"assurance_lapsed"})
    assert about(overdue) == {"supervision:studio_x"}


def _overdue(mine: Installed, at: datetime, company: str) -> list[tuple[str, datetime | None]]:
    """What the daily review finds about the supervision of a company: clause, since when."""
    found = review(mine.home.parts.policy(), mine.home.assurances(), at)
    overdue = [f for f in found if f.code == "supervision-overdue"]
    return [(f.cite, f.since_at) for f in overdue if f.subject == company]


@promise("CAST-4.1")
def test_care_for_what_is_stored_is_reported_until_it_is_shown(mine: Installed) -> None:
    """Given guarding against leak, loss and damage without any evidence; the report names it with
    4.1 as unproven. With evidence it is gone from the report, and back as stale when its year is
    over. It names nothing but words of the policy.
    """

    def said(at: datetime) -> list[tuple[str, str]]:
        found = review(mine.home.parts.policy(), mine.home.assurances(), at)
        return [(f.code, f.cite) for f in found if f.subject == "storage_care"]

    assert said(AT) == [("measure-unproven", "CAST-4.1")]
    mine.home.assure(Assurance("measure", "storage_care", AT, "restore test of 20 November"))
    assert said(AT) == []
    assert said(AT + timedelta(days=365)) == []
    assert said(AT + timedelta(days=366)) == [("measure-stale", "CAST-4.1")]


@promise("CAST-6.3")
def test_maintenance_is_told_to_those_who_want_no_promotion(
    asked: Installed, someone: PersonId
) -> None:
    """Given a customer who had promotion suspended, and maintenance tomorrow; the address serves
    the important message, by 6.3, and no promotion.
    """
    suspended = Suspension(someone, AT.replace(hour=1), Scope(purposes=("promo_mail",)))
    asked.home.record(suspended)
    told = asked.ask(someone, "use", "email", purpose="important_notice")
    assert told.permitted
    assert asked.home.history.versions[-1].purposes["important_notice"].also == ("6.3",)
    promotion = asked.ask(someone, "use", "email", purpose="promo_mail")
    assert (promotion.outcome, codes(promotion)) == ("refused", {"suspended"})
