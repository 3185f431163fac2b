"""What several people hold stays until the last of them leaves; what is another's stays theirs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from circle_world import (
    AKI,
    BEACH,
    CAKE,
    DAI,
    FACE,
    ROWS,
    SATO,
    Circle,
    Shelf,
    circle,
    pictures,
)
from object_store import client, moto_server
from saas_world import AT, FAST
from seiyaku.app import open_home
from seiyaku.app.settings import Place
from seiyaku.kernel.errors import Conflict
from seiyaku.requests.identity import Proof
from seiyaku.standing.model import Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.fakes.vendors import CloudflareFake


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def friends(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Circle]:
    named = {"postgres": "postgres_database", "mariadb": "mariadb_database"}
    database = request.getfixturevalue(named[request.param]) if request.param in named else None
    with circle(tmp_path, request.param, database) as opened:
        yield opened


def test_a_thing_goes_with_the_last_who_holds_it_and_the_rest_stays_theirs(
    friends: Circle,
) -> None:
    plan = friends.planned(AKI)
    shown = {(o.dataset, o.note): o.rows for o in plan.outcomes if o.rows}
    assert shown["media.pictures", "held_by_others"] == 2
    assert shown["media.pictures", ""] == 1
    assert shown["app.stickers", "held_by_others"] == 1
    assert [g.system for g in plan.groups][:2] == ["media", "app"]  # before what finds it goes
    result = friends.home.run(plan.id)
    assert result.state == "done"
    assert friends.pictures() == {FACE[0], BEACH[0]}
    assert friends.rows("stickers") == ROWS["stickers"]
    told = [e for e in friends.home.parts.log_reader().entries() if e.system == "media.pictures"]
    noted = {e.detail.get("note"): e.counts["rows"] for e in told if e.kind == "outcome"}
    assert noted == {"held_by_others": 2, None: 1}

    assert friends.rows("users") == ROWS["users"][1:]
    assert friends.rows("posts") == ROWS["posts"][2:]
    assert friends.rows("comments") == [(1, None, DAI, "looks good"), (3, 3, 3, "nice")]
    assert friends.rows("articles") == [(1, None, None, "On sencha"), ROWS["articles"][1]]
    assert friends.rows("reviews") == [(1, None, "good tea"), ROWS["reviews"][1]]
    assert friends.rows("follows") == [(DAI, 3)]
    assert friends.rows("chats") == [(1, None, "tea"), (2, DAI, "cake")]
    assert friends.rows("chat_members") == ROWS["chat_members"][1:]
    assert friends.rows("messages") == [(1, 1, None, "(left)"), *ROWS["messages"][1:]]
    assert friends.rows("invitations") == [
        (1, DAI, "join us", None, None),
        (2, None, None, "fuu@example.jp", None),
        ROWS["invitations"][2],
    ]

    assert friends.leaves(DAI).state == "done"
    assert friends.pictures() == set()
    assert friends.rows("stickers") == [ROWS["stickers"][1]]


def test_who_asks_sees_what_they_hold_and_nothing_of_whom_they_hold_it_with(
    at_home: Circle,
) -> None:
    friends = at_home
    request = friends.home.receive("disclosure", person=str(AKI))
    friends.home.show_identity(request.id, Proof("signed_in"))
    plan = friends.home.plan(request.id)
    friends.home.approve(plan.id, SATO)
    friends.home.run(plan.id)
    with zipfile.ZipFile(friends.home.package(request.id)) as package:
        text = package.read("data.json").decode()
        data = {d["id"]: d["rows"] for d in json.loads(text)["datasets"]}
        assert sum(name.startswith("media/") for name in package.namelist()) == 3
    assert sorted(len(data[f"app.{t}"]) for t in ("posts", "comments", "messages")) == [1, 1, 2]
    for mark in ("dai@example.jp", "fuu@example.jp", "join us", "at three", "looks good", "Dai"):
        assert mark not in text, mark
    assert "come" in text  # her own words, in an invitation whose address is another's


@pytest.mark.slow
def test_who_points_at_a_thing_after_the_plan_was_made_wins(at_home: Circle) -> None:
    friends = at_home
    plan = friends.planned(AKI)
    friends.run(f"UPDATE users SET face = '{CAKE}' WHERE id = 3")
    with pytest.raises(Conflict, match="not what would happen now"):
        friends.home.run(plan.id)
    assert friends.pictures() == {FACE[0], BEACH[0], CAKE[0]}
    assert friends.leaves(AKI).state == "done"
    assert friends.pictures() == {FACE[0], BEACH[0], CAKE[0]}


@pytest.fixture
def at_home(tmp_path: Path) -> Iterator[Circle]:
    with circle(tmp_path, "sqlite", None) as opened:
        yield opened


def in_a_bucket(port: int) -> Shelf:
    """Pictures in a bucket that keeps versions; the cake has two, and a marker before them."""
    url = f"http://127.0.0.1:{port}"
    store = client(url)
    store.create_bucket(Bucket="circle")
    on = {"Status": "Enabled"}
    store.put_bucket_versioning(Bucket="circle", VersioningConfiguration=on)
    for name in (FACE, BEACH, CAKE, CAKE):
        store.put_object(Bucket="circle", Key=f"pictures/{name}", Body=b"x")
    store.delete_object(Bucket="circle", Key=f"pictures/{CAKE}")

    def look() -> Iterator[str]:
        every = store.list_object_versions(Bucket="circle")
        lie = (*every.get("Versions", ()), *every.get("DeleteMarkers", ()))
        names = (one["Key"] for one in lie)
        return (n.removeprefix("pictures/") for n in names if n.startswith("pictures/"))

    options = {"bucket": "circle", "region": "us-east-1", "access_key": "test"}
    place = Place(url=url, secret="env:STORE_KEY", options=options, timeout_s=30)
    return Shelf("objects", pictures("name", "version", version=None), place, look)


@contextmanager
def at_cloudflare() -> Iterator[Shelf]:
    """Pictures at a vendor, all of them in its cache."""
    fake = CloudflareFake(cached={FACE, BEACH, CAKE})
    for name in (FACE, BEACH, CAKE):
        fake.images[name] = {"id": name, "filename": "x.png", "uploaded": AT}
    with fake.running() as url:
        options = {"account": "acc", "zone": "zone", "delivery": f"{url}/delivery", **FAST}
        place = Place(url=url, secret="env:STORE_KEY", options=options)
        names = lambda: {*fake.images, *fake.cached}  # noqa: E731
        images = pictures("id", filename=None)
        yield Shelf("cloudflare_images", images, place, names, "images")


@pytest.mark.parametrize(
    "shelf", [pytest.param("objects", marks=pytest.mark.slow), "cloudflare_images"]
)
def test_the_rule_holds_wherever_the_things_lie(
    shelf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_KEY", "vendor-token")
    with ExitStack() as stack:
        if shelf == "objects":
            held = in_a_bucket(stack.enter_context(moto_server()))
        else:
            held = stack.enter_context(at_cloudflare())
        friends = stack.enter_context(circle(tmp_path, "sqlite", None, held))
        assert friends.leaves(AKI).state == "done"
        assert friends.pictures() == {FACE[0], BEACH[0]}
        assert friends.leaves(DAI).state == "done"
        assert friends.pictures() == set()


def meanwhile(patch: pytest.MonkeyPatch, where: str, what: Callable[[], None]) -> None:
    """Let something happen at a boundary of the run, once."""
    happened: list[str] = []

    def boundary(name: str) -> None:
        if name == where and not happened:
            happened.append(name)
            what()

    patch.setattr("seiyaku.app.steps.boundary", boundary)


def test_who_points_at_a_thing_in_the_middle_of_the_run_wins(
    at_home: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = at_home.planned(AKI)
    meanwhile(monkeypatch, "media:act:before", lambda: at_home.sell(CAKE))
    with pytest.raises(Conflict, match="now held by others too"):
        at_home.home.run(plan.id)
    assert at_home.pictures() == {FACE[0], BEACH[0], CAKE[0]}
    assert at_home.leaves(AKI).state == "done"
    assert at_home.pictures() == {FACE[0], BEACH[0], CAKE[0]}


def test_who_uploads_the_same_picture_after_it_went_keeps_it(
    at_home: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = at_home.planned(AKI)
    cake = at_home.folder / "media" / "pictures" / CAKE

    def upload() -> None:
        assert not cake.exists()
        cake.write_bytes(b"cake")
        at_home.run(f"INSERT INTO posts VALUES (9, {DAI}, 'cake!', '{CAKE}')")

    meanwhile(monkeypatch, "media:act:after", upload)
    result = at_home.home.run(plan.id)
    assert result.state == "done"
    assert cake.exists()


def test_who_comes_to_hold_a_thing_in_the_moment_it_goes_is_told_of(
    at_home: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = at_home.planned(AKI)
    posted = f"INSERT INTO posts VALUES (9, {DAI}, 'cake!', '{CAKE}')"
    meanwhile(monkeypatch, "media:act:after", lambda: at_home.run(posted))
    result = at_home.home.run(plan.id)
    told = {(o.outcome, o.note): o.rows for o in result.outcomes if o.dataset == "media.pictures"}
    assert told == {("done", "held_by_others"): 2, ("by_hand", "wanted_by_others"): 1}
    assert result.state == "open"
    [task] = at_home.home.tasks(at_home.home.requests()[0].id)
    at_home.home.complete_task(task.id, b"Dai was told and stored it anew", SATO)
    assert at_home.home.requests()[0].state == "answered"


@pytest.mark.slow
def test_a_thing_that_comes_back_with_nobody_to_hold_it_is_found_again(
    at_home: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = at_home.planned(AKI)
    cake = at_home.folder / "media" / "pictures" / CAKE
    meanwhile(monkeypatch, "media:act:after", lambda: cake.touch())
    result = at_home.home.run(plan.id)
    assert [(o.dataset, o.note) for o in result.outcomes if o.outcome == "pending"] == [
        ("media.pictures", "found_again")
    ]


@pytest.mark.slow
def test_of_two_who_leave_together_neither_holds_what_only_they_had(at_home: Circle) -> None:
    request = at_home.home.receive("closure", people=[str(AKI), str(DAI)])
    at_home.home.show_identity(request.id, Proof("signed_in"))
    plan = at_home.home.plan(request.id)
    at_home.home.approve(plan.id, SATO)
    at_home.home.run(plan.id)
    assert at_home.pictures() == set()
    assert at_home.rows("stickers") == [ROWS["stickers"][1]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ({"items": ("image",)}, {FACE[0], BEACH[0]}),  # the account stays, without pictures
        ({"items": ("image", "post")}, {FACE[0], BEACH[0]}),
    ],
)
def test_pictures_alone_go_by_the_same_rule(
    at_home: Circle, scope: dict[str, tuple[str, ...]], left: set[str]
) -> None:
    request = at_home.home.receive("deletion", person=str(AKI), scope=Scope(**scope))
    at_home.home.show_identity(request.id, Proof("signed_in"))
    plan = at_home.home.plan(request.id)
    at_home.home.approve(plan.id, SATO)
    assert at_home.home.run(plan.id).state == "done"
    assert at_home.pictures() == left
    assert at_home.rows("users")[0] == (AKI, "aki@example.jp", "Aki", None, None)
    assert at_home.rows("stickers") == ROWS["stickers"]


@pytest.mark.slow
def test_the_picture_of_one_post_stays_while_another_post_shows_it(at_home: Circle) -> None:
    at_home.run(f"UPDATE posts SET picture = '{CAKE}' WHERE id = 2")
    at_home.run(f"INSERT INTO posts VALUES (8, {AKI}, 'sea', 's')")
    (at_home.folder / "media" / "pictures" / "s").touch()
    request = at_home.home.receive("deletion", person=str(AKI), where="app.posts", rows=["1", "8"])
    at_home.home.show_identity(request.id, Proof("signed_in"))
    plan = at_home.home.plan(request.id)
    at_home.home.approve(plan.id, SATO)
    assert at_home.home.run(plan.id).state == "done"
    assert at_home.pictures() == {FACE[0], BEACH[0], CAKE[0]}
    assert [row[0] for row in at_home.rows("posts")] == [2, 3]


@pytest.mark.slow
def test_a_default_picture_of_everybody_is_not_read_row_by_row(
    at_home: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seiyaku.datamap.holders.MANY", 3)
    people = ", ".join(f"({n}, 'p{n}@example.jp', 'P', '{FACE}', NULL)" for n in range(10, 30))
    at_home.run(f"INSERT INTO users VALUES {people}")
    assert at_home.leaves(AKI).state == "done"
    assert at_home.pictures() == {FACE[0], BEACH[0]}


def test_the_hunt_afterwards_does_not_look_for_what_is_anothers(at_home: Circle) -> None:
    request = at_home.home.receive("closure", person=str(AKI))
    at_home.home.show_identity(request.id, Proof("signed_in"))
    plan = at_home.home.plan(request.id)
    at_home.home.approve(plan.id, SATO)
    at_home.home.run(plan.id)
    at_home.run(f"CREATE TABLE thumbnails AS SELECT 'small/{CAKE}.png' AS name, '{FACE}' AS other")
    found = at_home.home.residue(request.id)
    assert [str(h.place) for h in found.residue] == ["app.thumbnails.name"]


RUN = (
    "import sys; from pathlib import Path; from seiyaku.app import open_home;"
    "from seiyaku.testing.clock import FixedClock;"
    "home = open_home(Path(sys.argv[1]), clock=FixedClock('2026-11-20T09:00:00+09:00'));"
    "home.run(sys.argv[2])"
)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["media:act:before", "media:act:after", "app:act:after"])
def test_a_run_killed_beside_shared_things_is_gone_on_with(at_home: Circle, at: str) -> None:
    plan = at_home.planned(AKI)
    at_home.home.close()
    died = subprocess.run(
        [sys.executable, "-c", RUN, str(at_home.folder), plan.id],
        env={**os.environ, "SEIYAKU_CHAOS": at},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]
    with open_home(at_home.folder, clock=FixedClock("2026-11-20T09:05:00+09:00")) as home:
        assert home.run(plan.id).state == "done"
    assert at_home.pictures() == {FACE[0], BEACH[0]}
    assert at_home.rows("users") == ROWS["users"][1:]
