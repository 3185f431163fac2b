"""The pledge as data: what one version of one service's privacy policy says.

A `Policy` is the policy file, checked. Every part names the clause it comes
from; every clause carries our own paraphrase in Japanese and English and the
SHA-256 of the published text it paraphrases. Words used in one part (an item in
a purpose, a source in an item) are declared in another; `policy.parse` reports
the ones that are not. Lists that are empty stay empty: the gate answers
*undecided* there, it never fills a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from seiyaku.kernel.text import Text

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A declared word: lower case, digits and underscores."""
ClauseRef = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9a-z]+)*$", max_length=20)]
"""A clause of this policy: ``"6.2c"``. In YAML it may stand unquoted."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}$")]
"""ISO 3166-1 alpha-2, or a group the law packs know (``EU``, ``EEA``)."""

Act = Literal["collect", "use", "send", "keep"]
Ban = Literal["collect", "use", "send", "keep", "train"]
Basis = Literal[
    "entrust", "consent", "joint_use", "succession", "opt_out", "exception", "related_info", "none"
]
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
    "closure",
    "complaint",
]
Force = Literal["may", "must", "must-not", "statement", "endeavour"]

LEGAL_RETENTION = "legal_retention"
"""The one purpose every policy knows: keeping what the law demands, for nothing else."""


class Part(BaseModel):
    """Base of every part of a policy file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Version(Part):
    """Which version of the policy this file is, and from when it counts.

    Args:
        id: e.g. ``2026-02-16``; unique and ascending within a service.
        enacted_on: ``unknown`` where the published text bears no date.
        effective: ``on_publication``, or ``on_date`` with `effective_on`.
        published_at: when it appeared on the service; a version without it is a draft.
        related_changes: clauses whose change stays within what a person could expect
            and needs no new consent (Law: APPI 17(2)); every other widening is material.
    """

    id: str
    enacted_on: date | Literal["unknown"]
    effective: Literal["on_publication", "on_date"] = "on_publication"
    effective_on: date | None = None
    published_at: datetime | None = None
    related_changes: tuple[ClauseRef, ...] = ()
    history: tuple[Revision, ...] = ()


class Revision(Part):
    """One line of the revision history."""

    on: date
    summary: Text
    clause: ClauseRef | None = None


class Source(Part):
    """Where the published text was taken from; `unknown` stays until a person fills it."""

    url: str
    retrieved_on: date | Literal["unknown"]
    sha256: Sha256
    language: Literal["ja", "en"]


class ClauseText(Part):
    """One clause: our paraphrase and the digest of the published lines it stands for.

    Args:
        says: at most one sentence in each language, the product's own words.
        lines: first and last line of the published text, 1-based, both included.
        sha256: of those lines joined by a line feed, UTF-8, without a final one.
        force: whether the sentence allows, binds, forbids, states or aims.
        proof: ``text`` where the clause is kept by being said (a rendering or a lint
            finding shows it); everything else is kept by behaviour only.
        read_as: how a person decided to read words that say something else.
    """

    says: Text
    lines: tuple[int, int]
    sha256: Sha256
    force: Force
    proof: Literal["behaviour", "text"] = "behaviour"
    read_as: Text | None = None


class FormerController(Part):
    """Who made the promise before. `until` is the day on which the next one took over."""

    until: date
    name: Text
    clause: ClauseRef


class Controller(Part):
    """Who makes the promise (個人情報取扱事業者). Law: APPI 32(1)(i).

    Args:
        former: those before, oldest first.
    """

    clause: ClauseRef | None = None
    name: Text
    address: Text | None = None
    representative: Text | None = None
    responsible: Text | None = None
    former: tuple[FormerController, ...] = ()


class Contact(Part):
    """How to reach the controller about personal data. `web` is a form, `post` an address."""

    clause: ClauseRef
    email: str | None = None
    web: str | None = None
    post: Text | None = None
    section: Text | None = None


