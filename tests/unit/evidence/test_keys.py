"""A key is kept closed, and hands over to the next so that neither can be forged."""

from __future__ import annotations

import itertools
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seiyaku.evidence import Entry, KeyList, Log, LogReader, SigningKey
from seiyaku.evidence.keys import Tenure
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput
from seiyaku_verify import DoesNotVerify, fsck
from seiyaku_verify import note as verifier
from seiyaku_verify.errors import Broken

NAME = "evidence.example.jp/closm-i"


@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_a_saved_key_comes_back(tmp_path: Path, passphrase: bytes | None) -> None:
    key = SigningKey.generate(NAME)
    key.save(tmp_path / "key", passphrase)
    assert SigningKey.load(tmp_path / "key", passphrase).verifier == key.verifier


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    SigningKey.generate(NAME).save(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    SigningKey.generate(NAME).save(tmp_path / "key")
    with pytest.raises(InvalidInput) as refused:
        SigningKey.generate(NAME).save(tmp_path / "key")
    assert refused.value.code == "SY163"


def test_an_encrypted_key_needs_its_passphrase(tmp_path: Path) -> None:
    SigningKey.generate(NAME).save(tmp_path / "key", b"correct horse")
    for passphrase in (None, b"wrong"):
        with pytest.raises(InvalidInput, match="signing key"):
            SigningKey.load(tmp_path / "key", passphrase)


@pytest.mark.parametrize("text", ["", "seiyaku-key/1\nname\n\nno pem", "one line"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(InvalidInput, match="signing key"):
        SigningKey.load(tmp_path / "key")


def test_after_a_rotation_either_key_opens_the_log(
    folder: Path, make: Callable[..., Entry]
) -> None:
    old, new = SigningKey.generate(NAME), SigningKey.generate(NAME)
    with Log(folder, old) as log:
        log.append([make(1), make(2)])
        log.rotate_key(new)
        fsck(folder, str(old.verifier))
        fsck(folder, str(new.verifier))
        log.append([make(3)])
    for trusted in (old.verifier, new.verifier):
        assert LogReader(folder, trusted).size == 3
        fsck(folder, str(trusted))
    with pytest.raises(InvalidInput, match="current key"):
        Log(folder, old)
    with Log(folder, new) as log:
        assert log.append([make(3), make(4)])[1].index == 3


def test_a_retired_key_signs_no_larger_tree(folder: Path, make: Callable[..., Entry]) -> None:
    old, new = SigningKey.generate(NAME), SigningKey.generate(NAME)
    with Log(folder, old) as log:
        log.append([make(1)])
        log.rotate_key(new)
        log.append([make(2)])
        head = log.checkpoint()
    (folder / "public" / "checkpoint").write_text(old.sign(head).note)
    with pytest.raises(EvidenceBroken):
        LogReader(folder, new.verifier).checkpoint()
    with pytest.raises(DoesNotVerify, match="may sign"):
        fsck(folder, str(new.verifier))


def test_only_the_current_key_hands_over_to_a_fresh_one_of_its_name(
    log: Log, key: SigningKey
) -> None:
    for wrong in (key, SigningKey.generate("another/name")):
        with pytest.raises(InvalidInput) as refused:
            log.rotate_key(wrong)
        assert refused.value.code == "SY164"
    assert log.append([]) == ()


def chain(*keys: SigningKey) -> KeyList:
    keys_list = KeyList((Tenure(keys[0].verifier, 0),))
    for size, (before, after) in enumerate(itertools.pairwise(keys), 5):
        keys_list = keys_list.rotated(before, after, size)
    return keys_list


def forgeries() -> list[tuple[str, str]]:
    old, new, thief = (SigningKey.generate(NAME) for _ in range(3))
    good: dict[str, Any] = json.loads(chain(old, new).to_json())
    endorsed = good["keys"][1]["endorsement"]
    text = endorsed.partition("\n\n")[0] + "\n"
    swap = text.replace(str(old.verifier), str(thief.verifier))

    def bent(**change: Any) -> str:
        second = {**good["keys"][1], **change}
        return json.dumps({**good, "keys": [good["keys"][0], second]})

    before = {"key": str(thief.verifier), "from_size": 0, "endorsement": ""}
    thiefs_note = thief.sign_note(swap)
    return [
        ("a successor nobody endorsed", bent(key=str(thief.verifier))),
        ("a successor at another size", bent(from_size=4)),
        ("a note by the old key alone", bent(endorsement=old.sign_note(text))),
        ("a note by the new key alone", bent(endorsement=new.sign_note(text))),
        (
            "a predecessor the new key never knew",
            json.dumps({**good, "keys": [before, {**good["keys"][1], "endorsement": thiefs_note}]}),
        ),
        ("no keys", json.dumps({**good, "keys": []})),
        ("another format", json.dumps({**good, "format": "seiyaku-keys/2"})),
        ("a beginning after 0", json.dumps({**good, "keys": good["keys"][1:]})),
        ("no list", "[]"),
        ("no JSON", "{"),
    ]


@pytest.mark.parametrize("forged", [pytest.param(f, id=name) for name, f in forgeries()])
def test_a_forged_list_of_keys_is_refused(forged: str) -> None:
    with pytest.raises(EvidenceBroken):
        KeyList.from_json(forged)
    try:
        value = json.loads(forged)
    except ValueError:
        return
    with pytest.raises(Broken):
        verifier.open_keys(value, None, "keys")


def test_each_key_is_in_office_between_its_rotations() -> None:
    first, second, third = (SigningKey.generate(NAME) for _ in range(3))
    keys = chain(first, second, third)
    assert keys == KeyList.from_json(keys.to_json())
    tenures = verifier.open_keys(json.loads(keys.to_json()), None, "keys")
    expected = {4: [first], 5: [first, second], 6: [second, third], 7: [third]}
    for size, keys_in_office in expected.items():
        assert list(keys.at(size)) == [k.verifier for k in keys_in_office]
        lines = [str(k) for k in verifier.in_office(tenures, size)]
        assert lines == [str(k.verifier) for k in keys_in_office]
