"""Every fault of a document names its line and column, and all come at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from seiyaku.kernel.document import (
    MAX_BYTES,
    Document,
    check_model,
    parse_document,
    read_document,
)
from seiyaku.kernel.errors import InvalidDocument, InvalidInput
from seiyaku.kernel.faults import Fault, Place, at_least


class _Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    days: int | None = None


class _Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    leaves: dict[str, _Leaf] = {}
    rows: tuple[_Leaf, ...] = ()


def _faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        check_model(parse_document(text.encode(), "p.yaml"), _Tree)
    return caught.value.faults


def test_all_faults_come_at_once_each_at_its_place() -> None:
    faults = _faults("leaves:\n  a: {name: x, dais: 3}\n  b: {days: many, name: y}\n")
    assert [(f.place.line, f.place.column, f.rule) for f in faults] == [
        (1, 1, "missing-key"),
        (2, 16, "unknown-key"),
        (3, 13, "wrong-value"),
    ]


def test_an_unknown_key_is_refused_with_the_key_that_was_meant() -> None:
    (fault,) = _faults("title: t\nleaves:\n  a: {name: x, dais: 3}\n")
    assert fault.hint == "did you mean `days`?"


def test_an_unknown_key_without_a_near_one_lists_the_known_ones() -> None:
    (fault,) = _faults("title: t\nrows:\n- {name: x, zzz: 3}\n")
    assert fault.hint == "known keys: days, name"
    assert fault.place == Place("p.yaml", 3, 13)


def test_a_key_that_stands_twice_is_a_fault_at_its_second_place() -> None:
    (fault,) = _faults("title: a\ntitle: b\n")
    assert (fault.rule, fault.place.line) == ("duplicate-key", 2)


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("title: [a\nb: c\n", "broken-yaml", 2),
        ("title: 'a\n", "broken-yaml", 2),
        ("- a\n- b\n", "not-a-mapping", 1),
        ("", "not-a-mapping", 1),
        ("? [a, b]\n: c\n", "odd-key", 1),
        ("title: \x01\n", "broken-yaml", 1),
        ("title: 2026-99-99\n", "odd-value", 1),
    ],
)
def test_a_broken_document_says_where(text: str, rule: str, line: int) -> None:
    fault = _faults(text)[0]
    assert (fault.rule, fault.place.line) == (rule, line)


def test_a_document_that_is_not_utf8_says_in_which_line() -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_document("title: あ\nx: い\n".encode("cp932"), "p.yaml")
    assert caught.value.faults[0].rule == "not-utf8"


def test_an_alias_bomb_is_refused_quickly() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)
    )
    with pytest.raises(InvalidDocument, match="too deep"):
        parse_document(bomb.encode(), "p.yaml")


def test_a_document_that_contains_itself_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="too deep"):
        parse_document(b"a: &a [*a]\n", "p.yaml")


def test_a_clause_id_keeps_its_last_zero() -> None:
    document = parse_document(b"clause: 2.10\non: 2026-02-16\n", "p.yaml")
    assert document.data == {"clause": "2.10", "on": date(2026, 2, 16)}


def test_a_file_over_two_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(InvalidInput) as caught:
        read_document(path)
    assert caught.value.code == "SY103"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_document(tmp_path / "absent.yaml")
    assert caught.value.code == "SY102"
    assert caught.value.hint() == "check the path"


def test_a_place_falls_back_to_what_encloses_it() -> None:
    document: Document = parse_document(b"a:\n  b: 1\n", "p.yaml")
    assert document.place(("a", "b", "c")) == Place("p.yaml", 2, 6)
    assert document.key_place(("a", "b")) == Place("p.yaml", 2, 3)


def test_severities_are_ordered() -> None:
    assert at_least("error", "high")
    assert not at_least("low", "medium")
