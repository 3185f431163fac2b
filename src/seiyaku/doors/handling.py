"""For whom and why: said once around the work, read by every door the work passes through.

    with handling(person=PersonId("p-1"), purpose="ship_goods"):
        client.post("https://api.printful.com/orders", json=order)

It lives in a context variable: tasks started inside inherit it, a bare thread does not and is
therefore refused at the doors. A handling inside another replaces it whole; nothing is
inherited in parts, so what holds is always what stands at the innermost `with`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

from seiyaku.gate.model import Case, Handling, Question
from seiyaku.kernel.errors import NotPermitted
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Act


@dataclass(frozen=True)
class Occasion:
    """What is being done now: for whom, why, and what is known of the circumstances.

    Args:
        person: whose data is handled; None where a door concerns many people (a query).
        purpose, recipient, relation, country, route, contexts, scopes, case, data_at: as in
            `Question`.
        known: values of this person that the caller holds (name, e-mail address); a payload
            that must be masked is searched for them. Never shown, logged or kept.
        reference: the caller's own word for the occasion (an order number), for the record.
        staff: identifier of who of the staff does it, where a person does.
    """

    person: PersonId | None = None
    purpose: str | None = None
    recipient: str | None = None
    relation: str | None = None
    country: str | None = None
    route: str | None = None
    contexts: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    case: Case | None = None
    data_at: datetime | None = None
    known: tuple[str, ...] = field(default=(), repr=False)
    reference: str = ""
    staff: str | None = None

    def handling(
        self,
        act: Act,
        *,
        recipient: str | None = None,
        country: str | None = None,
        masked: bool = False,
    ) -> Handling:
        """The same as the gate's handling; a door may know recipient and country better."""
        return Handling(
            act,
            self.purpose,
            recipient or self.recipient,
            self.relation,
            country or self.country,
            self.route,
            self.contexts,
            self.scopes,
            masked,
        )

    def at(self, contexts: Iterable[str]) -> Occasion:
        """The same occasion where these circumstances are present, too."""
        return replace(self, contexts=self.contexts | frozenset(contexts))

    def question(
        self, handling: Handling, item: str, at: datetime, source: str | None = None
    ) -> Question:
        """The question about one item of this occasion's person.

        Raises:
            NotPermitted: SY250 the occasion names no person.
        """
        whose = self.require_person(item)
        return handling.question(
            whose, item, at, source=source, data_at=self.data_at, case=self.case
        )

    def require_person(self, item: str) -> PersonId:
        """Whose `item` is handled.

        Raises:
            NotPermitted: SY250 the occasion names no person.
        """
        if self.person is None:
            raise NotPermitted(
                f"`{item}` of nobody in particular",
                code="SY250",
                hint="name the person: `with handling(person=..., purpose=...)`",
            )
        return self.person


_current: ContextVar[Occasion | None] = ContextVar("seiyaku_handling", default=None)


class Within:
    """Makes an occasion the current one while inside, for `with` and `async with` alike."""

    def __init__(self, occasion: Occasion) -> None:
        self._occasion = occasion
        self._tokens: list[Token[Occasion | None]] = []

    def __enter__(self) -> Occasion:
        self._tokens.append(_current.set(self._occasion))
        return self._occasion

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _current.reset(self._tokens.pop())

    async def __aenter__(self) -> Occasion:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)


def handling(
    *,
    person: PersonId | str | None = None,
    purpose: str | None = None,
    recipient: str | None = None,
    relation: str | None = None,
    country: str | None = None,
    route: str | None = None,
    contexts: Iterable[str] = (),
    scopes: Iterable[str] = (),
    case: Case | None = None,
    data_at: datetime | None = None,
    known: Iterable[str] = (),
    reference: str = "",
    staff: str | None = None,
) -> Within:
    """Say for whom and why, for everything done inside; see `Occasion` for the words."""
    whose = None if person is None else PersonId(person)
    return Within(
        Occasion(
            whose,
            purpose,
            recipient,
            relation,
            country,
            route,
            frozenset(contexts),
            frozenset(scopes),
            case,
            data_at,
            tuple(known),
            reference,
            staff,
        )
    )


def current_handling() -> Occasion | None:
    """The occasion of the innermost handling; None outside of any."""
    return _current.get()


def require_handling() -> Occasion:
    """The occasion of the innermost handling.

    Raises:
        NotPermitted: SY251 the call is outside of any handling.
    """
    occasion = _current.get()
    if occasion is None:
        raise NotPermitted(
            "this door was reached outside of any handling",
            code="SY251",
            hint="say for whom and why: `with handling(person=..., purpose=...):`",
        )
    return occasion
