"""Step 3: a person's own request, a legal demand, an exception with its conditions.

Law: APPI 18(3), 27(1).
"""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.gate.book import Excuse
from seiyaku.gate.matter import Matter
from seiyaku.gate.model import Case, Decision, Reason


def carried(m: Matter) -> Decision | None:
    """Step 3: what the case that carries the question permits."""
    case = m.q.case
    if case is None or not m.carried:
        return None
    if case.kind == "own_request":
        return _own_request(m, case.code)
    excuse = m.book.excuses.get((m.q.act == "send", case.code)) or Excuse(case.code)
    found = [*_not_excused(m, case, excuse)]
    if found or excuse.law is None:
        return m.answer("refused", found, 3)
    cites = (excuse.law, *excuse.clauses)
    return m.answer("permitted", [Reason(case.kind, cite, case.code) for cite in cites], 3)


def _own_request(m: Matter, code: str) -> Decision:
    reasons = m.book.requests.get(code)
    if reasons is None:
        return m.answer("refused", [Reason("no_such_exception", "", code)], 3)
    return m.answer("permitted", reasons, 3)


def _not_excused(m: Matter, case: Case, excuse: Excuse) -> Iterator[Reason]:
    recorded = case.recorded()
    if excuse.law is None:
        yield Reason("no_such_exception", excuse.clause, case.code)
        return
    if case.kind == "legal_demand" and "document" not in recorded:
        yield Reason("condition_missing", excuse.law, "document")
    for condition, cite in excuse.conditions:
        if condition not in recorded:
            yield Reason("condition_missing", cite, condition)
    if m.q.act == "send" and m.q.recipient is not None:
        yield from _no_authority(m, case, excuse, m.q.recipient)


def _no_authority(m: Matter, case: Case, excuse: Excuse, word: str) -> Iterator[Reason]:
    cite, may_invoke = m.book.kinds.get(word, ("", None))
    if may_invoke is None:
        if case.kind == "legal_demand":
            yield Reason("not_an_authority", "", word)
    elif excuse.code not in may_invoke:
        yield Reason("not_an_authority", cite, word)
