"""One template for every clause that says what data is used for.

Given an active adult of a service's generated people; when each item of the purpose is used for
it; then that is permitted, citing the clause and the version in force. Then the clause's own
probe: a neighbouring use that looks alike and is not, with the outcome and reasons it must have.

``tests/promises/SERVICE/purposes.yaml`` has one row a clause: `purpose`, `items` (``email@person``
where the source must be said), `contexts` and `said` (events, a month before) where the clause
needs them, and `probes`, each with `ask`, `outcome` and exactly its `reasons`; what a probe has
`said` counts for it and those after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from seiyaku.app import Home
from seiyaku.gate import Decision, Question
from seiyaku.kernel import PersonId
from seiyaku.policy import Policy, parse_policy
from seiyaku.services import path as packaged
from seiyaku.standing import Acceptance, AgeBand, event_from_json

Row = Mapping[str, Any]


def _rows() -> Iterator[Any]:
    for table in sorted(Path(__file__).parent.parent.glob("*/purposes.yaml")):
        listed = yaml.safe_load(table.read_text("utf-8"))
        policy = parse_policy(packaged(listed["service"]) / "policy.yaml").policy
        for row in listed["purposes"]:
            cited = policy.cite(row["clause"])
            mark = pytest.mark.promise(cited, template="purpose", by_hand=False)
            yield pytest.param(listed["service"], row, id=cited, marks=mark)


@pytest.mark.parametrize(("service", "row"), tuple(_rows()))
def test_a_purpose_has_its_items_and_not_its_neighbours(
    adults: Callable[[str], tuple[Home, Iterator[PersonId]]], service: str, row: Row
) -> None:
    home, people = adults(service)
    person, policy = next(people), home.parts.policy()
    _say(home, policy, person, row.get("said", ()))
    cited = policy.cite(row["clause"])
    for word in row["items"]:
        item, _, source = word.partition("@")
        words = {"act": "use", "item": item, "source": source or None, "purpose": row["purpose"]}
        decision = _ask(home, person, {**words, "contexts": row.get("contexts", ())})
        assert decision.permitted, (word, decision.reasons)
        assert (decision.version, cited in {r.cite for r in decision.reasons}) == (
            policy.version.id,
            True,
        )
    assert row["probes"]
    for probe in row["probes"]:
        _record(home, person, probe.get("said", ()))
        decision = _ask(home, person, probe["ask"])
        found = (decision.outcome, sorted({r.code for r in decision.reasons}))
        assert found == (probe["outcome"], sorted(probe["reasons"])), probe


def _say(home: Home, policy: Policy, person: PersonId, said: Any) -> None:
    """What every active adult said, and what this clause needs of them beside."""
    before = home.parts.clock.now() - timedelta(days=30)
    home.record(AgeBand(person, before, at_least=20), Acceptance(person, before, policy.version.id))
    _record(home, person, said)


def _record(home: Home, person: PersonId, said: Any) -> None:
    before = home.parts.clock.now() - timedelta(days=30)
    for event in said:
        at = {"person": person, "at": before.isoformat(), **event}
        home.record(event_from_json(at))


def _ask(home: Home, person: PersonId, words: Row) -> Decision:
    asked = {**words, "contexts": frozenset(words.get("contexts", ()))}
    return home.ask(Question(person=person, at=home.parts.clock.now(), **asked))
