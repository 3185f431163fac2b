"""Rules on files in which nobody is to be recognised, and on what linked services give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seiyaku.policy.lint.context import Context, Found

_IDENTIFYING: Final = frozenset(
    {
        "pd:BankAccount",
        "pd:Biometric",
        "pd:CreditCardNumber",
        "pd:EmailAddress",
        "pd:FinancialAccount",
        "pd:IPAddress",
        "pd:MACAddress",
        "pd:Name",
        "pd:OfficialID",
        "pd:PaymentCardNumber",
        "pd:PhysicalAddress",
        "pd:Picture",
        "pd:SocialMedia",
        "pd:TelephoneNumber",
        "pd:Tracking",
        "pd:UID",
        "pd:Username",
    }
)
"""Concepts that lead to one person or one device."""


def export_identifies(context: Context) -> Iterator[Found]:
    """A file in which nobody is recognised is made of something that identifies people."""
    for word, export in context.policy.exports.items():
        for item in export.items:
            if context.policy.items[item].personal in _IDENTIFYING:
                yield Found(
                    ("exports", word, "items"),
                    f"`{item}` identifies people, and `{word}` is to recognise nobody",
                    "leave it out, or derive something coarser from it",
                    export.clause,
                )


def export_of_banned_item(context: Context) -> Iterator[Found]:
    """A file that leaves is made of an item that is never kept or never sent."""
    for word, export in context.policy.exports.items():
        leaves = bool(export.recipients) or export.kind == "publication"
        for item in export.items:
            ban = context.policy.ban(item, "keep") or (
                context.policy.ban(item, "send") if leaves else None
            )
            if ban:
                yield Found(
                    ("exports", word, "items"),
                    f"`{item}` is in `{word}`, yet `{ban}` says never",
                    "drop it there; the ban binds",
                    ban,
                )


def export_lists(context: Context) -> Iterator[Found]:
    """A file names no item, or a publication names who gets what everyone may read."""
    for word, export in context.policy.exports.items():
        if not export.items:
            yield Found(
                ("exports", word),
                f"`{word}` is made of nothing",
                "list the items its columns are made of",
                export.clause,
                at_key=True,
            )
        if export.kind == "publication" and export.recipients:
            yield Found(
                ("exports", word, "recipients"),
                f"`{word}` is published, and names recipients",
                "drop them, or make it statistics for them",
                export.clause,
            )


def scope_without_consent(context: Context) -> Iterator[Found]:
    """A linked service gives as much as its scope allows, and the person is not asked here."""
    for word, item in context.policy.items.items():
        asked = item.collect is not None and item.collect.consent
        scoped = [s for s, d in item.sources.items() if d.scope]
        if scoped and not asked:
            yield Found(
                ("items", word, "sources", scoped[0]),
                f"`{word}` comes from `{scoped[0]}` with no consent of the person asked here",
                "ask it: `collect: {clause: ..., consent: true}`",
                item.sources[scoped[0]].clause or item.clause,
            )
