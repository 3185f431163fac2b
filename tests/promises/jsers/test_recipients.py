"""Articles 3.4 and 4: contractors who qualify, and third parties only after being shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from seiyaku.assurance import Assurance, Membership
from seiyaku.kernel import PersonId
from seiyaku.standing import Acceptance, Consent, Scope
from seiyaku.testing.promises import promise

from ..homes import SINCE, UNTIL, Installed, about, cites, codes, entrusted

VERSION = "2023-05-19"
_TEN = datetime.fromisoformat("2026-11-19T10:00:00+09:00")


def _consent(
    person: PersonId, *items: str, recipient: str = "adnet1", shown: datetime | None = _TEN
) -> Consent:
    scope = Scope(items, ("promo_mail",), (recipient,))
    given = _TEN + timedelta(minutes=5)
    return Consent(
        person, given, scope, VERSION, presented_at=shown, countries=("JP",), text_sha256="5f" * 32
    )


@promise("JSER-3.4a")
def test_a_contractor_with_one_criterion_open_gets_nothing(mine: Installed) -> None:
    """Given a contractor in the register, with contract and supervision on file and the criteria
    not met in full: no fact says that they are. Sending an address is undecided by 4.3, and
    names what is missing. With all of them passed it goes; when that lapses, no more.
    """
    person = mine.world.person("aki").id
    mine.home.enrol(Membership("contractors", "mailhouse", SINCE, countries=("JP",)))
    mine.home.assure(*entrusted("mailhouse"))
    words = {"recipient": "mailhouse", "purpose": "promo_mail"}
    still_open = mine.ask(person, "send", "email", **words)
    assert (still_open.outcome, codes(still_open)) == ("undecided", {"assurance_missing"})
    assert about(still_open) == {"contractor_criteria:mailhouse"}
    policy = mine.home.history.versions[-1]
    assert "3.4a" in policy.recipients["contractors"].also
    passed = Assurance("contractor_criteria", "mailhouse", SINCE, "checklist 3", until_at=UNTIL)
    mine.home.assure(passed)
    assert mine.ask(person, "send", "email", **words).permitted
    lapsed = mine.ask(person, "send", "email", at=UNTIL, **words)
    assert (lapsed.outcome, codes(lapsed)) == ("undecided", {"assurance_lapsed"})
    assert "contractor_criteria:mailhouse" in about(lapsed)


@promise("JSER-4.3")
def test_a_contractor_works_for_the_listed_purposes_and_for_none_of_its_own(
    mine: Installed,
) -> None:
    """Given a contractor who qualifies; for its own marketing it gets nothing: the list knows no
    such purpose. For mail of the company it gets the address, by 4.3 and the Act's rule on
    entrusting, but nothing that purpose does not need.
    """
    person = mine.world.person("aki").id
    mine.home.enrol(Membership("contractors", "mailhouse", SINCE, countries=("JP",)))
    mine.home.assure(*entrusted("mailhouse", "contractor_criteria"))
    words = {"recipient": "mailhouse"}
    own = mine.ask(person, "send", "email", purpose="contractor_marketing", **words)
    assert (own.outcome, codes(own)) == ("undecided", {"unknown_purpose"})
    mail = mine.ask(person, "send", "email", purpose="promo_mail", **words)
    assert mail.permitted
    assert cites(mail) == {"JSER-4.3", "JSER-2.3", "APPI 27(5)(i)"}
    policy = mine.home.history.versions[-1]
    assert set(policy.recipients["contractors"].purposes) <= set(policy.purposes)
    for item in ("bank_account", "drivers_licence", "inquiry"):
        more = mine.ask(person, "send", item, purpose="promo_mail", **words)
        assert (more.outcome, codes(more)) == ("refused", {"item_not_for_purpose"})


@promise("JSER-4.1")
def test_no_third_party_gets_anything_whoever_agreed_to_the_terms(mine: Installed) -> None:
    """Given an advertising network, and a customer who agreed to the terms in general and
    accepted the policy; while it is in no register nobody knows it (undecided), for every item
    and purpose. In the register it is refused by 4.1: a general agreement names no data, no
    purpose and no recipient.
    """
    person = mine.world.person("aki").id
    terms = Consent(person, _TEN, Scope(), VERSION, presented_at=_TEN - timedelta(hours=1))
    mine.home.record(terms, Acceptance(person, _TEN, VERSION))
    policy = mine.home.history.versions[-1]
    uses = [(item, word) for word, p in policy.purposes.items() for item in p.items]
    for item, purpose in uses:
        words = {"purpose": purpose, "recipient": "adnet", "country": "JP"}
        unknown = mine.ask(person, "send", item, **words)
        assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    mine.home.enrol(Membership("third_parties", "adnet", SINCE, countries=("JP",)))
    for item, purpose in uses:
        decision = mine.ask(person, "send", item, purpose=purpose, recipient="adnet")
        assert decision.outcome == "refused"
        assert cites(decision) == {"JSER-4.1"}


@promise("JSER-4.2a")
def test_a_consent_counts_only_where_data_and_purpose_were_shown_before(mine: Installed) -> None:
    """Given consents to an advertising network: one without anything having been shown, one that
    was shown afterwards, one that lists no data; each time the address is refused. One that was
    shown first, with data, purpose and the text's digest, carries what it lists and nothing else.
    """
    mine.home.enrol(Membership("third_parties", "adnet1", SINCE, countries=("JP",)))
    unshown, late, unlisted, shown = (
        mine.world.person(short).id for short in ("ben", "chika", "dai", "fumi")
    )
    mine.home.record(
        _consent(unshown, "email", shown=None),
        _consent(late, "email", shown=_TEN + timedelta(minutes=6)),
        _consent(unlisted),
        _consent(shown, "email"),
    )
    words = {"purpose": "promo_mail", "recipient": "adnet1"}
    for person, code in (
        (unshown, "consent_not_informed"),
        (late, "consent_not_informed"),
        (unlisted, "consent_missing"),
    ):
        decision = mine.ask(person, "send", "email", **words)
        assert (decision.outcome, codes(decision)) == ("refused", {code})
        assert cites(decision) == {"JSER-4.1"}
    assert mine.ask(shown, "send", "email", **words).permitted
    outside = mine.ask(shown, "send", "name", **words)
    assert (outside.outcome, codes(outside)) == ("refused", {"consent_missing"})
    another = mine.ask(shown, "send", "email", purpose="service", recipient="adnet1")
    assert another.outcome == "refused"
    (kept,) = mine.home.standing(shown).consents
    assert (kept.consent.presented_at, kept.consent.text_sha256) == (_TEN, "5f" * 32)


@promise("JSER-4.2b")
def test_nothing_is_sent_between_being_shown_and_agreeing(mine: Installed) -> None:
    """Given data and purpose shown at 10:00 and agreed to at 10:05; at 10:03 sending is refused,
    at 10:05 too, at 10:06 permitted, by the clause and the Act. Nobody named the network before:
    a name that only a consent opens is known to none but the person who gave it.
    """
    fumi, ben = (mine.world.person(short).id for short in ("fumi", "ben"))
    mine.home.record(_consent(fumi, "email"))

    def sent(person: PersonId, minute: int) -> tuple[str, set[str], set[str]]:
        words = {"purpose": "promo_mail", "recipient": "adnet1", "country": "JP"}
        decision = mine.ask(person, "send", "email", at=_TEN.replace(minute=minute), **words)
        return decision.outcome, codes(decision), cites(decision)

    assert sent(fumi, 3)[:2] == ("undecided", {"unknown_recipient"})
    assert sent(fumi, 6) == ("permitted", {"granted"}, {"JSER-4.2b", "JSER-2.3", "APPI 27(1)"})
    assert sent(ben, 6)[:2] == ("undecided", {"unknown_recipient"})
    mine.home.enrol(Membership("third_parties", "adnet1", SINCE, countries=("JP",)))
    assert sent(fumi, 3)[:2] == ("refused", {"consent_missing"})
    assert sent(fumi, 5)[:2] == ("refused", {"consent_too_late"})
    assert sent(fumi, 6)[0] == "permitted"
    assert sent(ben, 6)[:2] == ("refused", {"consent_missing"})
