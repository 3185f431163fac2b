"""Plans are pure: what goes, what the law keeps, what pins what, and what is claimed after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import (
    Action,
    Applied,
    ColumnSurface,
    HandleColumn,
    Handles,
    Located,
    TableSurface,
    Value,
)
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import Conflict, InvalidInput, NotPermitted, WaitsForPerson
from seiyaku.kernel.ids import DatasetId, PersonId, PlanId, SystemId
from seiyaku.laws import end_of_keeping, load_packs
from seiyaku.plans.approve import Halt, approval_of, require_approved, require_going
from seiyaku.plans.digest import people_digest, plan_digest, plan_from_json, plan_to_json
from seiyaku.plans.model import Plan
from seiyaku.plans.plan import Heading, plan_correction, plan_disclosure, plan_erasure
from seiyaku.plans.read_again import Seen, claimed
from seiyaku.plans.survey import Survey
from seiyaku.plans.values import from_json, to_json
from seiyaku.policy import parse_policy_bytes

AT = datetime(2026, 11, 20, tzinfo=UTC)
TODAY = date(2026, 11, 20)
APP = SystemId("app")
SHA = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
POLICY = f"""
seiyaku: 1
service: shop
prefix: SHOP
service_name: {{ja: 店, en: shop}}
version: {{id: "1", enacted_on: 2026-01-01, published_at: 2026-01-01T00:00:00+09:00}}
source: {{url: unknown, retrieved_on: unknown, sha256: {SHA}, language: en}}
regimes: [jp-appi, jp-records]
controller: {{clause: "1", name: {{ja: 店, en: shop}}}}
people: {{customer: {{name: {{ja: 客, en: customer}}, clause: "1"}}}}
items:
  email: {{clause: "1", name: {{ja: メール, en: email}}, personal: "pd:EmailAddress"}}
  order: {{clause: "1", name: {{ja: 注文, en: order}}, personal: "pd:Purchase"}}
  gift: {{clause: "1", name: {{ja: 贈物, en: gift}}, personal: "pd:Interest"}}
  wallet: {{clause: "1", name: {{ja: 財布, en: wallet}}, personal: "pd:FinancialAccount"}}
purposes: {{selling: {{clause: "1", name: {{ja: 販売, en: selling}}, items: [email, order]}}}}
retention: {{books: {{clause: "2", items: [order], after: ordered, law: jp-records.books}}}}
rights:
  deletion: {{clause: "1", except: [{{clause: "2", systems: immutable}}]}}
  closure: {{clause: "1"}}
clauses:
  "1": {{says: {{ja: あ。, en: A.}}, lines: [1, 1], sha256: {SHA}, force: may}}
  "2": {{says: {{ja: い。, en: B.}}, lines: [2, 2], sha256: {SHA}, force: must}}
"""


def datamap(**systems: Any) -> DataMap:
    """Customers, their orders and the lines of these, and what else a test needs."""
    app = {
        "kind": "sqlite",
        "name": {"ja": "店", "en": "shop"},
        "datasets": {
            "customers": {
                "person": "customer",
                "key": "id",
                "fields": {"id": None, "email": "email"},
            },
            "orders": {
                "key": "id",
                "links": [{"by": "customer_id", "to": "customers"}],
                "fields": {
                    "id": None,
                    "customer_id": None,
                    "total": "order",
                    "gift_note": "gift",
                    "ordered_on": "order",
                },
                "times": {"ordered": "ordered_on"},
            },
            "lines": {
                "key": ["order_id", "no"],
                "links": [{"by": "order_id", "to": "orders"}],
                "fields": {"order_id": None, "no": None, "sku": "order"},
                "times": {"ordered": "orders.ordered_on"},
            },
            "letters": {
                "key": "email",
                "links": [{"by": "email", "to": "customers", "columns": "email"}],
                "fields": {"email": "email"},
            },
            "likes": {
                "key": "id",
                "links": [{"by": "order_id", "to": "orders", "owns": False}],
                "fields": {"id": None, "order_id": None},
            },
        },
    }
    return DataMap.model_validate(
        {"seiyaku_datamap": 1, "service": "shop", "systems": {"app": app, **systems}}
    )


def table(name: str, *columns: str, required: str = "", references: Any = ()) -> TableSurface:
    """A table whose columns may be null, but for those named in `required`."""
    must = required.split()
    made = tuple(ColumnSurface(c, "TEXT", nullable=c not in must) for c in columns)
    return TableSurface(name, made, (), references)


def surfaces(*, customer_required: bool) -> dict[SystemId, tuple[TableSurface, ...]]:
    """The shop's tables; an order may have to point at its customer."""
    to_customer = ((("customer_id",), "customers", ("id",)),)
    to_order = ((("order_id",), "orders", ("id",)),)
    columns = ("id", "customer_id", "total", "gift_note", "ordered_on")
    required = "customer_id" if customer_required else ""
    return {
        APP: (
            table("customers", "id", "email"),
            table("orders", *columns, required=required, references=to_customer),
            table("lines", "order_id", "no", "sku", required="order_id no", references=to_order),
            table("letters", "email"),
            table("likes", "id", "order_id", references=to_order),
        )
    }


