"""Articles 5 and 6: who receives what, where, for what."""

from __future__ import annotations

from seiyaku.kernel import PersonId
from seiyaku.standing import Consent, Scope, Withdrawal
from seiyaku.testing.promises import promise

from .conftest import AT, VERSION, Closm, cites, codes


@promise("CLOSM-2.1")
def test_sign_in_goes_to_auth0_and_to_no_other_identity_host(
    closm: Closm, someone: PersonId
) -> None:
    """Given the recipients of the policy; when a token would go to another identity host,
    nobody declared it: undecided. Auth0 gets it, by 6.2a: the gate cites the recipient's own
    clause, and the policy file lists 2.1 beside it.
    """
    login = {"source": "auth0", "purpose": "identity_and_account", "country": "US"}
    elsewhere = closm.ask(someone, "send", "auth_token", recipient="firebase_auth", **login)
    assert (elsewhere.outcome, codes(elsewhere)) == ("undecided", {"unknown_recipient"})
    decision = closm.ask(someone, "send", "auth_token", recipient="auth0", **login)
    assert decision.permitted
    auth0 = closm.home.history.versions[-1].recipients["auth0"]
    assert f"CLOSM-{auth0.clause}" in cites(decision)
    assert "2.1" in auth0.also
    assert auth0.operator == "Okta, Inc."


@promise("CLOSM-5.2a")
def test_auth0_gets_tokens_and_sessions_for_signing_in_but_no_posts(
    closm: Closm, someone: PersonId
) -> None:
    """Given a session; when a post would go to Auth0 for signing in, the item is on neither
    list: refused. The token and the session go.
    """
    words = {"recipient": "auth0", "purpose": "identity_and_account", "country": "US"}
    post = closm.ask(someone, "send", "post", source="person", **words)
    assert post.outcome == "refused"
    assert "item_not_for_recipient" in codes(post)
    assert closm.ask(someone, "send", "auth_token", source="auth0", **words).permitted
    assert closm.ask(someone, "send", "session", **words).permitted


@promise("CLOSM-5.2b")
def test_a_card_number_never_goes_to_stripe_from_the_server(
    closm: Closm, someone: PersonId
) -> None:
    """Given a payload of the server with a card number; when it would go to Stripe, the card is
    refused, while name and e-mail address go. The table of 5.2 names the card: it goes from the
    browser, which is a transmission and no provision of ours.
    """
    words = {"recipient": "stripe", "purpose": "billing", "country": "US"}
    card = closm.ask(someone, "send", "card_number", **words)
    assert card.outcome == "refused"
    assert "item_not_for_recipient" in codes(card)
    assert closm.ask(someone, "send", "name", source="person", **words).permitted
    assert closm.ask(someone, "send", "email", source="person", **words).permitted
    policy = closm.home.history.versions[-1]
    stripe = next(t for t in policy.transmissions if t.recipient == "stripe")
    assert "card_number" in stripe.items


@promise("CLOSM-6.1")
def test_a_third_party_gets_nothing_before_the_person_agreed_and_nothing_after_it_was_taken_back(
    closm: Closm, someone: PersonId
) -> None:
    """Given a consent at 10:00; when the address would go to partner X at 9:59, nobody named it
    yet (undecided, which is no permission); at 10:01 it goes by 6.1 on that consent; after the
    withdrawal it goes no more.
    """
    ten = AT.replace(hour=10, minute=0)
    scope = Scope(items=("email",), purposes=("service",), recipients=("partner_x",))
    shown = ten.replace(hour=9, minute=50)
    closm.home.record(Consent(someone, ten, scope, VERSION, shown, countries=("JP",)))
    closm.home.record(Withdrawal(someone, ten.replace(hour=12), scope))

    def sent(hour: int, minute: int, item: str = "email") -> str:
        decision = closm.ask(
            someone,
            "send",
            item,
            at=ten.replace(hour=hour, minute=minute),
            source="person",
            purpose="service",
            recipient="partner_x",
            country="JP",
        )
        assert not decision.permitted or "CLOSM-6.1" in cites(decision)
        return decision.outcome

    assert sent(9, 59) == "undecided"
    assert sent(10, 1) == "permitted"
    assert sent(10, 1, "username") == "refused"
    assert sent(12, 1) == "undecided"


@promise("CLOSM-6.2")
def test_a_processor_works_for_the_purposes_it_was_given_and_for_no_other(
    closm: Closm, someone: PersonId
) -> None:
    """Given Printful, a processor, so that no consent is needed; when an address would go to it
    for analysis: refused, that purpose was not entrusted. For shipping it goes.
    """
    words = {"source": "person", "recipient": "printful", "country": "US"}
    analysis = closm.ask(someone, "send", "postal_address", purpose="analytics", **words)
    assert analysis.outcome == "refused"
    assert "purpose_not_for_recipient" in codes(analysis)
    assert closm.ask(someone, "send", "postal_address", purpose="ship_goods", **words).permitted


@promise("CLOSM-6.2b")
def test_stripe_in_ireland_is_not_the_stripe_of_the_table(closm: Closm, someone: PersonId) -> None:
    """Given Stripe in the USA; when its region is reported as Ireland, nothing is sent there."""
    words = {"purpose": "billing", "recipient": "stripe"}
    ireland = closm.ask(someone, "send", "payment", country="IE", **words)
    assert (ireland.outcome, codes(ireland)) == ("refused", {"country_not_declared"})
    assert cites(ireland) == {"CLOSM-6.2b"}
    assert closm.ask(someone, "send", "payment", country="US", **words).permitted


@promise("CLOSM-6.2c")
def test_printful_gets_the_reduced_order_and_the_denied_fields_are_named(
    closm: Closm, someone: PersonId
) -> None:
    """Given an order with a birth date and a wallet address in it; when it would go to Printful,
    these two are denied by name, and what is left may go.
    """
    payload = closm.home.parts.gate.decide_payload(
        "send",
        closm.home.standing(someone),
        closm.home.assurances(),
        ["name", "postal_address", "phone", "order", "birth_date", "wallet_address"],
        AT,
        purpose="ship_goods",
        recipient="printful",
        country="US",
    )
    assert payload.denied == ("birth_date", "wallet_address")
    assert payload.permitted == ("name", "postal_address", "phone", "order")
    assert cites(payload.decisions["wallet_address"]) >= {"CLOSM-6.2c"}
    email = {"purpose": "ship_goods", "recipient": "printful", "country": "US"}
    assert closm.ask(someone, "send", "email", source="person", **email).permitted
