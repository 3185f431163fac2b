"""Nicori: members who buy from sellers, browse here and with partners, and write.

Named people, and what each is for:

* ``aki`` has something in every table and bought from two sellers;
* ``ben`` has an account and nothing else;
* ``chika`` approved promotion, ``dai`` took that back, everyone else was never asked;
* ``dai`` has one order past its legal period and one within it;
* ``emma`` waits for an order that was not handed to its seller: she has not agreed;
* ``fumi`` asked a question without signing in;
* ``hana`` showed her licence; it was checked ten days ago.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from seiyaku.testing import names
from seiyaku.testing.book import Book, stamp
from seiyaku.testing.person import Person
from seiyaku.testing.values import Plain, token, written

if TYPE_CHECKING:
    from seiyaku.testing.people import World

NAMED = ("aki", "ben", "chika", "dai", "emma", "fumi", "hana")
FIRST_AT = datetime(2023, 6, 1, tzinfo=UTC)
VERSION = "undated"
_OLD_ORDER_AT = datetime(2017, 5, 10, 3, 0, tzinfo=UTC)
_SELLERS = 12
_QUIET = ("ben",)


def _method(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "last4":
        return f"{rng.randrange(10_000):04d}"
    return (
        rng.choice(("Visa", "JCB", "Mastercard"))
        if column == "brand"
        else token(person, column, rng)
    )


def _membership(person: Person, column: str, rng: random.Random) -> Plain:
    return VERSION


def _verifier(person: Person, column: str, rng: random.Random) -> Plain:
    return f"scrypt${hashlib.sha256(person.canary.encode()).hexdigest()}"


def _environment(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "network_state":
        return rng.choice(("4g", "5g", "wifi"))
    return json.dumps({"language": person.language, "profile": person.canary})


def _service(person: Person, column: str, rng: random.Random) -> Plain:
    return rng.choice(("market", "auction", "magazine"))


def _page(person: Person, column: str, rng: random.Random) -> Plain:
    return rng.choice((*names.PATHS, f"/members/{person.username}"))


VALUES = {
    "ad_view": lambda p, c, r: f"ad-{r.randrange(1, 400):04d}",
    "card_number": lambda p, c, r: None,
    "credential": _verifier,
    "membership_record": _membership,
    "page_view": _page,
    "payment_method": _method,
    "search_keyword": written,
    "service_used": _service,
    "software_used": lambda p, c, r: p.user_agent,
    "terminal_environment": _environment,
    "terminal_id": token,
}


def fill(book: Book) -> None:
    """Rows for everyone."""
    _others(book)
    for person in book.people:
        book.add("members", person, person.joined_at)
        if person.short not in _QUIET:
            _account(book, person)
            _browsing(book, person)
            _partner(book, person)
            _mail(book, person)
            _letters(book, person)
            _proof(book, person)
            for at in _order_times(book, person):
                _order(book, person, at)


def _others(book: Book) -> None:
    """Sellers, goods, providers, partners and staff: nobody's rows, or other people's."""
    shops = [f"{place[-1]}商店 {n}" for n, place in enumerate(names.PLACES, 1)]
    book.share(
        "sellers",
        (
            {"shop_name": shops[n % len(shops)], "contact_email": f"shop{n:03d}@example.jp"}
            for n in range(1, _SELLERS + 1)
        ),
    )
    goods = (("茶碗 / Tea bowl", "ware"), ("手ぬぐい / Towel", "cloth"), ("栞 / Bookmark", "paper"))
    book.share(
        "products",
        (
            {"seller_id": n, "title": title, "kind": kind, "price_yen": 400 + 150 * n}
            for n in range(1, _SELLERS + 1)
            for title, kind in goods
        ),
    )
    providers = (("Kuroneko Line", "shipping"), ("Sagawa Line", "shipping"))
    book.share("service_providers", ({"name": n, "purpose": p} for n, p in providers))
    roles = (
        ("infosource1", "information_provider"),
        ("adnet1", "ad_delivery"),
        ("brand1", "advertiser"),
    )
    book.share("partners", ({"name": n, "role": r} for n, r in roles))
    _staff(book)


def _staff(book: Book) -> None:
    signed = stamp(FIRST_AT)
    staff = (("見本 一郎", signed, None), ("Pat Sample", signed, None), ("例 花子", signed, signed))
    book.share(
        "staff",
        (
            {
                "name": name,
                "pledge_signed_at": at,
                "pledge_file_hash": hashlib.sha256(name.encode()).hexdigest(),
                "left_at": left,
            }
            for name, at, left in staff
        ),
    )
    grants = ((1, "support"), (1, "order_contact"), (2, "shipping"))
    book.share("staff_grants", ({"staff_id": n, "purpose": p} for n, p in grants))
    medium: dict[str, Plain] = {
        "label": "backup-01",
        "place": "safe",
        "staff_id": 1,
        "contents": "orders",
    }
    book.share("media_register", (medium,))


def _account(book: Book, person: Person) -> None:
    if person.short in ("aki", "emma", "dai") or book.chance(0.7):
        book.add("payment_methods", person)
    if person.short == "aki" or book.chance(0.6):
        book.add("device_profiles", person)


def _browsing(book: Book, person: Person) -> None:
    for _ in range(book.rng.randint(2, 8)):
        partner = book.rng.choice((None, None, "adnet1", "brand1"))
        book.add(
            "browsing_events",
            person,
            source="partner" if partner else "device",
            partner=partner,
            stay_seconds=book.rng.randrange(1, 900),
        )
    least = 1 if person.short == "aki" else 0
    for _ in range(book.rng.randint(least, 4)):
        book.add("ad_views", person)
    for _ in range(book.rng.randint(least, 3)):
        book.add("search_logs", person)
    for _ in range(book.rng.randint(least, 2)):
        lat, lon = 35 + book.rng.random(), 139 + book.rng.random()
        book.add("location_points", person, lat=round(lat, 6), lon=round(lon, 6))


def _partner(book: Book, person: Person) -> None:
    if person.short == "aki" or book.chance(0.2):
        book.add("partner_records", person, partner_id=1)


def _mail(book: Book, person: Person) -> None:
    """Approvals, and campaign mail to those whose approval stood on the day only."""
    if person.short not in ("aki", "chika", "dai") and not book.chance(0.15):
        return
    approved_at = book.moment(person)
    sent_at = min(approved_at + timedelta(days=3), book.at)
    left_at = min(sent_at + timedelta(days=1), book.at)
    withdrawn = stamp(left_at) if person.short == "dai" else None
    book.add(
        "marketing_consents",
        person,
        approved_at=stamp(approved_at),
        withdrawn_at=withdrawn,
    )
    book.add("campaign_sends", person, sent_at, campaign="spring")


def _letters(book: Book, person: Person) -> None:
    if person.short == "fumi":
        book.add("inquiries", person, member_id=None)
    elif person.short == "aki" or book.chance(0.15):
        book.add("inquiries", person)
    for table in ("feedback", "survey_responses"):
        if person.short == "aki" or book.chance(0.1):
            book.add(table, person)


def _proof(book: Book, person: Person) -> None:
    """A copy of a licence goes thirty days after the decision; a row without a copy stays."""
    if person.short not in ("aki", "hana") and not book.chance(0.05):
        return
    recent = person.short in ("aki", "hana")
    at = book.at - timedelta(days=10) if recent else book.moment(person)
    due_at = at + timedelta(days=30)
    over = due_at <= book.at
    book.add(
        "id_proofs",
        person,
        kind=book.rng.choice(("drivers_licence", "insurance_card")),
        object_key=None if over else f"{book.rng.getrandbits(128):032x}.png",
        verified_at=stamp(at),
        disposed_at=stamp(due_at) if over else None,
    )


def _order_times(book: Book, person: Person) -> list[datetime]:
    if person.short == "dai":
        return [_OLD_ORDER_AT, datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]
    if person.short == "aki":
        return [book.moment(person), book.moment(person)]
    return [book.moment(person)] if person.short == "emma" or book.chance(0.4) else []


def _order(book: Book, person: Person, at: datetime) -> None:
    count = len(book.tables["orders"].rows)
    seller = 1 + count % _SELLERS
    product = 3 * (seller - 1) + 1 + book.rng.randrange(3)
    quantity = book.rng.randint(1, 3)
    yen = quantity * (400 + 150 * seller)
    agreed = person.short != "emma"
    order = book.add(
        "orders",
        person,
        at,
        seller_id=seller,
        delivery_method=book.rng.choice(("parcel", "letter")),
        billing_amount=yen,
        status="delivered" if agreed else "placed",
        seller_consent_at=stamp(at) if agreed else None,
    )
    kind = ("ware", "cloth", "paper")[(product - 1) % 3]
    book.add(
        "order_items", person, at, order_id=order, product_id=product, kind=kind, quantity=quantity
    )
    book.add("payments", person, at, order_id=order, amount=yen, paid_at=stamp(at))
    if agreed:
        _hand_over(book, person, at, order, seller)


def _hand_over(book: Book, person: Person, at: datetime, order: int, seller: int) -> None:
    sent = ["name", "postal_address", "purchase", "delivery_method"]
    book.add(
        "provisions",
        person,
        at,
        order_id=order,
        seller_id=seller,
        fields_json=json.dumps(sent),
        basis="consent",
    )
    tracking = str(book.rng.randrange(10**11, 10**12))
    book.add("shipments", person, at, order_id=order, tracking_no=tracking)


def plant(db: sqlite3.Connection, world: World) -> None:
    """Plant what a scan has to find: each is a way such data really goes astray."""
    aki, hana = world.person("aki"), world.person("hana")
    db.execute(
        "UPDATE payment_methods SET card_number = '4242 4242 4242 4242' WHERE member_id = ?",
        (aki.number,),
    )
    db.execute(
        "CREATE VIEW recommendations AS"
        " SELECT member_id, url, count(*) AS visits FROM browsing_events GROUP BY member_id, url"
    )
    db.execute(
        "UPDATE provisions SET seller_id = seller_id % ? + 1 WHERE order_id ="
        " (SELECT min(id) FROM orders WHERE member_id = ?)",
        (_SELLERS, aki.number),
    )
    long_ago = stamp(world.at - timedelta(days=31))
    db.execute("UPDATE id_proofs SET verified_at = ? WHERE member_id = ?", (long_ago, hana.number))
