"""A vendor nobody has a key for is worked in by hand; it is never forgotten."""

from __future__ import annotations

from typing import Any

from seiyaku.datamap import DataMap
from seiyaku.datamap.reach import with_hands

NAME = {"ja": "系", "en": "system"}


def mapped(**more: Any) -> DataMap:
    """A shop, its payments and a chain, and `more` systems."""
    users = {
        "person": "user",
        "key": "id",
        "fields": {"id": None, "customer": None, "wallet": None},
    }
    paid = {
        "customers": {
            "key": "id",
            "links": [{"by": "id", "to": "app.users", "columns": "customer"}],
            "fields": {"id": None, "email": "email"},
        },
        "charges": {
            "key": "id",
            "links": [{"by": "customer", "to": "customers"}],
            "fields": {"id": None, "customer": None, "amount": "payment"},
        },
    }
    moved = {
        "transactions": {
            "key": "hash",
            "links": [{"by": "from", "to": "app.users", "columns": "wallet"}],
            "fields": {"hash": "history", "from": None},
        }
    }
    chain = {"kind": "chain", "name": NAME, "immutable": True, "clause": "9", "datasets": moved}
    systems = {
        "app": {"kind": "sqlite", "name": NAME, "datasets": {"users": users}},
        "stripe": {"kind": "stripe", "name": NAME, "holds": ["order"], "datasets": paid},
        "chain": chain,
        **more,
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": systems})


def test_a_vendor_that_is_placed_keeps_its_tables() -> None:
    declared = mapped()
    assert with_hands(declared, {"app", "stripe", "chain"}) == declared


def test_a_vendor_that_is_not_placed_is_a_task_about_what_lies_there() -> None:
    stripe = with_hands(mapped(), {"app"}).systems["stripe"]
    assert (stripe.kind, stripe.datasets) == ("by_hand", {})
    assert set(stripe.holds) == {"order", "email", "payment"}
    assert stripe.found_by == ("app.users.customer",)


def test_a_chain_that_is_not_placed_stays_immutable_and_unread() -> None:
    chain = with_hands(mapped(), {"app"}).systems["chain"]
    assert (chain.kind, chain.immutable, chain.datasets) == ("chain", True, {})
    assert chain.found_by == ("app.users.wallet",)


def test_our_own_database_is_never_a_task() -> None:
    assert with_hands(mapped(), set()).systems["app"].kind == "sqlite"


def test_a_vendor_that_rows_in_reach_hang_on_must_be_placed() -> None:
    letters = {
        "key": "id",
        "links": [{"by": "charge", "to": "stripe.charges"}],
        "fields": {"id": None, "charge": None},
    }
    shop = {"kind": "sqlite", "name": NAME, "datasets": {"letters": letters}}
    assert with_hands(mapped(shop=shop), {"app", "shop"}).systems["stripe"].kind == "stripe"
