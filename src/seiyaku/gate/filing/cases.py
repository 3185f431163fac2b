"""Contradictions, exceptions and requests, with the conditions of law and policy merged.

Law: APPI 18(3), 27(1), 33-35.
"""

from __future__ import annotations

from collections import defaultdict

from seiyaku.gate.book import Dispute, Excuse
from seiyaku.gate.masks import ANY
from seiyaku.gate.model import Reason
from seiyaku.laws import Laws
from seiyaku.policy.model import Policy


def file_contradictions(policy: Policy) -> dict[str, tuple[Dispute, ...]]:
    """Contradictions by the items they may touch."""
    every = [
        Dispute(
            word,
            {clause: policy.cite(clause) for clause in found.clauses},
            found.stricter is not None,
            frozenset(found.items),
            frozenset(found.purposes),
        )
        for word, found in policy.contradictions.items()
    ]
    if not every:
        return {}
    return {
        item: tuple(d for d in every if not d.items or item in d.items)
        for item in (ANY, *policy.items, *(word for d in every for word in d.items))
    }


def file_exceptions(policy: Policy, laws: Laws) -> dict[tuple[bool, str], Excuse]:
    """Exceptions by (whether sending, word or code)."""
    codes = {e.code for pack in laws.packs for e in (*pack.exceptions, *pack.purpose_exceptions)}
    codes |= {found.law for found in policy.exceptions.values() if found.law}
    found = {(to, c): _excuse(policy, laws, to, c) for c in codes for to in (False, True)}
    for word in policy.exceptions:
        for sending in (False, True):
            found[sending, word] = _excuse(policy, laws, sending, word)
    return found


def _excuse(policy: Policy, laws: Laws, sending: bool, word: str) -> Excuse:
    """The exception a code means: a word of the policy, else a code of the law."""
    named = policy.exceptions.get(word)
    code = named.law if named else word
    law = (laws.exception if sending else laws.purpose_exception)(code)
    concerned = [named] if named else [e for e in policy.exceptions.values() if e.law == word]
    conditions = [(c, str(law.citation)) for c in law.conditions] if law else []
    conditions += [(c, policy.cite(e.clause)) for e in concerned for c in e.conditions]
    return Excuse(
        code=code,
        law=str(law.citation) if law else None,
        clauses=tuple(policy.cite(e.clause) for e in concerned),
        clause=policy.cite(named.clause) if named else "",
        conditions=tuple(conditions),
    )


def file_requests(policy: Policy, laws: Laws) -> dict[str, tuple[Reason, ...]]:
    """What permits a person's own request, by its kind."""
    found: defaultdict[str, set[Reason]] = defaultdict(set)
    for kind, right in policy.rights.items():
        found[kind].add(Reason("own_request", policy.cite(right.clause), kind))
    for kind in {rule.kind for pack in laws.packs for rule in pack.requests}:
        if rule := laws.request(kind):
            found[kind].add(Reason("own_request", str(rule.citation), kind))
    return {kind: tuple(sorted(reasons)) for kind, reasons in found.items()}


def suspension_cite(policy: Policy, laws: Laws) -> str:
    """What a suspension rests on: the policy's right, else the law's."""
    right, law = policy.rights.get("suspension"), laws.request("suspension")
    if right is not None:
        return policy.cite(right.clause)
    return str(law.citation) if law is not None else ""
