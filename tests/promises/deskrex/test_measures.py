"""Article 5: controls have somebody who answers for them, and evidence."""

from __future__ import annotations

from datetime import timedelta

from seiyaku.assurance import Assurance, review
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Installed


def _open(mine: Installed, *measures: str) -> set[tuple[str, str, str]]:
    """What the review finds of these measures: code, word, clause."""
    found = review(mine.home.parts.policy(), mine.home.assurances(), AT)
    return {(x.code, x.subject, x.cite) for x in found if x.subject in measures}


def _owned(mine: Installed, *measures: str) -> None:
    owners = (Assurance("measure_owner", m, SINCE, "chart 2", "sato", by="sato") for m in measures)
    mine.home.assure(*owners)


@promise("DESK-5.1")
def test_a_management_system_nobody_answers_for_is_found(mine: Installed) -> None:
    """Given controls with an owner each, but the management system; the review names it, by 5.1,
    until it has one.
    """
    _owned(mine, "preventive_measures", "need_to_know")
    words = ("management_system", "preventive_measures", "need_to_know")
    unowned = {x for x in _open(mine, *words) if x[0] == "measure-unowned"}
    assert unowned == {("measure-unowned", "management_system", "DESK-5.1")}
    _owned(mine, "management_system")
    assert "measure-unowned" not in {code for code, _, _ in _open(mine, *words)}


@promise("DESK-5.2")
def test_a_control_without_evidence_is_unproven_until_it_is_shown(mine: Installed) -> None:
    """Given preventive measures with no evidence on file; the review says that they are unproven,
    by 5.2. With the digest of a report on file they are in order, until its year is over.
    """
    assert _open(mine, "preventive_measures") == {
        ("measure-unproven", "preventive_measures", "DESK-5.2")
    }
    shown = AT - timedelta(days=10)
    mine.home.assure(
        Assurance("measure", "preventive_measures", shown, f"sha256:{'5f' * 32}", by="sato")
    )
    assert _open(mine, "preventive_measures") == set()
    later = AT + timedelta(days=360)
    stale = review(mine.home.parts.policy(), mine.home.assurances(), later)
    assert "preventive_measures" in {x.subject for x in stale if x.code == "measure-stale"}
