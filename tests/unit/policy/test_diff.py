"""What a change means: narrowing, widening, who must be asked. Properties hold for any change."""

from __future__ import annotations

from typing import Any

import pytest
from edits import teashop
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyaku.kernel.errors import InvalidDocument
from seiyaku.policy.diff import Change, diff, widenings
from seiyaku.policy.history import History
from seiyaku.policy.parse import ParsedPolicy

MIRROR = {"widening": "narrowing", "narrowing": "widening", "neutral": "neutral"}


def changes(edits: dict[str, Any], base: dict[str, Any] | None = None) -> tuple[Change, ...]:
    old, new = teashop(base), teashop({**(base or {}), **edits})
    return diff(old.policy, new.policy, new.laws)


_COUNTS = {
    "clause": "2.4",
    "name": {"ja": "統計", "en": "counts"},
    "kind": "statistics",
    "items": ["order"],
}


@pytest.mark.parametrize(
    ("edits", "kind", "part", "direction"),
    [
        (
            {"/purposes/tea_letter/items": ["email", "name"]},
            "use",
            "purposes.tea_letter",
            "widening",
        ),
        (
            {"/purposes/ship_goods/items": ["name", "postal_address"]},
            "use",
            "purposes.ship_goods",
            "narrowing",
        ),
        ({"/purposes/tea_letter/consent": None}, "consent", "purposes.tea_letter", "widening"),
        (
            {"/purposes/measure/consent": {"clause": "2.4"}},
            "consent",
            "purposes.measure",
            "narrowing",
        ),
        ({"/purposes/tea_letter/opt_out": None}, "opt_out", "purposes.tea_letter", "widening"),
        (
            {"/recipients/carrier/items": ["name", "postal_address", "email"]},
            "send",
            "recipients.carrier",
            "widening",
        ),
        ({"/recipients/payments": None}, "send", "recipients.payments", "narrowing"),
        ({"/recipients/metrics/countries": ["US", "SG"]}, "send", "recipients.metrics", "widening"),
        (
            {"/recipients/metrics/requires": ["audit"]},
            "requires",
            "recipients.metrics",
            "narrowing",
        ),
        ({"/items/email/never": {"send": "1.1"}}, "ban", "items.email", "narrowing"),
        ({"/items/card_number/never": None}, "ban", "items.card_number", "widening"),
        (
            {"/items/email/sources/person/only": ["ship_goods"]},
            "use",
            "purposes.tea_letter",
            "narrowing",
        ),
        (
            {"/items/postal_address/collect": None},
            "context_needed",
            "items.postal_address",
            "widening",
        ),
        ({"/items/order/sources/device": {}}, "collect", "items.order", "widening"),
        ({"/items/email/essential": "1.1"}, "essential", "items.email", "widening"),
        ({"/retention/account/days": 30}, "retention", "items.email", "narrowing"),
        ({"/retention/account/days": 900}, "retention", "items.email", "widening"),
        ({"/retention/account": None}, "retention", "items.email", "widening"),
        ({"/rights/addition": None}, "right", "rights.addition", "widening"),
        ({"/rights/disclosure/fee_jpy": 1000}, "fee", "rights.disclosure", "widening"),
        ({"/rights/disclosure/fee_jpy": None}, "fee", "rights.disclosure", "narrowing"),
        (
            {"/rights/deletion/except": [{"clause": "5.2", "ground": "law"}]},
            "right_exception",
            "rights.deletion",
            "widening",
        ),
        ({"/rights/disclosure/within_days": 7}, "within", "rights.disclosure", "narrowing"),
        ({"/minors/minimum_age": 16}, "age", "minors", "narrowing"),
        ({"/minors": None}, "age", "minors", "widening"),
        ({"/exceptions/life": None}, "exception", "exceptions.life", "narrowing"),
        ({"/opened_by_consent": {"purposes": "9.1"}}, "opened", "opened_by_consent", "widening"),
        ({"/incidents/publication": "7.3"}, "leak_notice", "incidents", "narrowing"),
        (
            {"/controller/address": {"ja": "大阪", "en": "Osaka"}},
            "controller",
            "controller",
            "neutral",
        ),
        ({"/contacts/0/email": "desk@teashop.jp"}, "contact", "contacts", "neutral"),
        ({"/clauses/7.1/force": "endeavour"}, "duty", "clauses.7.1", "widening"),
        (
            {"/people/visitor": {"name": {"ja": "来訪者", "en": "visitor"}}},
            "people",
            "purposes.measure",
            "widening",
        ),
        (
            {"/items/email/sources/person/scope": "mail"},
            "scope",
            "items.email.sources.person",
            "narrowing",
        ),
        ({"/items/order/derived_from": ["name"]}, "ban", "items.order", None),
        ({"/items/order/derived_from": ["card_number"]}, "ban", "items.order", "narrowing"),
        ({"/recipients/carrier/masked": "3.1"}, "masked", "recipients.carrier", "narrowing"),
        (
            {"/recipients/carrier/reference": ["2.1", "2.2"]},
            "reference",
            "recipients.carrier",
            "narrowing",
        ),
        (
            {"/recipients/carrier/basis": "joint_use", "/controller/representative": None},
            "send",
            "recipients.carrier",
            "narrowing",
        ),
        (
            {"/contradictions": {"ages": {"clauses": ["1.5", "2.6"]}}},
            "contradiction",
            "contradictions.ages",
            "narrowing",
        ),
        ({"/exports": {"counts": _COUNTS}}, "export", "exports.counts", "widening"),
        ({"/exports": {"counts": _COUNTS}}, "group_size", "exports.counts", None),
    ],
)
def test_a_change_has_its_meaning(
    edits: dict[str, Any], kind: str, part: str, direction: str | None
) -> None:
    found = [c for c in changes(edits) if (c.kind, c.part) == (kind, part)]
    assert [c.direction for c in found] == ([direction] if direction else [])


