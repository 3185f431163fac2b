"""A circle of friends: pictures stored once, chats, follows, invitations, articles that stay.

The schema is the same on every engine. Aki and Dai know each other; what one of them wrote
hangs on what the other did, and some of what they look at is one and the same thing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import yaml

from seiyaku.app import Home, open_home
from seiyaku.app.settings import Place, Settings, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.plans.model import Plan, RunResult
from seiyaku.requests.identity import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.servers import Database

Engine = Literal["sqlite", "postgres", "mariadb"]
SATO = Actor("sato", "approver")
NAME = {"ja": "系", "en": "system"}
AKI, DAI = 1, 2
FACE, BEACH, CAKE = (w[0] + sha256(w.encode()).hexdigest()[1:] for w in ("face", "beach", "cake"))
TABLES = """
CREATE TABLE stickers (id INTEGER PRIMARY KEY, drawing {blob})
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(80) UNIQUE, nickname VARCHAR(40),
 face VARCHAR(80), sticker_id INTEGER REFERENCES stickers (id))
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, body VARCHAR(200),
 picture VARCHAR(80))
CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER, user_id INTEGER,
 body VARCHAR(200))
CREATE TABLE articles (id INTEGER PRIMARY KEY, author_id INTEGER, signed VARCHAR(40),
 body VARCHAR(200) NOT NULL)
CREATE TABLE reviews (id INTEGER PRIMARY KEY, author_id INTEGER, body VARCHAR(200))
CREATE TABLE follows (follower_id INTEGER NOT NULL, followee_id INTEGER NOT NULL,
 PRIMARY KEY (follower_id, followee_id))
CREATE TABLE chats (id INTEGER PRIMARY KEY, opened_by INTEGER, topic VARCHAR(40))
CREATE TABLE chat_members (chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
 PRIMARY KEY (chat_id, user_id))
CREATE TABLE messages (id INTEGER PRIMARY KEY, chat_id INTEGER, sender_id INTEGER,
 body VARCHAR(200) NOT NULL)
CREATE TABLE invitations (id INTEGER PRIMARY KEY, inviter_id INTEGER, words VARCHAR(80),
 invitee_email VARCHAR(80), accepted_by INTEGER)
