"""An entry has one form, names the person only by a commitment, and holds no text of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyaku.evidence import Entry, commitment_of, new_nonce
from seiyaku.kernel.canonical import canonical_json
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput

words = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='@"\\'),
    min_size=1,
    max_size=200,
)


@given(
    st.lists(words, max_size=3),
    st.dictionaries(words, st.integers(0, 2**63), max_size=3),
    st.dictionaries(words, words | st.integers(), max_size=3),
    st.datetimes(timezones=st.just(timezone(timedelta(hours=9)))),
)
def test_an_entry_comes_back_from_its_canonical_bytes(
    clauses: list[str], counts: dict[str, int], detail: dict[str, str | int], at: datetime
) -> None:
    if at.year in (1, 9999):
        at = at.replace(year=2026)
    entry = Entry("a", "decision", at, "s", tuple(clauses), counts=counts, detail=detail)
    data = entry.to_bytes()
    assert Entry.from_bytes(data) == entry
    assert data == canonical_json(json.loads(data))


def test_what_is_empty_is_not_written(make: Callable[..., Entry]) -> None:
    entry = Entry("a", "halt", make().at, "s")
    assert sorted(json.loads(entry.to_bytes())) == ["act_id", "at", "format", "kind", "service"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "rumour"},
        {"act_id": ""},
        {"service": ""},
        {"act_id": "erase/taro@example.jp"},
        {"outcome": "山田太郎"},
        {"actor": "sato\nsuzuki"},
        {"clauses": ("x" * 201,)},
        {"detail": {"reach": "東京都港区"}},
        {"detail": {"note": 1.5}},
        {"detail": {"note": True}},
        {"detail": {"mail@": 1}},
        {"counts": {"rows": -1}},
        {"counts": {"rows": True}},
        {"digests": {"policy": "ABC"}},
        {"person": "42"},
        {"system": "app orders"},
        {"at": datetime(2026, 2, 16)},  # noqa: DTZ001
    ],
)
def test_what_is_no_identifier_is_refused_and_not_echoed(
    make: Callable[..., Entry], changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make(**changes)
    assert refused.value.code == "SY160"
    for leak in ("taro", "山田", "東京", "42"):
        assert leak not in str(refused.value)


def test_a_system_may_have_a_japanese_name(make: Callable[..., Entry]) -> None:
    assert make(system="app.顧客").system == "app.顧客"


def test_an_entry_over_64_kb_is_refused(make: Callable[..., Entry]) -> None:
    entry = make(clauses=("c" * 200,) * 400)
    with pytest.raises(InvalidInput) as refused:
        entry.to_bytes()
    assert refused.value.code == "SY161"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b'{"format":"seiyaku-entry/2"}',
        b"[" * 3000,
        b'{"act_id":"a","at":"2026-02-16T03:00:00Z","format":"seiyaku-entry/1","kind":"halt",'
        b'"service":"s"}',
        b'{"act_id":"a","at":"2026-02-16T03:00:00.000000Z","format":"seiyaku-entry/1",'
        b'"kind":"halt","other":1,"service":"s"}',
    ],
)
def test_bytes_that_are_no_entry_are_named_so(data: bytes) -> None:
    with pytest.raises(EvidenceBroken) as broken:
        Entry.from_bytes(data)
    assert broken.value.code == "SY620"


def test_the_same_act_may_differ_in_time_and_commitment_only(make: Callable[..., Entry]) -> None:
    entry = make(person=commitment_of("42", new_nonce()))
    later = make(person=commitment_of("42", new_nonce()), at=entry.at + timedelta(hours=1))
    assert entry.same_act(later)
    assert not entry.same_act(make(counts={"rows": 4}))
    assert not entry.same_act(make(clauses=("CLOSM-9.2b",)))


def test_two_commitments_to_one_person_have_nothing_in_common() -> None:
    first, second = (commitment_of("42", new_nonce()) for _ in range(2))
    assert first != second
    assert len(first) == 64


def test_a_commitment_opens_with_its_own_nonce_and_person_only() -> None:
    nonce = new_nonce()
    assert commitment_of("42", nonce) == commitment_of("42", nonce)
    assert commitment_of("43", nonce) != commitment_of("42", nonce)


@pytest.mark.parametrize(("person", "nonce"), [("", bytes(32)), ("42", bytes(31)), ("42", b"")])
def test_a_commitment_takes_a_person_and_a_whole_nonce(person: str, nonce: bytes) -> None:
    with pytest.raises(InvalidInput):
        commitment_of(person, nonce)
