"""Purposes of Article 2 whose probe needs a company in a register, or somebody else."""

from __future__ import annotations

from seiyaku.kernel import PersonId
from seiyaku.standing import Scope, Suspension
from seiyaku.testing.promises import promise

from ..homes import AT, Installed, cites, codes
from .conftest import by_letter, in_order

WON = frozenset({"prize_won"})


def _uses(asked: Installed, person: PersonId, purpose: str, *items: str, clause: str) -> None:
    """Each item may be used for the purpose, by the clause and the version in force."""
    for item in items:
        decision = asked.ask(person, "use", item, purpose=purpose)
        assert decision.permitted, (item, decision.reasons)
        assert (cites(decision), decision.version) == ({f"CAST-{clause}"}, "2020-09-07")


@promise("CAST-2.5")
def test_the_carrier_gets_the_address_of_who_won_and_of_nobody_else(
    asked: Installed, someone: PersonId
) -> None:
    """Given entries of a giveaway; they serve the prize, and with a prize that was won name and
    address do too, and go to the carrier. The address of somebody who did not win goes nowhere.
    """
    _uses(asked, someone, "prize", "giveaway_entry", clause="2.5")
    words = {"purpose": "prize", "recipient": "packer"}
    for item in ("name", "postal_address"):
        won = asked.ask(someone, "use", item, purpose="prize", contexts=WON)
        assert (won.permitted, cites(won)) == (True, {"CAST-2.5"})
        sent = asked.ask(someone, "send", item, contexts=WON, **words)
        assert sent.permitted
        assert {"CAST-2.5", "CAST-6.1a"} <= cites(sent)
        lost = asked.ask(someone, "send", item, **words)
        assert (lost.outcome, codes(lost)) == ("refused", {"context_missing"})
        assert cites(lost) == {"CAST-2.5"}


@promise("CAST-2.11")
def test_research_is_done_inside_and_nobody_outside_gets_identified_rows(
    asked: Installed, someone: PersonId
) -> None:
    """Given view history and answers to questionnaires; they serve research here. Rows of a person
    go for it neither to the laboratory, nor to the sponsor, nor to the group.
    """
    _uses(asked, someone, "research", "view_history", "survey_answer", clause="2.11")
    for recipient in ("lab_y", "sponsor_z", "studio_x", "group_a"):
        for item in ("view_history", "survey_answer"):
            words = {"purpose": "research", "recipient": recipient}
            outside = asked.ask(someone, "send", item, **words)
            assert outside.outcome == "refused"
            assert "purpose_not_for_recipient" in codes(outside)
    joint = asked.ask(someone, "send", "view_history", purpose="joint_research", recipient="lab_y")
    assert joint.outcome == "refused"


@promise("CAST-2.20")
def test_papers_of_an_applicant_serve_recruiting_and_neither_promotion_nor_the_group(
    asked: Installed,
) -> None:
    """Given an applicant; name, e-mail address and papers serve recruiting. They serve no
    promotion and go to no company of the group: these purposes are for customers. A customer has
    no papers to recruit with.
    """
    applicant, customer = PersonId("applicant:1"), asked.world.person("ben").id
    _uses(asked, applicant, "recruit", "name", "email", "application", clause="2.20")
    for item in ("name", "email", "application"):
        mail = asked.ask(applicant, "use", item, purpose="promo_mail")
        assert mail.outcome == "refused"
        assert "other_people" in codes(mail)
        words = {"purpose": "group_provision", "recipient": "group_a"}
        group = asked.ask(applicant, "send", item, **words)
        assert group.outcome == "refused"
        assert "other_people" in codes(group)
    papers = asked.ask(customer, "use", "application", purpose="recruit")
    assert (papers.outcome, codes(papers)) == ("refused", {"other_people"})


@promise("CAST-2.21")
def test_a_request_to_answer_questions_skips_who_had_it_stopped(
    asked: Installed, someone: PersonId
) -> None:
    """Given three customers, one of whom had it suspended; a questionnaire is sent to the other
    two, and the one skipped has the suspension as the reason.
    """
    _uses(asked, someone, "survey_request", "email", clause="2.21")
    scope = Scope(purposes=("survey_request",))
    asked.home.record(Suspension(someone, AT.replace(hour=1), scope))
    ben, dai = asked.world.person("ben").id, asked.world.person("dai").id
    words = {"purpose": "survey_request"}
    answers = {p: asked.ask(p, "use", "email", **words) for p in (ben, someone, dai)}
    assert [p for p, decision in answers.items() if decision.permitted] == [ben, dai]
    assert codes(answers[someone]) == {"suspended"}


@promise("CAST-2.22")
def test_provision_to_the_group_has_every_item_but_the_face_and_ends_with_an_opt_out(
    mine: Installed,
) -> None:
    """Given a customer; every item of User Information may serve provision to the group, and the
    face may not. After an opt-out by letter none does, by 5.2, and none is sent.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    policy = mine.home.history.versions[-1]
    items = [w for w, item in policy.items.items() if item.clause.startswith("1.")]
    _uses(mine, person, "group_provision", *items, clause="2.22")
    face = mine.ask(person, "use", "face_expression", purpose="group_provision")
    assert (face.outcome, cites(face)) == ("refused", {"CAST-3.2"})
    by_letter(mine, "stop_provision", person, recipients=("group_companies",))
    words = {"purpose": "group_provision", "recipient": "group_a"}
    for item in items:
        stopped = mine.ask(person, "send", item, **words)
        assert (stopped.outcome, codes(stopped)) == ("refused", {"opted_out"})
        assert "CAST-5.2" in cites(stopped)
