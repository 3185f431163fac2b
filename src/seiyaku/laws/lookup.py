"""`Laws`: the packs a policy names, as one immutable value that answers questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from seiyaku.kernel.text import Text
from seiyaku.laws import countries, model
from seiyaku.laws.cite import Citation
from seiyaku.laws.model import Element, Fact, Pack

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class CitedFact:
    """One fact of a pack, for lists of what the product leans on.

    Args:
        topic: where in the pack, e.g. ``bases.entrust``.
        verified: False: the product says so wherever it uses the fact.
    """

    pack: str
    topic: str
    citation: Citation
    source: str
    verified: bool
    status: model.Status
    valid_from: date | None
    valid_to: date | None
    in_force_by: date | None


@dataclass(frozen=True)
class Laws:
    """Several packs together, asked by name of the thing; nothing found is None or empty.

    Undated, it answers by the entries that have no end and are in force. `at(day)` gives the
    laws of a day: entries in force on it, and promulgated ones once the latest day the act
    sets for itself has come. Where two entries answer, the one that began later counts.

    Args:
        packs: in the order the policy names them.
        on: the day asked about; None for the undated value.

    Examples:
        >>> from seiyaku.laws import load_packs
        >>> laws = load_packs(["jp-appi"]).at(date(2026, 11, 22))
        >>> route = laws.route("adequacy")
        >>> route is not None and "DE" in route.countries
        True
    """

    packs: tuple[Pack, ...]
    on: date | None = None

    def at(self, day: date) -> Laws:
        """The laws of `day` (a date in the controller's own country)."""
        return replace(self, on=day)

    # -- passing on ---------------------------------------------------------------

    def basis(self, code: str) -> model.Basis | None:
        """The basis called `code`. Law: APPI 27, 31."""
        return self._bases.get(code)

    def exception(self, code: str | None) -> model.ProvisionException | None:
        """The exception from consent to provision called `code`. Law: APPI 27(1).

        A policy's own exceptions ("own rights", "any lawful case") are not found here,
        and so permit nothing by themselves.
        """
        return self._exceptions.get(code or "")

    def purpose_exception(self, code: str | None) -> model.ProvisionException | None:
        """The exception from use within the purpose called `code`. Law: APPI 18(3)."""
        return self._purpose_exceptions.get(code or "")

    @cached_property
    def recipient_kinds(self) -> Mapping[str, model.RecipientKind]:
        """Kinds of recipients the law knows, by code."""
        return _by_key(self._select("recipient_kinds", model.RecipientKind))

    def route(self, code: str) -> model.Route | None:
        """The route called `code`. Law: APPI 28."""
        return self._routes.get(code)

    @cached_property
    def deemed_consent_opens_foreign_transfer(self) -> bool:
        """Whether consent deemed from use opens a transfer abroad; False where no pack says."""
        entries = self._select("deemed_consent", model.DeemedConsent)
        return bool(entries) and all(entry.opens_foreign_transfer for entry in entries)

    # -- countries ----------------------------------------------------------------

    def expand_country(self, code: str) -> frozenset[str]:
        """The countries `code` stands for; empty when it is neither country nor group."""
        return countries.expand_country(code)

    def known_country(self, code: str) -> bool:
        """Whether `code` is an ISO 3166-1 alpha-2 code."""
        return countries.known_country(code)

    def is_domestic(self, code: str | None) -> bool:
        """Whether `code` is the country whose law the packs are."""
        return any(pack.home == code for pack in self.packs)

    # -- records of provision -----------------------------------------------------

    def record_rule(
        self, basis: str, route: str | None, country: str | None
    ) -> model.RecordRule | None:
        """The rule on recording a provision; None where none speaks of it. Law: APPI 29(1)."""
        taken = "domestic" if self.is_domestic(country) else route
        if taken == "domestic" and not self.is_domestic(country):
            return None  # abroad under a domestic route: a contradiction exempts from nothing
        rules = self._select("record_rules", model.RecordRule)
        return next((r for r in rules if basis in r.bases and taken in r.routes), None)

    def record_required(self, basis: str, route: str | None, country: str | None) -> bool:
        """Whether a provision must be recorded; what no rule exempts must be."""
        rule = self.record_rule(basis, route, country)
        return rule is None or rule.required

    @cached_property
    def record_keeping(self) -> Mapping[str, model.RecordKeeping]:
        """How long records are kept: ``contract_in_lieu``, ``bulk``, ``other``."""
        return _by_key(self._select("record_keeping", model.RecordKeeping))

    def record_content(self, basis: str) -> model.RecordContent | None:
        """What a record of provision on `basis` holds."""
        return _by_key(self._select("record_contents", model.RecordContent)).get(basis)

    def receipt_content(self, basis: str) -> model.RecordContent | None:
        """What a record of receiving on `basis` holds. Law: APPI 30(3)."""
        return _by_key(self._select("receipt_contents", model.RecordContent)).get(basis)

    # -- requests, keeping, minors -------------------------------------------------

    def request(self, kind: str) -> model.RequestRule | None:
        """The rule on requests of `kind`. Law: APPI 28(3), 32-39."""
        return self._requests.get(kind)

    def keeping(self, ref: str) -> model.KeepingRule | None:
        """The rule a policy names ``pack.code``, e.g. ``jp-records.books``."""
        pack_id, _, code = ref.rpartition(".")
        packs = tuple(pack for pack in self.packs if pack.id == pack_id)
        return _by_key(Laws(packs, self.on)._select("keeping", model.KeepingRule)).get(code)

    @cached_property
    def minors(self) -> tuple[model.MinorRule, ...]:
        """Every rule on the age of consent that counts, guidance and law."""
        return self._select("minors", model.MinorRule)

    # -- notices, leaks ------------------------------------------------------------

    @cached_property
    def transmission(self) -> model.TransmissionRule | None:
        """The rule on what browsers and apps send out. Law: TBA 27-12."""
        return _latest(self._select("transmission", model.TransmissionRule))

    @cached_property
    def public_items(self) -> tuple[Element, ...]:
        """What the notice must show. Law: APPI 32(1)."""
        return self._elements("public_items")

    @cached_property
    def special_care(self) -> tuple[Element, ...]:
        """Classes of special-care data (要配慮個人情報). Law: APPI 2(3)."""
        return self._elements("special_care")

    @cached_property
    def breach(self) -> model.BreachRule | None:
        """The duty to report leaks. Law: APPI 26."""
        return _latest(self._select("breach", model.BreachRule))

    # -- what it all rests on ------------------------------------------------------

    def citations(self) -> tuple[CitedFact, ...]:
        """Every fact of the packs, whatever its day, in the order of the packs."""
        found = (fact for pack in self.packs for fact in _facts(pack, pack.id))
        return tuple(dict.fromkeys(found))

    def unverified(self) -> tuple[CitedFact, ...]:
        """The facts that rest on memory."""
        return tuple(fact for fact in self.citations() if not fact.verified)

    @cached_property
    def changes(self) -> tuple[model.Change, ...]:
        """Changes enacted or drafted that do not count on this day."""
        every = (change for pack in self.packs for change in pack.changes)
        return tuple(change for change in every if not self._counts(change))

    # -- selection -----------------------------------------------------------------

    @cached_property
    def _bases(self) -> Mapping[str, model.Basis]:
        return _by_key(self._select("bases", model.Basis))

    @cached_property
    def _exceptions(self) -> Mapping[str, model.ProvisionException]:
        return _by_key(self._select("exceptions", model.ProvisionException))

    @cached_property
    def _purpose_exceptions(self) -> Mapping[str, model.ProvisionException]:
        return _by_key(self._select("purpose_exceptions", model.ProvisionException))

    @cached_property
    def _routes(self) -> Mapping[str, model.Route]:
        return _by_key(self._select("routes", model.Route))

    @cached_property
    def _requests(self) -> Mapping[str, model.RequestRule]:
        return _by_key(self._select("requests", model.RequestRule))

    def _elements(self, table: str) -> tuple[Element, ...]:
        found = _latest(self._select(table, model.ElementList))
        return found.elements if found else ()

    def _select(self, table: str, kind: type[F]) -> tuple[F, ...]:
        """Entries of `table` that count on the day asked, oldest first."""
        entries = (entry for pack in self.packs for entry in getattr(pack, table))
        counting = [e for e in entries if isinstance(e, kind) and self._counts(e)]
        return tuple(sorted(counting, key=lambda e: e.first_day or date.min))

    def _counts(self, fact: Fact) -> bool:
        if self.on is None:
            return fact.status == "in_force" and fact.valid_to is None
        return fact.holds_on(self.on)


def key_of(fact: Fact) -> str:
    """The name an entry is asked for by; empty for entries of which there is one only."""
    for name in ("code", "kind", "basis"):
        value = getattr(fact, name, None)
        if isinstance(value, str):
            return value
    return ""


def _by_key(entries: Sequence[F]) -> Mapping[str, F]:
    return MappingProxyType({key_of(entry): entry for entry in entries})


def _latest(entries: Sequence[F]) -> F | None:
    return entries[-1] if entries else None


def _facts(
    value: Any, pack: str, topic: str = "", around: Fact | None = None
) -> Iterator[CitedFact]:
    """Walk a pack and give every fact, and every element with the source around it."""
    if isinstance(value, tuple):
        for entry in value:
            yield from _facts(entry, pack, topic, around)
        return
    if not isinstance(value, BaseModel) or isinstance(value, Text):
        return
    if isinstance(value, Fact):
        around = value
        topic = ".".join(part for part in (topic, key_of(value)) if part)
        yield _cited(value, value, pack, topic)
    elif isinstance(value, Element) and around is not None:
        yield _cited(value, around, pack, f"{topic}.{value.code}")
        return
    for name in type(value).model_fields:
        yield from _facts(getattr(value, name), pack, f"{topic}.{name}" if topic else name, around)


def _cited(value: Fact | Element, around: Fact, pack: str, topic: str) -> CitedFact:
    return CitedFact(
        pack=pack,
        topic=topic,
        citation=value.citation,
        source=around.source,
        verified=value.verified and around.verified,
        status=around.status,
        valid_from=around.valid_from,
        valid_to=around.valid_to,
        in_force_by=around.in_force_by,
    )
