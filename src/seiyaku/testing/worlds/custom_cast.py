"""Custom Cast: customers who dress 3D avatars, and the other people of the company.

Named people, and what each is for:

* ``aki`` has something in every table of a customer;
* ``ben`` has an account and nothing else;
* ``chika`` opted out of provision to group companies, after one had got her data;
* ``dai`` has one order past its legal period and one within it;
* ``emma`` joined a service run with a partner, and took back a permission;
* ``fumi`` has a proxy write for her; the letter waits for its mandate to be read;
* ``hana`` waits for the reward of a feedback session;
* ``ken`` broke the terms.

What a camera saw lies nowhere: avatars hold sliders, not what a face did.
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
from seiyaku.testing.values import Plain, written

if TYPE_CHECKING:
    from seiyaku.testing.people import World

NAMED = ("aki", "ben", "chika", "dai", "emma", "fumi", "hana", "ken")
FIRST_AT = datetime(2020, 9, 7, tzinfo=UTC)
_OLD_ORDER_AT = datetime(2017, 5, 10, 3, 0, tzinfo=UTC)
_GROUP, _STUDIO, _LAB, _SPONSOR = 1, 2, 3, 4
_GROUP_FIELDS = ("name", "email", "view_history")
_EXPRESSIONS = ("browInnerUp", "eyeBlinkLeft", "jawOpen", "mouthSmileRight")


def _bank(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "bank":
        return rng.choice(("架空銀行", "Sample Bank"))
    return f"{rng.randrange(10**7):07d}"


def _outside(person: Person, column: str, rng: random.Random) -> Plain:
    return f"out-{person.canary}-{rng.getrandbits(32):08x}"


def _permitted(person: Person, column: str, rng: random.Random) -> Plain:
    return json.dumps({"id": person.canary, "language": person.language})


def _device(person: Person, column: str, rng: random.Random) -> Plain:
    return rng.choice(("iOS 17.6", "iOS 18.1", "Android 14"))


def _communication(person: Person, column: str, rng: random.Random) -> Plain:
    return person.ip if column == "ip" else f"room-{rng.randrange(1, 500):04d}"


def _view(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "page":
        return rng.choice((*names.PATHS, f"/avatars/{person.username}"))
    if column == "ad_id":
        return rng.choice((None, f"ad-{rng.randrange(1, 400):04d}"))
    return json.dumps({"screen": rng.choice(("dressing", "studio")), "visit": person.canary})


def _avatar(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "name":
        return f"{person.username} no. {rng.randrange(1, 9)}"
    sliders = {part: round(rng.random(), 2) for part in ("eye_size", "chin", "hair_length")}
    return json.dumps({**sliders, "by": person.canary})


VALUES = {
    "avatar": _avatar,
    "bank_account": _bank,
    "communication_history": _communication,
    "content_use": lambda p, c, r: r.choice(("gallery", "campaign page", "event video")),
    "device_type": _device,
    "external_id": _outside,
    "giveaway_entry": lambda p, c, r: r.choice(("spring", "anniversary")),
    "order": lambda p, c, r: r.choice(("アクリルスタンド", "T-shirt", "缶バッジ")),
    "permitted_profile": _permitted,
    "return_record": written,
    "view_history": _view,
}


def fill(book: Book) -> None:
    """Rows for everyone."""
    _companies(book)
    _other_people(book)
    for person in book.people:
        birth = f"{book.rng.randrange(1960, 2012)}-{book.rng.randrange(1, 13):02d}-11"
        confirmed_at = stamp(book.moment(person))
        book.add(
            "customers", person, person.joined_at, birth_date=birth, last_confirmed_at=confirmed_at
        )
        if person.short != "ben":
            _account(book, person)
            _visits(book, person)
            _content(book, person)
            _shop(book, person)
            _taking_part(book, person)
            _provisions(book, person)
            _letters(book, person)


def _companies(book: Book) -> None:
    """A company of the group, a partner, a laboratory and a sponsor; what they got in numbers."""
    companies = (("group_a", "group"), ("studio_x", "partner"), ("lab_y", "joint_research"))
    rows: list[dict[str, Plain]] = [
        {"name": name, "kind": kind, "review_due": "2027-03-31", "address": "東京都千代田区架空町1"}
        for name, kind in (*companies, ("sponsor_z", "sponsor"))
    ]
    book.share("partner_companies", rows)
    exports = (("statistics", _SPONSOR), ("joint_research", _LAB))
    book.share(
        "statistics_exports",
        (
            {
                "partner_id": partner,
                "kind": kind,
                "min_group": 10,
                "check_sha256": hashlib.sha256(kind.encode()).hexdigest(),
                "at": stamp(book.at - timedelta(days=20)),
            }
            for kind, partner in exports
        ),
    )


def _other_people(book: Book) -> None:
    """Applicants, employees, shareholders and prospects: no customers, so none of `people`."""
    invited = stamp(book.at - timedelta(days=40))
    applicants = (("見本 花子", None), ("Pat Sample", "passed"), ("例 一郎", "failed"))
    book.share(
        "applicants",
        (
            {
                "name": name,
                "email": f"applicant{n:03d}@example.jp",
                "resume_key": f"cabinet-{n:03d}",
                "result": result,
                "seminar_invited_at": invited if result != "failed" else None,
            }
            for n, (name, result) in enumerate(applicants, 1)
        ),
    )
    hired = stamp(FIRST_AT)
    book.share("employees", ({"name": n, "hired_at": hired} for n in ("試 太郎", "Sam Specimen")))
    holders = (("架空 次郎", 100), ("Alex Example", 2500))
    book.share(
        "stockholders",
        ({"name": n, "address": names.PLACES[0][1], "shares": shares} for n, shares in holders),
    )
    origins = ("event", "newsletter form")
    book.share(
        "prospects",
        ({"email": f"prospect{n:03d}@example.jp", "source": o} for n, o in enumerate(origins, 1)),
    )


def _account(book: Book, person: Person) -> None:
    if person.short in ("aki", "hana") or book.chance(0.2):
        book.add("bank_accounts", person)
    for _ in range(book.rng.randint(1, 2)):
        book.add("devices", person)
    if person.short in ("aki", "emma") or book.chance(0.25):
        at = book.moment(person)
        revoked = stamp(min(at + timedelta(days=9), book.at)) if person.short == "emma" else None
        service = book.rng.choice(("videosite", "chatapp"))
        book.add("external_links", person, at, service=service, revoked_at=revoked)


def _visits(book: Book, person: Person) -> None:
    least = 1 if person.short == "aki" else 0
    for table, most in (("comm_logs", 5), ("view_history", 8), ("location_points", 3)):
        for _ in range(book.rng.randint(least, most)):
            book.add(table, person)


def _content(book: Book, person: Person) -> None:
    for _ in range(book.rng.randint(1, 3)):
        book.add("avatars", person)
    for _ in range(book.rng.randint(2 if person.short == "aki" else 0, 2)):
        at = book.moment(person)
        upload = book.add("uploads", person, at, object_key=_key(book))
        if person.short == "aki" or book.chance(0.3):
            used_at = min(at + timedelta(days=10), book.at)
            told_at = stamp(min(used_at + timedelta(days=3), book.at))
            book.add("content_uses", person, used_at, upload_id=upload, notified_at=told_at)


def _shop(book: Book, person: Person) -> None:
    for at in _order_times(book, person):
        yen = book.rng.randrange(5, 90) * 100
        order = book.add("orders", person, at, amount_yen=yen)
        delivered = stamp(min(at + timedelta(days=4), book.at))
        tracking = str(book.rng.randrange(10**11, 10**12))
        book.add(
            "shipments", person, at, order_id=order, tracking_no=tracking, delivered_at=delivered
        )
        book.add("payments", person, at, amount_yen=yen)
        if person.short == "aki" or book.chance(0.1):
            back_at = min(at + timedelta(days=8), book.at)
            book.add("returns", person, back_at, order_id=order)


def _order_times(book: Book, person: Person) -> list[datetime]:
    if person.short == "dai":
        return [_OLD_ORDER_AT, datetime(2026, 3, 1, 1, 0, tzinfo=UTC)]
    return [book.moment(person)] if person.short == "aki" or book.chance(0.4) else []


def _taking_part(book: Book, person: Person) -> None:
    if person.short == "aki" or book.chance(0.2):
        won = person.short == "aki" or book.chance(0.2)
        prize = "signed print" if won else None
        book.add("giveaway_entries", person, won=int(won), prize=prize)
    if person.short in ("aki", "hana") or book.chance(0.1):
        at = book.moment(person)
        session = book.add("feedback_sessions", person, at, confirmed_at=stamp(at))
        paid = None if person.short == "hana" else stamp(min(at + timedelta(days=14), book.at))
        book.add("rewards", person, at, session_id=session, amount_yen=5000, paid_at=paid)
    for table in ("questionnaires", "inquiries"):
        if person.short == "aki" or book.chance(0.15):
            book.add(table, person)
    if person.short in ("aki", "ken"):
        book.add("violations", person)
    if person.short in ("aki", "emma") or book.chance(0.1):
        needed = json.dumps(["external_id", "email"])
        book.add("joint_service_members", person, partner_id=_STUDIO, needed_fields_json=needed)


def _provisions(book: Book, person: Person) -> None:
    """What the group got; from an accepted opt-out on it gets nothing more."""
    if person.short not in ("aki", "chika") and not book.chance(0.3):
        return
    at = book.moment(person)
    fields = json.dumps(_GROUP_FIELDS)
    book.add(
        "provisions", person, at, partner_id=_GROUP, clause="5.1", means="electromagnetic",
        fields_json=fields,
    )  # fmt: skip
    if person.short in ("aki", "chika") or book.chance(0.05):
        accepted_at = min(at + timedelta(days=30), book.at)
        letter = f"letter-{len(book.tables['group_optouts'].rows) + 1:04d}"
        book.add("group_optouts", person, accepted_at, letter_ref=letter)


def _letters(book: Book, person: Person) -> None:
    """Letters as scanned; the copies that came with them go thirty days after the decision."""
    waits = person.short == "fumi"
    if person.short not in ("aki", "chika", "fumi") and not book.chance(0.05):
        return
    recent = person.short in ("aki", "fumi")
    at = book.at - timedelta(days=12) if recent else book.moment(person)
    decided_at = None if waits else min(at + timedelta(days=5), book.at)
    kept = decided_at is None or decided_at > book.at - timedelta(days=30)
    proxy = person.short in ("aki", "fumi")
    book.add(
        "postal_requests",
        person,
        at,
        requester_name=person.name,
        requester_address=person.address,
        delivery_wish="by post",
        scan_key=_key(book),
        proof_kind=book.rng.choice(("drivers_licence", "passport")),
        proof_key=_key(book) if kept else None,
        proxy_document_key=_key(book) if kept and proxy else None,
        decided_at=stamp(decided_at) if decided_at else None,
    )


def _key(book: Book) -> str:
    return f"{book.rng.getrandbits(128):032x}.png"


def plant(db: sqlite3.Connection, world: World) -> None:
    """Plant what a scan has to find: each is a way such data really goes astray."""
    aki, chika = world.person("aki"), world.person("chika")
    shapes = {f"{name}{n:02d}": 0.5 for name in _EXPRESSIONS for n in range(13)}
    db.execute(
        "UPDATE view_history SET extra_json = ? WHERE customer_id = ?",
        (json.dumps({"blendShapes": shapes}), aki.number),
    )
    series = [{"frame": n, "jawOpen": 0.1, "eyeBlinkLeft": 0.2} for n in range(30)]
    db.execute(
        "UPDATE avatars SET parameters_json = ? WHERE customer_id = ?",
        (json.dumps({"frames": series}), chika.number),
    )
    db.execute(
        "INSERT INTO provisions (customer_id, partner_id, clause, means, fields_json, at)"
        " SELECT customer_id, ?, '5.1', 'electromagnetic', ?, datetime(accepted_at, '+1 day')"
        " FROM group_optouts WHERE customer_id = ?",
        (_GROUP, json.dumps(_GROUP_FIELDS), chika.number),
    )
    db.execute("UPDATE statistics_exports SET min_group = 2 WHERE kind = 'statistics'")
    db.execute(
        "UPDATE content_uses SET notified_at = NULL, used_at = ? WHERE customer_id = ?",
        (stamp(world.at - timedelta(days=31)), aki.number),
    )
    crashes = world.folders["objects"] / "crashes"
    crashes.mkdir()
    (crashes / "report-0001.json").write_text(json.dumps({"faceAnchor": shapes}), "utf-8")
