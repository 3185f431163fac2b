"""What counts as an identifier, and in which writings it is found again."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from seiyaku.scan import Identifier, Needles
from seiyaku.scan.identifiers import identified

MAIL = Identifier("email", "aki.sato@example.jp")
PHONE = Identifier("phone", "9012345678")
CUSTOMER = Identifier("account", "cus_9sk2mq71xta0")
LOGIN = Identifier("account", "auth0|4c63ab1e6a4535f85ba0b488")
UUID = Identifier("account", "0b0f6c2e-92a1-4d0e-8f4b-6f1d2c3b4a59")
ALL = Needles([MAIL, PHONE, CUSTOMER, LOGIN, UUID])


@pytest.mark.parametrize(
    "text",
    [
        "aki.sato@example.jp",
        '{"to": "Aki.Sato@Example.JP"}',
        "GET /unsubscribe?mail=aki.sato%40example.jp&x=1",
        "mailto:aki.sato@example.jp.",
        '{"to": "aki.sato\\u0040example.jp"}',
        "ａｋｉ．ｓａｔｏ＠ｅｘａｍｐｌｅ．ｊｐ",
        "aki.sato+news@example.jp",
        "uploads/aki.sato@example.jp.png",
        hashlib.sha256(b"aki.sato@example.jp").hexdigest(),
        "avatar/" + hashlib.md5(b"aki.sato@example.jp", usedforsecurity=False).hexdigest() + ".png",
    ],
)
def test_an_address_is_found_however_it_was_written(text: str) -> None:
    assert ALL.kinds(text) == {"email"}


@pytest.mark.parametrize(
    "text",
    [
        "09012345678",
        "call 090-1234-5678 on 2026-11-20",
        "2026-11-20 090-1234-5678",
        "+81 90 1234 5678",
        "+81-(0)90-1234-5678",
        "０９０－１２３４－５６７８",
        "090\u22121234\u22125678",
        "０９０ー１２３４ー５６７８",
        "1 2 3 4 5 6 7 8 9 090-1234-5678",
    ],
)
def test_a_telephone_number_is_found_with_any_separators(text: str) -> None:
    assert ALL.kinds(text) == {"phone"}


@pytest.mark.parametrize(
    "text",
    [
        "customer=cus_9sK2mQ71xTa0;",
        "users/auth0%7C4c63ab1e6a4535f85ba0b488",
        '{"sub":"auth0|4c63ab1e6a4535f85ba0b488"}',
        "4c63ab1e6a4535f85ba0b488",
        "0B0F6C2E-92A1-4D0E-8F4B-6F1D2C3B4A59",
    ],
)
def test_an_id_is_found_with_and_around_its_separators(text: str) -> None:
    assert ALL.kinds(text) == {"account"}


@pytest.mark.parametrize(
    "text",
    [
        "daki.sato@example.jp",
        "aki.sato@example.jp.evil.example",
        "sato@example.jp",
        "190123456789",
        "090-1234-5679",
        "xcus_9sK2mQ71xTa0",
        "cus_9sK2mQ71xTa01",
        "92a1-4d0e-8f4b-6f1d2c3b4a59",
        "",
    ],
)
def test_what_is_another_value_is_no_hit(text: str) -> None:
    assert ALL.kinds(text) == frozenset()


def test_what_is_encoded_otherwise_is_not_found() -> None:
    assert ALL.kinds(base64.b64encode(b"aki.sato@example.jp").decode()) == frozenset()


@pytest.mark.parametrize(
    "weak",
    [
        *("42", 42, "Tanaka", "international", "2026-11-20", "aaaaaaaaaaaaaaaaa1", True, None, 3.5),
        *("東京都中央区1-2-3456789012", "a note of the year 2026 with words", "100.64.12.7", b"ab"),
    ],
)
def test_a_value_that_may_stand_anywhere_by_chance_is_not_looked_for(weak: Any) -> None:
    assert identified(weak) is None


def test_ten_thousand_people_are_looked_for_as_one() -> None:
    many = Needles(Identifier("email", f"p{n}@example.jp") for n in range(10_000))
    assert many.kinds("to: P9999@example.jp") == {"email"}
    assert many.kinds("to: p10000@example.jp") == frozenset()