class PersonKind(Part):
    """A kind of people in scope (user, applicant, ...)."""

    name: Text
    clause: ClauseRef | None = None


class SourceWord(Part):
    """A place items come from: the person, a device, a linked service, a partner."""

    name: Text
    clause: ClauseRef | None = None
    recipient: Word | None = None


class ContextWord(Part):
    """A circumstance in which something is allowed: an open order, an open inquiry."""

    name: Text
    clause: ClauseRef | None = None


class ItemSource(Part):
    """What holds for an item when it comes from this source.

    Args:
        only: the closed list of purposes for the item from this source.
        scope: what the person must have granted the linked service for it to be collected.
    """

    clause: ClauseRef | None = None
    only: tuple[Word, ...] | None = None
    scope: Word | None = None


class Collecting(Part):
    """What must be there before an item is collected.

    Args:
        contexts: one of these circumstances must be present.
        consent: the person's own consent to the item must be older than the data.
        acknowledgement: the person must have acknowledged this first.
    """

    clause: ClauseRef
    contexts: tuple[Word, ...] = ()
    consent: bool = False
    acknowledgement: Word | None = None


class OnlyPurposes(Part):
    """A closed list of purposes for an item, whatever its source."""

    clause: ClauseRef
    purposes: tuple[Word, ...]


class Item(Part):
    """A collected item (取得項目).

    Args:
        personal: DPV concept, e.g. ``pd:EmailAddress``; ``none`` where DPV has none.
        sources: where it comes from; empty means the sources are not stated.
        never: acts the policy says never happen, each with its clause.
        only: closed list of purposes.
        collect: what must be there before collecting.
        people: kinds of people it is collected from; empty means all.
        essential: clause saying that the service cannot run without it, so that it
            stops only with closure.
        open_ended: the published list ends in "etc."; the examples are taken as closed.
        special_care: class of the law pack, where the item is special-care.
        derived_from: items it is made of; what must never be done with them, and what lies
            outside their closed lists, is not done with it either.
    """

    clause: ClauseRef
    also: tuple[ClauseRef, ...] = ()
    name: Text
    personal: str
    sources: dict[Word, ItemSource] = Field(default_factory=dict)
    never: dict[Ban, ClauseRef] = Field(default_factory=dict)
    only: OnlyPurposes | None = None
    collect: Collecting | None = None
    people: tuple[Word, ...] = ()
    essential: ClauseRef | None = None
    open_ended: bool = False
    special_care: str | None = None
    derived_from: tuple[Word, ...] = ()


class ConsentNeed(Part):
    """This needs the person's consent, given beforehand and not withdrawn."""

    clause: ClauseRef


class Purpose(Part):
    """A purpose of use (利用目的).

    Args:
        items: what may be used for it; empty means the policy does not say.
        items_when: further items, each only in the context that is its key.
        consent: needed from the person, for every use.
        acknowledgement: the person must have acknowledged this first.
        people: kinds of people it concerns; empty means all.
        opt_out: clause that lets the person say no.
        promotes: promotional messages or advertising.
        tells: item of whose use people are told for this purpose.
    """

    clause: ClauseRef
    also: tuple[ClauseRef, ...] = ()
    name: Text
    items: tuple[Word, ...] = ()
    items_when: dict[Word, tuple[Word, ...]] = Field(default_factory=dict)
    consent: ConsentNeed | None = None
    acknowledgement: Word | None = None
    people: tuple[Word, ...] = ()
    opt_out: ClauseRef | None = None
    promotes: bool = False
    tells: Word | None = None
    dpv: str | None = None


