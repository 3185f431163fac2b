"""CLOSM i: artists who post, sell prints, mint NFTs and pay for plans.

Named people, and what each is for:

* ``aki`` has something in every table; her e-mail address was typed in;
* ``ben`` has an account, lines in the access log, and nothing else;
* ``chika`` came through Auth0 with a social profile, her e-mail address too;
* ``dai`` has one order past its legal period and one within it;
* ``emma`` has left and waits for her erasure: an account and one order;
* ``fumi`` traded NFTs with aki and asked a question without signing in;
* ``gen`` was found to be under 13 and is frozen;
* ``hana`` waits for an order that has not been delivered.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from seiyaku.testing.book import Book, stamp
from seiyaku.testing.person import Person
from seiyaku.testing.values import Plain, token

if TYPE_CHECKING:
    from seiyaku.testing.people import World

NAMED = ("aki", "ben", "chika", "dai", "emma", "fumi", "gen", "hana")
VERSION = "2026-02-16"
_OLD_ORDER_AT = datetime(2017, 5, 10, 3, 0, tzinfo=UTC)
_CONTRACT = "0x" + "c1" * 20


def _login(person: Person, column: str, rng: random.Random) -> Plain:
    return f"auth0|{hashlib.sha256(person.canary.encode()).hexdigest()[:24]}"


def _colors(person: Person, column: str, rng: random.Random) -> Plain:
    return json.dumps({"background": f"#{rng.getrandbits(24):06x}", "by": person.canary})


def _event(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "event":
        return rng.choice(("view", "like", "search", "open"))
    return f"/u/{person.username}" if rng.random() < 0.3 else "/timeline"


VALUES = {
    "auth_token": token,
    "color_settings": _colors,
    "inquiry_contact": lambda p, c, r: p.email,
    "login_identifier": _login,
    "usage_history": _event,
}


def fill(book: Book) -> None:
    """Rows for everyone."""
    plans = (("ライト / Light", 500), ("スタンダード / Standard", 980), ("プロ / Pro", 2980))
    book.share("plans", ({"name": name, "price_yen": price} for name, price in plans))
    for person in book.people:
        _account(book, person)
        if person.short not in ("ben", "emma", "gen"):
            _posts(book, person)
            _visits(book, person)
            _subscription(book, person)
            _nft(book, person)
            _inquiries(book, person)
        _orders(book, person)
    for person in book.people:
        if person.short not in ("ben", "emma", "gen"):
            _friends(book, person)
    _trade(book)


def _account(book: Book, person: Person) -> None:
    through_auth0 = person.short == "chika" or (person.number > len(NAMED) and book.chance(0.3))
    left = person.short == "emma" or (person.number > len(NAMED) and book.chance(0.01))
    book.add(
        "users",
        person,
        person.joined_at,
        email_source="auth0" if through_auth0 else "person",
        avatar_key=None,
        age_attested_13plus_at=stamp(person.joined_at),
        accepted_policy_version=VERSION,
        withdrawn_at=stamp(book.moment(person)) if left else None,
        frozen_at=stamp(book.at) if person.short == "gen" else None,
    )
    if person.short in ("ben", "emma"):
        return
    book.add("user_profiles", person)
    if through_auth0 or person.short == "aki":
        provider = book.rng.choice(("google", "x", "line"))
        book.add(
            "social_identities",
            person,
            provider=provider,
            provider_uid=f"{provider}-{person.canary}",
        )


def _posts(book: Book, person: Person) -> None:
    avatar = _media(book, person, "avatar", None)
    users = book.tables["users"]
    users.rows[person.number - 1][users.columns.index("avatar_key")] = avatar
    for _ in range(3 if person.short in NAMED else book.rng.randint(0, 4)):
        post = book.add("posts", person)
        if person.short == "aki" or book.chance(0.4):
            _media(book, person, "post", post)


def _media(book: Book, person: Person, kind: str, post: int | None) -> str:
    key = f"{book.rng.getrandbits(128):032x}.png"
    image = f"cf-{book.rng.getrandbits(96):024x}"
    book.add(
        "media_objects", person, kind=kind, post_id=post, object_key=key, cloudflare_image_id=image
    )
    return key


def _visits(book: Book, person: Person) -> None:
    client = f"GA1.1.{person.number:06d}.{book.rng.getrandbits(32):010d}"
    for _ in range(book.rng.randint(1, 3)):
        book.add("sessions", person)
    for _ in range(book.rng.randint(2, 9)):
        book.add("usage_events", person, client_id=client)
    for _ in range(book.rng.randint(1, 6)):
        book.add("access_logs", person)


def _subscription(book: Book, person: Person) -> None:
    if person.short != "aki" and not book.chance(0.25):
        return
    customer = f"cus_{book.rng.getrandbits(80):020x}"
    number = book.add(
        "subscriptions",
        person,
        status="active",
        plan_id=book.rng.randint(1, 3),
        stripe_customer_id=customer,
        stripe_subscription_id=f"sub_{book.rng.getrandbits(80):020x}",
    )
    for _ in range(book.rng.randint(1, 3)):
        _payment(book, person, book.moment(person), 980, None, number)


def _payment(
    book: Book, person: Person, at: datetime, yen: int, order: int | None, plan: int | None
) -> None:
    book.add(
        "payments",
        person,
        at,
        order_id=order,
        subscription_id=plan,
        amount_yen=yen,
        status="paid",
        stripe_payment_intent_id=f"pi_{book.rng.getrandbits(96):024x}",
        meta_json=json.dumps({"channel": "web", "note": person.canary}),
    )


def _orders(book: Book, person: Person) -> None:
    for at in _order_times(book, person):
        yen = book.rng.randrange(10, 90) * 100
        number = book.add(
            "orders",
            person,
            at,
            status="placed" if person.short == "hana" else "delivered",
            total_yen=yen,
            printful_order_id=f"pf-{book.rng.getrandbits(64):016x}",
            legal_hold_until=None,
        )
        sku = book.rng.choice(("TSHIRT-M", "PRINT-A3", "MUG-01"))
        book.add("order_items", person, at, order_id=number, sku=sku, quantity=1, price_yen=yen)
        book.add("shipping_addresses", person, at, order_id=number)
        delivered = None if person.short == "hana" else stamp(min(at + timedelta(days=5), book.at))
        tracking = str(book.rng.randrange(10**11, 10**12))
        book.add(
            "shipments",
            person,
            at,
            order_id=number,
            carrier="Yamato",
            tracking_no=tracking,
            delivered_at=delivered,
        )
        _payment(book, person, at, yen, number, None)


def _order_times(book: Book, person: Person) -> list[datetime]:
    if person.short == "dai":
        return [_OLD_ORDER_AT, datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]
    if person.short in ("ben", "gen"):
        return []
    wanted = person.short in ("aki", "emma", "fumi", "hana")
    return [book.moment(person)] if wanted or book.chance(0.35) else []


def _nft(book: Book, person: Person) -> None:
    if person.short not in ("aki", "fumi") and not book.chance(0.1):
        return
    at = book.moment(person)
    book.add("wallets", person, at, address=person.wallet, linked_at=stamp(at))
    acknowledged = book.add("nft_acknowledgements", person, at, policy_version=VERSION)
    minted_at = min(at + timedelta(minutes=5), book.at)
    token_id = str(len(book.tables["nft_mints"].rows) + 1)
    book.add(
        "nft_mints",
        person,
        minted_at,
        acknowledgement_id=acknowledged,
        chain="polygon",
        contract=_CONTRACT,
        token_id=token_id,
        tx_hash=f"0x{book.rng.getrandbits(256):064x}",
        metadata_json=json.dumps({"name": f"Piece {token_id}"}),
    )


def _trade(book: Book) -> None:
    """Every second holder sells to the next: rows of two people, tied by addresses alone."""
    holders = [p for p in book.people if p.number in book.tables["wallets"].by_person]
    for seller, buyer in zip(holders, [*holders[1:], holders[0]], strict=True):
        if seller.short == "aki" or book.chance(0.5):
            book.add(
                "nft_transfers",
                seller,
                from_address=seller.wallet,
                to_address=buyer.wallet,
                tx_hash=f"0x{book.rng.getrandbits(256):064x}",
                token_id=book.latest("nft_mints", seller, "token_id"),
            )


def _inquiries(book: Book, person: Person) -> None:
    if person.short == "fumi":
        book.add("inquiries", person, user_id=None, channel="google_forms")
    elif person.short == "aki" or book.chance(0.15):
        book.add("inquiries", person, channel="email")
    if person.short == "aki" or book.chance(0.01):
        book.add("moderation_cases", person, decision="no action")


def _friends(book: Book, person: Person) -> None:
    posts = len(book.tables["posts"].rows)
    count = len(book.people)
    least = 2 if person.short in NAMED else 0
    for post in {book.rng.randint(1, posts) for _ in range(book.rng.randint(least, 5))}:
        book.add("favorites", person, post_id=post)
    for other in {book.rng.randint(1, count) for _ in range(book.rng.randint(1, 4))}:
        if other != person.number and book.people[other - 1].short not in ("ben", "emma", "gen"):
            book.add("follows", person, follower_id=person.number, followee_id=other)


def plant(db: sqlite3.Connection, world: World) -> None:
    """Plant what a scan has to find: each is a way such data really goes astray."""
    aki, emma = world.person("aki"), world.person("emma")
    note = json.dumps({"note": "4242 4242 4242 4242"})
    db.execute("UPDATE payments SET meta_json = ? WHERE user_id = ?", (note, aki.number))
    by = json.dumps({"by": aki.email})
    db.execute("UPDATE nft_mints SET metadata_json = ? WHERE user_id = ?", (by, aki.number))
    db.execute("ALTER TABLE users ADD COLUMN birth_date DATE")
    db.execute("UPDATE users SET birth_date = '2001-04-01' WHERE id = ?", (aki.number,))
    db.execute("CREATE TABLE users_backup_2026 AS SELECT * FROM users WHERE id = ?", (emma.number,))
