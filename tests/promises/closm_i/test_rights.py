"""Article 11: what a person may ask, carried out in the systems and answered."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from seiyaku.kernel import InvalidDocument, PersonId
from seiyaku.releases import Giving
from seiyaku.requests import Proof
from seiyaku.services import path as packaged
from seiyaku.standing import AgeBand, Resumption, Scope
from seiyaku.testing.promises import promise

from .conftest import AT, Closm, codes

AKI = PersonId("1")
_ORDERS = "order_id IN (SELECT id FROM orders WHERE user_id = 1)"
_WALLET = "(SELECT address FROM wallets WHERE user_id = 1)"
_BY_USER = (
    "user_profiles social_identities sessions posts media_objects favorites usage_events"
    " access_logs subscriptions payments wallets nft_acknowledgements nft_mints inquiries"
    " moderation_cases orders"
)
OWN = {
    "users": "id = 1",
    "order_items": _ORDERS,
    "shipping_addresses": _ORDERS,
    "shipments": _ORDERS,
    "follows": "1 IN (follower_id, followee_id)",
    "nft_transfers": f"{_WALLET} IN (from_address, to_address)",
    **dict.fromkeys(_BY_USER.split(), "user_id = 1"),
}
"""How a person who reads the schema finds aki's rows, table by table."""


def _values(closm: Closm, table: str) -> list[list[Any]]:
    return [list(row) for row in closm.sql(f"SELECT * FROM {table} WHERE {OWN[table]} ORDER BY id")]


def _plain(value: Any) -> Any:
    """A value of the package as SQLite holds it: a typed moment is text there."""
    if isinstance(value, dict):
        return str(value["$datetime"]).replace("T", " ")
    return value