def survey(
    rows: dict[str, int] | None = None,
    *,
    customer_required: bool = False,
    references: dict[str, int] | None = None,
    handles: Handles | None = None,
    **systems: Any,
) -> Survey:
    """A survey of one customer."""
    made = datamap(**systems)
    parsed = parse_policy_bytes(POLICY.encode(), "policy.yaml")
    counted = {"customers": 1, "orders": 2, "lines": 3, "letters": 1} if rows is None else rows
    located = Located(
        {DatasetId(f"app.{k}"): v for k, v in counted.items()},
        {DatasetId(f"app.{k}"): v for k, v in (references or {}).items()},
        handles or Handles(),
    )
    return Survey(
        policy=parsed.policy,
        policy_sha256=parsed.sha256,
        laws=load_packs(parsed.policy.regimes).at(TODAY),
        datamap=made,
        datamap_sha256="0" * 64,
        resolution=resolve(made),
        surfaces=surfaces(customer_required=customer_required),
        located={APP: located},
        today=TODAY,
    )


HEADING = Heading(PlanId("plan-1"), "deletion", AT, 1, "0" * 64)


def actions(plan: Plan) -> dict[str, list[Action]]:
    """Actions by dataset."""
    found: dict[str, list[Action]] = {}
    for group in plan.groups:
        for action in group.actions:
            found.setdefault(action.dataset.partition(".")[2], []).append(action)
    return found


def test_held_rows_keep_the_columns_of_held_items_and_nothing_else() -> None:
    [order] = actions(plan_erasure(survey(), HEADING))["orders"]
    assert order.verb == "keep"
    assert order.kept == ("total", "ordered_on")
    assert order.blank == ("gift_note",)
    assert order.cut == ("customer_id",)


def test_the_link_between_two_rows_that_stay_stays() -> None:
    [line] = actions(plan_erasure(survey(), HEADING))["lines"]
    assert (line.verb, line.cut) == ("keep", ())
    assert line.split is not None
    assert line.split.dataset == "app.orders"


def test_a_kept_row_that_may_lose_its_link_pins_nothing() -> None:
    [customer] = actions(plan_erasure(survey(), HEADING))["customers"]
    assert customer.verb == "delete"


def test_a_kept_row_that_must_point_somewhere_leaves_an_emptied_row_and_no_more() -> None:
    plan = plan_erasure(survey(customer_required=True), HEADING)
    [order] = actions(plan)["orders"]
    assert order.cut == ()
    kept, rest = actions(plan)["customers"]
    assert (kept.verb, kept.blank, kept.kept) == ("keep", ("email",), ())
    assert kept.paths[0].target == HandleColumn(DatasetId("app.orders"), ("customer_id",))
    assert rest.verb == "delete"
    assert "row_emptied" in {o.note for o in plan.outcomes}


def test_the_cut_off_is_the_first_day_the_law_still_keeps() -> None:
    [order] = actions(plan_erasure(survey(), HEADING))["orders"]
    keeping = load_packs(["jp-records"]).at(TODAY).keeping("jp-records.books")
    assert keeping is not None
    assert order.split is not None
    first = order.split.cutoff_on
    assert end_of_keeping(keeping, 12, first) >= TODAY
    assert end_of_keeping(keeping, 12, first - timedelta(days=1)) < TODAY


def test_a_hold_falls_away_when_its_newest_event_is_past_the_period() -> None:
    newest = {
        (DatasetId("app.orders"), "ordered_on"): date(2010, 1, 1),
    }
    plan = plan_erasure(replace(survey(), newest=newest), HEADING)
    assert {a.verb for many in actions(plan).values() for a in many} == {"delete"}
    assert {o.outcome for o in plan.outcomes} == {"done", "nothing_found"} - (
        set() if any(o.rows == 0 for o in plan.outcomes) else {"nothing_found"}
    )


def test_every_outcome_that_keeps_names_its_clause_and_its_last_day() -> None:
    kept = [o for o in plan_erasure(survey(), HEADING).outcomes if o.outcome == "kept_by_law"]
    assert {o.dataset for o in kept} == {"app.orders", "app.lines"}
    assert all(o.cite == "SHOP-2" and o.until for o in kept)


