"""Exported answers to a form pass the public suite."""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path

import pytest
from test_systems import away, known, made, no_room

from seiyaku.datamap import DataMap, resolve
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.system_suite import Bench, Holdings, SystemSuite, erasing

ANSWERS = DatasetId("own.answers")
USERS = {"person": "user", "key": "id", "fields": {"id": None, "email": "email"}}
DATASETS = {
    "answers": {
        "table": "contact*.?sv*",
        "key": ["file", "line"],
        "links": [{"by": "メールアドレス", "to": "app.users", "columns": "email"}],
        "fields": {
            "タイムスタンプ": None,
            "メールアドレス": "email",
            "お問い合わせ内容": "inquiry",
            "file": None,
            "line": None,
        },
    }
}
HEAD = "タイムスタンプ,メールアドレス,お問い合わせ内容"
CSV = (
    f"\ufeff{HEAD}\r\n"
    '2026/02/16 9:00:00,marker-one@example.com,"一行目\r\n二行目 ""marker-two"""\r\n'
    '2026/02/16 9:01:00,other@example.com,"他人の, 問い"\r\n'
    "no row\r\n"
    "2026/02/16 9:02:00,marker-one@example.com,\r\n"
)
TSV = (
    HEAD.replace(",", "\t")
    + '\n2026/02/17\tmarker-one@example.com\t"open quote\n2026/02/17\tother@example.com\tx'
)
MAIL = "marker-one@example.com"


def datamap() -> DataMap:
    return made("forms_export", DATASETS, app={"users": USERS})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "contact.csv").write_bytes(CSV.encode())
    (root / "contact-2.tsv.gz").write_bytes(gzip.compress(TSV.encode()))
    return root


class TestFormsExport(SystemSuite):
    """Answers of many lines, a mark before the first question, a packed file with tabs."""

    @pytest.fixture
    def bench(self, root: Path) -> Bench:
        def look() -> Holdings:
            packed = gzip.decompress((root / "contact-2.tsv.gz").read_bytes())
            answers = (root / "contact.csv").read_bytes().replace(b"\r\n\xe4", b"\xe4")
            return {ANSWERS: [(line,) for line in (answers + packed).splitlines()]}

        return Bench(
            system=SystemId("own"),
            datamap=datamap(),
            open=lambda: open_system("own", datamap().systems["own"], SystemSettings(path=root)),
            person=known("app.users", "email", MAIL),
            absent=known("app.users", "email", "nobody@example.com"),
            held={
                ANSWERS: [
                    ("2026/02/16 9:00:00", MAIL, '一行目\r\n二行目 "marker-two"', "contact.csv", 2),
                    ("2026/02/16 9:02:00", MAIL, None, "contact.csv", 5),
                    ("2026/02/17", MAIL, '"open quote', "contact-2.tsv.gz", 2),
                ]
            },
            referring={},
            look=look,
            cut_off=lambda: away(root),
            spoil=no_room,
            markers=("marker-one", "marker-two"),
        )


@pytest.mark.parametrize("how", ["delete", "blank"])
def test_every_other_byte_stays(root: Path, how: str) -> None:
    answers = {**DATASETS["answers"], "erase": {"how": how}}
    mapped = made("forms_export", {"answers": answers}, app={"users": USERS})
    steps, person = resolve(mapped).of_system("own"), known("app.users", "email", MAIL)
    with closing(open_system("own", mapped.systems["own"], SystemSettings(path=root))) as system:
        located = system.locate(steps, person)
        system.apply(RunId("r"), erasing(mapped, steps, located, system.capabilities), person)
    left = (root / "contact.csv").read_bytes().decode()
    gone = "" if how == "delete" else "2026/02/16 9:00:00,,\r\n"
    last = "" if how == "delete" else "2026/02/16 9:02:00,,\r\n"
    between = '2026/02/16 9:01:00,other@example.com,"他人の, 問い"\r\nno row\r\n'
    assert left == f"\ufeff{HEAD}\r\n{gone}{between}{last}"


def test_a_question_asked_twice_is_told_apart(root: Path) -> None:
    (root / "contact.csv").write_bytes(b"Q,Q\r\n1,2\r\n")
    with closing(open_system("own", datamap().systems["own"], SystemSettings(path=root))) as system:
        found = {c.name for t in system.surface() for c in t.columns}
    assert {"Q", "Q (2)"} <= found


def test_a_form_nobody_answered_shows_its_questions(root: Path) -> None:
    for path in root.iterdir():
        path.unlink()
    (root / "contact.csv").write_bytes(f"{HEAD}\r\n".encode())
    with closing(open_system("own", datamap().systems["own"], SystemSettings(path=root))) as system:
        (table,) = system.surface()
    assert {*HEAD.split(",")} <= {c.name for c in table.columns}
