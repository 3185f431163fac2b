"""Articles 0 to 2: what is personal, what stands behind every answer, what came from partners."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from seiyaku.cli import cli
from seiyaku.testing.promises import promise

from ..homes import Copies, Installed, about, cites, codes, published


def _invoke(*command: str) -> str:
    shown = CliRunner().invoke(cli, list(command))
    assert shown.exit_code in (0, 1), shown.output
    return shown.stdout


@promise("NICO-0.2")
def test_every_answer_of_the_gate_names_a_clause_or_the_word_nobody_declared(
    asked: Installed,
) -> None:
    """Given every item under every act, and every purpose and recipient; each decision bears the
    policy's version and each reason cites a clause of it or an article of the Act. Only a word
    that nothing declares has nothing to cite: it is then named, and nothing is permitted on it.
    """
    policy = asked.home.history.versions[-1]
    person = asked.world.people[0]
    purposes = (*policy.purposes, "credit_scoring")
    recipients = (*policy.recipients, "police", "adnet1")
    questions: list[tuple[str, str, dict[str, str]]] = []
    for n, item in enumerate(policy.items):
        purpose, recipient = purposes[n % len(purposes)], recipients[n % len(recipients)]
        sent = {"purpose": purpose, "recipient": recipient, "country": "JP"}
        questions += [(act, item, {}) for act in ("collect", "keep")]
        questions += [("use", item, {"purpose": purpose}), ("send", item, sent)]
    questions += [("use", "email", {"purpose": purpose}) for purpose in purposes]
    outcomes = set()
    for act, item, words in questions:
        decision = asked.ask(person, act, item, **words)
        outcomes.add(decision.outcome)
        assert decision.version == policy.version.id
        assert decision.reasons
        for reason in decision.reasons:
            known = reason.cite.startswith(("NICO-", "APPI "))
            assert known or (decision.outcome == "undecided" and reason.about), decision
            if reason.cite.startswith("NICO-"):
                assert reason.cite.removeprefix("NICO-") in policy.clauses
    assert outcomes == {"permitted", "refused", "undecided"}


@promise("NICO-1.1")
def test_a_table_without_a_name_is_personal_where_it_points_at_a_member(
    asked: Installed, tmp_path: Path
) -> None:
    """Given browsing events, which hold a member's number and no name; when the data map is
    drafted from the database itself and the rows of `members` are said to be people, every
    event is found to be somebody's by that number, and the items in it count as that person's.
    The same holds for the terminal identifier. Partners hang on no person.
    """
    home = tmp_path / "drafted"
    _invoke("init", str(home), "--db", str(asked.folder / "app.db"), "--name", "nicori")
    (home / "policy.yaml").write_text(published("nicori"), "utf-8")
    datamap = home / "datamap.yaml"
    drafted = datamap.read_text("utf-8")
    people = "      members:\n        # person: user "
    assert drafted.count(people) == 1
    drafted = drafted.replace(people, "      members:\n        person: member #")
    for column, item in (("url", "page_view"), ("terminal_id", "terminal_id")):
        assert drafted.count(f"          {column}: ~\n") == 1
        drafted = drafted.replace(f"          {column}: ~\n", f"          {column}: {item}\n")
    datamap.write_text(drafted, "utf-8")
    found = {
        d["dataset"]: d
        for d in json.loads(_invoke("map", "--home", str(home), "--json"))["datasets"]
    }
    for table, item in (("browsing_events", "page_view"), ("device_profiles", "terminal_id")):
        assert "member_id = app.members.id" in found[f"app.{table}"]["found_by"]
        assert found[f"app.{table}"]["items"] == [item]
    assert found["app.partners"]["found_by"] == "nobody's"


@promise("NICO-2.2k")
def test_what_came_from_a_partner_is_shown_with_the_partner_it_came_from(
    opened: Copies,
) -> None:
    """Given an event of a member that the partner adnet1 delivered; when they ask for disclosure,
    the row says so, in the database and in the copy of the browsing logs; what the service saw
    itself names no partner.
    """
    mine = opened()
    ((member,),) = mine.sql(
        "SELECT member_id FROM browsing_events WHERE partner = 'adnet1' ORDER BY id LIMIT 1"
    )
    shown = mine.package(mine.carry_out("disclosure", str(member), "drivers_licence"))
    for dataset in ("app.browsing_events", "browsing.browsing_events"):
        rows = shown[dataset]
        assert {r["partner"] for r in rows if r["source"] == "device"} <= {None}
        assert "adnet1" in {r["partner"] for r in rows if r["source"] == "partner"}
        assert None not in {r["partner"] for r in rows if r["source"] == "partner"}
    by_id = mine.sql("SELECT id, partner FROM browsing_events WHERE member_id = ?", member)
    assert {(r["id"], r["partner"]) for r in shown["app.browsing_events"]} == set(by_id)


def test_what_an_unknown_partner_delivers_may_not_be_taken_in(asked: Installed) -> None:
    """From a source nobody declared, taking in records of a transaction is undecided, and names the
    source; from a partner it is permitted, by 2.1c.
    """
    person = asked.world.person("aki").id
    for item in ("partner_transaction", "partner_settlement", "page_view"):
        unknown = asked.ask(person, "collect", item, source="zeta")
        assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_source"})
        assert about(unknown) == {"zeta"}
    known = asked.ask(person, "collect", "partner_transaction", source="partner")
    assert (known.outcome, cites(known)) == ("permitted", {"NICO-2.1c"})
    own = asked.ask(person, "collect", "partner_transaction", source="person")
    assert (own.outcome, codes(own)) == ("refused", {"source_not_declared"})
