"""Who, what and why is permitted: the three searches of the norm, page by page.

Source: OpenID Authorization API 1.0, section 8. A page token holds where the next page
begins, the limit, and a digest of what was asked, so that a token carries no person and a
changed question is noticed. A search that looks through many people lets others be answered
in between.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from seiyaku.doors.authzen import entities
from seiyaku.doors.authzen.entities import ALONE, Action, Context, Resource, Subject
from seiyaku.doors.authzen.message import Json, Malformed, as_object, optional_text
from seiyaku.doors.authzen.pace import Pace
from seiyaku.doors.authzen.present import Present
from seiyaku.doors.authzen.reader import Reader, context_of, without_id
from seiyaku.doors.authzen.reply import dumps
from seiyaku.policy.model import LEGAL_RETENTION, Policy

MOST = 1_000
"""Results in one page, where the caller asks for no fewer."""
_ASKED = ("subject", "action", "resource", "context")
Asked = tuple[Subject, Action, Resource, Context]
Candidates = Iterator[tuple[Json, Asked]]
"""Everything that might be found, in a lasting order, and how it is asked about."""


@dataclass(frozen=True)
class Page:
    """Which part of the results is wanted.

    Args:
        start: candidate at which it begins. limit: most results in it.
        asked: digest of the question.
    """

    start: int
    limit: int
    asked: str

    def after(self, start: int | None) -> str:
        """The token of the page that begins at `start`; empty where there is none."""
        if start is None:
            return ""
        words = json.dumps([start, self.limit, self.asked]).encode()
        return base64.urlsafe_b64encode(words).decode()


def page_of(request: Json) -> Page:
    """The page a request wants.

    Raises:
        Malformed: the page is not as the norm wants it, or the question is another one.
    """
    page = as_object(request.get("page", {}), "`page`")
    limit, token = _limit(page), optional_text(page, "token", "page")
    asked = _digest(request)
    if token is None:
        return Page(0, MOST if limit is None else min(limit, MOST), asked)
    known = _read_token(token)
    if known.asked != asked or limit not in (None, known.limit):
        raise Malformed("`page.token` belongs to another request")
    return known


async def subject_search(request: Json, reader: Reader, present: Present) -> bytes:
    """The people with whom the action may be done."""
    return await _answer(
        request, present, _subjects(without_id(request, "subject"), reader, present)
    )


async def resource_search(request: Json, reader: Reader, present: Present) -> bytes:
    """The items with which the action may be done."""
    return await _answer(
        request, present, _resources(without_id(request, "resource"), reader, present)
    )


async def action_search(request: Json, reader: Reader, present: Present) -> bytes:
    """The actions that may be done with the item: uses, sends, and the acts without purpose."""
    return await _answer(request, present, _actions(request, reader, present))


def _subjects(request: Json, reader: Reader, present: Present) -> Candidates:
    kind = reader.subject(request)[0]
    action, resource = reader.action(request), reader.resource(request)
    context = context_of(request)
    for subject in present.subjects(kind):
        yield {"type": kind, "id": subject[1]}, (subject, action, resource, context)


def _resources(request: Json, reader: Reader, present: Present) -> Candidates:
    subject, action, context = reader.subject(request), reader.action(request), context_of(request)
    resource, kind = reader.resource(request), request["resource"]["type"]
    items = present.items(context.at)
    for word, item in reader.names.ids(kind, items).items():
        asked = entities.resource(item, resource.source, resource.data_at, resource.masked)
        yield {"type": kind, "id": word}, (subject, action, asked, context)


def _actions(request: Json, reader: Reader, present: Present) -> Candidates:
    subject, resource = reader.subject(request), reader.resource(request)
    context = context_of(request)
    for entity, action in _every_action(present.policy(context.at)):
        yield entity, (subject, action, resource, context)


def _every_action(policy: Policy | None) -> Iterator[tuple[Json, Action]]:
    """Every action the policy has words for, as an entity and as it is asked."""
    if policy is None:
        return
    for act in ALONE:
        yield {"name": act}, entities.action(act)
    for purpose in (*policy.purposes, LEGAL_RETENTION):
        yield {"name": purpose}, entities.action("use", purpose)
    for word, recipient in policy.recipients.items():
        countries = recipient.countries if len(recipient.countries) > 1 else (None,)
        for country, purpose in product(countries, recipient.purposes):
            entity = _sending(purpose, word, country)
            yield entity, entities.action("send", purpose, word, None, country)


def _sending(purpose: str, recipient: str, country: str | None) -> Json:
    where = {} if country is None else {"country": country}
    return {"name": purpose, "properties": {"act": "send", "recipient": recipient, **where}}


async def _answer(request: Json, present: Present, candidates: Candidates) -> bytes:
    page, pace = page_of(request), Pace()
    results: list[Json] = []
    following: int | None = None
    for position, (entity, asked) in enumerate(islice(candidates, page.start, None), page.start):
        if pace.long():
            await asyncio.sleep(0)
        if not present.decide(*asked).permitted:
            continue
        if len(results) == page.limit:
            following = position
            break
        results.append(entity)
    told = {"next_token": page.after(following), "count": len(results)}
    return dumps({"page": told, "results": results})


def _limit(page: Json) -> int | None:
    limit = page.get("limit")
    if "limit" in page and (type(limit) is not int or limit < 0):
        raise Malformed("`page.limit` is no non-negative integer")
    return limit


def _digest(request: Json) -> str:
    asked = {key: request[key] for key in _ASKED if key in request}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _read_token(token: str) -> Page:
    try:
        start, limit, asked = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except (ValueError, TypeError) as error:
        raise Malformed("`page.token` is none of ours") from error
    if type(start) is not int or type(limit) is not int or type(asked) is not str:
        raise Malformed("`page.token` is none of ours")
    return Page(max(start, 0), min(max(limit, 0), MOST), asked)
