"""A receipt is true or it is refused; nothing in it stands on the maker's word."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seiyaku.evidence import (
    Entry,
    Evidence,
    Log,
    Receipt,
    SigningKey,
    commitment_of,
    make_receipt,
    new_nonce,
)
from seiyaku.kernel.errors import InvalidInput
from seiyaku_verify import CannotRead, DoesNotVerify, VerifyError, check_receipt, verify_receipt

World = Any
Value = dict[str, Any]
NOON = datetime(2026, 2, 16, 3, 0, tzinfo=UTC)


def step_of(world: World, text: str, **arguments: Any) -> int:
    with pytest.raises(DoesNotVerify) as failed:
        verify_receipt(text, world.vkey, **arguments)
    assert world.receipt == text or "person-0042" not in str(failed.value)
    return failed.value.step


def test_a_receipt_verifies_offline(history: World) -> None:
    verify_receipt(history.receipt, history.vkey)
    verify_receipt(history.receipt, history.vkey, history.remembered)
    verify_receipt(history.receipt, history.vkey, history.head)
    verify_receipt(history.receipt, history.vkey, history.receipt)
    verify_receipt(history.receipt)


def test_a_receipt_comes_back_from_its_file(history: World) -> None:
    assert Receipt.from_json(history.receipt).to_json() == history.receipt


def test_a_receipt_says_policy_and_reach_as_the_entries_do(history: World) -> None:
    value = json.loads(history.receipt)
    assert value["policy"] == {"version": "2026-02-16", "sha256": "ab" * 32}
    assert value["reach"][0] == {
        "system": "app.orders",
        "outcome": "done",
        "reach": "vacuumed",
        "backups_expire_on": "2026-05-16",
    }
    assert check_receipt(history.receipt).entries[5]["counts"] == {"rows": 5}


def _entry(value: Value, **change: Any) -> None:
    value["entries"][0].update(change)


BENT: list[tuple[int, Callable[[Value], Any]]] = [
    (1, lambda v: v.update(format="seiyaku-receipt/2")),
    (1, lambda v: v.update(entries=[])),
    (1, lambda v: v.update(person="")),
    (1, lambda v: v.pop("person")),
    (2, lambda v: v.update(key="someone+00000000+AAAA")),
    (2, lambda v: v["keys"].update(keys=[])),
    (3, lambda v: v.update(checkpoint=v["checkpoint"].replace("\n700\n", "\n701\n"))),
    (3, lambda v: v.pop("checkpoint")),
    (4, lambda v: v.update(service="nicori")),
    (4, lambda v: v["entries"].append(v["entries"][0])),
    (4, lambda v: _entry(v, index="5")),
    (4, lambda v: _entry(v, entry=v["entries"][0]["entry"] + " ")),
    (5, lambda v: _entry(v, index=6)),
    (5, lambda v: _entry(v, entry=v["entries"][0]["entry"].replace('"rows":5', '"rows":6'))),
    (5, lambda v: _entry(v, proof=v["entries"][0]["proof"][:-1])),
    (5, lambda v: _entry(v, proof=["00" * 32, *v["entries"][0]["proof"][1:]])),
    (5, lambda v: _entry(v, proof=["zz"])),
    (6, lambda v: v.update(person="person-0043")),
    (6, lambda v: _entry(v, nonce="00" * 32)),
    (6, lambda v: _entry(v, nonce=None)),
    (6, lambda v: _entry(v, nonce="00")),
    (7, lambda v: v["policy"].update(version="2020-01-01")),
    (7, lambda v: v["reach"][0].update(reach="backups_gone")),
    (7, lambda v: v["reach"].pop()),
]


@pytest.mark.parametrize(("step", "bend"), BENT)
def test_a_bent_receipt_fails_at_its_step(
    history: World, step: int, bend: Callable[[Value], Any]
) -> None:
    value = json.loads(history.receipt)
    bend(value)
    assert step_of(history, json.dumps(value)) == step


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_changed_character_makes_another_receipt_true(
    history: World, data: st.DataObject
) -> None:
    """Either it is refused, or it still says the same (white space, hex in capitals)."""
    text = history.receipt
    at = data.draw(st.integers(0, len(text) - 1))
    bent = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        checked = check_receipt(bent, history.vkey, history.remembered)
    except VerifyError:
        return
    true = check_receipt(text, history.vkey)
    assert (checked.entries, checked.person) == (true.entries, true.person)
    assert checked.value["policy"] == true.value["policy"]
    assert checked.value["reach"] == true.value["reach"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"a":1,"a":2}', "NaN"])
def test_a_text_that_is_no_receipt_is_refused_by_both(history: World, text: str) -> None:
    assert step_of(history, text) == 1
    with pytest.raises(InvalidInput):
        Receipt.from_json(text)


def test_a_receipt_under_another_key_is_refused(history: World) -> None:
    stranger = SigningKey.generate(history.key.name)
    with pytest.raises(DoesNotVerify, match="not a key of this log"):
        verify_receipt(history.receipt, str(stranger.verifier))


def test_without_a_key_the_check_says_that_none_was_given(history: World) -> None:
    checked = check_receipt(history.receipt)
    assert not checked.key_given
    assert checked.passed[1].startswith("KEY NOT CHECKED")


def test_a_receipt_older_than_memory_is_not_taken(
    tmp_path: Path, world: World, history: World
) -> None:
    with Log(world.folder, world.key) as log:
        log.append([Entry("later", "halt", log.entry(0).at, "closm-i")])
        newer = log.checkpoint()
    assert step_of(history, history.receipt, remembered_checkpoint=newer.note) == 8


def test_a_receipt_that_cannot_be_joined_to_memory_asks_for_another(world: World) -> None:
    with Log(world.folder, world.key) as log:
        receipt = make_receipt(log, [5], {5: world.nonces[5]}, "person-0042")
        log.append([Entry("later", "halt", log.entry(0).at, "closm-i")])
    text = receipt.to_json()
    verify_receipt(text, world.vkey)
    with pytest.raises(DoesNotVerify, match="made since size 300"):
        verify_receipt(text, world.vkey, world.remembered)


def test_a_receipt_of_a_forked_log_is_found_by_memory(tmp_path: Path, world: World) -> None:
    """The same operator, the same key, two histories: each person holds one of them."""
    nonces = {n: new_nonce() for n in range(3)}
    base = Entry("a", "halt", NOON, "closm-i")
    heads, receipts = [], []
    for name in ("one", "two"):
        with Log(tmp_path / name, world.key) as log:
            log.append([base, Entry(name, "halt", NOON, "closm-i")])
            heads.append(log.checkpoint())
            log.append(
                [
                    Entry(
                        "b", "halt", NOON, "closm-i", person=commitment_of("person-0042", nonces[0])
                    )
                ]
            )
            receipts.append(
                make_receipt(log, [2], {2: nonces[0]}, "person-0042", since=heads[-1]).to_json()
            )
    for receipt, head in zip(receipts, heads, strict=True):
        verify_receipt(receipt, world.vkey, head.note)
    with pytest.raises(DoesNotVerify, match="a fork"):
        verify_receipt(receipts[0], world.vkey, heads[1].note)


def test_a_receipt_is_only_made_of_what_is_true(world: World) -> None:
    with Log(world.folder, world.key) as log:
        log.append([Entry("of-another", "halt", NOON, "nicori")])
        good = {5: world.nonces[5]}
        wrong: list[tuple[list[int], dict[int, bytes], str]] = [
            ([5], {5: world.nonces[6]}, "person-0042"),
            ([5], {}, "person-0042"),
            ([5], good, "person-0043"),
            ([700], {}, "person-0042"),
            ([700], {700: world.nonces[5]}, "person-0042"),
            ([5, 700], good, "person-0042"),
            ([5, 701], good, "person-0042"),
            ([], {}, "person-0042"),
        ]
        for indexes, nonces, person in wrong:
            with pytest.raises(InvalidInput) as refused:
                make_receipt(log, indexes, nonces, person)
            assert "person-004" not in str(refused.value)


def test_entries_without_a_person_may_stand_in_a_receipt(world: World) -> None:
    with Log(world.folder, world.key) as log:
        approval = Entry("plan-7/approval", "approval", NOON, "closm-i", actor="sato")
        (place,) = log.append([approval])
        receipt = make_receipt(log, [5, place.index], {5: world.nonces[5]}, "person-0042")
    checked = check_receipt(receipt.to_json(), world.vkey)
    assert checked.passed[5].startswith("1 of 2 entries are about the person")


def test_a_receipt_whose_entries_name_nobody_is_refused(world: World) -> None:
    with Log(world.folder, world.key) as log:
        (place,) = log.append([Entry("plan-7/approval", "approval", NOON, "closm-i")])
        proof, head, keys = log.inclusion_proof(place.index), log.checkpoint(), log.keys()
    text = place.entry.to_bytes().decode()
    evidence = Evidence(place.index, text, None, proof)
    receipt = Receipt("person-0042", (evidence,), head.note, keys.to_json())
    with pytest.raises(DoesNotVerify, match="no entry names the person"):
        verify_receipt(receipt.to_json(), world.vkey)


def test_a_nonce_without_its_last_zeros_is_not_the_nonce(world: World) -> None:
    """HMAC fills a short key up with zeros: the length must be checked apart."""
    nonce = bytes(range(1, 31)) + bytes(2)
    with Log(world.folder, world.key) as log:
        person = commitment_of("person-0042", nonce)
        (place,) = log.append([Entry("z", "halt", NOON, "closm-i", person=person)])
        text = make_receipt(log, [place.index], {place.index: nonce}, "person-0042").to_json()
    verify_receipt(text, world.vkey)
    with pytest.raises(DoesNotVerify, match="not about this person"):
        verify_receipt(text.replace(nonce.hex(), nonce[:30].hex()), world.vkey)


def test_a_receipt_that_says_a_thing_twice_is_refused(history: World) -> None:
    twice = history.receipt.replace('"person":', '"person": "person-0043",\n "person":', 1)
    assert json.loads(twice)["person"] == "person-0042"
    assert step_of(history, twice) == 1


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path, history: World) -> None:
    with pytest.raises(CannotRead):
        verify_receipt(tmp_path / "nothing", history.vkey)
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(CannotRead, match="UTF-8"):
        verify_receipt(tmp_path / "bytes", history.vkey)