"""
FOREIGN = """
ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id)
ALTER TABLE comments ADD FOREIGN KEY (post_id) REFERENCES posts (id)
ALTER TABLE comments ADD FOREIGN KEY (user_id) REFERENCES users (id)
ALTER TABLE articles ADD FOREIGN KEY (author_id) REFERENCES users (id)
ALTER TABLE reviews ADD FOREIGN KEY (author_id) REFERENCES users (id)
ALTER TABLE follows ADD FOREIGN KEY (follower_id) REFERENCES users (id)
ALTER TABLE follows ADD FOREIGN KEY (followee_id) REFERENCES users (id)
ALTER TABLE chat_members ADD FOREIGN KEY (user_id) REFERENCES users (id)
ALTER TABLE messages ADD FOREIGN KEY (chat_id) REFERENCES chats (id)
ALTER TABLE messages ADD FOREIGN KEY (sender_id) REFERENCES users (id)
ALTER TABLE invitations ADD FOREIGN KEY (accepted_by) REFERENCES users (id)
"""
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "stickers": [(1, b"\x89one"), (2, b"\x89two")],
    "users": [(AKI, "aki@example.jp", "Aki", FACE, 1), (DAI, "dai@example.jp", "Dai", FACE, 1),
              (3, "emi@example.jp", "Emi", None, 2)],
    "posts": [(1, AKI, "my cake", CAKE), (2, AKI, "the beach", BEACH), (3, DAI, "us", BEACH)],
    "comments": [(1, 1, DAI, "looks good"), (2, 3, AKI, "we were there"), (3, 3, 3, "nice")],
    "articles": [(1, AKI, "Aki", "On sencha"), (2, DAI, "Dai", "On hojicha")],
    "reviews": [(1, AKI, "good tea"), (2, DAI, "good cake")],
    "follows": [(AKI, DAI), (DAI, AKI), (DAI, 3)],
    "chats": [(1, AKI, "tea"), (2, DAI, "cake")],
    "chat_members": [(1, AKI), (1, DAI), (2, DAI), (2, 3)],
    "messages": [(1, 1, AKI, "when?"), (2, 1, DAI, "at three"), (3, 2, DAI, "bring cake")],
    "invitations": [(1, DAI, "join us", "aki@example.jp", AKI), (2, AKI, "come", "fuu@example.jp",
                    None), (3, DAI, "come too", "emi@example.jp", 3)],
}  # fmt: skip


def _link(by: str, to: str, **more: Any) -> dict[str, Any]:
    return {"by": by, "to": to, **more}


_REFERS = {"owns": False, "on_erase": "unlink"}
_LAST = {"when": "last_reference"}
DATASETS: dict[str, dict[str, Any]] = {
    "users": {
        "person": "user",
        "key": "id",
        "links": [_link("sticker_id", "stickers", **_REFERS)],
        "fields": {"id": None, "email": "email", "nickname": "nickname", "face": "image",
                   "sticker_id": "image"},
    },
    "stickers": {
        "key": "id",
        "links": [_link("id", "users", columns="sticker_id")],
        "fields": {"id": None, "drawing": "image"},
        "erase": _LAST,
    },
    "posts": {
        "key": "id",
        "links": [_link("user_id", "users")],
        "fields": {"id": None, "user_id": None, "body": "post", "picture": "image"},
    },
    "comments": {
        "key": "id",
        "links": [_link("user_id", "users"), _link("post_id", "posts", **_REFERS)],
        "fields": {"id": None, "post_id": None, "user_id": None, "body": "post"},
    },
    "articles": {
        "key": "id",
        "links": [_link("author_id", "users")],
        "fields": {"id": None, "author_id": None, "signed": "nickname", "body": None},
        "erase": {"how": "blank"},
    },
    "reviews": {
        "key": "id",
        "links": [_link("author_id", "users")],
        "fields": {"id": None, "author_id": None, "body": "post"},
        "erase": {"how": "unlink", "clause": "9.3"},
    },
    "follows": {
        "key": ["follower_id", "followee_id"],
        "links": [_link("follower_id", "users", role="follower"),
                  _link("followee_id", "users", role="followee")],
        "fields": {"follower_id": "follow", "followee_id": "follow"},
    },
    "chats": {
        "key": "id",
        "links": [_link("opened_by", "users", **_REFERS)],
        "fields": {"id": None, "opened_by": None, "topic": None},
    },
    "chat_members": {
        "key": ["chat_id", "user_id"],
        "links": [_link("user_id", "users")],
        "fields": {"chat_id": None, "user_id": None},
    },
    "messages": {
        "key": "id",
        "links": [_link("sender_id", "users")],
        "fields": {"id": None, "chat_id": None, "sender_id": None,
                   "body": {"item": "post", "blank": "(left)"}},
        "erase": {"how": "blank"},
    },
    "invitations": {
        "key": "id",
        "links": [_link("inviter_id", "users", role="inviter"),
                  _link("accepted_by", "users", role="invitee"),
                  _link("invitee_email", "users", columns="email", role="invitee")],
        "fields": {"id": None, "inviter_id": None, "accepted_by": None,
                   "words": {"item": "post", "subject": "inviter"},
                   "invitee_email": {"item": "email", "subject": "invitee"}},
        "erase": {"how": "blank"},
    },
}  # fmt: skip
SELLERS = {"person": "seller", "key": "id", "fields": {"id": None, "logo": "image"}}
"""Other people, in a system in which nothing of a user lies."""


def pictures(key: str, *more: str, **fields: str | None) -> dict[str, Any]:
    """The dataset of pictures: found by the names that users, posts and sellers hold."""
    links = [
        _link(key, "app.users", columns="face"),
        _link(key, "app.posts", columns="picture"),
        _link(key, "market.sellers", columns="logo"),
    ]
    return {"key": [key, *more], "links": links, "fields": {key: "image", **fields}, "erase": _LAST}


@dataclass
class Shelf:
    """Where pictures lie. `look` gives the names of those there, without the driver."""

    kind: str
    dataset: dict[str, Any]
    place: str | Place
    look: Callable[[], Iterable[str]]
    name: str = "pictures"

    def entry(self) -> dict[str, Any]:
        """Its system in the data map."""
        return {"kind": self.kind, "name": NAME, "datasets": {self.name: self.dataset}}


def on_disk(folder: Path) -> Shelf:
    """Pictures in a folder of the home."""
    lie = folder / "media" / "pictures"
    lie.mkdir(parents=True)
    for name in (FACE, BEACH, CAKE):
        (lie / name).write_bytes(name[:1].encode() * 9)
    names = lambda: (p.name for p in lie.iterdir())  # noqa: E731
    return Shelf("folder", pictures("key", content="image"), "media", names)


@dataclass
class Circle:
    """A home over the circle, and its tables as they are, read without any driver."""

    home: Home
    engine: sa.Engine
    folder: Path
    shelf: Shelf

    def planned(self, person: int) -> Plan:
        """Somebody leaves: their plan, approved."""
        request = self.home.receive("closure", person=str(person))
        self.home.show_identity(request.id, Proof("signed_in"))
        plan = self.home.plan(request.id)
        self.home.approve(plan.id, SATO)
        return plan

    def leaves(self, person: int) -> RunResult:
        """Somebody leaves: what the run did."""
        return self.home.run(self.planned(person).id)

    def run(self, statement: str) -> None:
        """What the service itself does."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def sell(self, logo: str) -> None:
        """A seller comes with this picture."""
        with closing(sqlite3.connect(self.folder / "market.db")) as market, market:
            market.execute("INSERT INTO sellers (logo) VALUES (?)", (logo,))

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Every row of a table, by its first columns."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")
            return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in r) for r in found]

    def pictures(self) -> set[str]:
        """First letters of the pictures that are there."""
        return {name[0] for name in self.shelf.look()}


