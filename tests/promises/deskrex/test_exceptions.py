"""Articles 6.2 to 6.10: the ways past consent, and those the law does not know."""

from __future__ import annotations

from typing import Any

import pytest

from seiyaku.assurance import Assurance, Membership
from seiyaku.gate import Case
from seiyaku.kernel import PersonId
from seiyaku.standing import Acceptance
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Copies, Installed, about, cites, codes
from .conftest import REVISION, agreed, with_revision

DOCUMENT = "5f" * 32


def _case(code: str, *stated: str, **more: str) -> Case:
    return Case("exception", code, frozenset(stated), **more)


@promise("DESK-6.2")
def test_a_successor_takes_over_the_purposes_and_gets_no_new_one(mine: Installed) -> None:
    """Given a successor in its register; for credit scoring it gets nothing, whatever a user
    agreed to with us: the succession carries the purposes there are. For these it gets what the
    purposes have, by 6.2 and the Act.
    """
    person = mine.world.person("aki").id
    mine.home.enrol(Membership("successors", "newco", SINCE, countries=("JP",)))
    mine.home.record(agreed(person, "payment", purposes=("credit_scoring",)))
    policy = mine.home.history.versions[-1]
    assert mine.ask(person, "use", "payment", purpose="credit_scoring").permitted
    words = {"recipient": "newco", "purpose": "credit_scoring"}
    extended = mine.ask(person, "send", "payment", **words)
    assert (extended.outcome, codes(extended)) == ("refused", {"purpose_not_for_recipient"})
    assert cites(extended) == {"DESK-6.2"}
    assert set(policy.recipients["successors"].purposes) == set(policy.purposes)
    for item in policy.purposes["account_ops"].items:
        words = {"recipient": "newco", "purpose": "account_ops"}
        handed = mine.ask(person, "send", item, **words)
        assert handed.permitted == (item in policy.recipients["successors"].items)
    assert mine.ask(person, "send", "payment", **words).permitted
    assert {"DESK-6.2", "APPI 27(5)(ii)"} <= cites(mine.ask(person, "send", "payment", **words))


@promise("DESK-6.3")
def test_linked_media_show_content_after_consent_and_not_by_way_of_an_exception(
    mine: Installed,
) -> None:
    """Given a linked platform, and 6.3, which points at the wrong purpose; posting content there
    is undecided until a named person reads it as 2.9, and as an exception it is refused. The Act
    knows no such exception (where the register would then permit): so it takes the consent of
    6.0, which opens content and display name for showing, and nothing else.
    """
    person = mine.world.person("aki").id
    mine.home.enrol(Membership("linked_media", "blog_one", SINCE, countries=("JP",)))
    words: dict[str, Any] = {"recipient": "blog_one", "purpose": "publish_linked"}
    case = _case("linked_media", approver="sato", document=DOCUMENT)
    excepted = mine.ask(person, "send", "user_content", case=case, **words)
    assert (excepted.outcome, codes(excepted)) == ("refused", {"no_such_exception"})
    assert cites(excepted) == {"DESK-6.3"}
    unread = mine.ask(person, "send", "user_content", **words)
    assert (unread.outcome, codes(unread)) == ("undecided", {"unresolved_reference"})
    assert cites(unread) == {"DESK-6.3"}
    mine.home.assure(Assurance("reading", "linked_media", SINCE, "minute 3", "2.9", by="sato"))
    unasked = mine.ask(person, "send", "user_content", **words)
    assert (unasked.outcome, codes(unasked)) == ("refused", {"consent_missing"})
    policy = mine.home.history.versions[-1]
    everything = tuple(policy.items)
    scope = {"purposes": ("publish_linked",), "recipients": ("blog_one",)}
    mine.home.record(agreed(person, *everything, **scope))
    shown = {i for i in everything if mine.ask(person, "send", i, **words).permitted}
    assert shown == {"user_content", "display_name"}


@promise("DESK-6.4")
def test_breach_of_terms_alone_is_no_way_past_consent(asked: Installed, someone: PersonId) -> None:
    """Given logs that would go to the police to defend the company's rights; with and without a
    breach of terms on record, an approver and a document, it is refused by 6.4: the Act has no
    such exception (where the register would permit with a mark for review). The Act's own, with
    its conditions, stays open.
    """
    for stated in ((), ("breach_of_terms",)):
        case = _case("own_rights", *stated, approver="sato", document=DOCUMENT)
        words = {"recipient": "police", "case": case}
        decision, entry = asked.ask_on(someone, "send", "access_log", **words)
        assert (decision.outcome, codes(decision)) == ("refused", {"no_such_exception"})
        assert cites(decision) == {"DESK-6.4"}
        assert entry.outcome == "refused"
    lawful = _case("life_body_property", "danger", "consent_impractical", approver="sato")
    assert asked.ask(someone, "send", "access_log", recipient="police", case=lawful).permitted


def _exception(clause: str, *values: object) -> Any:
    mark = pytest.mark.promise(clause, template="", by_hand=False)
    return pytest.param(clause, *values, id=clause, marks=mark)


_DANGER = ("danger", "consent_impractical")
_HEALTH = ("special_need", "consent_impractical")
_DUTY = ("authority", "legal_duty", "consent_hinders_duty")


