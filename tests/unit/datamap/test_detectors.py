"""Detectors see through separators and full-width digits, and are not taken in by any number."""

from __future__ import annotations

import random

import pytest

from seiyaku.datamap.concepts import names_credential, suggested
from seiyaku.datamap.detectors import holds_card_number, holds_email, is_email, luhn


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111-1111-1111-1111",
        "4111 1111 1111 1111",
        "４１１１−１１１１−１１１１−１１１１",
        "カード番号は5555555555554444です",
        '{"n": "378282246310005"}',
        '{"n": 3530111333300000}',
        "6011000990139424",
        "4222222222222",
    ],
)
def test_a_card_number_is_seen_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # wrong check digit
        "0000000000000000",
        "1111111111111111",
        "9111111111111111",  # nobody issues these
        "2026-02-16 09:00:00 2026-02-17",
        "090-1234-5678",
        "id41111111111111110",
        "0.4111111111111111",
        "411111111111111",
    ],
)
def test_other_numbers_are_no_card_numbers(text: str) -> None:
    assert not holds_card_number(text)


def test_few_random_numbers_are_taken_for_cards() -> None:
    rng = random.Random(1)
    texts = [str(rng.randrange(10**15, 10**16)) for _ in range(5000)]
    assert sum(holds_card_number(t) for t in texts) < 200
    assert sum(luhn(t) for t in texts) > 400


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ai@example.com", True),
        ("ａｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", True),
        ('{"to": "ai+tea@mail.example.co.jp"}', False),
        ("連絡先はai@example.jpまで", False),
    ],
)
def test_an_address_is_seen(text: str, whole: bool) -> None:
    assert holds_email(text)
    assert is_email(text) is whole


@pytest.mark.parametrize("text", ["", "@nobody", "a@b", "3 @ 100 yen", "user@localhost", "a@@b.jp"])
def test_other_texts_hold_no_address(text: str) -> None:
    assert not holds_email(text)


def test_the_name_of_a_column_suggests_what_it_holds() -> None:
    assert suggested("dateOfBirth")[0] == "pd:BirthDate"
    assert suggested("生年月日")[0] == "pd:BirthDate"
    assert suggested("page") == ()
    assert suggested("shipping_address")[0] == "pd:PhysicalAddress"
    assert names_credential("encrypted_password")
    assert not names_credential("passenger_count")
