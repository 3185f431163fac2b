"""A small shop in SQLite: links of every kind, beside people who must not be touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from seiyaku.datamap.model import DataMap
from seiyaku.systems.sqlite import SqliteSystem

SCHEMA = """
CREATE TABLE users (
  id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, born DATE,
  created_at TIMESTAMP, credit DECIMAL(10,2), vip BOOLEAN);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), total INTEGER, note TEXT,
  ordered_at TIMESTAMP);
CREATE INDEX orders_user ON orders(user_id);
CREATE TABLE order_items (
  order_id INTEGER NOT NULL REFERENCES orders(id), line INTEGER NOT NULL, sku TEXT,
  PRIMARY KEY (order_id, line)) WITHOUT ROWID;
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),
  body TEXT);
CREATE TABLE favorites (user_id INTEGER NOT NULL REFERENCES users(id),
  post_id INTEGER NOT NULL REFERENCES posts(id), at TIMESTAMP, PRIMARY KEY (user_id, post_id));
CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER REFERENCES users(id),
  receiver_id INTEGER REFERENCES users(id), sender_name TEXT, receiver_name TEXT, body TEXT);
CREATE TABLE newsletter (email TEXT PRIMARY KEY, since DATE);
CREATE TABLE comments (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id),
  parent_id INTEGER REFERENCES comments(id), body TEXT);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE);
"""

ROWS = """
INSERT INTO users VALUES
 (1,'ai@example.com','愛','1990-04-01','2026-01-01T09:00:00+09:00','10.50',1),
 (2,'ben@example.com','Ben','1991-05-02','2026-01-02 09:00:00','0',0),
 (3,'chie@example.com','千恵',NULL,NULL,NULL,NULL);
INSERT INTO orders VALUES
 (10,1,1200,'leave at the door','2018-01-10T00:00:00+00:00'),
 (11,1,500,NULL,'2025-06-01T00:00:00+00:00'),
 (20,2,900,'gift','2025-06-02T00:00:00+00:00');
INSERT INTO order_items VALUES (10,1,'tee'),(11,1,'mug'),(11,2,'cap'),(20,1,'tee');
INSERT INTO posts VALUES (100,1,'my post'),(200,2,'ben writes');
INSERT INTO favorites VALUES (1,100,'2026-02-01'),(1,200,'2026-02-01'),(2,100,'2026-02-02'),
 (3,100,'2026-02-03'),(3,200,'2026-02-03');
INSERT INTO messages VALUES (1,1,2,'愛','Ben','hi'),(2,2,1,'Ben','愛','yo'),
 (3,2,3,'Ben','千恵','x');
INSERT INTO newsletter VALUES ('ai@example.com','2025-12-31'),('ben@example.com','2026-01-01');
INSERT INTO comments VALUES (1,1,NULL,'mine'),(2,2,1,'reply of ben'),(3,1,2,'mine again');
INSERT INTO reviews VALUES (1,1,'good','s1'),(2,1,'bad','s2'),(3,2,'fine','s3');
"""

MAP = {
    "seiyaku_datamap": 1,
    "service": "shop",
    "systems": {
        "app": {
            "kind": "sqlite",
            "name": {"ja": "店", "en": "shop"},
            "datasets": {
                "users": {
                    "person": "user",
                    "key": "id",
                    "fields": {
                        "id": None,
                        "email": {"item": "email", "blank": "gone@masked.invalid"},
                        "name": "name",
                        "born": "birth_date",
                        "created_at": None,
                        "credit": "credit",
                        "vip": "credit",
                    },
                },
                "order_items": {
                    "key": ["order_id", "line"],
                    "links": [{"by": "order_id", "to": "orders"}],
                    "fields": {"order_id": None, "line": None, "sku": "order"},
                },
                "orders": {
                    "key": "id",
                    "links": [{"by": "user_id", "to": "users"}],
                    "fields": {
                        "id": None,
                        "user_id": None,
                        "total": "order",
                        "note": "order",
                        "ordered_at": "order",
                    },
                },
                "posts": {
                    "key": "id",
                    "links": [{"by": "user_id", "to": "users"}],
                    "fields": {"id": None, "user_id": None, "body": "post"},
                },
                "favorites": {
                    "key": ["user_id", "post_id"],
                    "links": [
                        {"by": "user_id", "to": "users"},
                        {"by": "post_id", "to": "posts", "owns": False},
                    ],
                    "fields": {"user_id": None, "post_id": "favorite", "at": "favorite"},
                },
                "messages": {
                    "key": "id",
                    "links": [
                        {"by": "sender_id", "to": "users", "role": "sender"},
                        {"by": "receiver_id", "to": "users", "role": "receiver"},
                    ],
                    "fields": {
                        "id": None,
                        "sender_id": None,
                        "receiver_id": None,
                        "sender_name": {"item": "name", "subject": "sender"},
                        "receiver_name": {"item": "name", "subject": "receiver"},
                        "body": "message",
                    },
                    "erase": {"how": "blank"},
                },
                "newsletter": {
                    "key": "email",
                    "links": [{"by": "email", "to": "users", "columns": "email"}],
                    "fields": {"email": "email", "since": "newsletter"},
                },
                "comments": {
                    "key": "id",
                    "links": [
                        {"by": "user_id", "to": "users"},
                        {"by": "parent_id", "to": "comments", "owns": False, "on_erase": "unlink"},
                    ],
                    "fields": {"id": None, "user_id": None, "parent_id": None, "body": "comment"},
                },
                "reviews": {
                    "key": "id",
                    "links": [{"by": "user_id", "to": "users"}],
                    "fields": {
                        "id": None,
                        "user_id": None,
                        "title": {"item": "review", "blank": "gone"},
                        "slug": {"item": "review", "blank": "gone"},
                    },
                    "erase": {"how": "blank"},
                },
            },
        }
    },
}


@pytest.fixture
def shop_map() -> DataMap:
    return DataMap.model_validate(MAP)


@pytest.fixture
def shop_file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA journal_mode=WAL;" + SCHEMA + ROWS)
    connection.close()
    return path


@pytest.fixture
def shop(shop_map: DataMap, shop_file: Path) -> Iterator[SqliteSystem]:
    system = SqliteSystem("app", shop_map.systems["app"], shop_file, timeout_s=0.3)
    yield system
    system.close()
