"""Where decisions stand, and whose a row is: pure, and told apart however words look."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.teahouse import DATAMAP, LETTER, SHIP, teahouse
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import Layout, Root, Slot, chains_of, handling_name, layout_of
from seiyaku.doors.permits.layout import BITS, short_name
from seiyaku.gate.model import Handling
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId

WORDS = st.sampled_from(
    ["news", "ship_goods", "ship", "goods", "a" * 60, "x__y", "x_", "_y", "x", "y", "店", "A"]
)
HANDLINGS = st.builds(
    Handling,
    st.sampled_from(["use", "send", "keep", "collect"]),
    st.none() | WORDS,
    st.none() | WORDS,
    st.none() | WORDS,
    st.sampled_from([None, "US", "JP"]),
    contexts=st.frozensets(WORDS, max_size=2),
    masked=st.booleans(),
)


@given(HANDLINGS, HANDLINGS)
def test_handlings_of_different_kinds_have_different_columns(
    one: Handling, other: Handling
) -> None:
    assert len(handling_name(one).encode()) <= 63
    assert (handling_name(one) == handling_name(other)) == (one == other)


def test_usual_handlings_are_called_as_one_would() -> None:
    assert handling_name(LETTER) == "tea_letter"
    send = Handling("send", "ship_goods", "carrier", country="JP")
    assert handling_name(send) == "ship_goods__carrier__jp"
    masked = Handling("send", "ship_goods", "carrier", country="JP", masked=True)
    assert handling_name(masked).startswith("ship_goods__carrier__jp__send__")


def test_two_names_that_begin_alike_stay_two_when_cut() -> None:
    long = "seiyaku_permits_" + "a" * 60
    assert short_name(long) != short_name(long + "b")
    assert len(short_name(long)) == 63


@given(st.integers(1, 200), st.data())
def test_bits_beyond_a_column_stand_in_the_next(count: int, data: st.DataObject) -> None:
    slots = tuple(Slot(f"item_{n:03}", None) for n in range(count))
    layout = Layout("app", {"news": Handling("use", "news")}, slots, ())
    some = data.draw(st.sets(st.sampled_from(slots)))
    permitted = sum(1 << layout.bits[slot] for slot in some)
    words = dict(zip(layout.columns, layout.words(permitted), strict=True))
    assert all(0 <= word < 1 << BITS for word in words.values())
    for slot in slots:
        [(column, mask)] = layout.masks("news", [slot])
        assert bool(words[column] & mask) == (slot in some)
    assert len(layout.columns) == -(-count // BITS)


def test_a_handling_without_permits_is_told() -> None:
    shop = teahouse()
    layout = layout_of(shop.policy, shop.datamap, "app", [LETTER])
    with pytest.raises(InvalidInput) as told:
        layout.name(SHIP)
    assert told.value.code == "SY141"
    assert "tea_letter" in told.value.hint()


def test_another_meaning_of_the_bits_has_another_digest() -> None:
    shop = teahouse()
    one = layout_of(shop.policy, shop.datamap, "app", [LETTER])
    more = layout_of(shop.policy, _changed(name="postal_address"), "app", [LETTER])
    assert one.digest == layout_of(shop.policy, shop.datamap, "app", [LETTER, SHIP]).digest
    assert one.digest != more.digest


def test_people_of_the_first_kind_stand_bare_and_others_with_their_kind() -> None:
    datamap = _with_dataset(
        "sellers", {"person": "seller", "key": "code", "fields": {"code": None}}
    )
    layout = layout_of(teahouse().policy, datamap, "app", [LETTER])
    assert [(root.prefix, root.table) for root in layout.roots] == [
        ("", "seiyaku_permits_customers"),
        ("seller:", "seiyaku_permits_sellers"),
    ]


# -- whose a row is ----------------------------------------------------------------------


def test_every_chain_of_owning_links_is_followed() -> None:
    datamap = teahouse().datamap
    [chain] = chains_of(datamap, DatasetId("app.order_lines"))
    assert [hop.dataset for hop in chain.hops] == ["app.orders", "app.customers"]
    assert chain.exact
    assert chains_of(datamap, DatasetId("app.teas")) == ()
    assert chains_of(datamap, DatasetId("app.customers"))[0].hops == ()


@pytest.mark.parametrize(
    "links",
    [
        [{"by": "id", "to": "notes"}],
        [{"by": "id", "to": "crm.files"}],
        [{"by": "id", "to": "pairs"}],
    ],
    ids=["a circle", "another system", "people of two columns"],
)
def test_a_chain_that_cannot_be_followed_closes_the_table(links: list[Any]) -> None:
    datamap = _with_dataset("notes", {"key": "id", "links": links, "fields": {"id": None}})
    with pytest.raises(InvalidInput) as told:
        chains_of(datamap, DatasetId("app.notes"))
    assert told.value.code == "SY142"


def test_people_of_another_system_are_known_by_their_key() -> None:
    links = [{"by": "id", "to": "crm.contacts"}]
    datamap = _with_dataset("notes", {"key": "id", "links": links, "fields": {"id": None}})
    [chain] = chains_of(datamap, DatasetId("app.notes"))
    assert chain.root == "crm.contacts"
    layout = layout_of(teahouse().policy, datamap, "app", [LETTER])
    want = Root(
        DatasetId("crm.contacts"), "customer", "seiyaku_permits_crm__contacts", "notes", "id",
        away=True,
    )  # fmt: skip
    assert want in layout.roots


def _changed(**fields: str) -> DataMap:
    held = DATAMAP["systems"]["app"]["datasets"]["customers"]  # type: ignore[index]
    return _with_dataset("customers", {**held, "fields": {**held["fields"], **fields}})


def _with_dataset(name: str, dataset: dict[str, Any]) -> DataMap:
    app = DATAMAP["systems"]["app"]  # type: ignore[index]
    pairs = {"person": "customer", "key": ["a", "b"], "fields": {"a": None, "b": None}}
    files = {"key": "id", "links": [{"by": "id", "to": "contacts"}], "fields": {"id": None}}
    contacts = {"person": "customer", "key": "id", "fields": {"id": None}}
    crm = {"kind": "sqlite", "name": {"ja": "名簿", "en": "crm"}}
    systems = {
        "app": {**app, "datasets": {**app["datasets"], "pairs": pairs, name: dataset}},
        "crm": {**crm, "datasets": {"files": files, "contacts": contacts}},
    }
    if name != "notes":
        systems = {"app": {**app, "datasets": {**app["datasets"], name: dataset}}}
    return DataMap.model_validate({**DATAMAP, "systems": systems})
