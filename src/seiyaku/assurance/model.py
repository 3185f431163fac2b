"""Dated facts a decision leans on: contracts, safeguards, reviews, readings, registers.

A policy says "supervised" or "equivalent measures"; an `Assurance` says that it is so,
from when to when, and where that is written. A lapsed one makes the gate undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Assurance:
    """One dated fact.

    Args:
        kind: ``trustee_record``, ``supervision``, ``equivalent_measures``, ``reading``,
            ``safeguard``, ``training_opt_out``, ``measure`` ...; the law packs and
            policies name the kinds they need.
        subject: recipient, measure or contradiction it is about.
        about: country or certificate, where the kind needs one (``US``, ``iso27001``);
            for a ``reading`` the clause that counts.
        from_at, until_at: from when and until when it holds; no end means until replaced.
        source: where it is written: a file name, a contract number. Never personal data.
        by: staff identifier of who recorded it.
    """

    kind: str
    subject: str
    from_at: datetime
    source: str
    about: str | None = None
    until_at: datetime | None = None
    by: str = ""

    def holds_at(self, at: datetime) -> bool:
        """Whether the fact is live at `at` (its end is not included)."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True)
class Membership:
    """A member of a recipient class, as a register says: this seller, that group company.

    Args:
        register: the register's word in the policy. member: word for the member.
        countries: where the member handles data.
    """

    register: str
    member: str
    from_at: datetime
    until_at: datetime | None = None
    countries: tuple[str, ...] = ()

    def holds_at(self, at: datetime) -> bool:
        """Whether the member belongs to the class at `at`."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True)
class Assurances:
    """Everything recorded: facts and memberships."""

    facts: tuple[Assurance, ...] = ()
    memberships: tuple[Membership, ...] = ()

    def live(self, kind: str, subject: str, about: str | None, at: datetime) -> bool:
        """Whether a fact of this kind about this subject holds at `at`.

        `about` None asks for any; otherwise the fact must name the same.
        """
        return any(
            f.kind == kind
            and f.subject == subject
            and (about is None or f.about == about)
            and f.holds_at(at)
            for f in self.facts
        )

    def ever(self, kind: str, subject: str, about: str | None) -> bool:
        """Whether such a fact was ever recorded: then its absence now is a lapse."""
        return any(
            f.kind == kind and f.subject == subject and (about is None or f.about == about)
            for f in self.facts
        )

    def membership(self, register: str, member: str, at: datetime) -> Membership | None:
        """The membership of `member` in `register` at `at`, if any."""
        for m in self.memberships:
            if m.register == register and m.member == member and m.holds_at(at):
                return m
        return None
