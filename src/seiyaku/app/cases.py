"""What opened a way beside consent is witnessed: basis, approver, item, recipient.

A compulsory demand or an exception leaves an entry in the evidence whether it was permitted
or not, before anybody acts on it; the person only as a commitment. Law: APPI 27(1), 29.
"""

from __future__ import annotations

from uuid import uuid4

from seiyaku.app.wiring import Parts
from seiyaku.evidence import Entry
from seiyaku.gate.model import Case, Decision, Question
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import RequestId


def require_may_approve(parts: Parts, question: Question) -> None:
    """Let exceptions be approved by the one the policy names, or by a delegate of theirs.

    Who that is of the staff stands in the settings (``in_charge``); a delegate is a dated fact
    of kind ``delegate`` about ``exceptions``.

    Raises:
        NotPermitted: SY212 somebody else did.
    """
    case = question.case
    named = parts.policy().controller.responsible
    if named is None or case is None or case.kind != "exception" or not case.approver:
        return
    facts = parts.repositories.assurances.all()
    delegate = facts.live("delegate", case.approver, "exceptions", question.at)
    if case.approver != parts.settings.in_charge and not delegate:
        raise NotPermitted(
            f"`{case.approver}` does not approve exceptions",
            code="SY212",
            hint="ask who the policy names, or record a delegate with an end",
        )


def witness_case(parts: Parts, question: Question, decision: Decision) -> None:
    """Append the entry of a question that rests on a case.

    Raises:
        InvalidInput: SY160 a word of the case is no identifier: nothing may be done on it.
    """
    case = question.case
    if case is None or case.kind == "own_request":
        return
    act_id = f"case-{uuid4().hex[:12]}"
    entry = Entry(
        act_id=act_id,
        kind="decision",
        at=question.at,
        service=parts.settings.service,
        act=question.act,
        outcome=decision.outcome,
        clauses=tuple(dict.fromkeys(r.cite for r in decision.reasons if r.cite)),
        actor=case.approver or "",
        version=decision.version,
        detail=_detail(question, case),
        person=_commitment(parts, act_id, question),
    )
    parts.log.append([entry])


def _detail(question: Question, case: Case) -> dict[str, str | int]:
    words = {
        "case": case.kind,
        "code": case.code,
        "conditions": ",".join(sorted(case.conditions)),
        "document": case.document,
        "item": question.item,
        "purpose": question.purpose,
        "recipient": question.recipient,
    }
    return {name: word for name, word in words.items() if word}


def _commitment(parts: Parts, act_id: str, question: Question) -> str:
    store = parts.repositories
    with store.store.together():
        made = store.nonces.commitments(RequestId(act_id), {act_id: question.person})
    return made[act_id]
