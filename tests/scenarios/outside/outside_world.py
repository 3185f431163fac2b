"""CLOSM i as it would really run: its database on PostgreSQL, pictures in a bucket, each vendor
behind its API, and everybody's calls in one journal.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
import yaml
from aiosmtpd.controller import Controller

from chain_world import Chain
from object_store import Door, client, moto_server
from saas_world import AT, FAST
from seiyaku import services
from seiyaku.app.settings import Place, Settings, write_settings
from seiyaku.testing.bad_days import Answer, Between, Call, between
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.fakes.ddr_partner import DdrPartner, Key
from seiyaku.testing.fakes.server import VendorFake
from seiyaku.testing.fakes.stripe_preview import StripePreview
from seiyaku.testing.fakes.vendors import AnalyticsFake, CloudflareFake, PrintfulFake
from seiyaku.testing.people import World, generate
from seiyaku.testing.programs import card_only
from seiyaku.testing.servers import Database, Server
from stripe_shop import Shop

BUCKET, SENDER, CARRIER = "pictures", "privacy@closm.example", "privacy@carrier.example"
MORE: Mapping[str, Any] = {
    "mail": {
        "kind": "mail",
        "name": {"ja": "メール", "en": "mail"},
        "datasets": {
            "sent": {
                "key": "id",
                "links": [{"by": "address", "to": "app.users", "columns": "email"}],
                "fields": {
                    "id": None, "address": {"item": "email", "source": "person"},
                    "letter": None, "at": None, "state": None,
                },
            },
            "suppressed": {
                "key": "mark", "shared": True, "fields": {"mark": None, "why": None, "at": None},
            },
        },
    },
    "carrier": {
        "kind": "notice",
        "name": {"ja": "配送会社", "en": "carrier"},
        "datasets": {
            "parcels": {
                "key": "tracking_no",
                "links": [
                    {"by": "tracking_no", "to": "app.shipments", "columns": "tracking_no"}
                ],
                "fields": {"tracking_no": "delivery_status"},
            }
        },
    },
    "ad_network": {
        "kind": "ad_partner",
        "name": {"ja": "広告配信会社", "en": "advertising partner"},
        "datasets": {
            "aaid": {
                "key": "value",
                "links": [{"by": "value", "to": "app.usage_events", "columns": "client_id"}],
                "fields": {"value": "usage_history"},
            }
        },
    },
    "desk": {
        "kind": "http",
        "name": {"ja": "問い合わせ窓口", "en": "support desk"},
        "datasets": {
            "tickets": {
                "key": "id",
                "links": [{"by": "requester", "to": "app.users", "columns": "email"}],
                "fields": {"id": None, "requester": "inquiry_contact", "body": "inquiry"},
            }
        },
    },
}  # fmt: skip
DESK = """
seiyaku_api: 1
base: https://desk.example
datasets:
  tickets:
    columns: {id: ~, requester: ~, body: ~}
    find: [{by: requester, get: "/tickets?requester={requester}", rows: tickets}]
    delete: {send: "DELETE /tickets/{id}"}