@promise("CLOSM-11.1a")
def test_the_package_holds_every_value_of_the_person_and_no_value_of_anybody_else(
    mine: Closm,
) -> None:
    """Given a user with rows in every table, in pictures, logs and at six vendors; when she asks
    what is held, the package holds every row the schema says is hers, value by value, every
    picture byte by byte, each with purposes and recipients, and names each vendor and the chain.
    No value that is another person's alone is in it.
    """
    aki = mine.world.person("aki")
    request = mine.carry_out("disclosure", AKI, language="en")
    with ZipFile(mine.home.package(request.id)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    data = json.loads(files["data.json"])
    shown = {d["id"]: d for d in data["datasets"]}
    for table in OWN:
        held = _values(mine, table)
        assert held, table
        columns = [c["name"] for c in shown[f"app.{table}"]["columns"]]
        assert columns == [name for _, name, *_ in mine.sql(f"PRAGMA table_info({table})")]
        rows = sorted(shown[f"app.{table}"]["rows"], key=lambda row: row[0])
        if table == "nft_transfers":  # the other party's address is not hers to see
            others = {v for row in held for v in row[2:4]} - {aki.wallet}
            held = [[None if v in others else v for v in row] for row in held]
        assert [[_plain(value) for value in row] for row in rows] == held
    pictures = {k for (k,) in mine.sql("SELECT object_key FROM media_objects WHERE user_id = 1")}
    for key in pictures:
        assert files[f"media/media.objects/{key}"] == mine.files()[f"media/objects/{key}"]
    assert shown["logs.access"]["rows"]
    assert {e["system"] for e in data["elsewhere"]} >= {"auth0", "stripe", "printful", "chain"}
    page = files["index.en.html"].decode()
    assert "shipping goods and telling about delivery" in page
    assert "Printful" in page
    everything = b"\n".join(files.values())
    for canary in mine.world.canaries_of_others(aki):
        assert canary.encode() not in everything


@promise("CLOSM-11.1c")
def test_a_missing_self_introduction_is_added_and_a_blood_type_is_refused(mine: Closm) -> None:
    """Given a user without a self-introduction; when she asks to add one, it is stored. When she
    asks to add her blood type, the request is refused: no clause declares it.
    """
    mine.sql("UPDATE user_profiles SET bio = NULL WHERE user_id = 1")
    added = mine.carry_out("addition", AKI, scope=Scope(items=("bio",)), value="I paint.")
    assert added.state == "answered"
    assert mine.sql("SELECT bio FROM user_profiles WHERE user_id = 1") == [("I paint.",)]
    blood = mine.home.receive(
        "addition", person=AKI, scope=Scope(items=("blood_type",)), value="AB"
    )
    assert (blood.state, blood.reason, blood.cite) == (
        "refused",
        "item_not_declared",
        "CLOSM-11.1c",
    )


@promise("CLOSM-11.1e")
def test_a_suspension_binds_at_once_leaves_the_data_and_can_be_lifted(mine: Closm) -> None:
    """Given a user who asks to suspend analysis; as soon as it is known who asks, analysis is
    refused by 11.1e and Google Analytics gets nothing, while the service goes on; no row changes.
    Lifted, analysis is permitted again.
    """
    mine.home.record(AgeBand(AKI, AT.replace(hour=1), at_least=13))
    before = mine.rows()
    request = mine.home.receive("suspension", person=AKI, scope=Scope(purposes=("analytics",)))
    assert mine.ask(AKI, "use", "usage_history", purpose="analytics").permitted
    mine.home.show_identity(request.id, Proof("signed_in"))
    refused = mine.ask(AKI, "use", "usage_history", purpose="analytics")
    assert (refused.outcome, codes(refused)) == ("refused", {"suspended"})
    assert {r.cite for r in refused.reasons} == {"CLOSM-11.1e"}
    sent = {"purpose": "analytics", "recipient": "google_analytics"}
    assert not mine.ask(AKI, "send", "usage_history", **sent).permitted
    assert mine.ask(AKI, "use", "usage_history", purpose="service").permitted
    assert mine.home.answer(request.id).outcome == "done"
    assert mine.rows() == before
    mine.clock.advance(hours=1)
    later = mine.clock.now()
    mine.home.record(Resumption(AKI, later, Scope(purposes=("analytics",))))
    assert mine.ask(AKI, "use", "usage_history", purpose="analytics", at=later).permitted


@promise("CLOSM-11.3")
def test_only_the_chain_is_exempt_and_no_table_can_be_declared_so(
    opened: Callable[..., Closm],
) -> None:
    """Given a member of staff who marks the service's database as immutable in the data map; the
    map is refused, for a database can remove rows. The chain is exempt: an erasure answers it as
    impossible by 11.3, partly complied with, reason by reason.
    """

    def frozen_database(home: Path) -> None:
        text = (packaged("closm-i") / "datamap.yaml").read_text("utf-8")
        head, app, tail = text.partition("  app:\n    kind: sqlite\n")
        assert app
        marked = f'{head}{app}    immutable: true\n    clause: "9.3"\n{tail}'
        (home / "datamap.yaml").write_text(marked, "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    marked = opened(frozen_database, "marked")
    with pytest.raises(InvalidDocument) as refused:
        marked.carry_out("deletion", AKI)
    assert "sqlite is not immutable" in refused.value.faults[0].message
    marked.home.close()
    closm = opened(name="true")
    entries = closm.entries(closm.carry_out("deletion", AKI))
    outcomes = {e["system"]: (e["outcome"], e["clauses"]) for e in entries if "system" in e}
    impossible = {s: c for s, (outcome, c) in outcomes.items() if outcome == "impossible"}
    assert impossible == {"chain": ["CLOSM-11.3"]}
    assert outcomes["app.users"] == ("done", ["CLOSM-11.1d"])


@promise("CLOSM-11.1d")
def test_two_posts_go_with_pictures_and_favourites_and_the_account_stays(mine: Closm) -> None:
    """Given a person with several posts, pictures at two of them and favourites of others; when
    exactly these two posts are deleted, they, their pictures (row and file) and every favourite
    of them are gone. The account, the other posts and everything else of anybody is untouched.
    """
    ((person,),) = mine.sql(
        "SELECT p.user_id FROM posts p JOIN media_objects m ON m.post_id = p.id"
        " GROUP BY p.user_id HAVING count(DISTINCT p.id) > 1 ORDER BY p.user_id LIMIT 1"
    )
    two = mine.sql(
        "SELECT DISTINCT p.id FROM posts p JOIN media_objects m ON m.post_id = p.id"
        " WHERE p.user_id = ? ORDER BY p.id LIMIT 2",
        person,
    )
    posts = {post for (post,) in two}
    fan = next(i for (i,) in mine.sql("SELECT id FROM users") if i != person)
    for post in posts:
        mine.sql(
            "INSERT OR IGNORE INTO favorites (user_id, post_id, created_at)"
            " VALUES (?, ?, '2026-11-01 00:00:00')",
            fan,
            post,
        )
    media = mine.sql("SELECT post_id, object_key FROM media_objects WHERE post_id IS NOT NULL")
    pictures = {f"media/objects/{key}" for post, key in media if post in posts}
    rows, files = mine.rows(), mine.files()
    assert len(posts) == 2
    assert pictures <= set(files)
    mine.carry_out("deletion", PersonId(str(person)), where="app.posts", rows=sorted(posts))
    for table, place in (("posts", 0), ("media_objects", 2), ("favorites", 2)):
        gone = {r for r in rows[table] if ast.literal_eval(r)[place] in posts}
        assert gone, table
        assert mine.rows()[table] == rows[table] - gone
    left = set(rows) - {"posts", "media_objects", "favorites", "nft_mints"}
    assert all(mine.rows()[table] == rows[table] for table in left)
    assert len(mine.rows()["nft_mints"]) == len(rows["nft_mints"])  # 9.3: only their link is cut
    assert mine.files() == {name: data for name, data in files.items() if name not in pictures}


@promise("CLOSM-6.4")
def test_details_of_provision_abroad_come_from_what_really_went(
    opened: Callable[..., Closm],
) -> None:
    """Given a person with one order printed by Printful in the United States, who signs in by
    Auth0, and another person who paid by Stripe; asked for details abroad, the answer names
    Printful, the country, the day, what was sent and its safeguard, and Auth0, and leaves
    Stripe out: nothing of this person went there. Cloudflare, of which no book is kept, is told
    as the policy says.
    """
    mine = opened()
    aki, ben = AKI, PersonId("2")
    went = (
        Giving(aki, "printful", ("name", "postal_address"), "ship_goods", country="US"),
        Giving(aki, "auth0", ("email",), "identity_and_account", country="US"),
        Giving(ben, "stripe", ("payment",), "fees", country="US"),
    )
    releases = [mine.home.releases.of(giving) for giving in went]
    mine.home.releases.intend(releases)
    mine.home.releases.settle([r.id for r in releases], "sent", mine.clock.now())
    request = mine.home.receive("foreign_measures", person=aki)
    mine.home.show_identity(request.id, Proof("signed_in"))
    lines = {line.about: line.text.en for line in mine.home.answer(request.id).lines}
    assert set(lines) >= {"printful", "auth0", "cloudflare"}
    assert "stripe" not in lines
    for word in ("Printful (United States)", "(sent on 2026-11-20: name, postal address)", "gdpr"):
        assert word in lines["printful"]
    assert "2026-11-20" not in lines["cloudflare"]
