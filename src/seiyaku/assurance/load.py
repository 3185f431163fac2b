"""Read ``assurances.yaml``: the dated facts and registers a controller keeps beside its policy.

    seiyaku_assurances: 1
    facts:
      - {kind: supervision, subject: printful, from_at: 2026-02-01, until_at: 2027-02-01,
         source: review-17, by: sato}
    registers:
      sellers:
        - {member: shop_a, from_at: 2026-04-01, countries: [JP]}

A bare day starts at midnight in Japan; a moment must name its zone. The end is not included.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.kernel.document import Document, check_model, read_document
from seiyaku.policy.history import JST
from seiyaku.policy.model import Country, Word


def _moment(value: Any) -> Any:
    """A day or a moment, as a moment in UTC; anything else is left for the check of types."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("the moment names no time zone; add one, as in 2026-02-01T09:00+09:00")
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time.min, JST).astimezone(UTC)
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Span(BaseModel):
    """What holds from a moment, and until another where it ends."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    from_at: Moment
    until_at: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> _Span:
        if self.until_at is not None and self.until_at <= self.from_at:
            raise ValueError("it ends before it begins")
        return self


class _Fact(_Span):
    kind: Word
    subject: Word
    source: Written
    about: Written | None = None
    by: str = ""


class _Member(_Span):
    member: Word
    countries: tuple[Country, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    seiyaku_assurances: Literal[1]
    facts: tuple[_Fact, ...] = ()
    registers: dict[Word, tuple[_Member, ...]] = {}


def load_assurances(path: Path) -> Assurances:
    """Read the file at `path`.

    Raises:
        InvalidInput: SY102, SY103 the file cannot be read or is too large.
        InvalidDocument: it has faults; every one, with its place.
    """
    return parse_assurances(read_document(path))


def parse_assurances(document: Document) -> Assurances:
    """The facts and registers of a document; raises as `load_assurances`.

    Examples:
        >>> from seiyaku.kernel.document import parse_document
        >>> text = b"seiyaku_assurances: 1\\nfacts: []\\n"
        >>> parse_assurances(parse_document(text, "assurances.yaml"))
        Assurances(facts=(), memberships=())
    """
    file = check_model(document, _File)
    return Assurances(
        tuple(Assurance(**fact.model_dump()) for fact in file.facts),
        tuple(
            Membership(register=register, **member.model_dump())
            for register, members in file.registers.items()
            for member in members
        ),
    )