"""


@dataclass
class Desk:
    """A support desk, as its declaration describes it; anything else is 501."""

    tickets: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def __call__(self, call: Call) -> Answer:
        if call.method == "GET" and call.path.startswith("/tickets?requester="):
            told = list(self.tickets.values()) if "aki" in call.path else []
            return 200, json.dumps({"tickets": told}).encode()
        name = call.path.removeprefix("/tickets/")
        if call.method == "DELETE" and name in self.tickets:
            del self.tickets[name]
            return 204, b""
        self.unknown.append(f"{call.method} {call.path}")
        return 501, b"{}"


@dataclass
class Mailbox:
    """A mail server that writes down what it took."""

    journal: list[tuple[str, str]]
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken += [(to, message) for to in envelope.rcpt_tos]
        self.journal += [("mail", to) for to in envelope.rcpt_tos]
        return "250 taken"

    def told(self, address: str) -> list[str]:
        """Subjects and texts of the mails to an address."""
        bodies = [(m, m.get_body(("plain",))) for to, m in self.taken if to == address]
        return [f"{m['Subject']}\n{b.get_content()}" for m, b in bodies if b is not None]


@dataclass
class Outside:
    """Everybody outside, and the home that reaches them.

    Args:
        journal: who was asked to change something, in order: system, and method and path.
        seen: what was true elsewhere when Stripe was asked to delete the customer.
    """

    folder: Path
    world: World
    clock: FixedClock
    database: Database
    customer: str
    shop: Shop
    auth0: Auth0Fake
    preview: StripePreview
    analytics: AnalyticsFake
    printful: PrintfulFake
    images: CloudflareFake
    own: Key
    partner: DdrPartner
    desk: Desk
    mailbox: Mailbox
    smtp: str
    bucket_url: str
    store: Any
    journal: list[tuple[str, str]]
    seen: list[int] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the service's own database, read beside the product."""
        with psycopg.connect(self.database.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def objects(self) -> set[str]:
        """Names in the bucket that are the service's."""
        listed = self.store.list_object_versions(Bucket=BUCKET).get("Versions", ())
        return {v["Key"] for v in listed if not v["Key"].startswith(".seiyaku/")}

    def stripe_says(self, call: Call) -> Answer | None:
        """What localstripe lacks; and whether the service still knew aki when she went there."""
        if call.method == "DELETE" and call.path.startswith("/v1/customers"):
            [(still,)] = self.rows("SELECT count(*) FROM users WHERE id = 1")
            self.seen.append(still)
        return self.preview(call)


class Maker:
    """Puts the world together, one counterpart after the other."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.journal: list[tuple[str, str]] = []
        self.clock = FixedClock(max(datetime.now().astimezone(), NOT_BEFORE))
        self.world = generate("closm-i", folder / "home", people=12)

    def proxy(self, system: str, upstream: str, answers: Any = None) -> Between:
        """A counterpart seen through a proxy that writes down who is asked to change what."""
        made = self.stack.enter_context(between(upstream))

        def noted(call: Call) -> Answer | None:
            if call.method != "GET" and not call.path.endswith("/oauth/token"):
                self.journal.append((system, f"{call.method} {call.path}"))
            answer: Answer | None = answers(call) if answers else None
            return answer

        made.answers = noted
        return made

    def fake(self, system: str, fake: VendorFake) -> str:
        return self.proxy(system, self.stack.enter_context(fake.running())).url

    def door(self) -> Door:
        """The bucket's door; it writes down removals."""
        door = Door(self.stack.enter_context(moto_server()))
        self.stack.callback(door.close)

        def noted(method: str, path: str) -> None:
            if method == "POST" and path.partition("?")[2].startswith("delete"):
                self.journal.append(("media", f"{method} {path}"))

        door.rule = noted
        return door

    def mailbox(self) -> tuple[Mailbox, str]:
        box = Mailbox(self.journal)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(box, hostname="127.0.0.1", port=port)
        controller.start()
        self.stack.callback(controller.stop)
        return box, f"smtp+plain://127.0.0.1:{port}"

    def sql(self, query: str, *values: object) -> list[Any]:
        """Change the generated database before it moves to PostgreSQL."""
        with closing(sqlite3.connect(self.folder / "home" / "app.db")) as db, db:
            return db.execute(query, values).fetchall()


NOT_BEFORE = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
"""The generated people's last day."""


@contextmanager
def outside(
    folder: Path, postgres: Server, localstripe_url: str, anvil_url: str
) -> Iterator[Outside]:
    """Everybody, up and filled with what they hold of aki."""
    with ExitStack() as stack:
        make = Maker(stack, folder)
        database = stack.enter_context(postgres.database())
        world = _everybody(make, database, Shop(localstripe_url))
        aki = world.world.person("aki")
        Chain(anvil_url).pay(aki.wallet, 7)
        stripe = make.proxy("stripe", localstripe_url, world.stripe_says)
        stripe.reword = lambda call: card_only(call.method, call.path)
        _to_postgres(world.home / "app.db", database)
        places = _places(make, world, stripe.url, anvil_url)
        _settle(world.home, places, stack.enter_context(postgres.database()))
        stack.enter_context(_secrets(world.own))
        _pictures(make, world.store)
        make.journal.clear()
        yield world
        unknown = (world.preview.unknown, world.partner.unknown, world.desk.unknown)
        assert unknown == ([], [], []), "calls nobody described"


def _everybody(make: Maker, database: Database, shop: Shop) -> Outside:
    aki, own = make.world.person("aki"), Key("2026-1")
    shop.flush()
    customer = shop.customer(aki.email, aki.name)
    make.sql("UPDATE subscriptions SET stripe_customer_id = ? WHERE user_id = 1", customer)
    preview = StripePreview(intents={customer: shop.intents(customer)})
    ticket = {"id": "t-1", "requester": aki.email, "body": "色が違います"}
    mailbox, smtp = make.mailbox()
    door = make.door()
    return Outside(
        folder=make.folder,
        world=make.world,
        clock=make.clock,
        database=database,
        customer=customer,
        shop=shop,
        auth0=_accounts(make),
        preview=preview,
        analytics=AnalyticsFake(),
        printful=_orders(make),
        images=_images(make),
        own=own,
        partner=DdrPartner("127.0.0.1", own),
        desk=Desk({"t-1": ticket}),
        mailbox=mailbox,
        smtp=smtp,
        bucket_url=door.url,
        store=client(door.url),
        journal=make.journal,
    )


def _places(make: Maker, world: Outside, stripe_url: str, anvil_url: str) -> dict[str, str | Place]:
    nowhere = "http://127.0.0.1:9"
    cloudflare = make.fake("cloudflare_images", world.images)
    mail = {"from": SENDER, "to": CARRIER, "language": "en"}
    return {
        "app": Place(url=world.database.dsn),
        "logs": "logs",
        "events": "events",
        "media": Place(
            url=world.bucket_url,
            secret="env:OUTSIDE_KEY",
            options={"bucket": BUCKET, "access_key": "test"},
        ),
        "chain": Place(url=anvil_url),
        "auth0": Place(
            secret="env:OUTSIDE_CLIENT",
            options={"domain": make.fake("auth0", world.auth0), "application": "c", **FAST},
        ),
        "stripe": Place(
            url=stripe_url, secret="env:OUTSIDE_STRIPE", options={"calls_a_second": "10000"}
        ),
        "printful": _vendor(make.fake("printful", world.printful)),
        "cloudflare_images": _vendor(
            cloudflare, account="acc", zone="zone", delivery=f"{cloudflare}/delivery"
        ),
        "google_analytics": _vendor(make.fake("google_analytics", world.analytics), property="7"),
        "desk": Place(
            path="desk.yaml",
            url=make.proxy("desk", nowhere, world.desk).url,
            secret="env:OUTSIDE_TOKEN",
        ),
        "ad_network": Place(
            url=make.proxy("ad_network", nowhere, world.partner).url,
            secret="env:OUTSIDE_PEM",
            options={"domain": "closm.example", "kid": "2026-1"},
        ),
        "carrier": Place(url=world.smtp, options=mail),
        "mail": Place(path="mail.sqlite", url=world.smtp, options={"sender": SENDER}),
    }


def _vendor(url: str, **options: str) -> Place:
    return Place(url=url, secret="env:OUTSIDE_TOKEN", options={**options, **FAST})


@contextmanager
def _secrets(own: Key) -> Iterator[None]:
    said = {
        "OUTSIDE_CLIENT": "client-secret",
        "OUTSIDE_TOKEN": "vendor-token",
        "OUTSIDE_KEY": "test",
        "OUTSIDE_STRIPE": "sk_test_x",
        "OUTSIDE_PEM": own.pem,
    }
    os.environ.update(said)
    try:
        yield
    finally:
        for name in said:
            del os.environ[name]


def _accounts(make: Maker) -> Auth0Fake:
    """An account and a session of everybody, by the ids in the service's own table."""
    fake = Auth0Fake()
    for number, (sub, address) in enumerate(make.sql("SELECT auth0_sub, email FROM users")):
        fake.users[sub] = {"user_id": sub, "email": address, "identities": []}
        session = {"id": f"s{number}", "user_id": sub, "created_at": AT}
        fake.sessions[session["id"]] = session
    return fake


def _orders(make: Maker) -> PrintfulFake:
    """Everybody's orders; those of aki were sent."""
    fake = PrintfulFake()
    held = make.sql("SELECT user_id, printful_order_id FROM orders")
    for number, (user, external) in enumerate(held):
        status = "fulfilled" if user == 1 else "draft"
        fake.orders[str(number)] = {"id": number, "external_id": external, "status": status}
    return fake


def _images(make: Maker) -> CloudflareFake:
    """Every picture, also in the cache before it."""
    fake = CloudflareFake()
    for (image,) in make.sql("SELECT cloudflare_image_id FROM media_objects"):
        fake.images[image] = {"id": image, "filename": f"{image}.png", "uploaded": AT}
        fake.cached.add(image)
    return fake


def _to_postgres(source: Path, database: Database) -> None:
    """The service's SQLite tables and rows, in PostgreSQL."""
    schema = (services.path("closm-i") / "schema.sql").read_text("utf-8")
    with closing(sqlite3.connect(source)) as db, psycopg.connect(database.dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(schema.encode())
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = db.execute(f"SELECT * FROM {table}").fetchall()
            marks = ", ".join(["%s"] * len(rows[0])) if rows else ""
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({marks})".encode(), row)
    source.unlink()


def _settle(home: Path, places: dict[str, str | Place], control: Database) -> None:
    data = yaml.safe_load((services.path("closm-i") / "datamap.yaml").read_text("utf-8"))
    data["systems"]["app"]["kind"] = "postgres"
    pictures = data["systems"]["media"]["datasets"]["objects"]
    fields = {**pictures["fields"], "version": None}
    objects = {**pictures, "key": ["key", "version"], "table": "media", "fields": fields}
    data["systems"]["media"] = {
        **data["systems"]["media"], "kind": "objects", "datasets": {"objects": objects}
    }  # fmt: skip
    data["systems"] |= MORE
    (home / "datamap.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    (home / "desk.yaml").write_text(DESK, "utf-8")
    write_settings(
        home,
        Settings(
            seiyaku_home=1,
            service="closm-i",
            datamap="datamap.yaml",
            systems=places,
            store=Place(url=control.dsn),
        ),
    )


def _pictures(make: Maker, store: Any) -> None:
    """The folder of pictures, in a bucket; the newest of each is a second version."""
    store.create_bucket(Bucket=BUCKET)
    on = {"Status": "Enabled"}
    store.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=on)
    folder = make.world.folders["media"]
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        for _ in range(2):
            store.put_object(Bucket=BUCKET, Key=f"media/{file.name}", Body=file.read_bytes())
    shutil.rmtree(folder)
