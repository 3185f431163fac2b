"""Articles 1, 3 and 8: what is collected, in which circumstances, and what lies nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from seiyaku.kernel import Fault, PersonId
from seiyaku.services import path as packaged
from seiyaku.standing import Acknowledged
from seiyaku.testing.promises import promise

from .conftest import AT, VERSION, Closm, cites, codes


def _found(faults: tuple[Fault, ...], rule: str, name: str) -> list[Fault]:
    return [f for f in faults if f.rule == rule and f"`{name}`" in f.message]


@promise("CLOSM-1.1")
def test_people_who_do_not_use_the_service_are_out_of_scope(
    opened: Callable[..., Closm],
) -> None:
    """Given deliveries to people who are no users: the data map says that shipping addresses
    hold another kind of people; when the systems are checked, that is reported for shipping
    addresses and not for users, who are whom the policy speaks of.
    """

    def gift_recipients(home: Path) -> None:
        text = (packaged("closm-i") / "datamap.yaml").read_text("utf-8")
        own = (
            "      shipping_addresses: # the name stays as the counterparty, the rest is emptied\n"
        )
        assert own in text
        edited = text.replace(own, own + "        person: gift_recipient\n")
        (home / "datamap.yaml").write_text(edited, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    before = opened().home.check_db()
    assert not [f for f in before if f.rule == "subject-out-of-scope"]
    found = opened(gift_recipients, "gifts").home.check_db()
    out = [f.message for f in found if f.rule == "subject-out-of-scope"]
    assert [m for m in out if "`app.shipping_addresses` holds people of kind `gift_recipient`" in m]
    assert not [m for m in out if "`app.users`" in m]


@promise("CLOSM-3.0")
def test_a_phone_number_of_a_user_is_in_no_list(mine: Closm) -> None:
    """Given a new column for phone numbers of users; when the systems are checked, it is
    undeclared: a phone number is declared for deliveries only, and examples close the list.
    """
    assert not _found(mine.home.check_db(), "undeclared-column", "app.users.phone")
    mine.sql("ALTER TABLE users ADD COLUMN phone TEXT")
    (fault,) = _found(mine.home.check_db(), "undeclared-column", "app.users.phone")
    assert fault.clause == "3.0"
    assert "CLOSM-3.5" in fault.message


def test_a_card_number_behind_our_back_is_reported_by_row_and_never_by_value(mine: Closm) -> None:
    """The check finds the row, and the gate refuses to keep what is called a card number."""
    ((row,),) = mine.sql("SELECT min(id) FROM payments")
    note = json.dumps({"note": "4242 4242 4242 4242"})
    mine.sql("UPDATE payments SET meta_json = ? WHERE id = ?", note, row)
    (fault,) = [f for f in mine.home.check_db() if f.rule == "forbidden-item"]
    assert "`app.payments.meta_json`" in fault.message
    assert f"row `{row}`" in fault.message
    assert fault.clause == "3.4n"
    assert "4242" not in f"{fault}{fault.hint}"
    decision = mine.ask(PersonId("1"), "keep", "card_number")
    assert (decision.outcome, cites(decision)) == ("refused", {"CLOSM-3.4n"})


@promise("CLOSM-3.5c")
def test_a_phone_number_is_asked_for_with_an_order_and_not_in_the_profile(
    closm: Closm, someone: PersonId
) -> None:
    """Given a user without an open order; when the profile form asks for a phone number, it is
    refused by the condition of 3.5; an order of goods may ask.
    """
    words = {"source": "person"}
    profile = frozenset({"profile_edit"})
    for item in ("phone", "postal_address", "name"):
        refused = closm.ask(someone, "collect", item, contexts=profile, **words)
        assert (refused.outcome, codes(refused)) == ("refused", {"context_missing"})
        assert cites(refused) == {"CLOSM-3.5c"}
        order = frozenset({"merchandise_order"})
        assert closm.ask(someone, "collect", item, contexts=order, **words).permitted


@promise("CLOSM-3.6c")
def test_a_wallet_address_is_taken_only_on_the_nft_pages_and_after_the_acknowledgement(
    closm: Closm, someone: PersonId
) -> None:
    """Given a user who never opened the NFT pages; a wallet address is refused, by 3.6; on the
    pages but without the acknowledgement, too; after it, it is taken.
    """
    outside = closm.ask(someone, "collect", "wallet_address")
    assert outside.outcome == "refused"
    assert cites(outside) >= {"CLOSM-3.6c"}
    pages = frozenset({"nft_use"})
    early = closm.ask(someone, "collect", "wallet_address", contexts=pages)
    assert (early.outcome, codes(early)) == ("refused", {"acknowledgement_missing"})
    before = AT.replace(hour=8)
    closm.home.record(Acknowledged(someone, before, "chain_permanence", VERSION))
    assert closm.ask(someone, "collect", "wallet_address", contexts=pages).permitted
    elsewhere = closm.ask(someone, "collect", "wallet_address")
    assert codes(elsewhere) == {"context_missing"}


@promise("CLOSM-8.1.3")
def test_a_password_hash_in_our_own_tables_is_reported(mine: Closm) -> None:
    """Given a new column `password_hash` in users; when the systems are checked, a credential is
    held where 8.1.3 leaves it to the certified service.
    """
    assert not [f for f in mine.home.check_db() if f.rule == "credential-held-locally"]
    mine.sql("ALTER TABLE users ADD COLUMN password_hash TEXT")
    (fault,) = [f for f in mine.home.check_db() if f.rule == "credential-held-locally"]
    assert "`app.users.password_hash`" in fault.message
    assert fault.clause == "8.1.3"
    assert "CLOSM-8.1.3" in fault.message
