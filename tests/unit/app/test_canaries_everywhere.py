"""A canary stands in every kind of system at once, and what is left of it is found in each."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from object_store import client, moto_server
from saas_world import AT, FAST
from seiyaku.app import Home, open_home
from seiyaku.app.canaries import Canary, plant, run_canaries
from seiyaku.app.canary_page import by_system
from seiyaku.app.settings import CanarySettings, Place, Settings, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.systems.mail import Book
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.fakes.vendors import CloudflareFake
from seiyaku.testing.servers import Database

SATO = Actor("sato", "approver")
NAME = {"ja": "系", "en": "system"}
PERSON, SUB, FACE = "7", "auth0|4c63ab1e6a4535f85ba0b488", "3f9a77c01be24d55a1e08c9d.png"
LINE = '10.0.0.1 - {user} [20/Nov/2026:09:00:00 +0900] "GET /?m={mail} HTTP/1.1" 200 1 "-" "-"\n'
TABLE = "CREATE TABLE {name} (id INTEGER PRIMARY KEY, user_id INTEGER, email VARCHAR(90))"
USERS = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, phone INTEGER, sub TEXT, face TEXT)"
)


def _by(column: str, to: str, **more: Any) -> list[dict[str, Any]]:
    return [{"by": column, "to": to, **more}]


def _rows(**fields: str | None) -> dict[str, Any]:
    owned = {"id": None, "user_id": None, "email": "email"}
    return {"key": "id", "links": _by("user_id", "app.users"), "fields": {**owned, **fields}}


MAILED = _by("email", "app.users", columns="email")
DATASETS: dict[str, tuple[str, dict[str, Any]]] = {
    "shop": ("postgres", {"carts": _rows()}),
    "crm": ("mariadb", {"contacts": _rows()}),
    "media": (
        "folder",
        {
            "faces": {
                "key": "key",
                "links": _by("key", "app.users", columns="face"),
                "fields": {"key": "image", "content": "image"},
            }
        },
    ),
    "bucket": (
        "objects",
        {
            "faces": {
                "key": "key",
                "links": _by("key", "app.users", columns="face"),
                "fields": {"key": "image"},
            }
        },
    ),
    "logs": (
        "access_log",
        {
            "access": {
                "table": "access.log",
                "key": ["file", "line"],
                "links": _by("remote_user", "app.users"),
                "fields": {
                    "file": None,
                    "line": None,
                    "remote_user": None,
                    "request": "access_log",
                },
            }
        },
    ),
    "events": ("jsonl", {"seen": {"table": "*.jsonl", **_rows()}}),
    "lake": ("lake", {"seen": {"table": "*.parquet", **_rows()}}),
    "forms": (
        "forms_export",
        {
            "answers": {
                "table": "*.csv",
                "key": ["file", "line"],
                "links": MAILED,
                "fields": {"email": "email", "text": "post", "file": None, "line": None},
            }
        },
    ),
    "mail": (
        "mail",
        {
            "sent": {
                "key": "id",
                "links": _by("address", "app.users", columns="email"),
                "fields": {
                    "id": None,
                    "address": "email",
                    "letter": None,
                    "at": None,
                    "state": None,
                },
            }
        },
    ),
    "auth0": (
        "auth0",
        {
            "users": {
                "key": "user_id",
                "links": _by("user_id", "app.users", columns="sub"),
                "fields": {"user_id": "login_identifier", "email": "email"},
            }
        },
    ),
    "images": (
        "cloudflare_images",
        {
            "images": {
                "key": "id",
                "links": _by("id", "app.users", columns="face"),
                "fields": {"id": "image"},
            }
        },
    ),
}
LEFT_IN = ("app", "shop", "crm", "media", "bucket", "events", "lake")
"""Where the service forgets a second copy, of which no data map speaks."""


def datamap() -> str:
    users = {"id": None, "email": "email", "phone": "phone", "sub": "login_identifier",
             "face": "image"}  # fmt: skip
    app = {"users": {"person": "user", "key": "id", "fields": users}}
    systems = {
        n: {"kind": kind, "name": NAME, "datasets": datasets}
        for n, (kind, datasets) in {"app": ("sqlite", app), **DATASETS}.items()
    }
    said = {"seiyaku_datamap": 1, "service": "closm-i", "systems": systems}
    return yaml.safe_dump(said, sort_keys=False)


@dataclass
class Everywhere:
    """A home, and the service that writes into all its systems."""

    home: Home
    folder: Path
    shop: Database
    crm: Database
    store: Any
    auth0: Auth0Fake
    images: CloudflareFake

    def use(self, canary: Canary, *, forgets: bool) -> None:
        """What the service does with an account; where it `forgets`, a copy lies elsewhere."""
        mail, seen = canary.email, {"id": 1, "user_id": 7, "email": canary.email}
        with closing(sqlite3.connect(self.folder / "app.db")) as db, db:
            values = (7, mail, int(canary.phone), SUB, FACE)
            db.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", values)
        for database, table in ((self.shop, "carts"), (self.crm, "contacts")):
            database.run(f"INSERT INTO {table} VALUES (1, 7, '{mail}')")
        (self.folder / "media" / "faces" / FACE).write_bytes(b"\x89PNG by " + mail.encode())
        self.store.put_object(Bucket="everywhere", Key=f"faces/{FACE}", Body=mail.encode())
        (self.folder / "logs" / "access.log").write_text(LINE.format(user=7, mail=mail))
        (self.folder / "events" / "a.jsonl").write_text(json.dumps(seen) + "\n")
        self._parquet("a.parquet", mail)
        (self.folder / "forms" / "a.csv").write_text(f"email,text\n{mail},hello\n")
        book = Book("mail", self.folder / "mail.sqlite")
        book.note("<1>", mail, "received", "accepted", datetime(2026, 11, 20, tzinfo=UTC))
        self.auth0.users[SUB] = {"user_id": SUB, "email": mail, "identities": []}
        self.images.images[FACE] = {"id": FACE, "filename": "x.png", "uploaded": AT}
        if forgets:
            self._forget(mail)

    def _forget(self, mail: str) -> None:
        with closing(sqlite3.connect(self.folder / "app.db")) as db, db:
            db.execute("CREATE TABLE old AS SELECT phone FROM users")
        self.shop.run(f"CREATE TABLE old AS SELECT '{mail}'::bytea AS raw")
        self.crm.run(f"CREATE TABLE old AS SELECT sha2('{mail}', 256) AS hashed")
        (self.folder / "media" / "export.txt").write_text(mail)
        self.store.put_object(Bucket="everywhere", Key="backup/users.csv", Body=mail.encode())
        (self.folder / "events" / "copy.txt").write_text(mail)
        self._parquet("old/copy.parquet", mail)
        (self.folder / "lake" / "copy.csv").write_text(mail)

    def _parquet(self, name: str, mail: str) -> None:
        path = self.folder / "lake" / name
        path.parent.mkdir(exist_ok=True)
        with closing(duckdb.connect()) as db:
            db.execute(f"COPY (SELECT 1 AS id, 7 AS user_id, '{mail}' AS email) TO '{path}'")


@pytest.fixture
def everywhere(
    tmp_path: Path,
    postgres_database: Database,
    mariadb_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Everywhere]:
    monkeypatch.setenv("KEY", "vendor-token")
    monkeypatch.setenv("CLIENT_SECRET", "client-secret")
    for name in ("media/faces", "logs", "events", "lake", "forms"):
        (tmp_path / name).mkdir(parents=True)
    with closing(sqlite3.connect(tmp_path / "app.db")) as db:
        db.execute(USERS)
    postgres_database.run(TABLE.format(name="carts"))
    mariadb_database.run(TABLE.format(name="contacts"))
    Book("mail", tmp_path / "mail.sqlite")
    auth0, images = Auth0Fake(), CloudflareFake()
    with ExitStack() as stack:
        store_url = f"http://127.0.0.1:{stack.enter_context(moto_server())}"
        store = client(store_url)
        store.create_bucket(Bucket="everywhere")
        auth0_url, images_url = (stack.enter_context(f.running()) for f in (auth0, images))
        key = "env:KEY"
        places: dict[str, str | Place] = {
            "app": "app.db",
            "shop": Place(url=postgres_database.dsn),
            "crm": Place(url=mariadb_database.url),
            "bucket": Place(url=store_url, secret=key, timeout_s=30,
                            options={"bucket": "everywhere", "access_key": "test"}),
            "auth0": Place(secret="env:CLIENT_SECRET",
                           options={"domain": auth0_url, "application": "c", **FAST}),
            "images": Place(url=images_url, secret=key, options={
                "account": "acc", "zone": "zone", "delivery": f"{images_url}/delivery", **FAST}),
            "mail": "mail.sqlite",
            **{n: n for n in ("media", "logs", "events", "lake", "forms")},
        }  # fmt: skip
        (tmp_path / "datamap.yaml").write_text(datamap(), "utf-8")
        door = (sys.executable, "-c", f"print('{json.dumps({'person': PERSON})}')")
        settings = Settings(
            seiyaku_home=1,
            service="closm-i",
            datamap="datamap.yaml",
            systems=places,
            canaries=CanarySettings(plant=door, days=0),
        )
        write_settings(tmp_path, settings)
        home = stack.enter_context(
            open_home(tmp_path, clock=FixedClock("2026-11-20T09:00:00+09:00"))
        )
        yield Everywhere(home, tmp_path, postgres_database, mariadb_database, store, auth0, images)


@pytest.mark.slow
@pytest.mark.parametrize("forgets", [False, True])
def test_a_canary_is_measured_in_every_kind_of_system(
    everywhere: Everywhere, forgets: bool
) -> None:
    [canary] = plant(everywhere.home)
    everywhere.use(canary, forgets=forgets)
    [trial] = run_canaries(everywhere.home, SATO)
    assert trial.untouched == ()
    rows = {row.system: row for row in by_system([trial])}
    assert rows.keys() == {"app", *DATASETS}
    assert {name for name, row in rows.items() if row.why} == {"auth0", "images"} & set(
        trial.unseen
    )
    left = {name for name, row in rows.items() if row.left}
    assert left == (set(LEFT_IN) if forgets else set())
    assert (trial.recall == 1) is not forgets
    assert everywhere.auth0.users == {}
    assert everywhere.images.images == {}