@contextmanager
def circle(
    folder: Path, engine: Engine, database: Database | None, shelf: Shelf | None = None
) -> Iterator[Circle]:
    """A home of the circle in `folder`, its tables in `database` or in a SQLite file."""
    app = folder / "app.db"
    with closing(sqlite3.connect(app)):
        pass
    with closing(sqlite3.connect(folder / "market.db")) as market:
        market.execute("CREATE TABLE sellers (id INTEGER PRIMARY KEY, logo TEXT)")
    reached = database.engine() if database else sa.create_engine(f"sqlite:///{app}")
    _fill(reached, engine)
    shelf = shelf or on_disk(folder)
    address = (database.dsn if engine == "postgres" else database.url) if database else None
    places: dict[str, str | Place] = {
        "app": Place(url=address) if address else app.name,
        "market": "market.db",
        "media": shelf.place,
    }
    (folder / "datamap.yaml").write_text(_datamap(engine, shelf), "utf-8")
    settings = Settings(seiyaku_home=1, service="closm-i", datamap="datamap.yaml", systems=places)
    write_settings(folder, settings)
    with open_home(folder, clock=FixedClock("2026-11-20T09:00:00+09:00")) as home:
        try:
            yield Circle(home, reached, folder, shelf)
        finally:
            reached.dispose()


def _datamap(engine: Engine, shelf: Shelf) -> str:
    app = {"kind": engine, "name": NAME, "datasets": DATASETS}
    market = {"kind": "sqlite", "name": NAME, "datasets": {"sellers": SELLERS}}
    systems = {"app": app, "market": market, "media": shelf.entry()}
    return yaml.safe_dump(
        {"seiyaku_datamap": 1, "service": "closm-i", "systems": systems}, sort_keys=False
    )


def _fill(reached: sa.Engine, engine: Engine) -> None:
    blob = {"sqlite": "BLOB", "postgres": "BYTEA", "mariadb": "BLOB"}[engine]
    foreign = FOREIGN if engine != "sqlite" else ""
    statements = TABLES.replace("{blob}", blob).replace("\nCREATE", ";CREATE").split(";")
    with reached.begin() as connection:
        for statement in statements:
            if statement.strip():
                connection.exec_driver_sql(statement)
        for table, rows in ROWS.items():
            names = sa.inspect(connection).get_columns(table)
            target = sa.table(table, *(sa.column(c["name"]) for c in names))
            columns = [c["name"] for c in names]
            values = [dict(zip(columns, r, strict=True)) for r in rows]
            connection.execute(sa.insert(target), values)
        for statement in foreign.strip().splitlines():
            connection.exec_driver_sql(statement)