@pytest.mark.parametrize(
    ("base", "edits", "kind", "part", "detail"),
    [
        (
            {"/items/email/sources/person/scope": "mail"},
            {"/items/email/sources/person/scope": None},
            "scope",
            "items.email.sources.person",
            "- mail",
        ),
        (
            {"/items/order/only": {"clause": "1.2", "purposes": ["payment"]}},
            {"/items/order/only": None},
            "use",
            "purposes.ship_goods",
            "+ order from person",
        ),
        (
            {
                "/items/name/only": {"clause": "1.1", "purposes": ["payment"]},
                "/items/order/derived_from": ["name"],
            },
            {"/items/order/derived_from": None},
            "use",
            "purposes.ship_goods",
            "+ order from person",
        ),
        (
            {"/recipients/carrier/masked": "3.1"},
            {"/recipients/carrier/masked": None},
            "masked",
            "recipients.carrier",
            "- carrier",
        ),
        (
            {"/recipients/carrier/basis": "joint_use", "/controller/representative": None},
            {"/controller/representative": {"ja": "代表", "en": "the president"}},
            "send",
            "recipients.carrier",
            "+ name for ship_goods by joint_use/JP",
        ),
        (
            {"/exports": {"counts": _COUNTS}},
            {"/exports": {"counts": {**_COUNTS, "recipients": ["carrier"]}}},
            "export",
            "exports.counts",
            "+ order in statistics to carrier",
        ),
        (
            {"/exports": {"counts": {**_COUNTS, "k": 10}}},
            {"/exports": {"counts": _COUNTS}},
            "group_size",
            "exports.counts",
            "counts: 10 -> 5",
        ),
    ],
)
def test_what_a_version_lets_go_of_widens(
    base: dict[str, Any], edits: dict[str, Any], kind: str, part: str, detail: str
) -> None:
    found = [c for c in changes(edits, base) if c.direction == "widening"]
    assert detail in {d for c in found if (c.kind, c.part) == (kind, part) for d in c.details}


def test_a_source_that_comes_or_goes_takes_its_scope_with_it() -> None:
    device = {"/items/email/sources/device": {"scope": "mail"}}
    assert [(c.kind, c.direction) for c in changes(device)] == [
        ("collect", "widening"),
        ("use", "widening"),
        ("use", "widening"),
    ]
    back = changes({"/items/email/sources/device": None}, device)
    assert {c.direction for c in back} == {"narrowing"}


def test_a_file_in_which_nobody_is_recognised_asks_nobody() -> None:
    (change,) = (c for c in changes({"/exports": {"counts": _COUNTS}}) if c.kind == "export")
    assert not change.material
    assert change.ask == ("notice",)


def test_every_widening_of_a_history_is_told_beside_the_versions_it_lies_between() -> None:
    first = teashop().policy
    wider = teashop({"/version/id": "b", "/purposes/tea_letter/items": ["email", "name"]}).policy
    again = teashop({"/version/id": "c"}).policy
    draft = wider.model_copy(
        update={"version": wider.version.model_copy(update={"id": "d", "published_at": None})}
    )
    history = History((first, wider, again, draft))
    (found,) = widenings(history, teashop().laws)
    assert (found.before, found.version, found.cite) == (first.version.id, "b", "TEA-2.2")
    assert found.change.material
    assert str(found) == (
        f"version `b` permits more than `{first.version.id}`, for those who accept it: "
        "use of purposes.tea_letter (TEA-2.2): + name from person"
    )


