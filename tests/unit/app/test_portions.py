"""Deleting some items, or some rows, takes what exists only through them and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from home_cases import SATO, Case, ready

from seiyaku.kernel.errors import InvalidInput
from seiyaku.standing.model import Scope

QUICK = ("closm-i", "deskrex")
SERVICES = [s if s in QUICK else pytest.param(s, marks=pytest.mark.slow) for s in ready()]


def rows(case: Case, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Read the service's own database beside the product."""
    with closing(sqlite3.connect(case.home.parts.paths.home / "app.db")) as db:
        return db.execute(query, values).fetchall()


def poster(case: Case) -> str:
    """Somebody with posts that have pictures and other people's favourites."""
    found = rows(
        case,
        "SELECT p.user_id FROM posts p JOIN media_objects m ON m.post_id = p.id"
        " JOIN favorites f ON f.post_id = p.id AND f.user_id <> p.user_id"
        " GROUP BY p.user_id HAVING count(DISTINCT p.id) > 1 ORDER BY p.user_id",
    )
    return str(found[0][0])


def everything(case: Case) -> dict[str, dict[Any, tuple[Any, ...]]]:
    """Every row of the service's own tables, by table and key."""
    with closing(sqlite3.connect(case.home.parts.paths.home / "app.db")) as db:
        tables = [t for (t,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            t: {r[0]: r for r in db.execute(f'SELECT * FROM "{t}"')}
            for t in tables
            if not t.startswith(("seiyaku_", "sqlite_"))
        }


def pictures(case: Case) -> set[str]:
    """Names of the pictures that lie in the folder."""
    folder = case.home.parts.paths.home / "media"
    return {p.name for p in folder.rglob("*") if p.is_file() and ".seiyaku" not in p.parts}


def test_posts_go_with_their_pictures_and_favourites_and_the_account_stays(closm: Case) -> None:
    person = poster(closm)
    before = everything(closm)
    posts = {k for k, r in before["posts"].items() if str(r[1]) == person}
    _, result = closm.done("deletion", person, scope=Scope(items=("post",)))
    after = everything(closm)
    assert result.state in ("done", "open")
    assert set(before["posts"]) - set(after["posts"]) == posts
    media = {k for (k,) in rows(closm, "SELECT id FROM media_objects")}
    kept = {k for k, r in before["media_objects"].items() if r[2] not in posts}
    assert media == kept
    assert all(r[2] not in posts for r in after["favorites"].values())
    assert {k for k, r in before["favorites"].items() if r[2] not in posts} == set(
        after["favorites"]
    )
    tied = {"posts", "media_objects", "favorites", "nft_mints"}
    assert {t: r for t, r in before.items() if t not in tied} == {
        t: r for t, r in after.items() if t not in tied
    }
    told = {(o.dataset or o.system, o.outcome, o.note) for o in result.outcomes}
    assert ("app.posts", "done", "") in told
    assert ("app.media_objects", "done", "") in told
    assert ("app.favorites", "done", "references") in told


def test_pictures_of_a_deleted_post_leave_the_folder_and_no_other(closm: Case) -> None:
    person = poster(closm)
    ((picture, post),) = rows(
        closm,
        "SELECT m.object_key, p.id FROM media_objects m JOIN posts p ON p.id = m.post_id"
        " WHERE p.user_id = ? LIMIT 1",
        person,
    )
    of_it = {
        Path(k).name
        for (k,) in rows(closm, "SELECT object_key FROM media_objects WHERE post_id = ?", post)
    }
    before = pictures(closm)
    assert Path(picture).name in before
    _, result = closm.done("deletion", person, where="app.posts", rows=[str(post)])
    assert before - pictures(closm) == of_it
    assert ("cloudflare_images", "by_hand") in {(o.system, o.outcome) for o in result.outcomes}


def test_only_the_posts_named_go(closm: Case) -> None:
    person = poster(closm)
    mine = [k for (k,) in rows(closm, "SELECT id FROM posts WHERE user_id = ?", person)]
    closm.done("deletion", person, where="app.posts", rows=[str(mine[0])])
    assert [k for (k,) in rows(closm, "SELECT id FROM posts WHERE user_id = ?", person)] == mine[1:]


def test_nobody_deletes_rows_of_another(closm: Case) -> None:
    person = poster(closm)
    ((other,),) = rows(closm, "SELECT id FROM posts WHERE user_id <> ? LIMIT 1", person)
    with pytest.raises(InvalidInput) as refused:
        closm.planned("deletion", person, where="app.posts", rows=[str(other)])
    assert refused.value.code == "SY189"


def test_rows_are_named_with_the_dataset_they_stand_in(closm: Case) -> None:
    for about in ({"rows": ["1"]}, {"rows": ["1"], "where": "app.users"}):
        with pytest.raises(InvalidInput) as refused:
            closm.home.receive("deletion", person="1", **about)  # type: ignore[arg-type]
        assert refused.value.code == "SY189"


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_item_is_deleted_alone_the_plan_that_is_approved_runs(
    service: str, case_of: Callable[[str], Case]
) -> None:
    case = case_of(service)
    person = case.world.everyone[1].id
    policy = case.home.parts.policy()
    ran = 0
    for item in policy.items:
        if case.home.receive("deletion", person=person, scope=Scope(items=(item,))).ended:
            continue  # the service needs it: the policy refuses
        _, plan = case.planned("deletion", person, scope=Scope(items=(item,)))
        case.home.approve(plan.id, SATO)
        result = case.home.run(plan.id)
        claims = {o.outcome for o in result.outcomes}
        assert not claims & {"pending", "unreachable"}, (item, result.outcomes)
        ran += any(g.actions for g in plan.groups)
        again = case.done("deletion", person, scope=Scope(items=(item,)))[1]
        gone = {o.dataset for o in result.outcomes if o.outcome == "done" and not o.note}
        assert not {o.dataset for o in again.outcomes if o.outcome == "done" and not o.note} & gone
    assert ran > 5
    assert case.done("disclosure", person)[1].state in ("done", "open")
