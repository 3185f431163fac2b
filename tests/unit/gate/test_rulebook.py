"""The compiled policy: stretches of time, masks of versions, and what it leans on."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.gate.facts import Facts
from seiyaku.gate.masks import run_of_ones
from seiyaku.gate.rulebook import compile
from seiyaku.policy.history import History
from seiyaku.policy.parse import parse_policy
from seiyaku.services import path

AT = datetime(2026, 11, 20, tzinfo=UTC)


@given(st.integers(0, 2**12))
def test_a_run_of_ones_is_counted_from_the_lowest_bit(mask: int) -> None:
    written = f"{mask:b}"
    assert run_of_ones(mask) == len(written) - len(written.rstrip("1"))


def test_a_rulebook_has_a_page_for_each_version_and_turn_of_the_law() -> None:
    parsed = parse_policy(path("closm-i") / "policy.yaml")
    rulebook = compile(History((parsed.policy,)), parsed.laws)
    start = rulebook.moments[0]
    assert rulebook.at(start - timedelta(microseconds=1)) is None
    book = rulebook.at(start)
    assert book is not None
    assert book.version == parsed.policy.version.id
    assert list(rulebook.moments) == sorted(set(rulebook.moments))


def test_a_history_without_published_versions_compiles_to_an_empty_rulebook() -> None:
    parsed = parse_policy(path("closm-i") / "policy.yaml")
    version = parsed.policy.version.model_copy(update={"published_at": None})
    draft = parsed.policy.model_copy(update={"version": version})
    assert compile(History((draft,)), parsed.laws).at(AT) is None


def test_facts_answer_as_the_assurances_they_file() -> None:
    day = timedelta(days=1)
    assurances = Assurances(
        (
            Assurance("supervision", "printer", AT - day, "review", until_at=AT),
            Assurance("equivalent_measures", "printer", AT - day, "check", about="US"),
        ),
        (Membership("sellers", "shop_a", AT - day, AT + day, ("JP",)),),
    )
    facts = Facts(assurances)
    for kind in ("supervision", "equivalent_measures", "trustee_record"):
        for about in (None, "US", "DE"):
            for at in (AT - 2 * day, AT - day, AT, AT + day):
                gap = facts.gap(kind, "printer", about, at)
                assert (gap is None) == assurances.live(kind, "printer", about, at)
                assert gap is None or (gap == "lapsed") == assurances.ever(kind, "printer", about)
    for at in (AT - 2 * day, AT - day, AT, AT + day):
        member = assurances.membership("sellers", "shop_a", at)
        assert list(facts.memberships("shop_a", at)) == ([member] if member else [])
        assert facts.has_members("sellers", at) == (member is not None)


def test_the_fast_gate_does_not_load_the_definition_it_is_judged_by() -> None:
    code = "import sys, seiyaku.gate.decide; print([m for m in sys.modules if 'gate.spec' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
