"""An AI service gets masked text only, whatever was agreed, and its answer is turned back."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from seiyaku.assurance.model import Assurance
from seiyaku.doors.egress.httpx_transport import GuardedTransport
from seiyaku.doors.handling import handling
from seiyaku.kernel.errors import NotPermitted
from unit.doors.outgoing_world import AKI, AT, MIO, World, shop

PROMPT = "山田太郎様(090-1234-5678, taro@example.jp)への返信を書いて。青木あきより"


def chat(world: World, *contents: object, **more: object) -> httpx.Response:
    body = {
        "model": "writer-4",
        "store": True,
        "messages": [{"role": "user", "content": content} for content in contents],
        **more,
    }
    with httpx.Client(transport=GuardedTransport(world.egress())) as http:
        return http.post(f"{world.writer.url}/chat", json=body)


def sent(world: World) -> list[str]:
    return [message["content"] for message in world.writer.received[0].json()["messages"]]


def test_what_identifies_people_is_masked_before_it_goes(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods", known=["青木 あき"]):
        chat(world, PROMPT)
    (text,) = sent(world)
    assert text == "[NAME_1]様([PHONE_2], [MAIL_3])への返信を書いて。[PERSON_4]より"
    assert world.book.only()[0].items == ("order",)


def test_the_same_value_has_one_placeholder_in_the_whole_call(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        chat(world, "田中様へ", "田中様の住所は？", "taro@example.jp")
    assert sent(world) == ["[NAME_1]様へ", "[NAME_1]様の住所は？", "[MAIL_2]"]


def test_the_answer_is_turned_back(world: World) -> None:
    answer = {"choices": [{"text": "拝啓 [NAME_1]様\n[MAIL_3] と [MAIL_99] へ"}]}
    world.writer.answer = json.dumps(answer).encode()
    with handling(person=AKI, purpose="ship_goods"):
        got = chat(world, PROMPT).json()
    assert got["choices"][0]["text"] == "拝啓 山田太郎様\ntaro@example.jp と [MAIL_99] へ"


def test_a_restored_value_cannot_break_out_of_the_answer(world: World) -> None:
    world.writer.answer = b'{"text": "[PERSON_1]"}'
    with handling(person=AKI, purpose="ship_goods", known=['A" , "x": "B\\']):
        got = chat(world, 'about A" , "x": "B\\ now').json()
    assert set(got) == {"text"}


def test_a_placeholder_in_the_prompt_itself_is_not_taken_for_ours(world: World) -> None:
    world.writer.answer = b'{"text": "[MAIL_1] [MAIL_2]"}'
    with handling(person=AKI, purpose="ship_goods"):
        got = chat(world, "what is [MAIL_1]? mail taro@example.jp").json()
    assert got["text"] == "[MAIL_1] taro@example.jp"


def test_a_compressed_answer_is_turned_back_too(world: World) -> None:
    import gzip

    world.writer.answer = gzip.compress(b'{"text": "[MAIL_1]"}')
    world.writer.headers = {"content-encoding": "gzip"}
    with handling(person=AKI, purpose="ship_goods"):
        assert chat(world, "to taro@example.jp").json() == {"text": "taro@example.jp"}


def test_a_stream_of_events_is_left_alone_and_carries_the_means_to_restore(world: World) -> None:
    world.writer.answer = b"data: [MAIL_1]\n\n"
    world.writer.headers = {"content-type": "text/event-stream"}
    with handling(person=AKI, purpose="ship_goods"):
        response = chat(world, "to taro@example.jp")
    masking = response.extensions["seiyaku"].masking
    assert response.text == "data: [MAIL_1]\n\n"
    assert masking.restore("[MAIL_1]") == "taro@example.jp"


def test_what_the_call_must_always_say_is_said(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        chat(world, "hello", user="aki@example.jp")
    body = world.writer.received[0].json()
    assert body["store"] is False
    assert "user" not in body


def test_what_cannot_be_masked_does_not_go(world: World) -> None:
    with (
        handling(person=AKI, purpose="ship_goods"),
        pytest.raises(NotPermitted) as caught,
        httpx.Client(transport=GuardedTransport(world.egress())) as http,
    ):
        http.post(f"{world.writer.url}/picture", content=b"\x89PNG")
    assert caught.value.code == "SY255"
    assert "not_masked" in str(caught.value)
    assert not world.writer.received


def test_a_text_too_long_to_mask_does_not_go(world: World) -> None:
    with handling(person=AKI, purpose="ship_goods"):
        chat(world, "tea " * 60_000, "tea")
    assert world.writer.received[0].json()["messages"] == [
        {"role": "user"},
        {"role": "user", "content": "tea"},
    ]


def test_lists_numbers_and_keys_inside_an_item_are_masked(world: World) -> None:
    content = [{"type": "text", "text": "call 09012345678"}, 4111111111111111, True, None, 12]
    with handling(person=AKI, purpose="ship_goods"):
        chat(world, content, {"taro@example.jp": 1})
    masked, keyed = sent(world)
    assert masked == [{"type": "text", "text": "call [PHONE_1]"}, "[CARD_2]", True, None, 12]
    assert keyed == {"[MAIL_3]": 1}


def test_masking_opens_nothing_for_who_said_no(world: World) -> None:
    with handling(person=MIO, purpose="ship_goods"):
        chat(world, "hello")
    assert world.writer.received[0].json()["messages"] == [{"role": "user"}]
    assert not world.book.kept


def test_without_proof_of_the_training_opt_out_nothing_goes() -> None:
    with shop(proven=False) as unproven:
        with handling(person=AKI, purpose="ship_goods"):
            chat(unproven, "hello")
        assert unproven.writer.received[0].json()["messages"] == [{"role": "user"}]
        unproven.crowd.record(
            Assurance("training_opt_out", "writer", AT - timedelta(days=1), "setting")
        )
        unproven.gate.follow()
        with handling(person=AKI, purpose="ship_goods"):
            chat(unproven, "hello")
        assert unproven.writer.received[1].json()["messages"] == [
            {"role": "user", "content": "hello"}
        ]
