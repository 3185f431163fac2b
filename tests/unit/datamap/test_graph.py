"""Rows are found in an order; what no path reaches is reported, never dropped."""

from __future__ import annotations

from typing import Any

from seiyaku.datamap.graph import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import HandleColumn
from seiyaku.kernel.ids import DatasetId


def table(*links: dict[str, Any], **more: Any) -> dict[str, Any]:
    columns = {"id", *(c for k in links for c in [k["by"]])}
    fields: dict[str, Any] = dict.fromkeys(sorted(columns))
    fields["text"] = "post"
    return {"key": "id", "links": list(links), "fields": fields, **more}


def link(by: str, to: str, **more: Any) -> dict[str, Any]:
    return {"by": by, "to": to, **more}


def datamap(**systems: dict[str, Any]) -> DataMap:
    name = {"ja": "系", "en": "system"}
    entries = {
        s: {"kind": "sqlite", "name": name, "datasets": datasets} for s, datasets in systems.items()
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": entries})


def names(steps: Any) -> list[str]:
    return [s.dataset for s in steps]


def test_a_dataset_comes_after_the_ones_it_hangs_on_whatever_the_written_order() -> None:
    found = resolve(
        datamap(
            app={
                "items": table(link("order_id", "orders")),
                "orders": table(link("user_id", "users")),
                "users": table(person="user"),
            }
        )
    )
    assert names(found.steps) == ["app.users", "app.orders", "app.items"]
    assert found.steps[1].yields == (("id",),)
    assert found.steps[0].root
    assert found.cycles == ()
    assert found.unreachable == ()


def test_a_dataset_that_holds_items_and_hangs_on_nobody_is_reported() -> None:
    found = resolve(
        datamap(
            app={
                "users": table(person="user"),
                "plans": table(shared=True),
                "audits": table(link("plan_id", "plans")),
            }
        )
    )
    assert found.unreachable == ("app.audits",)
    assert "app.audits" not in names(found.steps)


def test_datasets_that_point_at_each_other_are_a_cycle_and_stay_reachable() -> None:
    found = resolve(
        datamap(
            app={
                "users": table(person="user"),
                "a": table(link("b_id", "b"), link("user_id", "users")),
                "b": table(link("a_id", "a")),
                "tree": table(link("user_id", "users"), link("parent_id", "tree")),
            }
        )
    )
    assert found.cycles == (("app.a", "app.b"), ("app.tree",))
    assert set(names(found.steps)) == {"app.users", "app.a", "app.b", "app.tree"}
    assert names(found.steps)[0] == "app.users"


def test_a_cycle_without_a_person_is_unreachable() -> None:
    found = resolve(
        datamap(
            app={
                "users": table(person="user"),
                "a": table(link("b_id", "b")),
                "b": table(link("a_id", "a")),
            }
        )
    )
    assert set(found.unreachable) == {"app.a", "app.b"}


def test_values_found_in_one_system_find_rows_in_the_next() -> None:
    found = resolve(
        datamap(
            logs={"access": table(link("user", "app.users", columns="login"))},
            app={"users": {**table(person="user"), "fields": {"id": None, "login": None}}},
        )
    )
    assert found.system_order == ("app", "logs")
    assert set(found.steps[0].yields) == {("id",), ("login",)}
    (path,) = found.of_system("logs")[0].paths
    assert path.target == HandleColumn(DatasetId("app.users"), ("login",))


def test_a_mere_reference_is_a_step_and_makes_nothing_belong_to_anyone() -> None:
    found = resolve(
        datamap(
            app={
                "users": table(person="user"),
                "posts": table(link("user_id", "users")),
                "marks": table(link("post_id", "posts", owns=False)),
                "notes": table(link("mark_id", "marks")),
            }
        )
    )
    marks = next(s for s in found.steps if s.dataset == "app.marks")
    assert [p.owns for p in marks.paths] == [False]
    assert set(found.unreachable) == {"app.marks", "app.notes"}


def test_two_people_on_a_row_are_two_paths() -> None:
    found = resolve(
        datamap(
            app={
                "users": table(person="user"),
                "follows": table(
                    link("a", "users", role="follower"), link("b", "users", role="followee")
                ),
            }
        )
    )
    assert [p.role for p in found.steps[1].paths] == ["follower", "followee"]


def test_one_kind_of_people_reaches_only_what_is_theirs() -> None:
    whole = datamap(
        app={
            "users": table(person="user"),
            "sellers": table(person="seller"),
            "orders": table(link("user_id", "users")),
            "shops": table(link("seller_id", "sellers")),
        }
    )
    assert set(names(resolve(whole, "seller").steps)) == {"app.sellers", "app.shops"}
    assert resolve(whole, "seller").unreachable == ()


def test_columns_a_person_is_found_by_elsewhere_are_yielded() -> None:
    raw = datamap(app={"users": table(person="user")}).model_dump(by_alias=True)
    raw["systems"]["vendor"] = {
        "kind": "by_hand",
        "name": {"ja": "業者", "en": "vendor"},
        "found_by": ["app.users.text"],
    }
    assert ("text",) in resolve(DataMap.model_validate(raw)).steps[0].yields


def test_five_thousand_datasets_in_a_row_are_resolved_without_running_out_of_stack() -> None:
    chain = {f"t{n}": table(link("up", f"t{n - 1}")) for n in range(1, 5000)}
    found = resolve(datamap(app={"t0": table(person="user"), **chain}))
    assert names(found.steps)[-1] == "app.t4999"
