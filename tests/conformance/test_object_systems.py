"""Object stores pass the public suite: a bucket with versions, behind a door with bad days."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from test_systems import USERS, known, made

from object_store import Door, client, is_removal, moto_server
from seiyaku.datamap import resolve
from seiyaku.datamap.answer import answer
from seiyaku.datamap.system import Content, Left, Row, System
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.scan import Identifier, Needles, hunt
from seiyaku.systems import SystemSettings, open_system
from seiyaku.systems.objects import bucket as bucket_module
from seiyaku.testing.system_suite import Bench, Holdings, SystemSuite, erasing

MEDIA, FACES = DatasetId("own.media"), DatasetId("own.faces")
PICTURES = {
    "key": "key",
    "links": [{"by": "user", "to": "users"}],
    "fields": {"key": None, "user": None},
}
DATASETS: dict[str, Any] = {
    "media": {
        "key": ["key", "version"],
        "links": [{"by": "key", "to": "app.pictures"}],
        "fields": {"key": "image", "version": None, "state": None, "content": "image"},
    },
    "faces": {
        "table": "faces/{user_id}/*",
        "key": ["name", "version"],
        "links": [{"by": "user_id", "to": "app.users"}],
        "fields": {"name": "image", "user_id": None, "size": None, "content": "image"},
    },
}
RUN = RunId("run-1")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with moto_server() as port:
        yield port


@pytest.fixture
def door(port: int) -> Iterator[Door]:
    door = Door(port)
    yield door
    door.close()


class World:
    """One bucket: the person has versions, a marker, an unfinished upload and a face."""

    number: ClassVar[int] = 0

    def __init__(self, door: Door, *, versioned: bool = True, lock: bool = False) -> None:
        World.number += 1
        self.door, self.bucket = door, f"bucket-{World.number}"
        self.store = client(door.url)
        self.store.create_bucket(Bucket=self.bucket, ObjectLockEnabledForBucket=lock)
        if versioned:
            on = {"Status": "Enabled"}
            self.store.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration=on)
        self.speak()

    def speak(self) -> None:
        """What the data map says, and who the person is."""
        people = {"users": USERS, "pictures": PICTURES}
        self.datamap = made("objects", DATASETS, app=people)
        self.person = known("app.pictures", "key", "marker-one.png", "deep/marker-two.png").merged(
            known("app.users", "id", 7)
        )

    def put(self, name: str, data: bytes, **more: Any) -> str:
        answer = self.store.put_object(Bucket=self.bucket, Key=name, Body=data, **more)
        return str(answer.get("VersionId", "null"))

    def open(self) -> System:
        options = {"bucket": self.bucket, "access_key": "test", "tries": "2"}
        settings = SystemSettings(url=self.door.url, secret="test", options=options)
        return open_system("own", self.datamap.systems["own"], settings)

    def look(self) -> Holdings:
        """Everything stored, beside what runs wrote down."""
        page = self.store.list_object_versions(Bucket=self.bucket)
        found: list[Row] = [
            (v["Key"], v["VersionId"], v["Size"])
            for v in (*page.get("Versions", ()), *(page.get("DeleteMarkers", ())))
            if "Size" in v or v.update(Size=-1) is None
            if not v["Key"].startswith(".seiyaku/")
        ]
        uploads = self.store.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ())
        return {MEDIA: [*found, *((u["Key"], u["UploadId"], -2) for u in uploads)]}

    def erase(self, run: RunId = RUN) -> Any:
        steps = resolve(self.datamap).of_system("own")
        with closing(self.open()) as system:
            located = system.locate(steps, self.person)
            actions = erasing(self.datamap, steps, located, system.capabilities)
            return system.apply(run, actions, self.person), actions

    def again(self, actions: Any, run: RunId = RUN) -> Any:
        with closing(self.open()) as system:
            return system.apply(run, actions, self.person)

    def names(self) -> Counter[str]:
        return Counter(str(r[0]) for r in self.look()[MEDIA])


def filled(door: Door) -> tuple[World, dict[DatasetId, list[Row]]]:
    world = World(door)
    first = world.put("media/marker-one.png", b"old")
    second = world.put("media/marker-one.png", b"newer")
    two = world.put("media/deep/marker-two.png", b"two")
    gone = world.store.delete_object(Bucket=world.bucket, Key="media/deep/marker-two.png")
    upload = world.store.create_multipart_upload(Bucket=world.bucket, Key="media/marker-one.png")
    face = world.put("faces/7/marker-three.png", b"face")
    for other in ("media/marker-one.png2", "media/other.png", "faces/77/b.png", "elsewhere/x"):
        world.put(other, b"not theirs")
    world.put("faces/7/deeper/c.png", b"no such name in the pattern")
    held: dict[DatasetId, list[Row]] = {
        MEDIA: [
            ("marker-one.png", first, "version", b"old"),
            ("marker-one.png", second, "version", b"newer"),
            ("deep/marker-two.png", two, "version", b"two"),
            ("deep/marker-two.png", gone["VersionId"], "marker", None),
            ("marker-one.png", upload["UploadId"], "upload", None),
        ],
        FACES: [("faces/7/marker-three.png", "7", 4, b"face")],
    }
    assert face
    return world, held


def slow(method: str, path: str) -> tuple[int, str] | None:
    return (503, "SlowDown") if is_removal(method, path) else None


class TestObjects(SystemSuite):
    """Versions, markers, unfinished uploads, and names that say whose they are."""

    @pytest.fixture
    def bench(self, door: Door) -> Bench:
        world, held = filled(door)
        return Bench(
            system=SystemId("own"),
            datamap=world.datamap,
            open=world.open,
            person=world.person,
            absent=known("app.pictures", "key", "nobody.png").merged(known("app.users", "id", 99)),
            held=held,
            referring={},
            look=world.look,
            cut_off=lambda: door.having(lambda _m, _p: (500, "InternalError")),
            spoil=lambda: door.having(slow),
            markers=("marker-one", "marker-two", "marker-three"),
        )


def test_content_is_read_piece_by_piece_in_every_version(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "PIECE_BYTES", 4)
    world, _ = filled(door)
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        media = next(s for s in system.export(steps, world.person) if s.dataset == MEDIA)
        pieces = [list(r[3].pieces()) for r in media.rows if isinstance(r[3], Content)]
    assert sorted(pieces) == [[b"newe", b"r"], [b"old"], [b"two"]]


def test_many_names_among_more_of_others_are_listed_first_and_then_asked_for(door: Door) -> None:
    """As many pages as names are listed; the rest is asked for, and nothing is given twice."""
    world = World(door)
    mine = [f"{n:02}.png" for n in range(0, 60, 5)]
    for number in range(60):
        for version in range(4 if number in (10, 15) else 1):
            world.put(f"media/{number:02}.png", b"x" * version)
    world.person = known("app.pictures", "key", *mine).merged(known("app.users", "id", 7))
    asked = dict.fromkeys(mine, 1) | {"10.png": 4, "15.png": 4}
    for page in (1000, 2, 1):
        with closing(world.open()) as system:
            events = system._bucket._client.meta.events  # type: ignore[attr-defined]
            small = partial(_paged, page)
            events.register("before-parameter-build.s3.ListObjectVersions", small)
            with answer(system, resolve(world.datamap).of_system("own"), world.person) as sets:
                found = Counter(row[0] for rows in sets for row in rows.rows)
        assert found == asked, f"{page} a page"


def _paged(size: int, params: dict[str, Any], **_: Any) -> None:
    params["MaxKeys"] = size


def test_an_erased_name_has_no_version_marker_or_upload_left(door: Door) -> None:
    world, _ = filled(door)
    applied, _ = world.erase()
    assert applied.deleted == {MEDIA: 5, FACES: 1}
    assert applied.left == {}
    left = {"media/marker-one.png2", "media/other.png", "faces/77/b.png", "elsewhere/x"}
    assert set(world.names()) == {*left, "faces/7/deeper/c.png"}


def test_what_runs_write_down_names_no_object(door: Door) -> None:
    world, _ = filled(door)
    world.erase()
    found = world.store.list_object_versions(Bucket=world.bucket, Prefix=".seiyaku/")
    bodies = [
        world.store.get_object(Bucket=world.bucket, Key=v["Key"], VersionId=v["VersionId"])
        for v in found["Versions"]
    ]
    assert len(bodies) == 1
    assert b"marker" not in bodies[0]["Body"].read()


def test_a_removal_cut_off_half_way_ends_the_same_when_done_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "BATCH", 2)
    world, _ = filled(door)
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        located = system.locate(steps, world.person)
        actions = erasing(world.datamap, steps, located, system.capabilities)
        removals = 0

        def second(method: str, path: str) -> tuple[int, str] | None:
            nonlocal removals
            removals += is_removal(method, path)
            return slow(method, path) if removals > 1 else None

        with door.having(second), pytest.raises(SystemUnavailable) as caught:
            system.apply(RUN, actions, world.person)
    assert caught.value.code == "SY323"
    assert sum(world.names().values()) == 6 + 5 - 2
    applied = world.again(actions)
    assert applied.again
    assert applied.deleted == {MEDIA: 5, FACES: 1}
    assert sum(world.names().values()) == 5


def test_what_arrived_after_a_run_began_is_not_taken_by_its_second_attempt(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(door)
    world.put("media/marker-one.png", b"x")
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        actions = erasing(
            world.datamap, steps, system.locate(steps, world.person), system.capabilities
        )
        with (
            door.having(lambda m, p: (500, "InternalError") if is_removal(m, p) else None),
            pytest.raises(SystemUnavailable),
        ):
            system.apply(RUN, actions, world.person)
    late = datetime.now(UTC) + timedelta(days=1)
    stored = bucket_module.Bucket.stored

    def later(self: Any, prefix: str, **more: Any) -> Iterator[Any]:
        for one in stored(self, prefix, **more):
            yield replace(one, modified_at=late) if one.name.endswith("two.png") else one

    monkeypatch.setattr(bucket_module.Bucket, "stored", later)
    world.put("media/deep/marker-two.png", b"new")
    world.again(actions)
    assert set(world.names()) == {"media/deep/marker-two.png"}


def test_a_lock_is_left_and_told_until_its_day_and_the_rest_goes(door: Door) -> None:
    world = World(door, lock=True)
    until = datetime.now(UTC) + timedelta(days=30)
    locked = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    world.put("media/marker-one.png", b"held", **locked)
    world.put("media/marker-one.png", b"free")
    applied, actions = world.erase()
    day = (until + timedelta(days=1)).date()
    assert applied.deleted == {MEDIA: 1}
    assert applied.left == {MEDIA: Left("pending", 1, "object_lock", day)}
    assert world.names() == {"media/marker-one.png": 1}
    assert world.again(actions) == replace(applied, again=True)


def test_a_lock_that_was_lifted_lets_the_same_run_end(door: Door) -> None:
    world = World(door, lock=True)
    version = world.put("media/marker-one.png", b"held", ObjectLockLegalHoldStatus="ON")
    applied, actions = world.erase()
    assert applied.left == {MEDIA: Left("by_hand", 1, "legal_hold")}
    off = {"Status": "OFF"}
    world.store.put_object_legal_hold(
        Bucket=world.bucket, Key="media/marker-one.png", VersionId=version, LegalHold=off
    )
    ended = world.again(actions)
    assert (ended.deleted, ended.left, ended.again) == ({MEDIA: 1}, {}, True)
    assert world.names() == Counter()


def test_a_bucket_without_versions_is_listed_by_its_objects(door: Door) -> None:
    world = World(door, versioned=False)
    world.put("media/marker-one.png", b"x")
    world.put("media/other.png", b"x")

    def without(method: str, path: str) -> tuple[int, str] | None:
        asks = method == "GET" and "versions" in path.partition("?")[2]
        return (501, "NotImplemented") if asks else None

    with door.having(without):
        applied, _ = world.erase()
    assert applied.deleted == {MEDIA: 1}
    assert world.names() == {"media/other.png": 1}


def test_many_people_are_found_by_one_listing(door: Door) -> None:
    world = World(door, versioned=False)
    for number in range(20):
        world.put(f"faces/{number}/a.png", b"x")
    people = known("app.users", "id", *range(15))
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        before = len(door.calls)
        located = system.locate(steps, people)
        asked = len(door.calls) - before
    assert located.rows[FACES] == 15
    assert asked <= 3


def test_a_value_that_is_no_part_of_a_name_reaches_no_other_object(door: Door) -> None:
    world = World(door, versioned=False)
    world.put("faces/7/a.png", b"x")
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        for odd in ("", "7/a.png", "*", "..", "7/"):
            located = system.locate(steps, known("app.users", "id", odd))
            assert not any(located.rows.values())


def test_folders_nobody_declared_are_shown(door: Door) -> None:
    world, _ = filled(door)
    with closing(world.open()) as system:
        assert {t.name for t in system.surface()} == {"media", "faces/{user_id}/*", "elsewhere"}


def test_a_bucket_that_is_not_there_is_said(door: Door) -> None:
    world = World(door)
    world.bucket = "no-such-bucket"
    with closing(world.open()) as system, pytest.raises(SystemUnavailable) as caught:
        system.surface()
    assert caught.value.code == "SY304"


WORKER = """
import sys, pathlib
sys.path[:0] = [{tests!r}, {here!r}]
from test_object_systems import World, erasing, resolve, RUN
from seiyaku.systems.objects import bucket
bucket.BATCH = 2
world = World.__new__(World)
world.door = type("Door", (), {{"url": {url!r}}})
world.bucket = {bucket!r}
world.speak()
steps = resolve(world.datamap).of_system("own")
system = world.open()
located = system.locate(steps, world.person)
actions = erasing(world.datamap, steps, located, system.capabilities)
system.apply(RUN, actions, world.person)
"""


def test_a_worker_killed_between_removals_leaves_work_that_another_ends(
    door: Door, tmp_path: Path
) -> None:
    world, _ = filled(door)
    steps = resolve(world.datamap).of_system("own")
    with closing(world.open()) as system:
        located = system.locate(steps, world.person)
        actions = erasing(world.datamap, steps, located, system.capabilities)
    here = Path(__file__).parent
    script = tmp_path / "worker.py"
    script.write_text(
        WORKER.format(tests=str(here.parent), here=str(here), url=door.url, bucket=world.bucket)
    )
    worker = subprocess.Popen([sys.executable, str(script)])
    removals = 0

    def second(method: str, path: str) -> tuple[int, str] | None:
        nonlocal removals
        removals += is_removal(method, path)
        if removals > 1:
            worker.kill()
            return 500, "InternalError"
        return None

    with door.having(second):
        assert worker.wait(60) == -signal.SIGKILL
    assert sum(world.names().values()) == 6 + 5 - 2
    applied = world.again(actions)
    assert (applied.again, applied.deleted, applied.left) == (True, {MEDIA: 5, FACES: 1}, {})
    assert sum(world.names().values()) == 5


def test_a_hunt_reads_what_objects_hold_and_those_nobody_declared(door: Door) -> None:
    world, _ = filled(door)
    world.put("media/letter.txt", b"to aki@example.jp")
    world.put("backup/2025/users.csv.gz", gzip.compress(b"mail\naki@example.jp\n"))
    world.put("aki@example.jp.txt", b"at the top")
    with closing(world.open()) as system:
        found = hunt({SystemId("own"): system}, Needles([Identifier("email", "aki@example.jp")]))
    assert {str(h.place): h.texts for h in found.hits} == {
        "own.media.content": 1,
        "own.(other files).content": 2,
    }