def test_a_widening_is_material_and_asks_for_consent() -> None:
    (change,) = changes({"/purposes/tea_letter/items": ["email", "name"]})
    assert change.material
    assert change.ask == ("consent",)
    assert change.people == ("customer",)
    assert change.details == ("+ name from person",)
    assert change.clause == "2.2"


def test_a_widening_named_among_related_changes_only_asks_for_notice() -> None:
    edits = {
        "/purposes/tea_letter/items": ["email", "name"],
        "/version/related_changes": ["2.2"],
    }
    (change,) = changes(edits)
    assert change.direction == "widening"
    assert not change.material
    assert change.ask == ("notice",)


def test_a_widening_under_another_clause_stays_material() -> None:
    edits = {
        "/purposes/tea_letter/items": ["email", "name"],
        "/version/related_changes": ["2.1"],
    }
    assert [c.material for c in changes(edits)] == [True]


def test_a_widened_purpose_that_must_be_acknowledged_asks_for_that_too() -> None:
    base = {
        "/acknowledgements/public": {"clause": "2.4", "name": {"ja": "公開", "en": "it is public"}},
        "/purposes/measure/acknowledgement": "public",
    }
    found = changes({"/purposes/measure/items": ["page_view", "email"]}, base)
    assert [c.ask for c in found] == [("consent", "acknowledgement")]


def test_only_the_people_a_purpose_concerns_are_asked() -> None:
    base = {
        "/people/seller": {"name": {"ja": "出品者", "en": "seller"}},
        "/purposes/measure/people": ["seller"],
    }
    found = changes({"/purposes/measure/items": ["page_view", "email"]}, base)
    assert [c.people for c in found] == [("seller",)]


def test_a_group_of_countries_that_shrinks_to_one_member_narrows() -> None:
    base = {
        "/recipients/metrics/countries": ["EU"],
        "/recipients/metrics/routes": {"EU": "adequacy"},
        "/countries/EU": {"name": {"ja": "EU", "en": "EU"}},
    }
    edits = {
        "/recipients/metrics/countries": ["DE"],
        "/recipients/metrics/routes": {"DE": "adequacy"},
    }
    found = [c for c in changes(edits, base) if c.kind == "send"]
    assert [c.direction for c in found] == ["narrowing"]
    assert not any("DE" in detail for c in found for detail in c.details)


def test_an_item_banned_from_use_loses_its_uses() -> None:
    found = changes({"/items/email/never": {"use": "1.1"}})
    assert {c.direction for c in found} == {"narrowing"}
    assert {"use", "ban"} == {c.kind for c in found}


def test_a_binding_clause_that_only_got_another_number_is_no_duty_gone() -> None:
    old = teashop()
    clause = old.policy.clauses["7.1"].model_dump(mode="json")
    new = teashop({"/clauses/7.1": None, "/clauses/7.9": clause, "/measures/tls/clause": "7.9"})
    found = diff(old.policy, new.policy, new.laws)
    assert {c.kind for c in found} == {"wording"}
    assert {c.direction for c in found} == {"neutral"}


def test_the_conditions_of_a_purpose_that_goes_are_no_duties_gone() -> None:
    found = changes({"/purposes/tea_letter": None})
    assert {c.direction for c in found} == {"narrowing"}
    assert "opt_out" not in {c.kind for c in found}


def test_a_recipient_without_countries_that_goes_is_told() -> None:
    nowhere = {"/recipients/carrier/countries": []}
    (change,) = changes({"/recipients/carrier": None}, nowhere)
    assert (change.kind, change.part, change.direction) == (
        "recipient",
        "recipients.carrier",
        "neutral",
    )


def test_a_change_of_basis_both_takes_and_gives() -> None:
    found = [c for c in changes({"/recipients/carrier/basis": "joint_use"}) if c.kind == "send"]
    assert {c.direction for c in found} == {"widening", "narrowing"}