@pytest.mark.parametrize(
    ("clause", "code", "recipient", "conditions", "law"),
    [
        _exception("DESK-6.5", "life_body_property", "hospital", _DANGER, "(ii)"),
        _exception("DESK-6.6", "public_health_children", "public_health_centre", _HEALTH, "(iii)"),
        _exception("DESK-6.9", "state_cooperation", "police", _DUTY, "(iv)"),
    ],
)
def test_an_exception_opens_with_all_of_its_conditions_and_an_approver(
    asked: Installed,
    someone: PersonId,
    clause: str,
    code: str,
    recipient: str,
    conditions: tuple[str, ...],
    law: str,
) -> None:
    """Given a hospital in danger of a life, a health centre, or the police with authority and
    duty; while nothing is said on asking the person, or any one condition is missing, a name
    stays, and the missing condition is named with the clause and the Act. With all of them and
    an approver it goes, and the evidence holds the approver and the document.
    """

    def asks(*stated: str, **more: str) -> Any:
        case = _case(code, *stated, document=DOCUMENT, **more)
        return asked.ask_on(someone, "send", "name", recipient=recipient, case=case)

    for left_out in conditions:
        rest = [c for c in conditions if c != left_out]
        decision, entry = asks(*rest, approver="sato")
        assert (decision.outcome, codes(decision)) == ("refused", {"condition_missing"})
        assert (about(decision), entry.outcome) == ({left_out}, "refused")
        assert cites(decision) == {clause, f"APPI 27(1){law}"}
    assert about(asks(*conditions)[0]) == {"approver"}
    decision, entry = asks(*conditions, approver="sato")
    assert decision.permitted
    assert cites(decision) == {clause, f"APPI 27(1){law}"}
    assert (entry.outcome, entry.actor, entry.detail["document"]) == ("permitted", "sato", DOCUMENT)
    bare = asked.ask(someone, "send", "name", recipient=recipient, purpose="support")
    assert (bare.outcome, codes(bare)) == ("refused", {"kind_needs_case"})


@promise("DESK-6.7")
def test_the_partner_of_4_1_is_nobody_and_its_exception_opens_for_no_one(opened: Copies) -> None:
    """Given the list of 4.1, which is empty; a module that asks for cookies gets none, whether
    6.7 is named or not. A new version that lists the module does not let it pass by itself: the
    Act has no such exception (where the register says it would), so the module gets the cookie
    of those who agreed to it, and 6.7 opens for no one.
    """
    case = _case("cookie_partners", approver="sato", document=DOCUMENT)
    words: dict[str, Any] = {"recipient": "tagmgr", "purpose": "measure"}
    home = opened(name="published")
    person = home.world.person("aki").id
    unknown = home.ask(person, "send", "cookie_id", **words)
    assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    nobody = home.ask(person, "send", "cookie_id", purpose="measure", recipient="cookie_partner")
    assert (nobody.outcome, cites(nobody)) == ("undecided", {"DESK-4.1"})
    assert "members:cookie_partner" in about(nobody)
    assert not home.ask(person, "send", "cookie_id", case=case, **words).permitted
    home.home.enrol(Membership("cookie_partners", "tagmgr", SINCE, countries=("JP",)))
    listed = home.ask(person, "send", "cookie_id", **words)
    assert (listed.outcome, codes(listed)) == ("undecided", {"empty_list"})
    purposed = (
        "    register: cookie_partners\n",
        "    register: cookie_partners\n    purposes: [measure]\n",
    )
    revised = with_revision(opened, purposed)
    revised.home.enrol(Membership("cookie_partners", "tagmgr", SINCE, countries=("JP",)))
    excepted = revised.ask(person, "send", "cookie_id", case=case, **words)
    assert (excepted.outcome, cites(excepted)) == ("refused", {"DESK-6.7"})
    assert "consent_missing" in codes(revised.ask(person, "send", "cookie_id", **words))
    scope = {"purposes": ("measure",), "recipients": ("tagmgr",)}
    revised.home.record(agreed(person, "cookie_id", **scope))
    assert codes(revised.ask(person, "send", "cookie_id", **words)) == {"version_not_accepted"}
    revised.home.record(Acceptance(person, AT.replace(hour=8), REVISION))
    assert revised.ask(person, "send", "cookie_id", **words).permitted


@promise("DESK-6.10")
def test_what_a_law_permits_has_to_name_the_law(asked: Installed, someone: PersonId) -> None:
    """Given a bar association that asks for a name under some law; with the statute left empty it
    is refused by 6.10, naming the legal basis; with it and an approver, permitted.
    """
    papers = {"approver": "sato", "document": DOCUMENT}
    words: dict[str, Any] = {"recipient": "bar_association"}
    words["case"] = _case("permitted_by_law", **papers)
    empty = asked.ask(someone, "send", "name", **words)
    assert (empty.outcome, codes(empty), about(empty)) == (
        "refused",
        {"condition_missing"},
        {"legal_basis"},
    )
    assert "DESK-6.10" in cites(empty)
    words["case"] = _case("permitted_by_law", "legal_basis", document=DOCUMENT)
    assert about(asked.ask(someone, "send", "name", **words)) == {"approver"}
    words["case"] = _case("permitted_by_law", "legal_basis", **papers)
    decision, entry = asked.ask_on(someone, "send", "name", at=AT, **words)
    assert decision.permitted
    assert {"DESK-6.10", "APPI 27(1)(i)"} <= cites(decision)
    assert (entry.actor, entry.detail["document"]) == ("sato", DOCUMENT)
