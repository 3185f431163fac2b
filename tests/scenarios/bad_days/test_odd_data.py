"""Data as it is found: bytes that are no text, and more rows than anybody expected."""

from __future__ import annotations

import csv
import io
import json
import resource
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

from bad_day import SATO, BadDay, planned, to_the_end

ROWS = 100_000


def done(day: BadDay, kind: str, person: str) -> dict[str, bytes]:
    """The package of a disclosure; nothing of a closure."""
    with day.home() as home:
        request, plan = planned(home, kind, person)
        home.approve(plan.id, SATO)
        to_the_end(home, plan.id)
        if kind != "disclosure":
            return {}
        with zipfile.ZipFile(home.package(request.id)) as package:
            return {name: package.read(name) for name in package.namelist()}


def column(package: dict[str, bytes], dataset: str, name: str) -> list[object]:
    """The values of one column of a dataset."""
    [found] = [d for d in json.loads(package["data.json"])["datasets"] if d["id"] == dataset]
    place = [c["name"] for c in found["columns"]].index(name)
    return [row[place] for row in found["rows"]]


def asked(folder: Path, query: str) -> object:
    """One value, read without the driver."""
    with closing(sqlite3.connect(folder / "app.db")) as db:
        db.text_factory = bytes
        return db.execute(query).fetchone()[0]


def test_bytes_that_are_no_utf8_reach_the_person_unchanged_and_are_erased(day: BadDay) -> None:
    with closing(sqlite3.connect(day.folder / "app.db")) as db:
        db.execute("UPDATE user_profiles SET bio = CAST(x'ff80fe' AS TEXT) WHERE user_id = 3")
        db.commit()
    logs = day.folder / "logs"
    [log, *_] = sorted(p for p in logs.rglob("*") if p.is_file() and p.suffix != ".gz")
    log.write_bytes(log.read_bytes() + b"\xff\xfe no line of a log \x80\n")
    package = done(day, "disclosure", "3")
    [bio] = column(package, "app.user_profiles", "bio")
    assert bio == {"$bytes": "/4D+"}
    package["index.ja.html"].decode("utf-8")
    for name, data in package.items():
        if name.startswith("csv/"):
            data.decode("utf-8-sig")
    done(day, "closure", "3")
    assert asked(day.folder, "SELECT count(*) FROM user_profiles WHERE user_id = 3") == 0
    assert b"\xff\xfe no line of a log \x80\n" in log.read_bytes(), "a stranger's line was lost"


def test_a_person_with_a_hundred_thousand_rows_gets_them_all_and_is_erased_from_them_all(
    day: BadDay,
) -> None:
    with closing(sqlite3.connect(day.folder / "app.db")) as db:
        others = db.execute("SELECT count(*) FROM posts WHERE user_id <> 2").fetchone()[0]
        db.executemany(
            "INSERT INTO posts (user_id, body, created_at) VALUES (2, ?, '2026-11-01 00:00:00')",
            ((f"post {n}",) for n in range(ROWS)),
        )
        db.commit()
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    package = done(day, "disclosure", "2")
    bodies = column(package, "app.posts", "body")
    assert {f"post {n}" for n in range(ROWS)} <= set(map(str, bodies))
    table = csv.reader(io.StringIO(package["csv/app.posts.csv"].decode("utf-8-sig")))
    assert sum(1 for _ in table) == len(bodies) + 1
    done(day, "closure", "2")
    assert asked(day.folder, "SELECT count(*) FROM posts WHERE user_id = 2") == 0
    assert asked(day.folder, "SELECT count(*) FROM posts") == others
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 1024, f"{grown_mib:.0f} MiB for {ROWS} rows"