_EDITS: dict[str, list[Any]] = {
    "/purposes/tea_letter/items": [["email"], ["email", "name"], ["name", "order"], []],
    "/purposes/tea_letter/consent": [{"clause": "2.2"}, None],
    "/purposes/measure/opt_out": ["3.7", None],
    "/purposes/measure/people": [[], ["customer"]],
    "/purposes/payment/items_when": [{}, {"ordering": ["email"]}, {"ordering": ["email", "name"]}],
    "/recipients/carrier/basis": ["entrust", "consent", "none"],
    "/recipients/carrier/items": [["name"], ["name", "postal_address"], ["email", "order"]],
    "/recipients/metrics/countries": [["US"], ["US", "SG"], ["US", "EU"], ["US", "DE"]],
    "/recipients/metrics/requires": [[], ["audit"]],
    "/items/email/never": [{}, {"send": "1.1"}, {"use": "1.1"}, {"keep": "1.1"}],
    "/items/email/only": [None, {"clause": "1.1", "purposes": ["ship_goods"]}],
    "/items/email/collect": [
        None,
        {"clause": "1.1", "contexts": ["ordering"]},
        {"clause": "1.1", "consent": True},
    ],
    "/items/name/essential": [None, "1.1"],
    "/retention/account/days": [10, 90, 900, None],
    "/retention/account/law": [None],
    "/retention/orders/ends_early": [None, "order_closed"],
    "/rights/disclosure/fee_jpy": [None, 0, 500, 1000],
    "/rights/disclosure/within_days": [None, 7, 30],
    "/rights/addition": [None, {"clause": "6.1"}, {"clause": "6.1", "channels": ["email"]}],
    "/measures/tls/review_days": [None, 30, 365],
    "/measures/tls/endeavour": [False, True],
    "/minors": [
        None,
        {"clause": "7.2", "minimum_age": 13},
        {"clause": "7.2", "minimum_age": 18, "guardian_below": 20},
    ],
    "/exceptions/life/conditions": [[], ["danger"], ["danger", "consent_impractical"]],
    "/foreign_consent": [None, {"clause": "3.2"}, {"clause": "3.2", "deemed": True}],
    "/never": [{}, {"train": "1.4"}, {"send": "1.4"}],
    "/clauses/7.1/force": ["must", "may", "endeavour"],
    "/items/name/sources/person/scope": [None, "mail", "profile"],
    "/items/order/derived_from": [[], ["card_number"], ["name", "email"]],
    "/recipients/payments/masked": [None, "3.3"],
    "/recipients/payments/reference": [[], ["2.5", "2.1"]],
    "/exports": [
        {},
        {"counts": _COUNTS},
        {"counts": {**_COUNTS, "k": 9, "kind": "publication"}},
        {"counts": {**_COUNTS, "recipients": ["carrier"], "items": ["order", "page_view"]}},
    ],
}
_RELATED = ["1.1", "2.2", "2.4", "2.5", "3.1", "3.2", "5.1", "6.1", "6.2", "7.1", "7.2"]


@st.composite
def versions(draw: st.DrawFn) -> ParsedPolicy:
    """A version of the tea shop with some places changed, and some changes called related."""
    paths = draw(st.lists(st.sampled_from(sorted(_EDITS)), max_size=6, unique=True))
    edits: dict[str, Any] = {path: draw(st.sampled_from(_EDITS[path])) for path in paths}
    edits["/version/related_changes"] = draw(st.lists(st.sampled_from(_RELATED), unique=True))
    return teashop(edits)


@settings(max_examples=25, deadline=None)
@given(versions())
def test_a_version_does_not_differ_from_itself(version: ParsedPolicy) -> None:
    assert diff(version.policy, version.policy, version.laws) == ()


@settings(max_examples=40, deadline=None)
@given(versions(), versions())
def test_a_widening_is_material_unless_its_clause_is_called_related(
    old: ParsedPolicy, new: ParsedPolicy
) -> None:
    for change in diff(old.policy, new.policy, new.laws):
        related = change.clause in new.policy.version.related_changes
        related |= change.part.startswith("exports.")
        assert change.material == (change.direction == "widening" and not related)
        assert ("consent" in change.ask) == change.material


@settings(max_examples=40, deadline=None)
@given(versions(), versions())
def test_looking_back_mirrors_every_change(old: ParsedPolicy, new: ParsedPolicy) -> None:
    there = diff(old.policy, new.policy, new.laws)
    back = diff(new.policy, old.policy, new.laws)

    def net(found: tuple[Change, ...]) -> list[tuple[str, str, str, int]]:
        return sorted((c.kind, c.part, c.direction, len(c.details)) for c in found)

    mirrored = sorted((k, p, MIRROR[d], n) for k, p, d, n in net(back))
    assert _merged(net(there)) == _merged(mirrored)


def _merged(found: list[tuple[str, str, str, int]]) -> dict[tuple[str, str, str], int]:
    """Counts by kind, part and direction: the clause a change is filed under may differ."""
    sums: dict[tuple[str, str, str], int] = {}
    for kind, part, direction, count in found:
        sums[kind, part, direction] = sums.get((kind, part, direction), 0) + count
    return sums


def test_every_generated_version_is_a_policy() -> None:
    for path, values in _EDITS.items():
        for value in values:
            try:
                teashop({path: value})
            except InvalidDocument as error:  # pragma: no cover
                raise AssertionError(f"{path} = {value}: {error}") from error