def test_strangers_references_go_only_where_they_were_found() -> None:
    assert "likes" not in actions(plan_erasure(survey(), HEADING))
    plan = plan_erasure(survey(references={"likes": 4}), HEADING)
    [like] = actions(plan)["likes"]
    assert (like.verb, like.expected, like.paths[0].owns) == ("delete", 4, False)


def test_dependants_come_before_what_they_hang_on() -> None:
    order = [a.dataset for g in plan_erasure(survey(), HEADING).groups for a in g.actions]
    assert order.index(DatasetId("app.lines")) < order.index(DatasetId("app.orders"))
    assert order.index(DatasetId("app.orders")) < order.index(DatasetId("app.customers"))


def test_files_are_acted_on_before_the_rows_that_name_them_and_our_own_store_last() -> None:
    name = {"ja": "物", "en": "thing"}
    dataset = {"key": "key", "fields": {"key": "gift"}}
    files = {
        "kind": "folder",
        "name": name,
        "datasets": {
            "o": {**dataset, "links": [{"by": "key", "to": "app.orders", "columns": "id"}]}
        },
    }
    own = {
        "kind": "own_store",
        "name": name,
        "datasets": {"e": {**dataset, "links": [{"by": "key", "to": "app.customers"}]}},
    }
    made = survey(files=files, own=own)
    assert [s for s, _ in made.systems()] == ["files", "app", "own"]


def test_only_a_system_declared_immutable_is_impossible() -> None:
    name = {"ja": "鎖", "en": "chain"}
    chain = {"kind": "chain", "name": name, "immutable": True, "clause": "2", "holds": ["wallet"]}
    vendor = {"kind": "by_hand", "name": name, "holds": ["email"], "found_by": ["app.customers.id"]}
    plan = plan_erasure(survey(chain=chain, vendor=vendor), HEADING)
    outside = {o.system: o for o in plan.outcomes if o.dataset is None}
    assert (outside["chain"].outcome, outside["chain"].cite) == ("impossible", "SHOP-2")  # type: ignore[index]
    assert outside["vendor"].outcome == "nothing_found"  # type: ignore[index]
    column = HandleColumn(DatasetId("app.customers"), ("id",))
    found = Handles({column: frozenset({(1,)})})
    plan = plan_erasure(survey(handles=found, chain=chain, vendor=vendor), HEADING)
    assert [o.outcome for o in plan.outcomes if o.system == "vendor"] == ["by_hand"]


def test_deleting_items_empties_their_columns_and_leaves_rows_and_held_items() -> None:
    plan = plan_erasure(survey(), HEADING, frozenset({"gift", "order"}))
    assert set(actions(plan)) == {"orders"}
    [order] = actions(plan)["orders"]
    assert (order.verb, order.blank) == ("blank", ("gift_note",))
    assert {(o.dataset, o.outcome) for o in plan.outcomes} >= {("app.orders", "kept_by_law")}


def test_a_disclosure_changes_nothing() -> None:
    plan = plan_disclosure(survey(), replace(HEADING, kind="disclosure"))
    assert plan.reads_only
    assert actions(plan) == {}
    assert "app.likes" not in {o.dataset for o in plan.outcomes}


def test_a_correction_reaches_the_rows_that_are_found_by_the_value() -> None:
    plan = plan_correction(survey(), replace(HEADING, kind="correction"), "email")
    assert {d: a[0].kept for d, a in actions(plan).items()} == {
        "customers": ("email",),
        "letters": ("email",),
    }


def test_an_item_no_row_holds_cannot_be_corrected() -> None:
    with pytest.raises(InvalidInput) as caught:
        plan_correction(survey(), replace(HEADING, kind="correction"), "wallet")
    assert caught.value.code == "SY193"


def test_a_person_without_rows_has_an_empty_plan_that_says_so() -> None:
    plan = plan_erasure(survey({}), HEADING)
    assert {o.outcome for o in plan.outcomes} == {"nothing_found"}
    assert not any(g.actions for g in plan.groups)


def test_a_dataset_without_table_is_a_conflict() -> None:
    made = survey()
    with pytest.raises(Conflict) as caught:
        plan_erasure(replace(made, surfaces={APP: made.surfaces[APP][:1]}), HEADING)
    assert caught.value.code == "SY501"


