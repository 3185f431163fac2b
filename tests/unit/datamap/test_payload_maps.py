"""Payload maps: what goes out and comes in is told field by field, and told once."""

from __future__ import annotations

import pytest

from seiyaku.datamap.parse import parse_datamap_bytes
from seiyaku.datamap.payload import origin, steps
from seiyaku.kernel.errors import InvalidDocument
from seiyaku.policy.model import Policy

GOOD = """\
seiyaku_datamap: 1
service: teashop
systems:
  app: {kind: sqlite, name: {ja: 店, en: shop}, datasets: {}}
calls:
  carrier:
    country: JP
    hosts: [api.courier.example, "api2.courier.example:8443"]
    endpoints:
      - path: /orders/{order}
        methods: [POST, PUT]
        segments: {order: order}
        query: {lang: ~}
        headers: {x-note: order}
        json: {recipient.name: name, "lines[].sku": order, test: {always: false}}
        rest: mask
      - {path: /label, body: order}
intake:
  sign_up: {path: /sign-up, source: person, form: {email: email, name: {item: name}}}
"""


def rules(text: str, policy: Policy) -> set[str]:
    with pytest.raises(InvalidDocument) as caught:
        parse_datamap_bytes(text.encode(), "datamap.yaml", policy)
    return {fault.rule for fault in caught.value.faults}


def test_a_payload_map_is_read(policy: Policy) -> None:
    datamap = parse_datamap_bytes(GOOD.encode(), "datamap.yaml", policy).datamap
    orders, label = datamap.calls["carrier"].endpoints
    assert orders.json_fields["recipient.name"].item == "name"
    assert orders.json_fields["test"].always is False
    assert orders.query["lang"].item is None
    assert (orders.rest, label.rest) == ("mask", "remove")
    assert label.body is not None
    assert label.body.item == "order"
    assert datamap.intake["sign_up"].form["email"].item == "email"


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("  carrier:\n", "  carier:\n", "unknown-recipient"),
        ("country: JP", "country: XX", "unknown-country"),
        ("country: JP", "member: north", "no-class"),
        ("country: JP", 'clause: "99.9"', "unknown-clause"),
        ("x-note: order", "x-note: ordr", "unknown-item"),
        ("{item: name}", "{item: name, source: moon}", "unknown-source"),
        ("source: person,", "source: moon,", "unknown-source"),
        ("source: person,", "contexts: [moon],", "unknown-context"),
        ("path: /label, body", "path: '/orders/{id}', segments: {id: ~}, body", "endpoint-twice"),
    ],
)
def test_a_word_nobody_declared_is_a_fault(good: str, bad: str, rule: str, policy: Policy) -> None:
    assert GOOD.count(good) == 1
    assert rules(GOOD.replace(good, bad), policy) == {rule}


def test_a_host_belongs_to_one_recipient(policy: Policy) -> None:
    twice = GOOD.replace(
        "intake:",
        "  other:\n    recipient: carrier\n    hosts: [api.courier.example]\n"
        "    endpoints: [{path: /x}]\nintake:",
    )
    assert rules(twice, policy) == {"host-of-two"}


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("recipient.name", "recipient..name"),
        ("segments: {order: order}", "segments: {}"),
        ("hosts: [api.courier.example,", "hosts: [API.courier.example,"),
        ("hosts: [api.courier.example,", "hosts: [ftp://api.courier.example,"),
        ("path: /label", "path: label"),
    ],
)
def test_what_is_no_path_and_no_host_is_refused(good: str, bad: str, policy: Policy) -> None:
    assert GOOD.count(good) == 1
    assert rules(GOOD.replace(good, bad), policy)


def test_a_host_is_read_with_its_scheme_and_port() -> None:
    assert origin("api.example.com:8443") == ("https", "api.example.com", 8443)
    assert origin("http://localhost") == ("http", "localhost", 80)
    with pytest.raises(ValueError, match="no host"):
        origin("user@api.example.com")


def test_a_json_path_is_read_step_by_step() -> None:
    assert steps("[].a.b[][].c") == ("[]", "a", "b", "[]", "[]", "c")
