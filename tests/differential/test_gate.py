"""The fast gate and the definition give one answer: outcome, reasons, version and step.

Worlds are drawn so that every step answers often; the questions of the real policies are
asked one by one. That a planted one-word bug is found shows that agreeing means something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from differential.mutants import MUTANTS, Mutant
from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.gate import spec
from seiyaku.gate.book import Rulebook
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Case, Decision, Question
from seiyaku.gate.rulebook import compile as compile_policy
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import Laws
from seiyaku.policy.history import History
from seiyaku.policy.model import LEGAL_RETENTION, ItemSource, Policy
from seiyaku.policy.parse import parse_policy
from seiyaku.services import available
from seiyaku.services import path as service_path
from seiyaku.standing.model import Consent, LiveConsent, Scope, Standing, Withdrawal
from seiyaku.testing.strategies import World, worlds
from seiyaku.testing.strategies.pledging import derived, linked, masked, referring, untold, widened
from seiyaku.testing.strategies.vocabulary import SCOPES, SOURCES

# A failing world is printed whole, law packs and all; that is no fault of its own.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

Judged = tuple[Rulebook, Standing, Assurances, Question, Decision]
AIMED = (linked, derived, masked, referring, untold, widened)
_QUIET = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def _agree(world: World) -> Decision:
    history, laws, standing, assurances, question = world
    want = spec.decide(history, laws, standing, assurances, question)
    got = Gate(history, laws).decide(standing, assurances, question)
    assert got == want, f"{question}\n{standing}\n{assurances}\nengine: {got}\nspec: {want}"
    return want


@settings(_QUIET, max_examples=1000)
@given(worlds())
def test_the_engine_agrees_with_the_definition(world: World) -> None:
    decision = _agree(world)
    event(f"step {decision.step}: {decision.outcome}")


@pytest.mark.slow
@settings(_QUIET, max_examples=15_000, derandomize=False)
@given(worlds())
def test_the_engine_agrees_with_the_definition_on_many_worlds(world: World) -> None:
    _agree(world)


# -- what the drawn worlds reach, and that bugs are found ---------------------------------


@pytest.fixture(scope="module")
def drawn() -> list[World]:
    """Worlds as the strategy draws them."""
    found: list[World] = []

    @settings(_QUIET, max_examples=700, phases=[Phase.generate])
    @given(worlds())
    def draw(world: World) -> None:
        found.append(world)

    draw()
    return found


@pytest.fixture(scope="module")
def aimed() -> list[World]:
    """Worlds drawn at what is seldom met otherwise, each kind as often as the next."""
    found: list[World] = []
    for first in AIMED:

        @settings(_QUIET, max_examples=40, phases=[Phase.generate])
        @given(worlds(first))
        def draw(world: World) -> None:
            found.append(world)

        draw()
    return found


@pytest.fixture(scope="module")
def filed(drawn: list[World], aimed: list[World]) -> list[World]:
    """Worlds that feel how the policy is filed: those aimed, earlier versions changed, and all."""
    changed = [other for world in (*aimed, *drawn) for other in _otherwise_before(world)]
    return [*changed[:400], *aimed, *drawn]


def _otherwise_before(world: World) -> Iterator[World]:
    """A permitted question, had earlier versions asked for more, of a person who accepted none."""
    history, laws, standing, assurances, question = world
    now = history.in_force(question.at)
    if now is None or not history.before(now) or spec.decide(*world).step < 9:
        return
    for part, word, change in _CHANGES:
        if getattr(question, word) in getattr(now, part):
            versions = (
                p if p is now else _changed(p, part, getattr(question, word), change)
                for p in history.versions
            )
            other = replace(standing, accepted=())
            yield History(tuple(versions)), laws, other, assurances, question


_CHANGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("items", "item", {"sources": {s: ItemSource(scope="deep") for s in SOURCES}}),
    ("recipients", "recipient", {"masked": "6.9m"}),
    ("recipients", "recipient", {"reference": ("4.4",)}),
)


def _changed(policy: Policy, part: str, word: str, change: dict[str, Any]) -> Policy:
    parts = dict(getattr(policy, part))
    if word in parts:
        parts[word] = parts[word].model_copy(update=change)
    return policy.model_copy(update={part: parts})


@pytest.fixture(scope="module")
def pool(drawn: list[World], aimed: list[World]) -> list[Judged]:
    """Drawn worlds and their neighbours, the policy compiled, with the definition's answer."""
    found: list[Judged] = []
    for world in (*aimed, *drawn):
        history, laws, *asked = world
        rulebook = compile_policy(history, laws)
        passed = spec.decide(*world).step >= 8
        for a in (tuple(asked), *(_nudged(world) if passed else ())):
            found.append((rulebook, *a, spec.decide(history, laws, *a)))
    return found


