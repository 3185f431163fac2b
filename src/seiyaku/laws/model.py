"""What a law pack says: frozen facts, each with its place in the law, its source and its days.

Every number and list of the law stands in a pack; code asks and never says "33".
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from seiyaku.kernel.text import Text
from seiyaku.laws.cite import CitationField
from seiyaku.laws.countries import CountrySet

Status = Literal["in_force", "promulgated", "draft"]
RequestKind = Literal[
    "disclosure",
    "provision_records",
    "purpose_notice",
    "correction",
    "addition",
    "deletion",
    "suspension",
    "stop_provision",
    "foreign_measures",
]
Words = tuple[str, ...]
Count = Annotated[StrictInt, Field(ge=0)]
Positive = Annotated[StrictInt, Field(gt=0)]
Source = Annotated[str, Field(min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Frozen):
    """One statement of the law, with what is needed to trust or doubt it.

    Args:
        citation: where it stands.
        source: where it was read, in words (`APPI art. 29 [S19a]`), or `from memory`.
        verified: False when it rests on memory or on a source not read; the product says so.
        status: ``in_force``; ``promulgated`` (enacted, not yet in force); ``draft``.
        valid_from: first day in force; None while an Order has yet to fix it.
        valid_to: last day in force; None while there is no end.
        in_force_by: the latest first day, which the law itself sets for a promulgated text.
        note: what a reader should know; never read by code.
    """

    citation: CitationField
    source: Source
    verified: StrictBool
    status: Status
    valid_from: date | None = None
    valid_to: date | None = None
    in_force_by: date | None = None
    note: str = ""

    @model_validator(mode="after")
    def _has_its_days(self) -> Fact:
        if self.status == "in_force" and self.valid_from is None:
            raise ValueError("a fact in force names its first day: add `valid_from`")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("`valid_to` lies before `valid_from`")
        return self

    @property
    def first_day(self) -> date | None:
        """First day on which it binds; None when that is not known, or it is a draft."""
        if self.status == "draft":
            return None
        return self.valid_from or self.in_force_by

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        first = self.first_day
        return (
            first is not None and first <= day and (self.valid_to is None or day <= self.valid_to)
        )


class Element(_Frozen):
    """A named member of a list the law draws up (a ground, a reason, a class, a heading)."""

    code: str
    name: Text
    citation: CitationField
    verified: StrictBool


class ElementList(Fact):
    """A list the law draws up."""

    elements: tuple[Element, ...]

    @property
    def codes(self) -> Words:
        """Codes of the elements, in the order of the law."""
        return tuple(element.code for element in self.elements)


class Basis(Fact):
    """On what ground personal data may be passed to someone.

    Law: APPI 27, 31. Args:
        code: ``entrust``, ``consent``, ``joint_use``, ``succession``, ``opt_out``,
            ``exception`` or ``related_info``.
        requires: kinds of assurance that must be live.
        elements: values the policy must state for the basis to hold.
        needs_consent: whether each person must have agreed.
        escapes_foreign_rule: whether a recipient abroad needs no route of its own.
        never_for: what may not be passed on this basis, whatever else holds.
    """

    code: str
    name: Text
    requires: Words = ()
    elements: Words = ()
    needs_consent: StrictBool
    escapes_foreign_rule: StrictBool
    never_for: Words = ()


class ProvisionException(Fact):
    """A case in which the law waives consent, with *all* the conditions it sets.

    Law: APPI 27(1) items (provision), 18(3) items (use beyond purpose).
    """

    code: str
    name: Text
    conditions: Annotated[Words, Field(min_length=1)]


class RecipientKind(Fact):
    """A kind of recipient the law knows, and the exceptions such a recipient may invoke."""

    code: str
    name: Text
    exceptions: Words


class Route(Fact):
    """How personal data may reach a recipient, seen from where the recipient is.

    Law: APPI 28. Args:
        countries: where the route leads; empty when the country does not limit it.
        requires: kinds of assurance that must be live; the expiry of
            ``equivalent_measures`` is the next periodic check.
        elements: what the person must have been told before agreeing.
        unknown_country_elements: what to tell instead when the country is not known.
        duties: what the sender goes on doing.
    """

    code: str
    name: Text
    requires: Words = ()
    elements: Words = ()
    unknown_country_elements: Words = ()
    duties: Words = ()
    needs_consent: StrictBool
    countries: CountrySet = frozenset()


class LitigationLine(Fact):
    """A lawsuit may be brought once this time has passed since the request arrived.

    Law: APPI 39. `unless`: an answer that lets the person sue at once.
    """

    after_arrival_days: Positive
    unless: Literal["refused"]


class RequestClock(_Frozen):
    """How soon a request is answered; the law may give no number of days at all."""

    statutory: Literal["without_delay"]
    litigation_line: LitigationLine | None = None


class RequestRule(Fact):
    """What the law says of one kind of request.

    Law: APPI 28(3), 32(2), 33-39. Args:
        fee: whether a fee may be taken.
        grounds: grounds of which one must hold; empty when the person need give none.
        refusals: reasons for which it may be refused.
        forms: ways of answering among which `form_chosen_by` chooses.
        substitutes: provisos that allow a lesser measure where the act is costly or hard.
    """

    kind: RequestKind
    name: Text
    fee: Literal["allowed", "forbidden", "not_stated"]
    clock: RequestClock
    grounds: tuple[Element, ...] = ()
    refusals: tuple[Element, ...] = ()
    forms: Words = ()
    form_chosen_by: Literal["person", "operator"] = "operator"
    substitutes: tuple[Element, ...] = ()


class KeepingStart(_Frozen):
    """When a period of keeping starts: some months after the fiscal year ends, then some days."""

    event: Literal["fiscal_year_end"]
    filing_after_months: Count
    then_days: Count


class KeepingRule(Fact):
    """What other laws demand to be kept, how long, and which columns they need.

    Args:
        code: name within its pack; a policy writes ``jp-records.books``.
        years: length of the period; `may_be_years` where some companies must keep longer.
        columns: what the law needs of a record; the rest may be blanked.
    """

    code: str
    name: Text
    start: KeepingStart
    years: Positive
    may_be_years: Positive | None = None
    columns: Words


class GuardianAge(_Frozen):
    """Below `least` a guardian acts for the child; from `most` on the person does."""

    least: Positive
    most: Positive

    @model_validator(mode="after")
    def _in_order(self) -> GuardianAge:
        if self.most < self.least:
            raise ValueError("`most` is under `least`")
        return self


class MinorRule(Fact):
    """Until what age a guardian consents; between the two ages it depends on the case."""

    code: str
    name: Text
    force: Literal["law", "guidance"]
    guardian_under: GuardianAge

    def guardian(self, age: int) -> Literal["needed", "depends", "not_needed"]:
        """Whether a person of `age` years needs a guardian's consent."""
        if age < self.guardian_under.least:
            return "needed"
        return "depends" if age < self.guardian_under.most else "not_needed"