class Recipient(Part):
    """Who receives (提供先), on which basis.

    Args:
        basis: ``none`` says the policy names a receiver without a basis: never opens.
        register: the recipient is a *class* whose members stand in this register.
        relation: the person must stand in this relation to the member (``buyer_of``).
        countries: where it handles the data; empty means not stated.
        routes: for each country abroad, how the law lets data go there.
        items: the closed list it may get; `items_when`: more, in a context.
        reference: where the text sends the reader to a clause it cannot mean: the clauses of
            purposes it may mean, the printed one first. Nothing goes to the recipient until a
            named person's reading decides for one.
        requires: assurances demanded beside those the basis and route demand.
        masked: clause saying that it gets text only with whatever identifies people masked.
        opt_out: clause that lets the person say no to this recipient.
        own_policy: clause saying that the recipient's own policy governs what it obtains.
        policy_url: address of that policy.
    """

    clause: ClauseRef
    also: tuple[ClauseRef, ...] = ()
    name: Text
    operator: str | None = None
    basis: Basis
    register_name: Word | None = Field(default=None, alias="register")
    relation: Word | None = None
    countries: tuple[Country, ...] = ()
    routes: dict[Country, Literal["adequacy", "equivalent_measures", "consent"]] = Field(
        default_factory=dict
    )
    safeguards: tuple[str, ...] = ()
    purposes: tuple[Word, ...] = ()
    items: tuple[Word, ...] = ()
    items_when: dict[Word, tuple[Word, ...]] = Field(default_factory=dict)
    reference: tuple[ClauseRef, ...] = ()
    requires: tuple[Word, ...] = ()
    masked: ClauseRef | None = None
    opt_out: ClauseRef | None = None
    own_policy: ClauseRef | None = None
    policy_url: str | None = None


class ProvisionException(Part):
    """A case in which the policy provides without consent; the law pack adds its conditions.

    Args:
        law: exception code of the law pack; None where the law has no such exception,
            and then it never opens.
        conditions: conditions the policy itself prints.
    """

    clause: ClauseRef
    name: Text
    law: str | None
    conditions: tuple[Word, ...] = ()


class OpenedByConsent(Part):
    """A clause that lets a live consent name a purpose or recipient nobody declared."""

    purposes: ClauseRef | None = None
    recipients: ClauseRef | None = None


class ForeignConsent(Part):
    """The policy's own consent to sending abroad, on top of the law's route.

    Args:
        deemed: consent is taken from using the service; it is recorded with version and
            countries, renewed when the list grows, and never opens a route of the law.
    """

    clause: ClauseRef
    deemed: bool = False


class ExternalTransmission(Part):
    """What the browser or app sends out (外部送信). Law: Telecommunications Business Act 27-12."""

    clause: ClauseRef
    recipient: Word
    information: Text
    items: tuple[Word, ...]
    purpose: Word
    purpose_text: Text | None = None
    destination_purpose: Text | None = None
    policy_url: str | None = None
    opt_out_url: str | None = None


class Acknowledgement(Part):
    """Something the person must know and confirm before an irreversible act."""

    clause: ClauseRef
    name: Text


class Minors(Part):
    """Age bands of the policy.

    Args:
        minimum_age: people younger may not use the service.
        guardian_below: below this age a guardian's consent is needed.
        attestation: item by which age is attested; may be collected before all others.
    """

    clause: ClauseRef
    minimum_age: int | None = None
    guardian_below: int | None = None
    attestation: Word | None = None


class Retention(Part):
    """How long items are kept and what ends it.

    Args:
        items: items under this rule.
        after: event that starts the period: ``collected``, ``closure``, ``decided`` ...
        days: length in days; `law`: a keeping rule of the law packs instead.
        ends_early: event that ends it before its time (``purpose_finished``).
        stated: False where the policy names no period and the controller set this one.
    """

    clause: ClauseRef
    items: tuple[Word, ...]
    after: Word
    days: int | None = None
    law: str | None = None
    ends_early: Word | None = None
    stated: bool = True


