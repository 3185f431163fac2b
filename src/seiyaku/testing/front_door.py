"""The front door of the demonstration: one synthetic person joins CLOSM i, and uses it.

Run in the folder of a generated CLOSM i (`seiyaku.testing.people.generate`) as
``python -m seiyaku.testing.front_door``; it reads a canary on standard input and prints its key,
as `seiyaku canaries plant` wants it. What it leaves lies in every system that is read there:
database, pictures, access log and the copy of the usage events.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seiyaku.testing.files import picture

_LINE = '{ip} - {user} [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" 200 512 "-" "Canary"\n'


def join(home: Path, asked: dict[str, str], at: datetime) -> int:
    """Let a person join and do what people do.

    Args:
        asked: ``email``, ``phone``, ``name``, ``word``, as a canary is told.

    Returns:
        The key of the account.
    """
    with closing(sqlite3.connect(home / "app.db")) as db, db:
        person = _account(db, asked, at)
        _posts(db, home / "media" / "objects", asked, person, at)
        event = _visits(db, asked, person, at)
    _note(home, event, person, at)
    return person


def _account(db: sqlite3.Connection, asked: dict[str, str], at: datetime) -> int:
    mark = hashlib.sha256(asked["word"].encode()).hexdigest()
    person = _add(
        db,
        "users",
        auth0_sub=f"auth0|{mark[:24]}",
        email=asked["email"],
        email_source="person",
        username=f"canary-{asked['word']}",
        nickname=asked["name"],
        age_attested_13plus_at=_stamp(at),
        created_at=_stamp(at),
    )
    _add(db, "user_profiles", user_id=person, bio=f"{asked['name']} {asked['phone']}")
    _add(db, "inquiries", user_id=person, channel="email", email=asked["email"],
         body=f"Call me: {asked['phone']}", received_at=_stamp(at))  # fmt: skip
    return person


def _posts(
    db: sqlite3.Connection, folder: Path, asked: dict[str, str], person: int, at: datetime
) -> None:
    post = _add(db, "posts", user_id=person, body=f"Hello {asked['email']}", created_at=_stamp(at))
    key = f"{hashlib.md5(asked['word'].encode(), usedforsecurity=False).hexdigest()}.png"
    _add(db, "media_objects", user_id=person, post_id=post, kind="post", object_key=key)
    (folder / key).write_bytes(picture(0, 23, 193, f"by {asked['email']}"))


def _visits(
    db: sqlite3.Connection, asked: dict[str, str], person: int, at: datetime
) -> dict[str, Any]:
    """Usage and access, each naming the address as a careless page does; the usage event."""
    path = f"/verify?mail={asked['email'].replace('@', '%40')}"
    event: dict[str, Any] = {
        "user_id": person,
        "client_id": f"GA1.1.{asked['word']}",
        "event": "view",
        "path": path,
        "at": _stamp(at),
    }
    number = _add(db, "usage_events", **event)
    _add(db, "access_logs", user_id=person, ip="2001:db8::ca", path=path, accessed_at=_stamp(at))
    return {"id": number, **event}


def _note(home: Path, event: dict[str, Any], person: int, at: datetime) -> None:
    """What the web server and the nightly copy write down."""
    line = _LINE.format(ip="2001:db8::ca", user=person, at=at, path=event["path"])
    with (home / "logs" / f"access-{at:%Y-%m}.log").open("a", encoding="utf-8") as log:
        log.write(line)
    part = home / "events" / f"date={at:%Y-%m-%d}"
    part.mkdir(exist_ok=True)
    with (part / "canary.jsonl").open("a", encoding="utf-8") as copy:
        copy.write(json.dumps({**event, "at": at.isoformat()}) + "\n")


def _add(db: sqlite3.Connection, table: str, **values: Any) -> int:
    marks = ", ".join("?" * len(values))
    statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
    return db.execute(statement, tuple(values.values())).lastrowid or 0


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    key = join(Path(), json.load(sys.stdin), datetime.now(UTC))
    json.dump({"person": str(key)}, sys.stdout)
