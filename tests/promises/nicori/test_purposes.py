"""Article 3: the list of purposes is closed, and promotion waits for approval."""

from __future__ import annotations

from datetime import UTC, datetime

from seiyaku.assurance import Assurance
from seiyaku.standing import Consent, Scope, Withdrawal
from seiyaku.testing.promises import promise

from ..homes import AT, Installed, cites, codes


@promise("NICO-3.0")
def test_nothing_is_used_for_a_purpose_outside_the_list(asked: Installed) -> None:
    """Given orders and credit scoring, which the list does not name; using the amount billed, or
    any item, for it is undecided, which is no permission, and says which word nobody declared.
    For contact about the order the amount may be used.
    """
    person = asked.world.person("aki").id
    for item in asked.home.history.versions[-1].items:
        decision = asked.ask(person, "use", item, purpose="credit_scoring")
        assert (decision.outcome, codes(decision)) == ("undecided", {"unknown_purpose"})
        assert {r.about for r in decision.reasons} == {"credit_scoring"}
    assert asked.ask(person, "use", "billing_amount", purpose="order_contact").permitted
    unlisted = asked.ask(person, "use", "billing_amount", purpose="shipping")
    assert (unlisted.outcome, cites(unlisted)) == ("refused", {"NICO-3.2a"})


@promise("NICO-3.4")
def test_campaigns_wait_for_approval_until_somebody_reads_the_two_clauses_otherwise(
    mine: Installed,
) -> None:
    """Given 3.4, which asks nobody, and 3.6, which asks for approval; using buying history and
    contact data to tell of a campaign is refused by 3.6 for a member who approved nothing, and
    permitted by 3.4 for one who approved. Once a named person reads it the other way, 3.4 alone
    counts from then on, and not before.
    """
    words = {"purpose": "campaign_info", "source": "person"}
    items = ("name", "postal_address", "email", "purchase")
    chika, ben = (mine.world.person(short).id for short in ("chika", "ben"))
    given, scope = AT.replace(hour=8), Scope(purposes=("campaign_info",))
    shown = AT.replace(hour=7)
    mine.home.record(Consent(chika, given, scope, "undated", presented_at=shown))
    for item in items:
        refused = mine.ask(ben, "use", item, **words)
        assert (refused.outcome, codes(refused)) == ("refused", {"consent_missing"})
        assert cites(refused) == {"NICO-3.6"}
        approved = mine.ask(chika, "use", item, **words)
        assert (approved.outcome, cites(approved)) == ("permitted", {"NICO-3.4"})
        assert approved.version == "undated"
    phone = mine.ask(chika, "use", "phone", **words)
    assert codes(phone) == {"item_not_for_purpose"}
    noon = AT.replace(hour=12)
    kind, dispute = "reading", "approval_for_campaigns"
    mine.home.assure(Assurance(kind, dispute, noon, "minutes 4", about="3.4", by="minami"))
    assert mine.ask(ben, "use", "email", **words).outcome == "refused"
    assert mine.ask(ben, "use", "email", at=noon, **words).permitted
    promotion = mine.ask(ben, "use", "email", purpose="promotion", at=noon)
    assert codes(promotion) == {"consent_missing"}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@promise("NICO-3.6")
def test_promotion_goes_to_the_one_who_approved_of_three(mine: Installed) -> None:
    """Given three members, whose approvals stand in the service's own table: one approved, one
    was never asked, one took it back; a campaign that asks before every mail sends one. The two
    refusals are kept, with the clause and why, and can be read back.
    """
    chika, ben, dai = (mine.world.person(short).id for short in ("chika", "ben", "dai"))
    approvals = mine.sql("SELECT member_id, approved_at, withdrawn_at FROM marketing_consents")
    for member, approved, withdrawn in approvals:
        person = mine.world.person(str(member)).id
        if person not in (chika, ben, dai):
            continue
        at, scope = _moment(approved), Scope(purposes=("promotion",))
        shown = at.replace(hour=0, minute=0, second=0)
        mine.home.record(Consent(person, at, scope, "undated", presented_at=shown))
        if withdrawn:
            mine.home.record(Withdrawal(person, _moment(withdrawn), scope))
    words = {"purpose": "promotion", "at": AT}
    decisions = {p: mine.ask(p, "use", "email", **words) for p in (chika, ben, dai)}
    assert [p for p, d in decisions.items() if d.permitted] == [chika]
    assert cites(decisions[chika]) == {"NICO-3.6"}
    assert (codes(decisions[ben]), cites(decisions[ben])) == ({"consent_missing"}, {"NICO-3.6"})
    assert codes(decisions[dai]) == {"consent_withdrawn"}
    for person in (ben, dai):
        (logged,) = mine.home.why(person, "email").asked
        assert logged.decision == decisions[person]
        assert (logged.decision.outcome, logged.question.purpose) == ("refused", "promotion")