class Backups(Part):
    """What the notice tells of backups, from which a restore could bring back who was erased.

    Args:
        days: how long the oldest one is kept, at most.
        erased_again: keyed hashes of who was erased are kept as long, so that they are erased
            again after a restore, and are used for nothing else.
    """

    clause: ClauseRef
    days: Annotated[int, Field(ge=1)]
    erased_again: bool = False


class RightException(Part):
    """Where a right does not reach.

    Args:
        systems: ``immutable`` where only systems that declare themselves so are meant.
        ground: word for the reason, given in the answer.
        reference: where the text sends the reader to a clause it cannot mean: the clauses it may
            mean, the printed one first. Nobody is refused by it until a named person's reading
            (of the kind of request) decides for one.
    """

    clause: ClauseRef
    systems: Literal["immutable"] | None = None
    ground: Word | None = None
    reference: tuple[ClauseRef, ...] = ()


class Right(Part):
    """What a person may ask, and how it is answered.

    Args:
        fee_jpy: yen per request. Law: APPI 38 allows it for few kinds only.
        identity: proofs accepted; empty means the policy does not say.
        further_proof: clause saying that more may be asked for to know who asks.
        within_days: the controller's own aim in days, never printed as law.
        within_clause: clause that promises to be prompt.
        investigated: clause that wants a claim looked into before anything is changed.
        told: clause that promises word of the result, also of a refusal.
        channels: how it may be asked (``email``, ``web``, ``post``, ``settings``).
    """

    clause: ClauseRef
    also: tuple[ClauseRef, ...] = ()
    fee_jpy: int | None = None
    fee_clause: ClauseRef | None = None
    identity: tuple[Word, ...] = ()
    identity_clause: ClauseRef | None = None
    further_proof: ClauseRef | None = None
    within_days: int | None = None
    within_clause: ClauseRef | None = None
    investigated: ClauseRef | None = None
    told: ClauseRef | None = None
    channels: tuple[Literal["email", "web", "post", "settings"], ...] = ()
    exceptions: tuple[RightException, ...] = Field(default=(), alias="except")


class Measure(Part):
    """A security measure, reviewed by its assurance (kind `measure`, subject the measure).

    Args:
        review_days: the controller's own review period in days.
        endeavour: the clause only aims; it reports and never blocks.
        forbids: what must not lie in a system because of it (``credential``).
        warns: clause telling what follows for the person where it is not so.
        media: rows go onto a medium only where the register of media has it.
    """

    clause: ClauseRef
    name: Text
    review_days: int | None = None
    endeavour: bool = False
    forbids: tuple[Literal["credential"], ...] = ()
    warns: ClauseRef | None = None
    media: bool = False


class Incidents(Part):
    """What the policy promises when data leaks."""

    authority: ClauseRef | None = None
    persons: ClauseRef | None = None
    publication: ClauseRef | None = None


class Revisions(Part):
    """How the policy changes.

    Args:
        material_needs_consent: clause that asks consent for changes the law wants it for.
        announced: clause that promises notice of a change.
    """

    clause: ClauseRef
    material_needs_consent: ClauseRef | None = None
    announced: ClauseRef | None = None


class Export(Part):
    """A file in which nobody is recognised: statistics, or rows without identifiers.

    Args:
        kind: ``statistics`` counts groups of people; ``research`` keeps a row for each but
            drops what identifies them; ``publication`` is for everyone to read.
        recipients: declared recipients that may get it; empty means it stays inside.
        items: what its columns may be made of; every other item is refused.
        k: the fewest people behind a group.
        stated: whether the policy names that number; else the controller set it.
    """

    clause: ClauseRef
    also: tuple[ClauseRef, ...] = ()
    name: Text
    kind: Literal["statistics", "research", "publication"]
    recipients: tuple[Word, ...] = ()
    items: tuple[Word, ...]
    k: Annotated[int, Field(ge=2)] = 5
    stated: bool = False


class ItemClass(Part):
    """A name the text gives to several items together, and which they are."""

    clause: ClauseRef
    items: tuple[Word, ...]


