"""Articles 2.1, 5.1 and 8.1: sellers, providers, third parties, and the law over the policy."""

from __future__ import annotations

import pytest

from seiyaku.assurance import Assurance, Membership
from seiyaku.kernel import PersonId
from seiyaku.standing import Acceptance, Consent, Scope, Withdrawal
from seiyaku.testing.promises import promise

from ..homes import (
    AT,
    SINCE,
    Copies,
    Installed,
    about,
    cites,
    codes,
    edited,
    entrusted,
    published,
    with_policies,
)

VERSION = "undated"


def _consent(person: PersonId, recipient: str, purpose: str, *items: str, hour: int = 8) -> Consent:
    given = AT.replace(hour=hour)
    shown = given.replace(hour=hour - 1)
    scope = Scope(items, (purpose,), (recipient,))
    return Consent(person, given, scope, VERSION, presented_at=shown)


def test_a_seller_gets_what_it_needs_of_the_buyers_of_its_own_orders_who_agreed(
    mine: Installed,
) -> None:
    """Of two sellers, the address goes to the one the order is with, once the buyer agreed to it
    (5.1 excepts no seller), and never to the other; browsing and payment go to neither.
    """
    buyer = mine.world.person("aki").id
    orders = mine.sql("SELECT id, seller_id FROM orders WHERE member_id = ? ORDER BY id", buyer)
    (one, own), (two, other) = [(n, f"seller-{s}") for n, s in orders[:2]]
    assert own != other
    mine.home.enrol(*(Membership("sellers", s, SINCE, countries=("JP",)) for s in (own, other)))

    def sent(item: str, seller: str, order: int) -> tuple[str, set[str]]:
        with_seller = {n: f"seller-{s}" for n, s in orders}[order] == seller
        words = {"relation": "buyer_of"} if with_seller else {}
        decision = mine.ask(buyer, "send", item, purpose="shipping", recipient=seller, **words)
        return decision.outcome, codes(decision)

    assert sent("postal_address", own, one) == ("refused", {"consent_missing"})
    mine.home.record(_consent(buyer, own, "shipping", "name", "postal_address"))
    assert sent("postal_address", own, one)[0] == "permitted"
    assert sent("postal_address", own, two) == ("refused", {"relation_missing"})
    assert sent("postal_address", other, two) == ("refused", {"consent_missing"})
    for item in ("page_view", "payment", "card_number", "email"):
        assert sent(item, own, one)[0] == "refused"
    asked = mine.home.why(buyer, "postal_address").asked
    assert [a.question.recipient for a in asked if a.decision.permitted] == [own]


@promise("NICO-2.1f")
def test_a_provider_nobody_registered_gets_nothing_and_a_registered_one_ships(
    mine: Installed,
) -> None:
    """Given a carrier in no register; when an address would go to it, nobody knows it: undecided.
    Registered, and with contract and supervision on file (the Act's own conditions of
    entrusting), it gets the address for shipping, and for nothing else; an e-mail address never.
    """
    person = mine.world.person("aki").id
    words = {"recipient": "carrier", "purpose": "shipping"}
    unknown = mine.ask(person, "send", "postal_address", **words)
    assert (unknown.outcome, codes(unknown)) == ("undecided", {"unknown_recipient"})
    mine.home.enrol(Membership("service_providers", "carrier", SINCE, countries=("JP",)))
    unproven = mine.ask(person, "send", "postal_address", **words)
    assert (unproven.outcome, codes(unproven)) == ("undecided", {"assurance_missing"})
    mine.home.assure(*entrusted("carrier"))
    shipped = mine.ask(person, "send", "postal_address", **words)
    assert shipped.permitted
    assert cites(shipped) == {"NICO-2.1f", "NICO-3.2a", "APPI 27(5)(i)"}
    for purpose in ("order_contact", "support", "self_view"):
        other = mine.ask(person, "send", "postal_address", recipient="carrier", purpose=purpose)
        assert (other.outcome, codes(other)) == ("refused", {"purpose_not_for_recipient"})
    mail = mine.ask(person, "send", "email", **words)
    assert mail.outcome == "refused"
    assert "item_not_for_recipient" in codes(mail)