@pytest.mark.parametrize(
    "change",
    [
        {"policy_sha256": "1" * 64},
        {"datamap_sha256": "1" * 64},
        {"located": {APP: Located({DatasetId("app.customers"): 1}, {}, Handles())}},
        {"surfaces": surfaces(customer_required=True)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with_all_that_a_plan_leans_on(change: dict[str, Any]) -> None:
    first = plan_digest(plan_erasure(survey(), HEADING))
    assert first == plan_digest(plan_erasure(survey(), HEADING))
    assert first != plan_digest(plan_erasure(replace(survey(), **change), HEADING))


def test_a_plan_written_as_json_is_the_same_plan() -> None:
    plan = plan_erasure(survey(customer_required=True), HEADING)
    assert plan_from_json(plan_to_json(plan)) == plan


def test_people_are_in_a_plan_only_by_a_keyed_digest() -> None:
    one, two = PersonId("1"), PersonId("2")
    assert people_digest([one, two], b"k") == people_digest([two, one], b"k")
    assert people_digest([one], b"k") != people_digest([one], b"l")
    assert people_digest([PersonId("12")], b"k") != people_digest([one, two], b"k")


SATO, KONDO = Actor("sato", "approver"), Actor("kondo", "officer")


def test_an_approval_binds_an_approver_to_one_digest() -> None:
    plan = plan_erasure(survey(), HEADING)
    approval = approval_of(plan, SATO, AT)
    require_approved(plan, [approval], 0, 100)
    with pytest.raises(Conflict) as caught:
        require_approved(replace(plan, people=2), [approval], 0, 100)
    assert caught.value.code == "SY502"
    with pytest.raises(NotPermitted):
        approval_of(plan, Actor("ito", "auditor"), AT)
    with pytest.raises(WaitsForPerson):
        require_approved(plan, [], 0, 100)


def test_over_the_hourly_limit_two_different_people_approve() -> None:
    plan = plan_erasure(survey(), HEADING)
    one, two = approval_of(plan, SATO, AT), approval_of(plan, KONDO, AT)
    require_approved(plan, [one], 99, 100)
    for alone in ([one], [one, one]):
        with pytest.raises(WaitsForPerson):
            require_approved(plan, alone, 100, 100)
    require_approved(plan, [one, two], 100, 100)


def test_a_halt_stops() -> None:
    require_going(None)
    with pytest.raises(WaitsForPerson):
        require_going(Halt(AT, "sato"))


ORDERS, CUSTOMERS = DatasetId("app.orders"), DatasetId("app.customers")


def test_rows_found_again_are_pending_whatever_the_statement_reported() -> None:
    plan = plan_erasure(survey(), HEADING)
    applied = Applied({CUSTOMERS: 1}, {}, {ORDERS: 2, DatasetId("app.lines"): 3})
    seen = Seen(applied, {CUSTOMERS: 1, ORDERS: 2})
    told = {(o.dataset, o.outcome, o.note) for o in claimed(plan, plan.groups[0], seen)}
    assert (CUSTOMERS, "pending", "found_again") in told
    assert (ORDERS, "kept_by_law", "") in told


def test_rows_past_their_period_are_told_apart_from_those_kept() -> None:
    plan = plan_erasure(survey(), HEADING)
    applied = Applied({CUSTOMERS: 1, ORDERS: 1}, {}, {ORDERS: 1})
    told = claimed(plan, plan.groups[0], Seen(applied, {}))
    orders = [(o.outcome, o.rows, o.note) for o in told if o.dataset == ORDERS]
    assert orders == [
        ("kept_by_law", 1, ""),
        ("done", 1, "period_over"),
        ("done", 1, "beside_kept"),
    ]


def test_rows_where_none_were_planned_are_pending_too() -> None:
    plan = plan_erasure(survey({"customers": 1}), HEADING)
    seen = Seen(Applied({CUSTOMERS: 1}, {}, {}), {DatasetId("app.letters"): 1})
    told = {o.dataset: o.outcome for o in claimed(plan, plan.groups[0], seen)}
    assert told[DatasetId("app.letters")] == "pending"


def test_a_system_that_did_not_answer_claims_nothing() -> None:
    plan = plan_erasure(survey(), HEADING)
    told = claimed(plan, plan.groups[0], Seen(unreachable="SY301"))
    assert {o.outcome for o in told} == {"unreachable"}


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(timezone(timedelta(hours=9)))),
    st.decimals(allow_nan=False),
)


@given(VALUES)
def test_values_written_as_json_keep_their_type(value: Value) -> None:
    import json

    read = from_json(json.loads(json.dumps(to_json(value), allow_nan=False)))
    assert read == value
    assert type(read) is type(value)
    if isinstance(value, datetime):
        assert isinstance(read, datetime)
        assert read.utcoffset() == value.utcoffset()
    if isinstance(value, Decimal):
        assert str(read) == str(value)


@pytest.mark.parametrize("odd", [[], {}, {"$x": "1"}, {"$date": "1", "b": "2"}, {"$date": 3}])
def test_what_is_no_value_is_refused(odd: Any) -> None:
    with pytest.raises(InvalidInput):
        from_json(odd)
