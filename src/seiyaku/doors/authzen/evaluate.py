"""One access evaluation, or several in one request with each semantic of the norm.

Source: OpenID Authorization API 1.0, sections 6 and 7. An evaluation inside a sound request
that cannot be read is a *no* of its own, with its error; a request that is not sound as a
whole is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from seiyaku.doors.authzen.message import Json, Malformed, as_object
from seiyaku.doors.authzen.present import Present
from seiyaku.doors.authzen.reader import Reader, context_of, plain
from seiyaku.doors.authzen.reply import Replies, failed
from seiyaku.gate.model import Decision

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
    return replies.of(decided(request, reader, present))


def decided(request: Json, reader: Reader, present: Present) -> Decision:
    """The decision of one access evaluation."""
    words = plain(request)
    found = present.known(request, words)
    if found is not None:
        return found
    subject, action = reader.subject(request), reader.action(request)
    resource, context = reader.resource(request), context_of(request)
    present.learn(words, action, resource)
    return present.decide(subject, action, resource, context)


def evaluations(
    request: Json, reader: Reader, present: Present, replies: Replies
) -> Iterator[bytes]:
    """The answers to several evaluations, in their order; fewer where the semantic ends early.

    What stands at the top of the request holds for each evaluation that says nothing of its
    own; it is replaced as a whole, never merged inside.
    """
    asked, last = asked_for(request), LAST[_semantic(request)]
    top = _top(request, reader)
    for one in asked:
        try:
            whole = as_object(one, "the evaluation")
            decision = decided({**top, **whole} if top else whole, reader, present)
        except Malformed as error:
            permitted, answer = False, failed(str(error))
        else:
            permitted, answer = decision.permitted, replies.of(decision)
        yield answer
        if permitted is last:
            return


def asked_for(request: Json) -> list[Any]:
    """The evaluations of a request; none means that it is one by itself."""
    found = request.get("evaluations", [])
    if type(found) is not list:
        raise Malformed("`evaluations` is not an array")
    if len(found) > MOST:
        raise Malformed(f"`evaluations` has more than {MOST} members", hint="send several requests")
    return found


def _semantic(request: Json) -> Semantic:
    options = as_object(request.get("options", {}), "`options`")
    chosen = options.get("evaluations_semantic", "execute_all")
    for semantic in SEMANTICS:
        if chosen == semantic:
            return semantic
    raise Malformed(f"`options.evaluations_semantic` is none of {', '.join(SEMANTICS)}")


def _top(request: Json, reader: Reader) -> Json:
    """What holds for every evaluation; it must be sound, though each may have its own."""
    members = {"subject": reader.subject, "action": reader.action, "resource": reader.resource}
    for name, read in {**members, "context": context_of}.items():
        if name in request:
            read(request)
    return {name: request[name] for name in (*members, "context") if name in request}
