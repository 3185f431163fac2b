"""Articles 0 to 2: whose data, which data, and the closed list of what it serves."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.gate import Case
from seiyaku.kernel import InvalidDocument, PersonId
from seiyaku.standing import Withdrawal
from seiyaku.testing.promises import promise

from ..homes import AT, Copies, Installed, about, cites, codes
from .conftest import agreed, mapped

KINDS = {
    "customers": "customer",
    "applicants": "applicant",
    "employees": "employee",
    "stockholders": "shareholder",
    "prospects": "prospect",
}


@promise("CAST-0.1")
def test_every_table_of_people_says_which_people_they_are(opened: Copies) -> None:
    """Given five tables of people, each of one kind that the policy speaks of; the data map with
    employees said to be nobody in particular is refused, naming the table; said to be people of
    a kind the policy does not speak of, they are reported as out of its scope.
    """
    home = opened().home
    declared = {d.partition(".")[2]: root.person for d, root in home.parts.datamap.persons()}
    assert {table: declared[table] for table in KINDS} == KINDS
    assert set(home.history.versions[-1].people) == set(KINDS.values())
    assert not [f for f in home.check_db() if f.rule == "subject-out-of-scope"]
    employees = "        person: employee\n"
    untagged = opened(mapped((employees, "")), "untagged")
    with pytest.raises(InvalidDocument) as refused:
        untagged.home.check_db()
    (fault,) = refused.value.faults
    assert (fault.rule, fault.severity) == ("belongs-to-nobody", "error")
    assert "`employees`" in fault.message
    staff = opened(mapped((employees, "        person: temp_staff\n")), "staff")
    (found,) = [f for f in staff.home.check_db() if f.rule == "subject-out-of-scope"]
    assert "`app.employees` holds people of kind `temp_staff`" in found.message


BEACONS = """      beacons:
        key: id
        links: [{by: device_id, to: devices, columns: device_id}]
        fields: {id: ~, device_id: {item: device_id, source: device}, seen: ~}
      colours:
        key: id
        shared: true
        fields: {id: ~, colour: ~}

