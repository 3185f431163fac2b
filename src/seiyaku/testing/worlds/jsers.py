"""Jsers: one company, two services: a portal and, with keys of its own, lessons.

Named people, and what each is for:

* ``aki`` has something in every table of both databases;
* ``ben`` has an account of the portal and nothing else;
* ``chika`` has a lesson account known by `service_accounts` only: she gave it another address;
* ``dai`` has one known by his e-mail address only, and an invoice past its legal period;
* ``emma`` ended every service; what nobody needs any more should go;
* ``fumi`` agreed that her address goes to a third party, after she was shown which data and why;
* ``hana`` sent her licence, which has not been checked yet;
* ``ken`` broke the terms and was refused.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from seiyaku.testing.book import Book, stamp
from seiyaku.testing.person import Person
from seiyaku.testing.values import Plain, token

if TYPE_CHECKING:
    from seiyaku.testing.people import World

NAMED = ("aki", "ben", "chika", "dai", "emma", "fumi", "hana", "ken")
FIRST_AT = datetime(2023, 5, 19, tzinfo=UTC)
_OLD_INVOICE_AT = datetime(2017, 5, 10, 3, 0, tzinfo=UTC)
_PORTAL, _LESSONS = 1, 2


def _licence(person: Person, column: str, rng: random.Random) -> Plain:
    return f"{person.number % 10**6:06d}{rng.randrange(10**6):06d}"


def _bank(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "bank":
        return rng.choice(("架空銀行", "Sample Bank"))
    return f"{rng.randrange(10**7):07d}"


def _card(person: Person, column: str, rng: random.Random) -> Plain:
    return f"{rng.randrange(10_000):04d}" if column == "last4" else token(person, column, rng)


def _usage(person: Person, column: str, rng: random.Random) -> Plain:
    choices = ("ピアノ", "English", "陶芸") if column == "lesson" else ("login", "view", "order")
    return rng.choice(choices)


VALUES = {
    "bank_account": _bank,
    "card_number": _card,
    "drivers_licence": _licence,
    "usage_record": _usage,
}


def fill(book: Book) -> None:
    """Rows of the portal for everyone."""
    _others(book)
    for person in book.people:
        birth = f"{book.rng.randrange(1950, 2008)}-{book.rng.randrange(1, 13):02d}-11"
        book.add(
            "customers",
            person,
            person.joined_at,
            birth_date=birth,
            last_confirmed_at=stamp(person.joined_at),
            email_stale=0,
        )
        ended = stamp(book.at - timedelta(days=60)) if person.short == "emma" else None
        book.add("registrations", person, person.joined_at, service_id=_PORTAL, ended_at=ended)
        if person.short not in ("ben", "emma"):
            _payment(book, person)
            _activity(book, person)
            _licence_check(book, person)
            _consent(book, person)
            _lesson_account(book, person)


def fill_lessons(book: Book, books: Mapping[str, Book]) -> None:
    """Accounts of the lesson service for those who have one, found as the portal knows them."""
    known = books["app"].tables["service_accounts"]
    for person in book.people:
        if person.number in known.by_person:
            ref = books["app"].latest("service_accounts", person, "account_ref")
            other = person.short == "chika"
            _account(book, person, str(ref), f"lesson.{person.email}" if other else person.email)
        elif person.short == "dai":
            _account(book, person, _ref(book), person.email)


def _others(book: Book) -> None:
    """Services, partners, contractors, periods and staff: nobody's rows, or other people's."""
    book.share("services", ({"name": name} for name in ("portal", "lessons")))
    roles = (("infosource1", "information_provider"), ("adnet1", "ad_distributor"))
    book.share("partners", ({"name": name, "role": role} for name, role in roles))
    book.share(
        "contractors",
        (
            {
                "name": name,
                "country": "JP",
                "purpose": purpose,
                "criteria_passed": 1,
                "review_due": "2027-03-31",
            }
            for name, purpose in (("mailhouse", "promo_mail"), ("callcentre", "support"))
        ),
    )
    book.share(
        "retention_schedule",
        (
            {"item": "drivers_licence", "period_days": 90, "trigger_event": "collected"},
            {"item": "invoice", "trigger_event": "billed", "legal_basis": "jp-records.books"},
        ),
    )
    staff = (("見本 一郎", stamp(FIRST_AT)), ("Pat Sample", stamp(FIRST_AT)), ("例 花子", None))
    book.share("staff", ({"name": name, "trained_at": at} for name, at in staff))


def _payment(book: Book, person: Person) -> None:
    if person.short == "aki" or book.chance(0.3):
        book.add("bank_accounts", person)
    if person.short == "aki" or book.chance(0.5):
        book.add("cards", person)
    for at in _invoice_times(book, person):
        yen = book.rng.randrange(5, 90) * 100
        paid_at = stamp(min(at + timedelta(days=3), book.at))
        book.add(
            "invoices", person, at, service_id=_PORTAL, amount_yen=yen, due_at=stamp(at),
            paid_at=paid_at,
        )  # fmt: skip


def _invoice_times(book: Book, person: Person) -> list[datetime]:
    if person.short == "dai":
        return [_OLD_INVOICE_AT, datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]
    return [book.moment(person)] if person.short == "aki" or book.chance(0.4) else []


def _activity(book: Book, person: Person) -> None:
    for _ in range(book.rng.randint(2, 9)):
        book.add("usage_records", person, service_id=_PORTAL)
    for kind in ("promo", "important"):
        if person.short == "aki" or book.chance(0.5):
            book.add("mail_sends", person, kind=kind)
    if person.short == "aki" or book.chance(0.15):
        book.add("inquiries", person)
    if person.short == "aki" or book.chance(0.2):
        book.add("partner_transactions", person, partner_id=book.rng.randint(1, 2))
    if person.short in ("aki", "ken"):
        book.add("violations", person, refused=int(person.short == "ken"))


def _licence_check(book: Book, person: Person) -> None:
    """A number and its scan go once the check is done; the row that it was done stays."""
    if person.short not in ("aki", "hana") and not book.chance(0.1):
        return
    at = book.moment(person)
    open_check = person.short in ("aki", "hana")
    received_at = book.at - timedelta(days=2) if open_check else at
    checked_at = None if open_check else min(at + timedelta(days=3), book.at)
    gone = {} if open_check else {"license_number": None, "scan_key": None}
    book.add(
        "identity_documents",
        person,
        received_at,
        **{"scan_key": f"{book.rng.getrandbits(128):032x}.png", **gone},
        checked_at=stamp(checked_at) if checked_at else None,
        disposed_at=stamp(checked_at) if checked_at else None,
    )


def _consent(book: Book, person: Person) -> None:
    if person.short not in ("aki", "fumi") and not book.chance(0.03):
        return
    at = book.moment(person)
    items = json.dumps(["email"])
    consented_at = min(at + timedelta(minutes=5), book.at)
    book.add(
        "provision_consents",
        person,
        at,
        recipient="adnet1",
        items_json=items,
        purpose="promo_mail",
        consented_at=stamp(consented_at),
        text_sha256=hashlib.sha256(items.encode()).hexdigest(),
    )


def _lesson_account(book: Book, person: Person) -> None:
    if person.short == "dai" or (person.short not in ("aki", "chika") and not book.chance(0.3)):
        return
    book.add("registrations", person, service_id=_LESSONS)
    book.add("service_accounts", person, service_id=_LESSONS, account_ref=_ref(book))


def _ref(book: Book) -> str:
    """A key of the lesson service: nothing to do with the portal's."""
    return f"L-{book.rng.getrandbits(64):016x}"


def _account(book: Book, person: Person, ref: str, email: str) -> None:
    book.add("accounts", person, ref=ref, email=email)
    for _ in range(book.rng.randint(1, 3)):
        book.add("bookings", person, account_ref=ref)


def plant(db: sqlite3.Connection, world: World) -> None:
    """Plant what a scan has to find: each is a way such data really goes astray."""
    aki, fumi = world.person("aki"), world.person("fumi")
    long_ago = world.at - timedelta(days=91)
    db.execute(
        "UPDATE identity_documents SET received_at = ?, checked_at = ? WHERE customer_id = ?",
        (stamp(long_ago), stamp(long_ago), aki.number),
    )
    db.execute(
        "UPDATE provision_consents SET consented_at = datetime(presented_at, '-5 minutes')"
        " WHERE customer_id = ?",
        (fumi.number,),
    )
    db.execute(
        "INSERT INTO registrations (customer_id, service_id, started_at) VALUES (?, 99, ?)",
        (aki.number, stamp(world.at)),
    )