def _nudged(world: World) -> Iterator[tuple[Standing, Assurances, Question]]:
    """Neighbours of a question that passed all steps but the last two."""
    _, _, standing, assurances, question = world
    for s in (*_said_otherwise(standing, question), *_otherwise(standing)):
        yield s, assurances, question
    for q in _asked_otherwise(question):
        yield standing, assurances, q
    everything = (Scope(),)
    yield replace(standing, kind="visitor", suspensions=everything), assurances, question
    yield replace(standing, suspensions=everything), assurances, replace(question, act="keep")
    until = {"until_at": question.at}
    facts = tuple(replace(fact, **until) for fact in assurances.facts)
    yield standing, replace(assurances, facts=facts), question
    members = tuple(replace(member, **until) for member in assurances.memberships)
    yield standing, replace(assurances, memberships=members), question


def _said_otherwise(standing: Standing, question: Question) -> Iterator[Standing]:
    """The same person, had they consented a little differently."""
    changes: tuple[dict[str, Any], ...] = (
        {"at": question.at},
        {"presented_at": None},
        {"informed": ("country_name",)},
        {"kind": "deemed"},
        {"countries": ("JP",)},
        {"scope": Scope(("other",), (question.purpose or "",), (question.recipient or "",))},
    )
    for change in changes:
        given = (replace(c, consent=replace(c.consent, **change)) for c in standing.consents)
        yield replace(standing, consents=tuple(given))
    withdrawn = (Withdrawal(standing.person, question.at),)
    yield replace(
        standing, consents=tuple(replace(c, withdrawn=withdrawn) for c in standing.consents)
    )


def _otherwise(standing: Standing) -> Iterator[Standing]:
    """The same person, in another situation."""
    yield replace(standing, accepted=standing.accepted[:1])
    yield replace(standing, kind="visitor")
    yield replace(standing, status="closed")
    for guardian in (False, True):
        yield replace(standing, at_least=13, below=18, guardian=guardian)
    for word in ("partners", "group"):
        yield replace(standing, suspensions=(Scope(recipients=(word,)),))


def _asked_otherwise(question: Question) -> Iterator[Question]:
    """The same question, asked a little differently."""
    yield replace(question, relation="seller_of")
    for scope in SCOPES:
        yield replace(question, source=None, scopes=frozenset({scope}))
    yield replace(question, contexts=frozenset())
    yield replace(question, data_at=question.at - timedelta(days=30))
    danger = Case("exception", "safety", frozenset({"danger"}), approver="kato")
    yield replace(question, case=danger)
    met = replace(danger, conditions=frozenset({"danger", "consent_impractical", "police_report"}))
    yield replace(question, case=met, contexts=frozenset({"nowhere"}))


def _gate(kind: type[Gate], rulebook: Rulebook) -> Gate:
    """A gate over a policy already compiled."""
    gate = kind.__new__(kind)
    gate._rulebook, gate._filed = rulebook, None
    return gate


def _first_disagreement(kind: type[Gate], pool: list[Judged]) -> int | None:
    """How many questions it takes until the gate and the definition part; None if never."""
    for n, (rulebook, standing, assurances, question, want) in enumerate(pool, 1):
        if _gate(kind, rulebook).decide(standing, assurances, question) != want:
            return n
    return None


def test_drawn_worlds_reach_every_step_and_outcome(drawn: list[World]) -> None:
    decisions = [spec.decide(*world) for world in drawn]
    steps = Counter(decision.step for decision in decisions)
    outcomes = Counter(decision.outcome for decision in decisions)
    print(f"{len(drawn)} worlds; {dict(outcomes)}; by step {dict(sorted(steps.items()))}")
    assert all(steps[step] >= len(drawn) / 300 for step in range(10)), steps
    assert all(outcomes[o] >= len(drawn) / 5 for o in ("permitted", "refused", "undecided"))


def test_the_engine_disagrees_nowhere_near_the_drawn_worlds(
    pool: list[Judged], filed: list[World]
) -> None:
    print(f"{len(pool)} questions, {len(filed)} policies filed")
    assert _first_disagreement(Gate, pool) is None
    assert not any(_misfiles(Gate, world) for world in filed)


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.files], ids=lambda m: m.says)
def test_a_bug_planted_in_filing_is_found(mutant: Mutant, filed: list[World]) -> None:
    gate = mutant.load()
    first = next((n for n, world in enumerate(filed, 1) if _misfiles(gate, world)), None)
    print(f"{mutant.says}: found by world {first} of {len(filed)}")
    assert first is not None