"""


@promise("CAST-1.1")
def test_a_device_number_is_personal_in_every_table_that_leads_to_a_customer(
    opened: Copies,
) -> None:
    """Given devices with a customer's number, and beacons with a device's number alone; both are
    found to be somebody's, the beacons through the device, and both stand in what the customer
    is shown. Colours lead to nobody. A table with a device's number that is not linked is no
    answer: the data map is refused.
    """
    home = opened(mapped(("  objects:\n", f"{BEACONS}  objects:\n")))
    home.sql("CREATE TABLE beacons (id INTEGER PRIMARY KEY, device_id TEXT, seen TEXT)")
    home.sql("CREATE TABLE colours (id INTEGER PRIMARY KEY, colour TEXT)")
    home.sql("INSERT INTO beacons (device_id, seen) SELECT device_id, 'x' FROM devices")
    listed = CliRunner().invoke(cli, ["map", "--home", str(home.folder), "--json"]).stdout
    found = {d["dataset"]: d for d in json.loads(listed)["datasets"]}
    assert found["app.devices"]["found_by"] == "customer_id = app.customers.id"
    assert found["app.beacons"]["found_by"] == "device_id = app.devices.device_id"
    assert found["app.beacons"]["items"] == ["device_id"]
    assert found["app.colours"]["found_by"] == "nobody's"
    aki = home.world.person("aki").id
    own = {d for (d,) in home.sql("SELECT device_id FROM devices WHERE customer_id = ?", aki)}
    shown = home.package(home.carry_out("disclosure", aki, "passport", channel="post"))
    assert {row["device_id"] for row in shown["app.beacons"]} == own
    unlinked = BEACONS.replace(
        "        links: [{by: device_id, to: devices, columns: device_id}]\n", ""
    )
    loose = opened(mapped(("  objects:\n", f"{unlinked}  objects:\n")), "loose")
    with pytest.raises(InvalidDocument) as refused:
        loose.home.check_db()
    assert "`beacons`" in refused.value.faults[0].message


@promise("CAST-1.2g")
def test_user_information_is_what_article_1_lists_and_no_column_stays_without_a_word(
    opened: Copies,
) -> None:
    """Given view history (collected information), external links (consent information), the
    personal columns of customers, and avatars that the data map leaves without a word; the check
    reports the columns of avatars. A Joint Service (2.18) may be given every item of the three
    parts of Article 1 and no other but membership in it; the group (5.3) every one of them.
    """
    avatar = "{item: avatar, source: person}\n"
    words = f"          name: {avatar}          parameters_json: {avatar}"
    home = opened(mapped((words, "")))
    found = [f.message for f in home.home.check_db() if f.rule == "undeclared-column"]
    assert [m.split("`")[1] for m in found] == ["app.avatars.name", "app.avatars.parameters_json"]
    policy, aki = home.home.history.versions[-1], home.world.person("aki").id
    parts = {w: item.clause[:3] for w, item in policy.items.items() if item.clause.startswith("1.")}
    assert set(parts.values()) == {"1.2", "1.3", "1.4"}
    assert {parts["view_history"], parts["external_id"], parts["email"]} == {"1.4", "1.3", "1.2"}

    def serves(purpose: str) -> set[str]:
        return {i for i in policy.items if home.ask(aki, "use", i, purpose=purpose).permitted}

    assert serves("joint_service") == {*parts, "partner_membership"}
    assert serves("group_provision") > set(parts)
    assert "avatar" not in serves("joint_service")


@promise("CAST-1.3")
def test_of_a_linked_service_nothing_is_taken_but_what_the_customer_permitted(
    asked: Installed, someone: PersonId
) -> None:
    """Given a customer who permitted the id at a linked service, and an answer of that service
    with id, profile and friends; asked item by item, the id may be collected, the profile is
    refused by 1.3, and friends are a word nobody declared. What the service itself was not
    allowed to give is refused before anything is asked of the customer. Before the permission,
    and after it is revoked, nothing is taken; nor what arose before it and arrives later.
    """
    outside = {"source": "external_service", "scopes": frozenset({"id", "profile"})}

    def taken(**words: object) -> dict[str, str]:
        answer = ("external_id", "permitted_profile", "friends")
        return {i: asked.ask(someone, "collect", i, **outside, **words).outcome for i in answer}

    nothing = {"external_id": "refused", "permitted_profile": "refused", "friends": "undecided"}
    assert taken() == nothing
    asked.home.record(agreed(someone, "external_id"))
    assert taken() == {**nothing, "external_id": "permitted"}
    profile = asked.ask(someone, "collect", "permitted_profile", **outside)
    assert (codes(profile), cites(profile)) == ({"consent_missing"}, {"CAST-1.3"})
    unlinked = asked.ask(someone, "collect", "external_id", source="external_service")
    assert (codes(unlinked), cites(unlinked)) == ({"scope_not_granted"}, {"CAST-1.3"})
    assert taken(data_at=AT.replace(hour=6)) == nothing
    asked.home.record(Withdrawal(someone, AT.replace(minute=20)))
    later = AT.replace(hour=10)
    assert taken(at=later) == nothing
    revoked = asked.ask(someone, "collect", "external_id", at=later, **outside)
    assert (codes(revoked), cites(revoked)) == ({"consent_withdrawn"}, {"CAST-1.3"})


@promise("CAST-2.0")
def test_credit_scoring_gets_no_item_for_nobody_listed_it(
    asked: Installed, someone: PersonId
) -> None:
    """Given credit scoring, a purpose the list does not name; no item may be used for it: each
    is undecided, naming the word, and the face, with what is made of it, is refused before that
    is even asked.
    """
    for item in asked.home.history.versions[-1].items:
        decision = asked.ask(someone, "use", item, purpose="credit_scoring")
        if item in ("face_expression", "avatar_motion"):
            assert (decision.outcome, cites(decision)) == ("refused", {"CAST-3.2"})
            continue
        assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_purpose"})
        assert about(decision) == {"credit_scoring"}
    assert asked.ask(someone, "use", "email", purpose="important_notice").permitted


@promise("CAST-2.24")
def test_a_new_purpose_waits_for_consent_and_a_court_does_not(
    asked: Installed, someone: PersonId
) -> None:
    """Given a purpose nobody listed. Without consent an order does not serve it (undecided: what
    nobody listed is unknown); with a consent that names order and purpose it does, by 2.24, and
    nothing else does; after it is taken back it does not. A court's order with its document opens
    the use it demands, citing the Act; it names no purpose of ours, which the gate could not know.
    """
    words = {"purpose": "credit_scoring"}
    before = asked.ask(someone, "use", "order", **words)
    assert (before.outcome, codes(before)) == ("undecided", {"unknown_purpose"})
    asked.home.record(agreed(someone, "order", purposes=("credit_scoring",)))
    permitted = asked.ask(someone, "use", "order", **words)
    assert (permitted.outcome, cites(permitted)) == ("permitted", {"CAST-2.24"})
    other = asked.ask(someone, "use", "payment", **words)
    assert (other.outcome, codes(other)) == ("refused", {"consent_missing"})
    asked.home.record(Withdrawal(someone, AT.replace(minute=10)))
    taken_back = asked.ask(someone, "use", "order", at=AT.replace(hour=10), **words)
    assert not taken_back.permitted
    basis = frozenset({"legal_basis"})
    order = Case("legal_demand", "law", basis, "sato", "5f" * 32)
    demanded, entry = asked.ask_on(someone, "use", "view_history", case=order)
    assert demanded.permitted
    assert cites(demanded) == {"CAST-6.1b", "APPI 18(3)(i)"}
    assert entry.outcome == "permitted"
    bare = Case("legal_demand", "law", basis, "sato")
    assert asked.ask(someone, "use", "view_history", case=bare).outcome == "refused"
    assert asked.ask(someone, "use", "view_history").outcome == "undecided"
