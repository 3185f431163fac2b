"""What a policy promises of recipients and measures, and no live fact bears out.

The gate asks for facts when something would be sent; this review asks before, so that a
certificate is renewed and a measure looked at while there is time. It permits and refuses
nothing. Law: APPI 23, 25, 28(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.policy.history import History
from seiyaku.policy.model import Policy

LapseCode = Literal[
    "safeguard-unproven",
    "safeguard-evidence-expired",
    "supervision-overdue",
    "measure-unproven",
    "measure-stale",
    "measure-unowned",
    "opt-out-page-missing",
    "certificate-missing",
    "trained-before-ban",
    "trained-against-ban",
]
SAFEGUARD = "safeguard"
SUPERVISION = "supervision"
MEASURE = "measure"
OWNER = "measure_owner"
IN_CHARGE = "owner"
OPT_OUT_PAGE = "opt_out_page"
CONTRACT = "trustee_record"
CERTIFICATE = "deletion_certificate"
TRAINING_SET = "training_set"


@dataclass(frozen=True, order=True)
class Lapse:
    """One promise that no live fact bears out.

    Args:
        cite: the clause that promises it, ``CLOSM-6.2a``.
        subject: word of the recipient or measure. about: the safeguard, ``iso27001``.
        since_at: since when it lapsed; None where it was never shown.
    """

    code: LapseCode
    cite: str
    subject: str
    about: str = ""
    since_at: datetime | None = None


def review(policy: Policy, assurances: Assurances, at: datetime) -> tuple[Lapse, ...]:
    """Every safeguard, supervision and measure that is unproven, expired, overdue or unowned.

    Where it is kept at all who answers for a measure (facts of kind ``measure_owner``, about
    the staff identifier), every measure has such a person.

    Args:
        at: the present moment, aware.
    """
    return (
        *_safeguards(policy, assurances, at),
        *_supervision(policy, assurances, at),
        *_measures(policy, assurances, at),
        *_owners(policy, assurances, at),
        *_opt_out_pages(policy, assurances, at),
        *_certificates(policy, assurances, at),
    )


def owner_of(assurances: Assurances, subject: str, at: datetime) -> str:
    """Staff identifier of who owns a measure or recipient at `at`; empty where nobody does.

    Args:
        subject: its word, or the word with what is looked at: ``auth0:iso27001``.
    """
    word = subject.partition(":")[0]
    facts = (f for f in assurances.facts if f.kind in (OWNER, IN_CHARGE) and f.subject == word)
    return next((f.about for f in facts if f.about and f.holds_at(at)), "")


def _safeguards(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    for word, recipient in policy.recipients.items():
        cite = policy.cite(recipient.clause)
        for safeguard in recipient.safeguards:
            facts = [f for f in _of(assurances, SAFEGUARD, word) if f.about == safeguard]
            if not facts:
                yield Lapse("safeguard-unproven", cite, word, safeguard)
            elif not any(fact.holds_at(at) for fact in facts):
                ended = max((f.until_at for f in facts if f.until_at), default=None)
                yield Lapse("safeguard-evidence-expired", cite, word, safeguard, ended)


def _supervision(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    """Recipients, also members of a class, whose supervision was recorded and lapsed."""
    for word, recipient in policy.recipients.items():
        members = {
            m.member
            for m in assurances.memberships
            if recipient.register_name is not None
            and m.register == recipient.register_name
            and m.holds_at(at)
        }
        for subject in sorted(members or {word}):
            facts = [f for f in _of(assurances, SUPERVISION, subject) if f.from_at <= at]
            if facts and not any(fact.holds_at(at) for fact in facts):
                ended = max((f.until_at for f in facts if f.until_at), default=None)
                cite = policy.cite(recipient.clause)
                yield Lapse("supervision-overdue", cite, subject, since_at=ended)


def _measures(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    for word, measure in policy.measures.items():
        cite = policy.cite(measure.clause)
        shown_at = max(
            (f.from_at for f in _of(assurances, MEASURE, word) if f.from_at <= at), default=None
        )
        if shown_at is None:
            yield Lapse("measure-unproven", cite, word)
            continue
        if measure.review_days is None:
            continue
        if at - shown_at > timedelta(days=measure.review_days):
            due_at = shown_at + timedelta(days=measure.review_days)
            yield Lapse("measure-stale", cite, word, since_at=due_at)


def _owners(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    if not any(fact.kind == OWNER for fact in assurances.facts):
        return
    for word, measure in policy.measures.items():
        if not any(f.about and f.holds_at(at) for f in _of(assurances, OWNER, word)):
            yield Lapse("measure-unowned", policy.cite(measure.clause), word)


def _opt_out_pages(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    """Members who follow a policy of their own: the way out is their own page."""
    for recipient in policy.recipients.values():
        if recipient.opt_out is None or recipient.own_policy is None:
            continue
        for m in assurances.memberships:
            member_of = m.register == recipient.register_name and m.holds_at(at)
            if member_of and not assurances.live(OPT_OUT_PAGE, m.member, None, at):
                yield Lapse("opt-out-page-missing", policy.cite(recipient.opt_out), m.member)


def _certificates(policy: Policy, assurances: Assurances, at: datetime) -> Iterator[Lapse]:
    """Recipients, also members of a class, whose contract ended and who never said: deleted."""
    for word, recipient in policy.recipients.items():
        register = recipient.register_name
        members = {m.member for m in assurances.memberships if m.register == register}
        for subject in sorted(members if register is not None else {word}):
            contracts = [f for f in _of(assurances, CONTRACT, subject) if f.from_at <= at]
            ended = max((f.until_at for f in contracts if f.until_at), default=None)
            if ended is None or any(fact.holds_at(at) for fact in contracts):
                continue
            if not any(ended <= f.from_at <= at for f in _of(assurances, CERTIFICATE, subject)):
                cite = policy.cite(recipient.clause)
                yield Lapse("certificate-missing", cite, subject, since_at=ended)


def _of(assurances: Assurances, kind: str, subject: str) -> Iterator[Assurance]:
    return (f for f in assurances.facts if f.kind == kind and f.subject == subject)


def review_training_sets(
    history: History, assurances: Assurances, at: datetime
) -> tuple[Lapse, ...]:
    """Sets on file that models were trained with, where the policy now bans training with them.

    A set built before any version banned that is no breach: it is named for a person to look at
    (``trained-before-ban``). Facts of kind ``training_set`` tell what a set is made of (`about`
    an item) and when it was built; one that ended is gone.
    """
    return tuple(
        lapse
        for fact in assurances.facts
        if fact.kind == TRAINING_SET and fact.holds_at(at)
        for lapse in _trained(history, fact, at)
    )


def _trained(history: History, fact: Assurance, at: datetime) -> Iterator[Lapse]:
    policy, then = history.in_force(at), history.in_force(fact.from_at)
    banned = policy.ban(fact.about or "", "train") if policy else None
    if policy is None or banned is None:
        return
    against = then is not None and then.ban(fact.about or "", "train") is not None
    code: LapseCode = "trained-against-ban" if against else "trained-before-ban"
    yield Lapse(code, policy.cite(banned), fact.subject, fact.about or "", fact.from_at)