def _misfiles(kind: type[Gate], world: World) -> bool:
    history, laws, *asked = world
    return kind(history, laws).decide(*asked) != spec.decide(*world)


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if not m.files], ids=lambda m: m.says)
def test_a_planted_bug_is_found(mutant: Mutant, pool: list[Judged]) -> None:
    first = _first_disagreement(mutant.load(), pool)
    print(f"{mutant.says}: found by question {first} of {len(pool)}")
    assert first is not None


# -- the real policies -------------------------------------------------------------------

PERSON = PersonId("1")


@pytest.mark.parametrize("service", available())
def test_the_engine_agrees_on_every_question_of_a_real_policy(service: str) -> None:
    parsed = parse_policy(service_path(service) / "policy.yaml")
    history = _published(parsed.policy)
    at = datetime(2027, 1, 10, tzinfo=UTC)
    gate = Gate(history, parsed.laws)
    records = (Assurances(), _recorded(parsed.policy, parsed.laws, at))
    outcomes: Counter[str] = Counter()
    for n, question in enumerate(_questions(parsed.policy, at)):
        standings = _standings(parsed.policy, question)
        standing = standings[n % len(standings)]
        assurances = records[n % 3 > 0]
        want = spec.decide(history, parsed.laws, standing, assurances, question)
        assert gate.decide(standing, assurances, question) == want
        outcomes[f"{want.outcome} at step {want.step}"] += 1
    print(f"{service}: {outcomes.total()} questions; {dict(outcomes.most_common())}")
    assert len({outcome.split()[0] for outcome in outcomes}) == 3
    assert len(outcomes) >= 5


def _published(policy: Policy) -> History:
    """The policy as if published, where its file is still a draft."""
    at = policy.version.published_at or datetime(2026, 1, 1, tzinfo=UTC)
    version = policy.version.model_copy(update={"published_at": at})
    return History((policy.model_copy(update={"version": version}),))


def _recorded(policy: Policy, laws: Laws, at: datetime) -> Assurances:
    """Every fact the recipients of the policy could need."""
    before = at - timedelta(days=1)
    facts = []
    for word, recipient in policy.recipients.items():
        basis = laws.basis(recipient.basis)
        kinds = (*(basis.requires if basis else ()), *recipient.requires)
        facts += [Assurance(kind, word, before, "file") for kind in kinds]
        for country in {"US", *recipient.countries}:
            facts.append(Assurance("equivalent_measures", word, before, "file", country))
    return Assurances(tuple(facts))


def _questions(policy: Policy, at: datetime) -> Iterator[Question]:
    """Every item, with every purpose, source and recipient the policy declares."""
    contexts = frozenset(policy.contexts)
    for item, declared in policy.items.items():
        for source in (None, *declared.sources):
            for here in (frozenset[str](), contexts):
                yield Question("collect", PERSON, item, at, source=source, contexts=here)
        for age in (1, 100, 4000):
            yield Question("keep", PERSON, item, at, data_at=at - timedelta(days=age))
        for purpose in (*policy.purposes, LEGAL_RETENTION, "train_model"):
            for source in (None, *declared.sources):
                yield Question("use", PERSON, item, at, purpose, source, contexts=contexts)
            for recipient in policy.recipients:
                yield _sent(policy, item, purpose, recipient, at)


def _sent(policy: Policy, item: str, purpose: str, recipient: str, at: datetime) -> Question:
    found = policy.recipients[recipient]
    countries = [c for c in found.countries if len(c) == 2] or ["US"]
    return Question(
        "send",
        PERSON,
        item,
        at,
        purpose,
        recipient=recipient,
        relation=found.relation,
        country=countries[0],
        contexts=frozenset(policy.contexts),
    )


def _standings(policy: Policy, question: Question) -> tuple[Standing, ...]:
    """People of every kind of trouble, as far as this question feels it."""
    kind, at = next(iter(policy.people)), question.at
    before = at - timedelta(days=10)
    known = tuple((what, before) for what in policy.acknowledgements)
    grown = {"kind": kind, "at": at, "at_least": 20, "acknowledged": known}
    recipients = (question.recipient,) if question.recipient else ()
    named = Scope((question.item,), (question.purpose,) if question.purpose else (), recipients)
    said = Consent(PERSON, before, named, "x", before - timedelta(hours=1), ("US", "EU", "JP"))
    agreed = (LiveConsent(said),)
    return (
        Standing(PERSON, **grown, consents=agreed),
        Standing(PERSON, **grown),
        Standing(PERSON, kind, at),
        Standing(PERSON, **grown, consents=agreed, suspensions=(Scope((question.item,)),)),
        Standing(PERSON, **grown, consents=agreed, status="closed"),
        Standing(PERSON, **grown, consents=agreed, opt_outs=(Scope(purposes=named.purposes),)),
        Standing(PERSON, **{**grown, "at_least": None}, below=13, consents=agreed),
    )