class TransmissionRule(Fact):
    """What must be told of what a browser or app sends out.

    Law: TBA 27-12. Args:
        covered_services: the services it binds.
        required: what must be told of each transmission.
        recommended: what guidance and practice add.
        form: how it must be shown.
        exempt: transmissions of which nothing need be told.
        opt_out_publish: what to publish where the opt-out exemption is relied on.
    """

    code: str
    covered_services: ElementList
    required: ElementList
    recommended: ElementList
    form: ElementList
    exempt: ElementList
    opt_out_publish: ElementList


class BreachTrigger(Fact):
    """A kind of leak that must be reported, from how many persons on, and by when."""

    code: str
    name: Text
    min_persons: Positive
    final_days: Positive


class Preliminary(Fact):
    """When the first report is due: promptly, which guidance reads as a span of days."""

    from_days: Positive
    to_days: Positive


class MonthDay(_Frozen):
    """A day of every year."""

    month: Positive
    day: Positive


class OfficeDays(Fact):
    """The days on which public offices are closed, besides public holidays."""

    weekend: tuple[Annotated[StrictInt, Field(ge=1, le=7)], ...]
    closed_from: MonthDay
    closed_to: MonthDay


class Counting(Fact):
    """How the days of a breach clock are counted.

    Args:
        day_of_knowing: number of the day of knowing (1: it counts as the first day).
        holiday_moves: clocks whose end, on a closed day, moves to the next open one.
        several_triggers: which end holds when several triggers are met.
        office: the days offices are closed.
    """

    day_of_knowing: Count
    holiday_moves: tuple[Literal["preliminary", "final"], ...]
    several_triggers: Literal["longest", "shortest"]
    office: OfficeDays


