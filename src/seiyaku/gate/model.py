"""What the gate is asked and what it answers: frozen values, no behaviour.

The order of precedence (the first step that matches answers; its reasons are *all* that
apply within that step, in sorted order):

0.  No version is in force at `at`: undecided `no_policy_in_force`.
1.  Never: the item or the policy bans the act (`never`), the purpose is ``train_model``
    and training is banned, or the purpose is outside a closed list (`outside_only`) of the
    item, or of the item from that source. Closed lists speak where a purpose is named.
2.  Undecided: a word nobody declared (`unknown_item`, `unknown_purpose`, `unknown_source`,
    `unknown_recipient`, `unknown_country`, `unknown_context`); a part the question must name
    and does not (`purpose_unstated`, `source_unstated` where the item's sources narrow
    differently and the purpose is outside one of them, `recipient_unstated`,
    `country_unstated`, `member_unstated` for a class); an empty list where one is needed
    (`empty_list`: a purpose without items, a recipient without items, purposes or countries,
    a register without members); a recipient without basis (`basis_unstated`); a country
    abroad without route (`route_unstated`); an open contradiction without a stricter side
    (`open_contradiction`); an assurance that the basis, the route or the recipient needs and
    that is missing (`assurance_missing`) or lapsed (`assurance_lapsed`).
    Known words: what the policy declares, `legal_retention`, recipient kinds of the law packs,
    members of a register, and a purpose or recipient named by a live consent where the
    policy's `opened_by_consent` has a clause for it.
3.  The case: the person's own statutory request permits (`own_request`); a legal demand or an
    exception permits with *all* conditions of the law pack and of the policy recorded
    (`legal_demand`, `exception`), else refuses: `condition_missing` (one each),
    `not_an_authority` (the recipient's kind may not invoke it), `no_such_exception` (the law
    has none).
4.  Closed or erased person and an item the law holds: permits only to keep it, or to use it for
    `legal_retention` (`legal_retention`); everything else `legal_retention_only`.
5.  `frozen`, `closed`, `erased`; minors: `under_age`, `guardian_missing`, and on collecting
    `age_not_attested` (except the attestation itself).
6.  `suspended`, `opted_out` (collect, use, send; storage is untouched).
7.  Known words not declared together: `other_people`, `source_not_declared`,
    `item_not_for_purpose`, `context_missing`, `purpose_not_for_recipient`,
    `item_not_for_recipient`, `relation_missing`, `country_not_declared`, `route_not_declared`,
    `route_not_open` (the law does not open it), `kind_needs_case` (a recipient kind of the law
    without a case), `period_over` (keeping longer than a rule counted from collecting allows).
8.  Consent: `consent_missing`, `consent_withdrawn`, `consent_too_late` (not before the data),
    `consent_not_informed` (not presented first, or abroad without the elements the law wants),
    `transfer_consent_missing` (the policy's own consent to that country),
    `acknowledgement_missing`, `version_not_accepted` (what a material change brought, for a
    person who has not accepted that version or a later one).
9.  Permitted: `granted`, citing the clauses.
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
    "purpose_unstated",
    "source_unstated",
    "recipient_unstated",
    "country_unstated",
    "member_unstated",
    "empty_list",
    "basis_unstated",
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
