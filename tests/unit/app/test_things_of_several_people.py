"""What several people hold stays until the last of them leaves; what is another's stays theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from circle_world import AKI, BEACH, CAKE, DAI, FACE, ROWS, Circle, circle
from seiyaku.kernel.errors import Conflict


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


def test_who_points_at_a_thing_after_the_plan_was_made_wins(friends: Circle) -> None:
    plan = friends.planned(AKI)
    friends.run(f"UPDATE users SET face = '{CAKE}' WHERE id = 3")
    with pytest.raises(Conflict, match="not what would happen now"):
        friends.home.run(plan.id)
    assert friends.pictures() == {FACE[0], BEACH[0], CAKE[0]}
    assert friends.leaves(AKI).state == "done"
    assert friends.pictures() == {FACE[0], BEACH[0], CAKE[0]}
