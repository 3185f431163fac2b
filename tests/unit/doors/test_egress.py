"""Nothing goes out but what was declared and permitted, to whom it was declared."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from seiyaku.doors.egress.httpx_transport import GuardedTransport
from seiyaku.doors.handling import handling
from seiyaku.kernel.errors import NotPermitted, SystemUnavailable
from seiyaku.standing.model import Suspension
from unit.doors.outgoing_world import AKI, AT, MIO, World, shop

ORDER = {
    "recipient": {"name": "青木 あき", "address": "宇治市茶町1-1", "email": "aki@example.jp"},
    "lines": [{"sku": "T-1", "qty": 2, "gift_note": "from Aki"}],
    "mail": "aki@example.jp",
    "phone": "090-0000-0000",
    "test": True,
}


def client(world: World, mode: str = "enforce", **endpoint: object) -> httpx.Client:
    egress = world.egress(mode, **endpoint)  # type: ignore[arg-type]
    return httpx.Client(transport=GuardedTransport(egress))


def refused(world: World, code: str, method: str = "POST", url: str = "", **sent: object) -> None:
    """The call is refused with `code` and nothing arrives anywhere."""
    with pytest.raises(NotPermitted) as caught, client(world) as http:
        http.request(method, url or f"{world.carrier.url}/orders", **sent)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert "aki" not in str(caught.value).lower()
    assert not world.carrier.received
    assert not world.writer.received
    assert not world.book.kept


def test_declared_and_permitted_fields_pass_and_the_rest_goes(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods", reference="o-1"), client(world) as http:
        assert http.post(f"{world.carrier.url}/orders", json=ORDER).json() == {"ok": True}
    (arrived,) = world.carrier.received
    assert arrived.json() == {
        "recipient": {"name": "青木 あき", "address": "宇治市茶町1-1"},
        "lines": [{"sku": "T-1", "qty": 2}],
        "mail": "hidden@masked.invalid",
        "test": False,
    }


def test_the_release_is_intended_before_the_call_and_sent_after(world: World) -> None:
    world.book.log.clear()
    with handling(person=AKI, purpose="ship_goods", reference="o-1"), client(world) as http:
        http.post(f"{world.carrier.url}/orders", json=ORDER)
    release, state = world.book.only()
    assert (release.recipient, release.items, release.purpose) == (
        "carrier",
        ("name", "postal_address"),
        "ship_goods",
    )
    assert (release.country, release.reference, state) == ("JP", "o-1", "sent")
    assert "TEA-3.1" in release.cites
    assert world.book.log == ["intended", "sent"]


def test_the_report_tells_each_field_and_why(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        http.post(f"{world.carrier.url}/orders", json=ORDER)
    (cleared,) = world.seen
    why = {(f.spot.name, f.done, f.why) for f in cleared.findings if f.why}
    assert why == {
        ("recipient.email", "removed", "not_permitted"),
        ("mail", "blanked", "not_permitted"),
        ("lines[].gift_note", "removed", "undeclared"),
        ("phone", "removed", "undeclared"),
    }
    denied = next(f.decision for f in cleared.findings if f.spot.name == "mail")
    assert denied is not None
    assert {r.code for r in denied.reasons} == {"item_not_for_recipient"}


def test_outside_of_any_handling_nothing_goes(world: World) -> None:
    refused(world, "SY251", json=ORDER)


def test_a_payload_of_nobody_in_particular_is_refused(world: World) -> None:
    with handling(purpose="ship_goods"):
        refused(world, "SY250", json=ORDER)


def test_a_call_without_items_needs_no_person_and_leaves_no_release(world: World) -> None:
    with handling(purpose="ship_goods"), client(world) as http:
        http.post(f"{world.carrier.url}/orders?lang=ja", json={"lines": [{"sku": "T", "qty": 1}]})
    assert world.carrier.received[0].path == "/orders?lang=ja"
    assert not world.book.kept


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:9/orders", "SY252"),
        ("http://127.0.0.1.evil.example/orders", "SY252"),
        ("http://localhost:{port}/orders", "SY252"),
        ("https://127.0.0.1:{port}/orders", "SY252"),
        ("http://127.0.0.1:{port}@evil.example/orders", "SY252"),
        ("http://127.0.0.1:{port}/other", "SY253"),
        ("http://127.0.0.1:{port}/orders/", "SY253"),
        ("http://127.0.0.1:{port}/Orders", "SY253"),
        ("http://127.0.0.1:{port}/orders/%2e%2e/label", "SY254"),
        ("http://127.0.0.1:{port}/orders%2flabel", "SY254"),
    ],
)
def test_an_address_nobody_declared_is_refused(world: World, url: str, code: str) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        refused(world, code, url=url.format(port=world.carrier.port), json=ORDER)


def test_another_method_is_another_endpoint(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        refused(world, "SY253", method="PUT", json=ORDER)


def test_a_redirect_to_an_undeclared_host_is_not_followed(world: World) -> None:
    with shop() as other:
        world.carrier.status = 307
        world.carrier.headers = {"location": f"{other.carrier.url}/orders"}
        with (
            handling(person=AKI, purpose="ship_goods"),
            client(world) as http,
            pytest.raises(NotPermitted) as caught,
        ):
            http.post(f"{world.carrier.url}/orders", json=ORDER, follow_redirects=True)
        assert caught.value.code == "SY252"
        assert not other.carrier.received
    assert [state for _, state in world.book.kept.values()] == ["sent"]


def test_a_redirect_to_a_declared_endpoint_is_a_release_of_its_own(world: World) -> None:
    world.carrier.status = 303
    world.carrier.headers = {"location": f"{world.carrier.url}/people/%E9%9D%92%E6%9C%A8"}
    with (
        handling(person=AKI, purpose="ship_goods"),
        client(world) as http,
        pytest.raises(httpx.TooManyRedirects),
    ):
        http.post(f"{world.carrier.url}/orders", json=ORDER, follow_redirects=True)
    assert len(world.book.kept) == len(world.carrier.received) > 1


def test_a_call_that_names_another_host_than_it_goes_to_is_refused(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        refused(world, "SY257", headers={"host": "api.carrier.example"}, json=ORDER)
        refused(world, "SY257", extensions={"sni_hostname": "evil.example"}, json=ORDER)


def test_a_handling_for_another_recipient_is_refused(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods", recipient="writer"):
        refused(world, "SY256", json=ORDER)


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ({"content": b'{"a":1,"a":2}', "headers": {"content-type": "application/json"}}, "twice"),
        ({"content": b'{"a":NaN}', "headers": {"content-type": "application/json"}}, "NaN"),
        (
            {
                "content": b'{"recipient":{"name":"\\ud800"},"x":1}',
                "headers": {"content-type": "application/json"},
            },
            "half",
        ),
        ({"content": b'{"a":1e999}', "headers": {"content-type": "application/json"}}, "large"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "no JSON"),
        ({"content": b'{"a":"\xff"}', "headers": {"content-type": "application/json"}}, "UTF-8"),
        ({"content": b"[" * 90_000, "headers": {"content-type": "application/json"}}, ""),
        ({"content": b"a=1", "headers": {"content-type": "application/x-odd"}}, "type"),
        ({"content": b"a=1"}, "type"),
        (
            {
                "content": b"\x1f\x8b",
                "headers": {"content-type": "application/json", "content-encoding": "gzip"},
            },
            "compressed",
        ),
        (
            {
                "content": b"--x\r\nevil",
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
            "boundary",
        ),
        (
            {
                "content": b"name=x",
                "headers": [
                    ("content-type", "application/x-www-form-urlencoded"),
                    ("content-type", "application/json"),
                ],
            },
            "twice",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(world: World, sent: dict[str, object], what: str) -> None:
    with handling(person=AKI, purpose="ship_goods"), pytest.raises(NotPermitted) as caught:
        client(world).post(f"{world.carrier.url}/orders", **sent)  # type: ignore[arg-type]
    assert caught.value.code == "SY254"
    assert what in str(caught.value)
    assert not world.carrier.received


def test_forms_query_strings_and_headers_are_judged_alike(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        http.post(
            f"{world.carrier.url}/orders?lang=ja&to=Aki&ref=aki%40example.jp",
            data={"name": "Aki", "email": "aki@example.jp", "lang": "ja", "tag": "vip"},
            headers={"x-note": "gift", "x-trace": "1", "cookie": "id=aki", "user-agent": "shop/1"},
        )
    (arrived,) = world.carrier.received
    assert arrived.path == "/orders?lang=ja&to=Aki"
    assert arrived.body == b"name=Aki&lang=ja"
    assert arrived.headers["user-agent"] == "shop/1"
    assert not {"x-note", "x-trace", "cookie"} & set(arrived.headers)


def test_a_multipart_body_is_put_together_anew_without_file_names(world: World) -> None:
    files = {
        "label": ("Aki Aoki.PDF", b"%PDF-1", "application/pdf"),
        "portrait": ("aki.png", b"\x89PNG", "image/png"),
    }
    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        http.post(
            f"{world.carrier.url}/orders", files=files, data={"name": "Aki", "email": "a@b.jp"}
        )
    body = world.carrier.received[0].body
    assert b"%PDF-1" in body
    assert b'filename="label.PDF"' in body
    assert not any(gone in body for gone in (b"Aoki", b"PNG", b"a@b.jp"))


def test_a_path_segment_passes_or_stops_the_call(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        with client(world) as http:
            http.get(f"{world.carrier.url}/people/Aki%20Aoki")
        assert world.carrier.received.pop().path == "/people/Aki%20Aoki"
        world.book.kept.clear()
        refused(world, "SY255", method="GET", url=f"{world.carrier.url}/mails/aki@example.jp")


def test_a_technical_field_carries_no_address_no_card_and_no_known_value(world: World) -> None:
    lines = [
        {"sku": value, "qty": 1}
        for value in (
            "T-1",
            "aki@example.jp",
            "4111 1111 1111 1111",
            "青木-あき",
            "4111111111111111",
        )
    ] + [{"sku": "T-2", "qty": 4111111111111111}]
    with handling(person=AKI, purpose="ship_goods", known=["青木 あき"]), client(world) as http:
        http.post(f"{world.carrier.url}/orders", json={"lines": lines})
    assert world.carrier.received[0].json()["lines"] == [
        {"sku": "T-1", "qty": 1}, *[{"qty": 1}] * 4, {"sku": "T-2"},
    ]  # fmt: skip


def test_the_rest_may_be_masked_or_stop_the_call(world: World) -> None:
    sent = {"phone": "090", "vip": True, "n": 3, "tags": ["a"], "more": {"x": 1}, "none": None}
    with handling(person=AKI, purpose="ship_goods"):
        client(world, rest="mask").post(f"{world.carrier.url}/orders", json=sent)
        assert world.carrier.received[0].json() == {
            "phone": "***", "vip": False, "n": 0, "tags": [], "more": {}, "none": None,
            "test": False,
        }  # fmt: skip
        with pytest.raises(NotPermitted) as caught:
            client(world, rest="refuse").post(f"{world.carrier.url}/orders", json=sent)
    assert caught.value.code == "SY255"
    assert len(world.carrier.received) == 1


def test_a_whole_body_passes_or_stops_the_call(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        http.put(f"{world.carrier.url}/label", content=b"\x00\x01")
    assert world.carrier.received.pop().body == b"\x00\x01"
    with (
        handling(person=AKI, purpose="tea_letter"),
        pytest.raises(NotPermitted) as caught,
        client(world) as http,
    ):
        http.put(f"{world.carrier.url}/label", content=b"\x00\x01")
    assert caught.value.code == "SY255"
    assert "purpose_not_for_recipient" in str(caught.value) or "item_not" in str(caught.value)


def test_what_a_person_said_counts_from_the_next_call_on(world: World) -> None:
    with handling(person=MIO, purpose="ship_goods"), client(world) as http:
        http.post(f"{world.carrier.url}/orders", json={"recipient": {"name": "Mio"}})
        world.crowd.say(Suspension(MIO, AT - timedelta(hours=1)))  # type: ignore[arg-type]
        world.gate.follow()
        http.post(f"{world.carrier.url}/orders", json={"recipient": {"name": "Mio"}})
    first, second = world.carrier.received
    assert first.json()["recipient"] == {"name": "Mio"}
    assert second.json()["recipient"] == {}


def test_a_person_nobody_knows_is_undecided_and_nothing_goes(world: World) -> None:
    with handling(person="stranger", purpose="ship_goods"), client(world) as http:
        http.post(f"{world.carrier.url}/orders", json=ORDER)
    assert world.carrier.received[0].json()["recipient"] == {}
    assert not world.book.kept


def test_a_call_that_never_connected_is_failed_and_one_cut_off_is_unknown(world: World) -> None:
    with shop() as gone:
        egress = gone.egress()
    with handling(person=AKI, purpose="ship_goods"):
        with pytest.raises(httpx.ConnectError):
            httpx.Client(transport=GuardedTransport(egress)).post(
                f"{gone.carrier.url}/orders", json=ORDER
            )
        assert gone.book.only()[1] == "failed"
        world.carrier.hang_up = True
        with pytest.raises(httpx.RemoteProtocolError), client(world) as http:
            http.post(f"{world.carrier.url}/orders", json=ORDER)
    assert world.book.only()[1] == "unknown"


def test_an_answer_of_refusal_was_sent_all_the_same(world: World) -> None:
    world.carrier.status = 422
    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        assert http.post(f"{world.carrier.url}/orders", json=ORDER).status_code == 422
    assert world.book.only()[1] == "sent"


def test_without_a_book_nothing_goes(world: World) -> None:
    world.book.away = True
    with handling(person=AKI, purpose="ship_goods"), pytest.raises(SystemUnavailable):
        client(world).post(f"{world.carrier.url}/orders", json=ORDER)
    assert not world.carrier.received


def test_a_log_only_door_lets_everything_pass_and_tells(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seiyaku.doors.egress")
    with client(world, mode="log") as http:
        http.post(f"{world.carrier.url}/orders", json=ORDER)
        with handling(person=AKI, purpose="ship_goods"):
            http.post(f"{world.carrier.url}/orders", json=ORDER)
    assert [arrived.json() for arrived in world.carrier.received] == [ORDER, ORDER]
    outside, inside = world.seen
    assert outside.refusal is not None
    assert outside.refusal.code == "SY251"
    assert inside.counts() == {"passed": 4, "removed": 3, "blanked": 1}
    release, state = world.book.only()
    assert (release.items, state) == (("email", "name", "postal_address"), "sent")
    assert "SY251" in caplog.text
    assert "removed 3" in caplog.text


def test_logs_hold_no_value_and_no_name_that_came_in(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="seiyaku")
    secret = "marker-aki@example.jp"
    with handling(person=AKI, purpose="ship_goods"):
        for sent in (
            {secret: secret},
            {"lines": [{"sku": secret}]},
            {"recipient": {"name": secret}},
        ):
            client(world).post(f"{world.carrier.url}/orders?{secret}={secret}", json=sent)
    assert caplog.text
    assert "marker" not in caplog.text


def test_streamed_bodies_are_read_whole_before_they_go(world: World) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"recipient":{"name":"Aki",'
        yield b'"phone":"090"}}'

    with handling(person=AKI, purpose="ship_goods"), client(world) as http:
        http.post(
            f"{world.carrier.url}/orders",
            content=chunks(),
            headers={"content-type": "application/json"},
        )
    assert world.carrier.received[0].json() == {"recipient": {"name": "Aki"}, "test": False}