@promise("NICO-5.1")
def test_a_third_party_gets_exactly_what_the_person_agreed_to(mine: Installed) -> None:
    """Given a member who agreed with nobody, and adnet1 in the register as a third party; the
    e-mail address is refused by 5.1. After an agreement for exactly adnet1 and the e-mail
    address it goes to adnet1; the name and the phone number do not, nor does the address go
    to another third party, nor after the agreement is taken back.
    """
    person = mine.world.person("ben").id
    for party in ("adnet1", "adnet2"):
        mine.home.enrol(Membership("third_parties", party, SINCE, countries=("JP",)))
    words = {"purpose": "campaign_info", "recipient": "adnet1"}
    unasked = mine.ask(person, "send", "email", **words)
    assert (unasked.outcome, codes(unasked)) == ("refused", {"consent_missing"})
    assert "NICO-5.1" in cites(unasked)
    mine.home.record(_consent(person, "adnet1", "campaign_info", "email"))
    agreed = mine.ask(person, "send", "email", **words)
    assert agreed.permitted
    assert {"NICO-5.1", "APPI 27(1)"} <= cites(agreed)
    for item in ("name", "phone"):
        assert mine.ask(person, "send", item, **words).outcome == "refused"
    name = mine.ask(person, "send", "name", **words)
    assert (codes(name), "NICO-5.1" in cites(name)) == ({"consent_missing"}, True)
    other = mine.ask(person, "send", "email", purpose="campaign_info", recipient="adnet2")
    assert other.outcome == "refused"
    mine.home.record(Withdrawal(person, AT.replace(minute=30)))
    later = mine.ask(person, "send", "email", at=AT.replace(hour=10), **words)
    assert (later.outcome, codes(later)) == ("refused", {"consent_withdrawn"})


@promise("NICO-8.1")
@pytest.mark.parametrize(
    ("basis", "answer"),
    [
        ("consent", ("refused", {"consent_missing"})),
        ("exception", ("refused", {"kind_needs_case"})),
        ("entrust", ("undecided", {"assurance_missing"})),
        ("opt_out", ("undecided", {"assurance_missing"})),
        ("related_info", ("undecided", {"assurance_missing"})),
        ("none", ("undecided", {"basis_unstated"})),
    ],
)
def test_a_silent_change_that_adds_a_third_party_does_not_loosen_the_law(
    opened: Copies, basis: str, answer: tuple[str, set[str]]
) -> None:
    """Given a new version that names an advertising network as a recipient of e-mail addresses
    without a word to anyone, on whatever basis; when an address would go there, the Act still
    asks for consent, a contract, a filing or a case, even of a person who accepted the version.
    """
    recipient = (
        "  adnet1:\n    clause: '5.1'\n    name: {ja: 広告網, en: advertising network}\n"
        f"    basis: {basis}\n    countries: [JP]\n    purposes: [support]\n    items: [email]\n"
    )
    second = edited(
        "nicori",
        (
            "  id: undated\n  enacted_on: unknown\n",
            '  id: "2026-07-01"\n  enacted_on: 2026-07-01\n',
        ),
        ("  published_at: 2022-04-01T00:00:00", "  published_at: 2026-07-01T00:00:00"),
        ("\nrecipients:\n", f"\nrecipients:\n{recipient}"),
    )
    home = opened(with_policies(published("nicori"), second))
    person = home.world.person("ben").id
    home.home.record(Acceptance(person, AT.replace(month=8), "2026-07-01"))
    decision = home.ask(person, "send", "email", purpose="support", recipient="adnet1")
    assert decision.version == "2026-07-01"
    assert (decision.outcome, codes(decision)) == answer
    if basis == "consent":
        home.home.record(_consent(person, "adnet1", "support", "email"))
        agreed = home.ask(person, "send", "email", purpose="support", recipient="adnet1")
        assert agreed.permitted
        assert "APPI 27(1)" in cites(agreed)
    if basis == "entrust":
        assert about(decision) == {"trustee_record:adnet1", "supervision:adnet1"}
        home.home.assure(Assurance("trustee_record", "adnet1", SINCE, "contract 5", by="sato"))
        half = home.ask(person, "send", "email", purpose="support", recipient="adnet1")
        assert about(half) == {"supervision:adnet1"}
