"""Checkpoints are C2SP signed notes: the specification's example, and what it forbids."""

from __future__ import annotations

from typing import Any

import pytest

from seiyaku.evidence import Checkpoint, SigningKey, VerifierKey, open_checkpoint
from seiyaku.evidence.checkpoint import open_note
from seiyaku.kernel.errors import EvidenceBroken, InvalidInput
from seiyaku_verify import note as verifier
from seiyaku_verify.errors import Broken, WrongUse

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjO"
    "BH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def test_the_example_of_the_specification_verifies() -> None:
    key = VerifierKey.parse(VKEY)
    text, signers = open_note(NOTE, [key])
    assert (text, signers) == ("This is an example message.\n", (key,))
    assert str(key) == VKEY == str(verifier.parse_key(VKEY))
    assert verifier.open_note(NOTE, [verifier.parse_key(VKEY)], "note") == text


@pytest.mark.parametrize(
    "bent",
    [
        NOTE.replace("example message", "example massage"),
        NOTE.replace("Uw2QOkn8", "Uw2QOkn9"),
        NOTE.replace("example.com/foo", "example.com/fox"),
        NOTE.replace("\n\n", "\n"),
        NOTE[:-1],
        NOTE.replace("—", "-"),
        NOTE.replace("aQM=", "aQM"),
        NOTE + "— short AAA=\n",
        "x" * 70_000 + NOTE,
        "",
    ],
)
def test_a_bent_note_is_refused_by_writer_and_verifier(bent: str) -> None:
    with pytest.raises(EvidenceBroken):
        open_note(bent, [VerifierKey.parse(VKEY)])
    with pytest.raises(Broken):
        verifier.open_note(bent, [verifier.parse_key(VKEY)], "note")


def test_signatures_of_unknown_keys_are_passed_over(key: SigningKey) -> None:
    witness = SigningKey.generate("witness.example.org/w1")
    text = Checkpoint(key.name, 0, bytes(32)).text
    note = key.sign_note(text) + witness.signature(text)
    assert open_checkpoint(note, [key.verifier]).size == 0
    assert verifier.open_note(note, [verifier.parse_key(str(key.verifier))], "note") == text


def test_a_false_signature_of_a_known_key_spoils_the_note(key: SigningKey) -> None:
    other = SigningKey.generate("witness.example.org/w1")
    text = Checkpoint(key.name, 0, bytes(32)).text
    note = key.sign_note(text) + other.signature("something else\n")
    with pytest.raises(EvidenceBroken, match="false"):
        open_note(note, [key.verifier, other.verifier])
    keys = [verifier.parse_key(str(k.verifier)) for k in (key, other)]
    with pytest.raises(Broken, match="false"):
        verifier.open_note(note, keys, "note")


@pytest.mark.parametrize(
    "text",
    [
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n1\n" + "A" * 43 + "=\nextension\n",
        "o\none\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "o\n1\n",
    ],
)
def test_a_checkpoint_has_one_form_only(text: str) -> None:
    key = SigningKey.generate("o")
    with pytest.raises(EvidenceBroken):
        open_checkpoint(key.sign_note(text), [key.verifier])
    with pytest.raises(Broken):
        verifier.parse_checkpoint(text, "checkpoint")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "example.com/foo",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("+Aeky", "+Auky"),
        VKEY[:-4],
        VKEY.replace("foo", "fo o"),
    ],
)
def test_a_line_that_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(InvalidInput):
        VerifierKey.parse(line)
    with pytest.raises(WrongUse):
        verifier.parse_key(line)


@pytest.mark.parametrize("name", ["", "with space", "a+b", "tab\t", "line\n"])
def test_a_name_that_the_format_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        SigningKey.generate(name)


def test_a_public_key_has_32_bytes() -> None:
    with pytest.raises(InvalidInput, match="32"):
        VerifierKey("a", b"short")


def test_a_key_shows_only_its_public_half(key: SigningKey) -> None:
    private: Any = key._private
    assert private.private_bytes_raw().hex() not in repr(key)
    assert str(key.verifier) in repr(key)