class Contradiction(Part):
    """Two clauses that cannot both hold.

    Args:
        stricter: the clause whose conditions bind until a named person decides (an
            assurance of kind ``reading``); without one the gate answers undecided.
        purposes, items: the questions it touches.
    """

    clauses: tuple[ClauseRef, ClauseRef]
    stricter: ClauseRef | None = None
    purposes: tuple[Word, ...] = ()
    items: tuple[Word, ...] = ()


class CountryNote(Part):
    """What the notice tells about a country abroad. Law: APPI 28(2)."""

    name: Text
    regime: Text | None = None
    clause: ClauseRef | None = None


class Policy(Part):
    """One version of one service's privacy policy.

    Args:
        seiyaku: version of the file language.
        service: id of the service, e.g. ``closm-i``.
        prefix: how its clauses are cited: ``CLOSM`` gives ``CLOSM-6.2c``.
        never: acts that never happen with any item (``train``), with the clause.
        contents: what a request by letter must say, with the clause that wants it.
        classes: names for several items together.
        covers_services: clause saying that it covers several services: the data map then
            tells of every dataset which one it is of.
    """

    seiyaku: Literal[1]
    service: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*$")]
    service_name: Text
    version: Version
    source: Source
    controller: Controller
    contacts: tuple[Contact, ...] = ()
    regimes: tuple[str, ...]
    clauses: dict[ClauseRef, ClauseText]
    people: dict[Word, PersonKind]
    sources: dict[Word, SourceWord] = Field(default_factory=dict)
    contexts: dict[Word, ContextWord] = Field(default_factory=dict)
    items: dict[Word, Item]
    purposes: dict[Word, Purpose]
    recipients: dict[Word, Recipient] = Field(default_factory=dict)
    exceptions: dict[Word, ProvisionException] = Field(default_factory=dict)
    never: dict[Ban, ClauseRef] = Field(default_factory=dict)
    opened_by_consent: OpenedByConsent | None = None
    foreign_consent: ForeignConsent | None = None
    countries: dict[Country, CountryNote] = Field(default_factory=dict)
    transmissions: tuple[ExternalTransmission, ...] = ()
    acknowledgements: dict[Word, Acknowledgement] = Field(default_factory=dict)
    minors: Minors | None = None
    retention: dict[Word, Retention] = Field(default_factory=dict)
    backups: Backups | None = None
    rights: dict[RequestKind, Right] = Field(default_factory=dict)
    contents: dict[Literal["details", "delivery", "name", "address"], ClauseRef] = Field(
        default_factory=dict
    )
    measures: dict[Word, Measure] = Field(default_factory=dict)
    incidents: Incidents | None = None
    revisions: Revisions | None = None
    exports: dict[Word, Export] = Field(default_factory=dict)
    contradictions: dict[Word, Contradiction] = Field(default_factory=dict)
    classes: dict[Word, ItemClass] = Field(default_factory=dict)
    covers_services: ClauseRef | None = None

    def cite(self, clause: str) -> str:
        """The citation of a clause: ``CLOSM-6.2c``."""
        return f"{self.prefix}-{clause}"

    def lineage(self, word: str) -> Iterator[Item]:
        """The item called `word` and those it is derived from at any remove, each once."""
        queue, seen = [word], set[str]()
        while queue:
            name = queue.pop()
            item = self.items.get(name)
            if item is not None and name not in seen:
                seen.add(name)
                queue.extend(item.derived_from)
                yield item

    def ban(self, item: str, act: Ban) -> str | None:
        """The clause that bans the act with the item, with what it is made of, or with anything."""
        bans = (*(of.never for of in self.lineage(item)), self.never)
        return next((never[act] for never in bans if act in never), None)

    def legal_holds(self) -> Iterator[tuple[str, Retention]]:
        """Retention rules that a law demands, by name."""
        return ((name, rule) for name, rule in self.retention.items() if rule.law)
