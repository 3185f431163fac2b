"""The order of precedence: the first step that has reasons answers. Step 9 stands here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from seiyaku.assurance.model import Assurances
from seiyaku.gate.model import Decision, OutcomeOfGate, Question, Reason
from seiyaku.gate.spec.asked import Asked, Reasons
from seiyaku.gate.spec.case import case
from seiyaku.gate.spec.consent import consent
from seiyaku.gate.spec.gaps import gaps
from seiyaku.gate.spec.never import never
from seiyaku.gate.spec.person import legal_retention, person, stops
from seiyaku.gate.spec.together import together
from seiyaku.laws import Laws, tokyo_day
from seiyaku.policy.history import History
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Standing

_PERMITTING = {"own_request", "legal_demand", "exception", "legal_retention", "granted"}


def decide(
    history: History, laws: Laws, standing: Standing, assurances: Assurances, question: Question
) -> Decision:
    """What the policy in force, the law and the person's own words say to `question`.

    Args:
        history: every version of one service's policy.
        laws: the packs the policy names; asked as they stand on the day of the question.
        standing: the person's standing, folded at `question.at`.
        assurances: dated facts and registers.
    """
    policy = history.in_force(question.at)
    if policy is None:
        return Decision("undecided", (Reason("no_policy_in_force"),), "", 0)
    laws = laws.at(tokyo_day(question.at))
    asked = Asked(history, policy, laws, standing, assurances, question)
    for number, step in enumerate(STEPS, start=1):
        reasons = tuple(sorted(set(step(asked))))
        if reasons:
            return Decision(_outcome(number, reasons), reasons, policy.version.id, number)
    raise AssertionError("the last step always answers")


def _outcome(step: int, reasons: Iterable[Reason]) -> OutcomeOfGate:
    if step == 2:
        return "undecided"
    return "permitted" if {r.code for r in reasons} <= _PERMITTING else "refused"


def granted(a: Asked) -> Reasons:
    """Everything stands; the clauses that carry it."""
    item, cite = a.known_item, a.policy.cite
    cites: list[str] = []
    if a.q.act == "collect":
        cites = [cite(item.clause)]
    elif a.q.act == "keep":
        rules = [r for r in a.policy.retention.values() if a.q.item in r.items]
        cites = [cite(r.clause) for r in rules] or [cite(item.clause)]
    else:
        cites = list(_purpose_cites(a))
    source = item.sources.get(a.q.source or "")
    if a.q.act == "use" and source and source.only is not None:
        cites.append(cite(source.clause or item.clause))
    if a.q.act == "send":
        route = a.laws.route(a.route or "") if a.abroad else None
        laws = [str(fact.citation) for fact in (a.basis, route) if fact]
        cites += [a.recipient_cite, *laws]
    yield from (Reason("granted", c) for c in cites)


def _purpose_cites(a: Asked) -> Iterator[str]:
    opened = a.policy.opened_by_consent
    if a.purpose:
        yield a.policy.cite(a.purpose.clause)
    elif a.q.purpose == LEGAL_RETENTION:
        yield from (a.policy.cite(rule.clause) for _, rule, _ in a.held(a.policy))
    elif opened and opened.purposes:
        yield a.policy.cite(opened.purposes)


STEPS: tuple[Callable[[Asked], Reasons], ...] = (
    never,
    gaps,
    case,
    legal_retention,
    person,
    stops,
    together,
    consent,
    granted,
)
"""Steps 1 to 9; step 0 is `decide` itself."""
