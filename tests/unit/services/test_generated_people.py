"""The generator: same seed same bytes, sound references, a person's values are theirs alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.services import available
from seiyaku.testing import World, generate

PEOPLE = 40


@pytest.fixture(scope="module", params=available())
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(request.param, tmp_path_factory.mktemp("world") / "home", people=PEOPLE)


@pytest.fixture(scope="module")
def closm(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate("closm-i", tmp_path_factory.mktemp("closm") / "home", people=PEOPLE)


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("trapped") / "home"
    return generate("closm-i", home, people=PEOPLE, traps=True)


def _files(home: Path) -> Iterator[Path]:
    return (path for path in sorted(home.rglob("*")) if path.is_file())


def _digest(home: Path) -> str:
    total = hashlib.sha256()
    for path in _files(home):
        total.update(path.relative_to(home).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _texts(world: World) -> Iterator[tuple[str, str]]:
    """Every text of the world as (where, text): columns of the database, and files."""
    with closing(sqlite3.connect(world.db)) as db:
        for (table,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):
                yield table, json.dumps(row, ensure_ascii=False)
    for folder in world.folders.values():
        for path in _files(folder):
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            yield path.name, data.decode("utf-8", "replace")


def test_the_same_seed_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    again = generate(world.service, tmp_path / "again", people=PEOPLE)
    assert _digest(again.home) == _digest(world.home)
    other = generate(world.service, tmp_path / "other", people=PEOPLE, seed=8)
    assert _digest(other.home) != _digest(world.home)


def test_no_row_points_at_nothing(world: World) -> None:
    with closing(sqlite3.connect(world.db)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_every_table_has_rows(world: World) -> None:
    with closing(sqlite3.connect(world.db)) as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        empty = [n for n in names if db.execute(f'SELECT count(*) FROM "{n}"').fetchone() == (0,)]
    assert empty == []


def test_nobody_shares_a_canary(world: World) -> None:
    every = [canary for person in world.everyone for canary in person.canaries]
    assert len(set(every)) == len(every)
    for person in world.everyone:
        inside = [c for c in every if c in person.canaries or person.canary in c]
        assert len(inside) == len(person.canaries)
    assert len({len(p.canary) for p in world.everyone}) == 1, "one must not be part of another"


def test_a_row_carries_the_values_of_one_person_only_a_transfer_those_of_two(closm: World) -> None:
    owners = {canary: person.short for person in closm.everyone for canary in person.canaries}
    with closing(sqlite3.connect(closm.db)) as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in names:
            for row in db.execute(f'SELECT * FROM "{table}"'):
                text = json.dumps(row, ensure_ascii=False)
                found = {owner for canary, owner in owners.items() if canary in text}
                assert len(found) <= (2 if table == "nft_transfers" else 1), (table, row[0])


def test_the_canaries_of_others_are_everybody_elses(closm: World) -> None:
    aki, ben = closm.person("aki"), closm.person("ben")
    others = closm.canaries_of_others(aki)
    assert others.isdisjoint(aki.canaries)
    assert set(ben.canaries) <= others
    assert len(others) == sum(len(p.canaries) for p in closm.everyone) - len(aki.canaries)


def test_people_write_in_both_languages(world: World) -> None:
    names = "".join(person.name for person in world.everyone)
    assert {"ja", "en"} == {person.language for person in world.everyone}
    assert re.search("[一-鿿]", names)
    assert re.search("[a-z]", names)


def test_a_named_person_is_found_by_name_and_by_key(closm: World) -> None:
    aki = closm.person("aki")
    assert closm.person(aki.id) is aki
    assert aki.id in closm.people
    with pytest.raises(KeyError):
        closm.person("nobody")


def test_aki_has_something_in_every_table_that_belongs_to_people(closm: World) -> None:
    aki = closm.person("aki")
    with closing(sqlite3.connect(closm.db)) as db:
        for table, column in (
            ("users", "id"), ("user_profiles", "user_id"), ("social_identities", "user_id"),
            ("sessions", "user_id"), ("posts", "user_id"), ("media_objects", "user_id"),
            ("favorites", "user_id"), ("follows", "follower_id"), ("usage_events", "user_id"),
            ("access_logs", "user_id"), ("subscriptions", "user_id"), ("orders", "user_id"),
            ("payments", "user_id"), ("wallets", "user_id"), ("nft_acknowledgements", "user_id"),
            ("nft_mints", "user_id"), ("inquiries", "user_id"), ("moderation_cases", "user_id"),
        ):  # fmt: skip
            query = f'SELECT count(*) FROM "{table}" WHERE "{column}" = ?'
            assert db.execute(query, (aki.number,)).fetchone()[0] > 0, table
        moved = "SELECT count(*) FROM nft_transfers WHERE from_address = ?"
        assert db.execute(moved, (aki.wallet,)).fetchone()[0] > 0


def test_an_acknowledgement_is_never_later_than_its_token(closm: World) -> None:
    late = """SELECT count(*) FROM nft_mints m JOIN nft_acknowledgements a
              ON a.id = m.acknowledgement_id WHERE a.acknowledged_at > m.minted_at"""
    with closing(sqlite3.connect(closm.db)) as db:
        assert db.execute(late).fetchone() == (0,)


def test_fumi_is_found_by_address_where_no_account_was_named(closm: World) -> None:
    fumi = closm.person("fumi")
    with closing(sqlite3.connect(closm.db)) as db:
        rows = db.execute("SELECT user_id FROM inquiries WHERE email = ?", (fumi.email,)).fetchall()
    assert rows == [(None,)]


def test_every_picture_of_the_database_lies_in_the_folder_and_no_other(closm: World) -> None:
    with closing(sqlite3.connect(closm.db)) as db:
        keys = {key for (key,) in db.execute("SELECT object_key FROM media_objects")}
        avatars = {
            key for (key,) in db.execute("SELECT avatar_key FROM users WHERE avatar_key <> ''")
        }
    pictures = list(_files(closm.folders["media"]))
    assert keys == {
        path.relative_to(closm.folders["media"] / "objects").as_posix() for path in pictures
    }
    assert avatars <= keys
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_a_person_stands_in_the_logs_by_their_key(closm: World) -> None:
    aki = closm.person("aki")
    line = re.compile(rf"^\S+ - {aki.id} \[[^]]+\] \"GET ", re.M)
    logs = list(closm.folders["logs"].iterdir())
    assert any(path.suffix == ".gz" for path in logs)
    assert any(path.suffix == ".log" for path in logs)
    assert any(line.search(text) for where, text in _texts(closm) if where.startswith("access-"))


def test_the_copy_of_the_events_says_what_the_table_says(closm: World) -> None:
    copied = [
        json.loads(line)
        for path in _files(closm.folders["events"])
        for line in path.read_text("utf-8").splitlines()
    ]
    with closing(sqlite3.connect(closm.db)) as db:
        rows = db.execute("SELECT id, user_id, path FROM usage_events ORDER BY id").fetchall()
    assert sorted((r["id"], r["user_id"], r["path"]) for r in copied) == rows


def test_without_traps_no_trap_is_there(closm: World) -> None:
    texts = "".join(text for _, text in _texts(closm))
    assert "4242 4242" not in texts
    with closing(sqlite3.connect(closm.db)) as db:
        schema = " ".join(sql for (sql,) in db.execute("SELECT sql FROM sqlite_master") if sql)
        metadata = [m for (m,) in db.execute("SELECT metadata_json FROM nft_mints")]
    assert "birth_date" not in schema
    assert "backup" not in schema
    assert not any("@" in m for m in metadata)


def test_every_trap_of_the_reference_is_planted(trapped: World) -> None:
    aki, emma = trapped.person("aki"), trapped.person("emma")
    with closing(sqlite3.connect(trapped.db)) as db:
        notes = db.execute("SELECT meta_json FROM payments WHERE user_id = ?", (aki.number,))
        assert all("4242 4242 4242 4242" in note for (note,) in notes)
        assert db.execute("SELECT id, email FROM users_backup_2026").fetchall() == [
            (emma.number, emma.email)
        ]
        born = db.execute("SELECT id FROM users WHERE birth_date IS NOT NULL").fetchall()
        assert born == [(aki.number,)]
        minted = db.execute("SELECT metadata_json FROM nft_mints WHERE user_id = ?", (aki.number,))
        assert any(aki.email in metadata for (metadata,) in minted)


def test_a_full_folder_or_too_few_people_are_refused(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    with pytest.raises(InvalidInput) as caught:
        generate("closm-i", tmp_path)
    assert caught.value.code == "SY106"
    with pytest.raises(InvalidInput) as caught:
        generate("closm-i", tmp_path / "new", people=2)
    assert caught.value.code == "SY106"
    assert not (tmp_path / "new").exists()
