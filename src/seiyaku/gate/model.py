"""What the gate is asked and what it answers: frozen values, no behaviour.

The order of precedence: the first step that matches answers, and its reasons are *all* that
apply within that step, sorted, without repetition. `spec` is this text as code; the fast
engine must agree with it reason by reason. Each code below is followed by (what it cites;
what it is about); *no cite* is the empty text.

Words used here. *P*: the version in force at `at`. The laws are those of the Tokyo day of
`at`. *Held*: a retention rule with a `law` that the packs know names the item. *Recipient*
resolves to the first that fits: declared · member (live in the register of one or more
declared classes) · kind of the law packs · opened (see `opened_by_consent`). Its *words* are
itself and the classes it is a member of; a scope that names a class covers its members.
A *live* consent is explicit, given not after `at`, and no withdrawal takes it back for this
question. A withdrawal takes back every question that is outside none of the parts it names
(a part the question does not name is not outside). An item's *ancestors* are the items it is
derived from, at any remove, that P declares. The *scopes asked* of an item: with a source named
the scope of that source, if any; with none named those of all its sources, if each has one.
*Carried by a case*: every legal demand and exception; an own request only where neither purpose nor
recipient is named and the act is use, send (to the person) or, for `correction` and `addition`,
collect. Otherwise an own request counts for nothing and the question stands alone. *Countries* of a
recipient: of a member those in the register, of an opened one those of the live consents that open
it, else those declared; groups expanded by the laws. Its *country* is `question.country`, else the
only one there is. A kind of the law is at home: no country is asked. *Abroad*: a country that is
not domestic, under a basis that does not escape the foreign rule. The *route* is the one declared
for the country itself, else for the first group in written order that holds it; for an opened
recipient it is ``consent``.

0.  No version is in force at `at`: undecided `no_policy_in_force` (no cite; nothing).

1.  Refused.
    `never` (the ban's clause; the ban's word): the item, an ancestor or the policy bans the
    act, or bans ``train`` and the purpose is ``train_model``.
    `never` (the law's basis; ``special_care``):
    a send whose recipient's basis (of a member of several classes, any of theirs) the law shuts to
    special-care items, unless carried.
    `outside_only` (the list's clause; the purpose): a purpose is named and is outside the
    `only` of the item or of an ancestor, or outside the `only` of the source named (clause of the
    source, else of the item); with no source named, outside the `only` of *every* source of the
    item, of which there is one at least. `legal_retention` is outside no list where the item is
    held.

2.  Undecided.
    Words, whatever the act (no cite; the word): `unknown_item`, `unknown_purpose`,
    `unknown_source`, `unknown_recipient`, `unknown_country` (no ISO code), `unknown_context`.
    Known are: what P declares; as purpose also ``legal_retention``; as recipient what
    resolves; a purpose (recipient) that a live consent names where `opened_by_consent` has a
    clause for purposes (recipients).
    `source_unstated` (clause of the source, else of the item; the source): a purpose, no
    source, and the purpose is outside the `only` of some source of the item but not of all.
    `recipient_unstated` (no cite; nothing): a send without recipient, unless the case is the
    person's own request that carries it.
    The rest is asked only where no case carries the question:
    `purpose_unstated` (no cite; nothing): use or send without purpose.
    `empty_list` (the purpose's clause; ``items:PURPOSE``): a declared purpose that is named
    has neither items nor items in a context.
    `open_contradiction` (each of the two clauses; the contradiction): no side is stricter,
    nobody decided, and it touches the question: the item is in its items or these are empty,
    and the purpose in its purposes or these are empty. Somebody decided when all live
    facts of kind ``reading`` about it name one and the same clause, one of the two (a fact that
    names no clause, or another one, leaves it open); then the conditions of the *other* clause
    are lifted for the questions it touches.
    For a send, of a declared recipient or class (clause of the recipient):
    `member_unstated` (; the class) for a class itself, with `empty_list` (; ``members:CLASS``)
    where its register has no live member, and nothing else; `member_unstated` (; the member),
    one for each class, where more than one holds the member, and nothing else.
    `basis_unstated` (; the recipient as asked): basis ``none`` or unknown to the laws (it
    then requires no assurance and no route). `unresolved_reference` (; WORD, the declared one):
    its `reference` is not empty and nobody decided which clause is meant: all live facts of kind
    ``reading`` about WORD have to name one and the same clause, one of the reference.
    `empty_list` (; ``items:WORD`` without items and items in a context, ``purposes:WORD``)
    unless the basis is ``exception``; `empty_list` (; ``ELEMENT:WORD``) for each further element
    of joint use the policy leaves empty (`policy.elements`; ``items`` and ``purposes_of_users``
    are told above);
    `empty_list` (; ``countries:RECIPIENT``): no countries, whether or not the question names one.
    `country_unstated` (; the recipient): several, and the question names none.
    `route_unstated` (; ``RECIPIENT:COUNTRY``): abroad, in one of its countries, without route.
    `assurance_missing`, `assurance_lapsed` (was there ever): what the basis requires (law;
    ``KIND:RECIPIENT``), what the route requires for this country, in one of its countries
    (law; ``KIND:RECIPIENT:COUNTRY``), what the recipient `requires` (its clause;
    ``KIND:RECIPIENT``). Its subject is the recipient as asked.
    An opened recipient, whose basis is ``consent``: `basis_unstated`, and `empty_list` and
    `country_unstated` about its countries, likewise, citing the opening clause, but nothing
    of countries where the question names one. A kind of the law: nothing.

3.  The case that carries the question.
    Own request: permitted `own_request` (the law on that request; the code) and (the clause of
    that right; the code), those there are; refused `no_such_exception` (no cite; the code)
    where there is neither.
    Legal demand, exception: the code is a word of the policy's `exceptions`, else a code of
    the law. The law's exception is one from consent for a send, from the purpose for every
    other act. `no_such_exception` (the policy's clause, else no cite; the code): the word
    names no law, or the laws do not know it; and nothing else. `condition_missing` (the law
    or the clause that sets it; the condition), one each: conditions of the law and of the
    policy's exceptions concerned (the word named, or all that stand for the code), and for
    a legal demand ``document`` (the law's). `not_an_authority` (the law on the kind, else no
    cite; the recipient): in a send, a kind of the law (declared or not) that may not invoke
    this exception, or a legal demand by a recipient that is no kind of the law. Else permitted
    `legal_demand` or `exception` (the law, and the policy's clauses concerned; the code).

4.  The item is held. A closed or erased person, or the period over (a rule without law, counted
    from ``collected``, whose days since `data_at` have passed, and the act is not collect):
    permitted `legal_retention` to keep (for no purpose, or for ``legal_retention``) and to use
    for ``legal_retention``; all else refused `legal_retention_only`. A frozen person: the same
    permission; all else goes on. Both (the rule's clause, and the law; the rule).

5.  Refused. `frozen`, `closed`, `erased` (no cite; nothing). Minors (their clause; the age):
    `under_age`: below an age no higher than the minimum. `guardian_missing`: a band is known,
    it is not at least `guardian_below`, and there is no guardian. `age_not_attested`, on
    collecting anything but the attestation: not known to be at least the minimum age, or where
    there is none, no band known at all (the age is then `guardian_below`).

6.  Refused, on collect, use and send. `suspended` (the clause of the right to ``suspension``,
    else the law on that request, else no cite; the scope), `opted_out` (the opt-out clauses of
    the purpose and of the recipient, those there are and the scope names, else no cite; the
    scope). A scope stops the question when every part it names contains
    the question's word; that an item is `essential` changes nothing, a stop once recorded binds
    (that such an item stops only with closure is the answer to the request). It is written as its
    words, sorted, joined by commas; ``all`` if none.

7.  Refused: known words not declared together.
    `other_people` (no cite where P does not know the kind, else the clause of the item, and of
    the declared purpose, that is for other kinds; the person's kind).
    `source_not_declared` (the item; the source): a source the item does not have.
    `scope_not_granted` (the clause of the source, else of the item; the scope), to collect: there
    are scopes asked and none of them is among the question's; one for each source and scope.
    `context_missing` (the clause of the condition; its contexts, sorted, joined by commas): to
    collect, one of the item's contexts; for a purpose or recipient that has the item only
    in a context, one of those. `item_not_for_purpose` (the purpose's clause; the item): a
    declared purpose without it; for ``legal_retention`` of an item not held (the item; the
    item). `period_over` (the rule's clause; the rule): as in 4.
    A send to a declared recipient or a member (clause of the recipient):
    `purpose_not_for_recipient` (; the purpose): not one of its purposes, or its `reference` is
    not empty and the clause decided on is not the purpose's own. `item_not_for_recipient`
    (; the item).
    `not_masked` (the clause that asks for masking; the recipient): it gets masked text only and
    the question is not `masked`. `relation_missing` (; the relation),
    `country_not_declared` (; the country),
    `route_not_declared` (; the route asked): abroad, and the question names another route;
    `route_not_open` (the law's route, else the clause; ``ROUTE:COUNTRY``): the laws do not know
    the route, or it leads elsewhere; both only in one of its countries. `kind_needs_case`
    (; the recipient) and nothing else of the recipient: the basis is ``exception``. To an opened
    one: `country_not_declared`, but for a domestic country, and `route_not_open`. To a kind of
    the law: `kind_needs_case` (the law; the recipient).

8.  Refused: consent. The *moment* is `at`, on collecting `data_at` where it is known. A need is
    met by one consent that covers it, is not taken back, is older than the moment, and is
    informed: presented before it was given. Where none meets it: `consent_missing` if none
    covers; else for those that cover `consent_withdrawn`, and of those not taken back
    `consent_too_late` and `consent_not_informed`. A consent covers if it is explicit, names the
    words in the list below, and is outside the question in no other part: items it names
    contain the item, purposes it names the purpose if there is one, recipients it names a word
    of the recipient. Needs (cite; about):
    declared purpose with `consent` names the purpose (that clause; the purpose) ·
    collecting with `consent` names the item (that clause; the item) ·
    opened purpose names purpose and item (opening clause; the purpose) ·
    a send on a basis that needs consent names recipient, purpose and item (the recipient; the
    recipient) · opened recipient, the same (opening clause; the recipient) ·
    a send abroad by a route that needs consent names the recipient and, in its countries, the
    country; informed needs every element of the route too; deemed consents count where the
    laws say so (the law's route; ``RECIPIENT:COUNTRY``).
    `transfer_consent_missing` (that clause; the country): a send abroad to a declared recipient
    or member under `foreign_consent`: no consent, deemed or not as that clause allows, whose
    countries hold it, that is not outside the question, not taken back, older than the moment.
    `acknowledgement_missing` (the clause that asks for it, of collecting or of the purpose,
    and the clause of the acknowledgement where P declares it; the acknowledgement): none that
    is older than the moment.
    `version_not_accepted` (the grant's clause in P; the version that brought it). Grants: on
    collect and keep the *item*; where a declared purpose is named the *purpose*; in a send to a
    declared recipient or member the *recipient*. Going back from P while versions declare the
    grant together gives the version that brought it. It counts if that is the first version,
    or names the grant's clause (as written there) in `related_changes`, or the person accepted
    it or a later one. A version declares a grant together when it knows its words,
    step 1 with its own lists bans neither act nor purpose, and
    *item*: the item has the source, if named; on collect it asks there no consent,
    acknowledgement, contexts or scopes but those P asks (contexts, scopes: P asks some, and
    those of P are among them) ·
    *purpose*: it has the item, there or in a context present, and asks no consent or
    acknowledgement that P does not ask ·
    *recipient*: with the same basis, not masked where P's is not, and with no `reference` or the
    one P has, it has the purpose, the item likewise, and (but for a member, whose countries the
    register tells) the country; that an earlier version declares the item is not asked for.
    Lifted conditions (step 2): all that is asked before collecting (contexts, consent,
    acknowledgement), the consent of a purpose, `transfer_consent_missing`, each when its
    clause is lifted.

9.  Permitted `granted`, one for each citation (about nothing). Collect: the item. Use: the
    purpose, and the source's clause (else the item) where a source with `only` was named.
    Keep: every retention rule of the item, else the item. Send: recipient, purpose, the law's
    basis, and abroad the law's route. *The purpose* is its clause, for ``legal_retention`` the
    clauses of the rules that hold the item, for an opened one the opening clause; *the
    recipient* likewise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NoReturn

from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Act

OutcomeOfGate = Literal["permitted", "refused", "undecided"]

ReasonCode = Literal[
    "no_policy_in_force",
    "never",
    "outside_only",
    "unknown_item",
    "unknown_purpose",
    "unknown_source",
    "unknown_recipient",
    "unknown_country",
    "unknown_context",
    "unknown_person",
    "purpose_unstated",
    "source_unstated",
    "recipient_unstated",
    "country_unstated",
    "member_unstated",
    "empty_list",
    "basis_unstated",
    "unresolved_reference",
    "route_unstated",
    "open_contradiction",
    "assurance_missing",
    "assurance_lapsed",
    "own_request",
    "legal_demand",
    "exception",
    "condition_missing",
    "not_an_authority",
    "no_such_exception",
    "legal_retention",
    "legal_retention_only",
    "frozen",
    "closed",
    "erased",
    "under_age",
    "guardian_missing",
    "age_not_attested",
    "suspended",
    "opted_out",
    "other_people",
    "source_not_declared",
    "scope_not_granted",
    "not_masked",
    "item_not_for_purpose",
    "context_missing",
    "purpose_not_for_recipient",
    "item_not_for_recipient",
    "relation_missing",
    "country_not_declared",
    "route_not_declared",
    "route_not_open",
    "kind_needs_case",
    "period_over",
    "consent_missing",
    "consent_withdrawn",
    "consent_too_late",
    "consent_not_informed",
    "transfer_consent_missing",
    "acknowledgement_missing",
    "version_not_accepted",
    "granted",
]


@dataclass(frozen=True, order=True)
class Reason:
    """Why a decision is as it is.

    Args:
        code: one of the codes above.
        cite: the clause or article that says so: ``CLOSM-6.2c``, ``APPI 28(1)``; empty where
            nothing says anything, which is the reason itself.
        about: the word concerned: ``newsletter``, ``equivalent_measures:printful:US``.
    """

    code: ReasonCode
    cite: str = ""
    about: str = ""


@dataclass(frozen=True)
class Case:
    """A circumstance that opens a way beside consent.

    Args:
        kind: the person's own request, a compulsory demand, or an exception.
        code: request kind, or the exception's word in the policy or code in the law pack.
        conditions: conditions recorded as met (``consent_impractical``).
        approver: staff identifier of who approved. document: digest of the document.
    """

    kind: Literal["own_request", "legal_demand", "exception"]
    code: str
    conditions: frozenset[str] = frozenset()
    approver: str | None = None
    document: str | None = None

    def recorded(self) -> frozenset[str]:
        """Every condition met, the approver and the document among them."""
        extra = {"approver"} if self.approver else set()
        return self.conditions | extra | ({"document"} if self.document else set())


@dataclass(frozen=True)
class Question:
    """One question to the gate about one item of one person.

    Args:
        at: the moment of the act, aware, UTC.
        item: declared word of the item.
        purpose: why. Needed for use and send, unless a case carries the question.
        source: where this value came from (``auth0``), when known.
        recipient: who would receive: a declared recipient, a member of a class, a kind of the
            law packs, or a name a consent opened.
        relation: relation of the person to the recipient's member (``buyer_of``).
        country: where it would go, ISO code; needed where the recipient has several.
        route: route abroad, when the caller wants a particular one.
        contexts: circumstances present (``merchandise_order``).
        data_at: when the data itself arose, for late and batch data.
        scopes: what the person granted the linked service the item comes from.
        masked: whether everything that identifies people has been masked in it.
    """

    act: Act
    person: PersonId
    item: str
    at: datetime
    purpose: str | None = None
    source: str | None = None
    recipient: str | None = None
    relation: str | None = None
    country: str | None = None
    route: str | None = None
    contexts: frozenset[str] = field(default_factory=frozenset)
    case: Case | None = None
    data_at: datetime | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    masked: bool = False


@dataclass(frozen=True)
class Handling:
    """What is being done and why, whoever and whichever item it is done with.

    The part of a `Question` that a door knows before it meets the data: the door of a
    session, of a call to a recipient, of a column of permits.
    """

    act: Act
    purpose: str | None = None
    recipient: str | None = None
    relation: str | None = None
    country: str | None = None
    route: str | None = None
    contexts: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    masked: bool = False

    def question(
        self,
        person: PersonId,
        item: str,
        at: datetime,
        *,
        source: str | None = None,
        data_at: datetime | None = None,
        case: Case | None = None,
    ) -> Question:
        """The whole question about one item of one person."""
        return Question(
            self.act,
            person,
            item,
            at,
            self.purpose,
            source,
            self.recipient,
            self.relation,
            self.country,
            self.route,
            self.contexts,
            case,
            data_at,
            self.scopes,
            self.masked,
        )


@dataclass(frozen=True)
class Decision:
    """May this be done, and which clauses or choices of the person decided it.

    A decision is not a bool, so that ``if gate.decide(...)`` cannot pass silently.

    Args:
        outcome: ``permitted``, ``refused``, or ``undecided`` (the configuration has a gap;
            doors that know only two treat it as refused and say so).
        reasons: all reasons of the step that answered, sorted; never empty.
        version: id of the policy version in force, empty when there was none.
        step: the step of the precedence that answered, 0 to 9.
    """

    outcome: OutcomeOfGate
    reasons: tuple[Reason, ...]
    version: str
    step: int

    @property
    def permitted(self) -> bool:
        """Whether the act may be done."""
        return self.outcome == "permitted"

    def __bool__(self) -> NoReturn:
        raise TypeError("a Decision is not a bool: read `.permitted` or call `require`")
