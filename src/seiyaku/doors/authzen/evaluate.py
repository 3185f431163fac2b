"""One access evaluation, or several in one request with each semantic of the norm.

Source: OpenID Authorization API 1.0, sections 6 and 7. An evaluation inside a sound request
that cannot be read is a *no* of its own, with its error; a request that is not sound as a
whole is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

from seiyaku.doors.authzen.entities import Action, Context, Resource, Subject
from seiyaku.doors.authzen.message import Json, Malformed, as_object
from seiyaku.doors.authzen.present import Present
from seiyaku.doors.authzen.reader import Reader, context_of
from seiyaku.doors.authzen.reply import Replies, failed

Semantic = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]
SEMANTICS: tuple[Semantic, ...] = get_args(Semantic)
LAST: Mapping[Semantic, bool | None] = {
    "execute_all": None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
"""The decision after which a semantic asks no further."""
MOST = 10_000
"""Evaluations in one request."""


def evaluation(request: Json, reader: Reader, present: Present, replies: Replies) -> bytes:
    """The answer to one access evaluation.

    Raises:
        Malformed: the request is not as the norm wants it; so do the others.
    """
    decision = present.decide(
        reader.subject(request),
        reader.action(request),
        reader.resource(request),
        context_of(request),
    )
    return replies.of(decision)


def asked_for(request: Json) -> list[Any]:
    """The evaluations of a request; none means that it is one by itself."""
    found = request.get("evaluations", [])
    if type(found) is not list:
        raise Malformed("`evaluations` is not an array")
    if len(found) > MOST:
        raise Malformed(f"`evaluations` has more than {MOST} members", hint="send several requests")
    return found


def semantic_of(request: Json) -> Semantic:
    """Which semantic the request chose; every evaluation is executed where it chose none."""
    options = as_object(request.get("options", {}), "`options`")
    chosen = options.get("evaluations_semantic", "execute_all")
    for semantic in SEMANTICS:
        if chosen == semantic:
            return semantic
    raise Malformed(f"`options.evaluations_semantic` is none of {', '.join(SEMANTICS)}")


class Batch:
    """Several evaluations that share what stands at the top of their request."""

    def __init__(self, request: Json, reader: Reader, present: Present, replies: Replies) -> None:
        self._reader, self._present, self._replies = reader, present, replies
        self._subject = reader.subject(request) if "subject" in request else None
        self._action = reader.action(request) if "action" in request else None
        self._resource = reader.resource(request) if "resource" in request else None
        self._context = context_of(request)

    def decide(self, evaluations: Iterable[Any], semantic: Semantic) -> Iterator[bytes]:
        """The answers in their order, ending early where the semantic says so."""
        last = LAST[semantic]
        for evaluation in evaluations:
            permitted, answer = self._one(evaluation)
            yield answer
            if permitted is last:
                return

    def _one(self, evaluation: Any) -> tuple[bool, bytes]:
        try:
            entities = self._entities(as_object(evaluation, "the evaluation"))
        except Malformed as error:
            return False, failed(str(error))
        decision = self._present.decide(*entities)
        return decision.permitted, self._replies.of(decision)

    def _entities(self, one: Json) -> tuple[Subject, Action, Resource, Context]:
        """Each is the evaluation's own as a whole, else the one at the top."""
        subject, action, resource = self._subject, self._action, self._resource
        if subject is None or "subject" in one:
            subject = self._reader.subject(one)
        if action is None or "action" in one:
            action = self._reader.action(one)
        if resource is None or "resource" in one:
            resource = self._reader.resource(one)
        context = context_of(one) if "context" in one else self._context
        return subject, action, resource, context
