"""Deskrex: people who have questions researched, link other services and see advertisements.

Named people, and what each is for:

* ``aki`` has something in every table and accepted every version;
* ``ben`` has an account and nothing else;
* ``chika`` agreed to location and not to surveys, and took that back after two hours;
* ``dai`` joined under the first version and never accepted a later one;
* ``emma`` has left: an account and a purchase that the books keep;
* ``fumi`` linked a service with its identifier only and revoked the link later;
* ``gen`` declined the version of February 2026 and stopped advertising;
* ``hana`` asked for disclosure twice: one fee is paid, one was waived.
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
from seiyaku.testing.values import ItemValue, Plain, token

if TYPE_CHECKING:
    from seiyaku.testing.people import World

NAMED = ("aki", "ben", "chika", "dai", "emma", "fumi", "gen", "hana")
FIRST_AT = datetime(2023, 10, 12, tzinfo=UTC)
VERSIONS = (
    ("2023-10-12", datetime(2023, 10, 11, 15, tzinfo=UTC)),
    ("2024-05-30", datetime(2024, 5, 29, 15, tzinfo=UTC)),
    ("2026-02-10", datetime(2026, 2, 9, 15, tzinfo=UTC)),
)
"""Ids of the published versions, and since when each counts."""
LISTED_AT = datetime(2026, 3, 1, tzinfo=UTC)
"""Since when there is an advertising partner at all."""
_FIRST_DAY = datetime(2023, 10, 12, 3, tzinfo=UTC)
_SENT_TO_PARTNERS = ("device_info", "access_log", "advertising_id")
_QUIET = ("ben", "emma")


def _one_of(*choices: str) -> ItemValue:
    return lambda person, column, rng: rng.choice(choices)


def _social(person: Person, column: str, rng: random.Random) -> Plain:
    return f"@{person.username}" if column == "handle" else rng.choice(("x", "instagram", "line"))


def _linked(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "service":
        return rng.choice(("google", "slack", "notion"))
    return hashlib.sha256(f"{person.canary}:{column}".encode()).hexdigest()[:24]


def _linked_profile(person: Person, column: str, rng: random.Random) -> Plain:
    return json.dumps({"display_name": person.username, "by": person.canary})


def _bank(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "account_number":
        return f"{rng.randrange(10_000_000):07d}"
    return rng.choice(("見本", "架空", "Example"))


def _browser(person: Person, column: str, rng: random.Random) -> Plain:
    return person.language if column == "language" else person.user_agent


def _advertising_id(person: Person, column: str, rng: random.Random) -> Plain:
    mark = f"{rng.getrandbits(128):032x}"
    return "-".join((mark[:8], mark[8:12], mark[12:16], mark[16:20], mark[20:]))


def _setting(person: Person, column: str, rng: random.Random) -> Plain:
    return "theme" if column == "key" else rng.choice(("light", "dark"))


def _ai_call(person: Person, column: str, rng: random.Random) -> Plain:
    if column == "payload_sha256":
        return f"{rng.getrandbits(256):064x}"
    return {"provider": "openai", "model": "chat-small"}.get(column, "proof-2026-02")


VALUES = {
    "advertising_id": _advertising_id,
    "ad_page_view": lambda p, c, r: f"ad-{r.randrange(1, 400):04d}",
    "ai_call": _ai_call,
    "bank_account": _bank,
    "browser_info": _browser,
    "device_info": _one_of("model-1", "model-2", "model-3"),
    "disclosure_fee": token,
    "display_name": lambda p, c, r: p.username,
    "gender": _one_of("female", "male", "other"),
    "linked_id": _linked,
    "linked_profile": _linked_profile,
    "occupation": _one_of("看護師", "教師", "researcher", "engineer", "writer"),
    "payment": lambda p, c, r: "paid",
    "payment_method": token,
    "purchase": _one_of("light", "standard", "team"),
    "referrer": _one_of("https://search.example/", "https://news.example/"),
    "social_account": _social,
    "user_setting": _setting,
    "violation_record": _one_of("terms-7", "terms-9"),
}


def fill(book: Book) -> None:
    """Rows for everyone."""
    book.share(
        "ad_partners",
        (
            {
                "name": "adnet1",
                "country": "JP",
                "optout_url": "https://adnet1.example/optout",
                "listed_since": stamp(LISTED_AT),
            },
        ),
    )
    corpus: dict[str, Plain] = {"name": "open-corpus-01", "source_tables": "licensed_corpus"}
    made = {"purpose": "evaluate_search", "created_at": stamp(VERSIONS[2][1])}
    book.share("training_datasets", ({**corpus, **made},))
    for person in book.people:
        _account(book, person)
        if person.short != "ben":
            _purchase(book, person)
        if person.short not in _QUIET:
            _profile(book, person)
            _link(book, person)
            _visits(book, person)
            _with_consent(book, person)
            _research(book, person)
            _advertising(book, person)
            _dealings(book, person)


def _wanted(book: Book, person: Person, share: float, *others: str) -> bool:
    """Whether the person gets such rows: aki always, `others` too, the rest by chance."""
    chance = book.chance(share)
    return person.short in ("aki", *others) or (person.short not in NAMED and chance)


def _account(book: Book, person: Person) -> None:
    joined_at = _FIRST_DAY if person.short in ("aki", "dai", "gen") else person.joined_at
    left = person.short == "emma" or (person.number > len(NAMED) and book.chance(0.01))
    born = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=book.rng.randrange(20_000))
    answers = [(v, max(at, joined_at), _answer(book, person, v)) for v, at in _shown(joined_at)]
    accepted = [version for version, _, answer in answers if answer == "accepted"]
    book.add(
        "users",
        person,
        joined_at,
        birth_date=f"{born:%Y-%m-%d}",
        accepted_policy_version=accepted[-1],
        withdrawn_at=stamp(book.moment(person)) if left else None,
    )
    for version, at, answer in answers if person.short != "ben" else ():
        if answer:
            book.add("policy_consents", person, at, policy_version=version, decision=answer)


def _shown(joined_at: datetime) -> list[tuple[str, datetime]]:
    """The versions shown to somebody who joined then: the one in force, and all later ones."""
    first = max(i for i, (_, at) in enumerate(VERSIONS) if at <= joined_at)
    return list(VERSIONS[first:])


def _answer(book: Book, person: Person, version: str) -> str:
    """What the person said to a version; the first one shown is accepted by joining."""
    if person.short == "dai":
        return "accepted" if version == VERSIONS[0][0] else ""
    if person.short == "gen" and version == VERSIONS[2][0]:
        return "declined"
    return "accepted"


def _purchase(book: Book, person: Person) -> None:
    if not _wanted(book, person, 0.4, "emma", "dai"):
        return
    at, yen = book.moment(person), book.rng.choice((980, 2980, 9800))
    book.add("purchases", person, at, amount_yen=yen)
    book.add("transactions", person, at)
    book.add("payments", person, at, amount_yen=yen)
    if person.short != "emma":
        book.add("payment_methods", person, at)
    if person.short == "aki" or book.chance(0.2):
        book.add("bank_accounts", person, at)


def _profile(book: Book, person: Person) -> None:
    if _wanted(book, person, 0.5):
        book.add("user_settings", person)
    if _wanted(book, person, 0.3):
        book.add("social_accounts", person)


def _link(book: Book, person: Person) -> None:
    """A link with the scopes that were granted; nothing beyond them came in."""
    if not _wanted(book, person, 0.2, "fumi"):
        return
    at = book.moment(person)
    only_id = person.short == "fumi" or (person.short != "aki" and book.chance(0.5))
    given: dict[str, Plain] = {"profile_json": None} if only_id else {}
    scopes = ["linked_id"] if only_id else ["linked_id", "linked_profile"]
    revoked = stamp(min(at + timedelta(days=30), book.at)) if person.short == "fumi" else None
    book.add(
        "integrations", person, at, scopes_json=json.dumps(scopes), revoked_at=revoked, **given
    )


def _visits(book: Book, person: Person) -> None:
    book.add("device_infos", person)
    for _ in range(book.rng.randint(1, 2)):
        book.add("online_identifiers", person)
    for _ in range(book.rng.randint(1, 6)):
        book.add("browsing_events", person)
    for _ in range(book.rng.randint(1, 5)):
        signed_in = None if book.chance(0.1) else person.number
        book.add("access_logs", person, user_id=signed_in, status=200)
    book.add("access_logs", person, status=200)


def _with_consent(book: Book, person: Person) -> None:
    """Location and surveys, each only while its own consent stood."""
    if _wanted(book, person, 0.2, "chika"):
        at = min(book.moment(person), book.at - timedelta(hours=3))
        until = at + timedelta(hours=2) if person.short == "chika" else None
        consent = _consent(book, person, "location", at, until)
        for minutes in range(1, book.rng.randint(2, 5)):
            lat, lon = 35 + book.rng.random(), 139 + book.rng.random()
            moment = at + timedelta(minutes=10 * minutes)
            book.add(
                "location_points",
                person,
                moment,
                lat=round(lat, 6),
                lon=round(lon, 6),
                consent_id=consent,
            )
    if _wanted(book, person, 0.15):
        at = min(book.moment(person), book.at - timedelta(hours=1))
        consent = _consent(book, person, "survey_answer", at, None)
        moment = at + timedelta(minutes=5)
        book.add("survey_responses", person, moment, survey="spring", consent_id=consent)


def _consent(
    book: Book, person: Person, item: str, at: datetime, until: datetime | None, purpose: str = ""
) -> int:
    return book.add(
        "consents",
        person,
        at,
        kind="provision" if purpose else "collection",
        item=item,
        purpose=purpose or None,
        policy_version=_in_force(at),
        withdrawn_at=stamp(until) if until else None,
    )


def _in_force(at: datetime) -> str:
    return [version for version, since in VERSIONS if since <= max(at, VERSIONS[0][1])][-1]


def _research(book: Book, person: Person) -> None:
    for _ in range(2 if person.short in NAMED else book.rng.randint(0, 3)):
        at = book.moment(person)
        query = book.add("research_queries", person, at)
        book.add("ai_calls", person, at, query_id=query, masked_count=0)
    if _wanted(book, person, 0.4):
        published = "example-blog" if person.short == "aki" or book.chance(0.2) else None
        book.add("user_contents", person, report_key=_key(book), published_to=published)
    if _wanted(book, person, 0.3):
        attached = person.short == "aki" or book.chance(0.5)
        key = _key(book) if attached else None
        book.add("form_inputs", person, form="contact", attachment_key=key)


def _key(book: Book) -> str:
    return f"{book.rng.getrandbits(128):032x}.png"


def _advertising(book: Book, person: Person) -> None:
    """Identifiers, pages opened, and what went out to those who had agreed only."""
    if not _wanted(book, person, 0.4, "gen"):
        return
    allowed = person.short != "gen"
    book.add("ad_identifiers", person, tracking_allowed=int(allowed))
    book.add("ad_page_views", person)
    if person.short == "gen":
        at = book.moment(person)
        book.add("cessations", person, at, purpose="ads", channel="settings", **_now(at))
    if _wanted(book, person, 0.2):
        at = max(book.moment(person), LISTED_AT + timedelta(days=1))
        for item in _SENT_TO_PARTNERS:
            _consent(book, person, item, at - timedelta(hours=1), None, "ads")
        fields = json.dumps(list(_SENT_TO_PARTNERS))
        book.add("ad_provisions", person, at, partner_id=1, fields_json=fields)


def _now(at: datetime) -> dict[str, Plain]:
    """A switch works at once."""
    return {"requested_at": stamp(at), "effective_at": stamp(at)}


def _dealings(book: Book, person: Person) -> None:
    if _wanted(book, person, 0.2):
        book.add("inquiries", person)
    if _wanted(book, person, 0.1):
        at = book.moment(person)
        book.add(
            "cessations", person, at, item="browsing_history", channel="application", **_now(at)
        )
    if _wanted(book, person, 0.3):
        book.add("mail_sends", person, purpose="promo_mail", template="spring")
    if _wanted(book, person, 0.03):
        book.add("violations", person)
    if _wanted(book, person, 0.03, "hana"):
        at = book.moment(person)
        book.add("disclosure_fees", person, at, amount_yen=1000, paid_at=stamp(at), waived_by=None)
    if person.short == "hana":
        book.add("disclosure_fees", person, amount_yen=1000, waived_by="staff-1")


def plant(db: sqlite3.Connection, world: World) -> None:
    """Plant what a scan has to find: each is a way such data really goes astray."""
    aki, chika = world.person("aki"), world.person("chika")
    prompt = "write to Hanako Sato, hanako@example.jp, 090-0000-0000"
    db.execute(
        "UPDATE research_queries SET prompt = ? WHERE id ="
        " (SELECT min(id) FROM research_queries WHERE user_id = ?)",
        (prompt, aki.number),
    )
    db.execute(
        "INSERT INTO training_datasets (name, source_tables, purpose, created_at)"
        " VALUES ('contents-2026', 'user_contents', 'train_model', ?)",
        (stamp(world.at - timedelta(days=10)),),
    )
    db.execute(
        "INSERT INTO location_points (user_id, lat, lon, at) VALUES (?, 35.5, 139.5, ?)",
        (chika.number, stamp(world.at - timedelta(days=1))),
    )
    beyond = json.dumps([*_SENT_TO_PARTNERS, "email"])
    db.execute("UPDATE ad_provisions SET fields_json = ? WHERE user_id = ?", (beyond, aki.number))
    card = json.dumps({"text": "4242 4242 4242 4242"})
    db.execute("UPDATE form_inputs SET payload_json = ? WHERE user_id = ?", (card, aki.number))