class BreachRule(Fact):
    """The duty to report a leak and to tell the persons. Law: APPI 26; Rule 7-10."""

    code: str
    triggers: tuple[BreachTrigger, ...]
    includes_suspected: StrictBool
    preliminary: Preliminary
    counting: Counting
    items: ElementList
    person_notice_items: ElementList
    person_notice_substitutes: ElementList
    trustee_exempt_if: Element

    def trigger(self, code: str) -> BreachTrigger | None:
        """The trigger called `code`."""
        return next((trigger for trigger in self.triggers if trigger.code == code), None)


class RecordRule(Fact):
    """Whether a provision must be recorded, by basis and route. Law: APPI 29(1)."""

    code: str
    bases: Words
    routes: Words
    required: StrictBool


class RecordKeeping(Fact):
    """How long a record of provision or receipt is kept, and from when. Law: APPI 29, 30."""

    code: Literal["contract_in_lieu", "bulk", "other"]
    years: Positive
    counted_from: Literal["last_provision", "creation"]


class RecordContent(Fact):
    """What a record of provision or of receipt on a basis holds. Law: APPI 29(1), 30(3), 31(3).

    Args:
        items: the elements it names. bulk_allowed: whether one record may stand for many
            provisions, continued or repeated.
    """

    basis: str
    items: Words
    bulk_allowed: StrictBool


class DeemedConsent(Fact):
    """Whether consent deemed from use opens a transfer abroad. Law: APPI 28(1)."""

    code: str
    opens_foreign_transfer: StrictBool


class Change(Fact):
    """A change a promulgated text brings, not yet written out as entries of its own."""

    code: str
    name: Text


class Pack(_Frozen):
    """One regime as data.

    Args:
        seiyaku_pack: version of the pack format.
        id: name of the pack; also the file's name.
        home: ISO code of the country whose law this is.
        checked_on: day on which the facts were collected.
    """

    seiyaku_pack: Literal[1]
    id: str
    name: Text
    home: str
    status: Status
    checked_on: date
    note: str = ""
    bases: tuple[Basis, ...] = ()
    exceptions: tuple[ProvisionException, ...] = ()
    purpose_exceptions: tuple[ProvisionException, ...] = ()
    recipient_kinds: tuple[RecipientKind, ...] = ()
    routes: tuple[Route, ...] = ()
    deemed_consent: tuple[DeemedConsent, ...] = ()
    record_rules: tuple[RecordRule, ...] = ()
    record_keeping: tuple[RecordKeeping, ...] = ()
    record_contents: tuple[RecordContent, ...] = ()
    receipt_contents: tuple[RecordContent, ...] = ()
    requests: tuple[RequestRule, ...] = ()
    keeping: tuple[KeepingRule, ...] = ()
    minors: tuple[MinorRule, ...] = ()
    transmission: tuple[TransmissionRule, ...] = ()
    public_items: tuple[ElementList, ...] = ()
    special_care: tuple[ElementList, ...] = ()
    breach: tuple[BreachRule, ...] = ()
    changes: tuple[Change, ...] = ()
