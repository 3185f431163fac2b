"""``seiyaku audience`` and ``seiyaku shadow`` over a home of the packaged service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from seiyaku.app import init_home
from seiyaku.cli.audience import command as audience
from seiyaku.cli.shadow import command as shadow
from seiyaku.kernel.ids import PersonId
from seiyaku.services import path as service_path
from seiyaku.standing import Closure, Scope, Suspension
from seiyaku.testing.people import generate


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty people of CLOSM i; one suspended shipping, one left."""
    folder = tmp_path_factory.mktemp("bulk") / "home"
    world = generate("closm-i", folder, people=20)
    places = {**world.databases, **world.folders}
    with init_home(folder, "closm-i", {n: p.name for n, p in places.items()}) as opened:
        now = datetime.now(UTC)
        opened.record(Suspension(PersonId("5"), now, Scope(purposes=("ship_goods",))))
        opened.record(Closure(PersonId("6"), now))
    return folder


def run(command: object, *words: str | Path) -> tuple[int, str]:
    ended = CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.output


def test_an_audience_is_counted_and_who_is_left_out_told_by_clause(home: Path) -> None:
    code, out = run(audience, "ship_goods", "postal_address", "phone", "--home", home)
    assert code == 0
    assert out.startswith("18 of 20 people, policy version 2026-02-16")
    assert "CLOSM-11.1e" in out
    assert "the person left the service" in out


def test_ids_go_into_the_file_asked_for_and_nowhere_else(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "to.txt"
    code, out = run(
        audience, "ship_goods", "postal_address", "--home", home, "--out", file, "--json"
    )
    told = json.loads(out)
    ids = file.read_text("utf-8").splitlines()
    assert code == 0
    assert told["people"] == len(ids) == 18
    assert not {"5", "6"} & set(ids)
    assert set(told) == {"people", "version", "known", "left_out", "lines", "hint"}


def test_an_audience_of_nobody_is_a_finding_with_a_hint(home: Path) -> None:
    code, out = run(audience, "ship_godos", "postal_address", "--home", home)
    assert code == 1
    assert "0 of 20 people" in out
    assert "`ship_goods` is declared" in out


@pytest.fixture(scope="module")
def coming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policy in force, but nothing is shipped by name any more."""
    text = (service_path("closm-i") / "policy.yaml").read_text("utf-8")
    items = "items: [name, postal_address, phone, email, order, delivery_status]"
    assert text.count(items) == 1
    text = text.replace(items, items.replace("name, ", "")).replace(
        'id: "2026-02-16"', 'id: "2027-01-01"'
    )
    lines = [line for line in text.splitlines() if "published_at" not in line]
    file = tmp_path_factory.mktemp("coming") / "policy.yaml"
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_a_shadow_tells_what_would_change_in_counts(home: Path, coming: Path) -> None:
    code, out = run(shadow, coming, "--home", home)
    assert code == 0
    assert "use name" in out
    assert "20 people" in out
    assert "0 open, 1 shut" in out


def test_a_shadow_writes_whom_it_concerns_only_into_the_file_asked_for(
    home: Path, coming: Path, tmp_path: Path
) -> None:
    file = tmp_path / "concerned.csv"
    code, out = run(shadow, coming, "--home", home, "--ids", file, "--json")
    told = json.loads(out)
    lines = file.read_text("utf-8").splitlines()
    assert code == 0
    assert len(lines) - 1 == sum(c["people"] for c in told["changes"]) == 18
    assert set(told["changes"][0]) == {
        *("handling", "item", "sources", "before", "after", "people"),
    }
