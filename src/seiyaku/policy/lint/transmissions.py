"""Rules on what browsers and apps send out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from seiyaku.policy.lint.context import Context, Found, items_of, listed
from seiyaku.policy.model import ExternalTransmission, Recipient

_TRANSMISSION_PARTS: Final[dict[str, Callable[[ExternalTransmission], object]]] = {
    "information_sent": lambda t: t.information.ja and t.information.en and t.items,
    "recipient_name": lambda t: t.recipient,
    "purpose": lambda t: t.purpose,
    "destination_purpose": lambda t: t.destination_purpose,
    "policy_url": lambda t: t.policy_url,
    "opt_out_url": lambda t: t.opt_out_url,
}


def recipient_not_in_both_tables(context: Context) -> Iterator[Found]:
    """A recipient stands in the table of transmissions or of recipients, but not in both."""
    sent = {t.recipient for t in context.policy.transmissions}
    for index, transmission in enumerate(context.policy.transmissions):
        recipient = context.policy.recipients[transmission.recipient]
        if recipient.basis == "none" or not recipient.countries:
            yield Found(
                ("transmissions", index),
                f"`{transmission.recipient}` gets transmissions, but no basis or country is stated",
                "declare basis, country and safeguards under `recipients`",
                transmission.clause,
            )
    for word, recipient in context.policy.recipients.items():
        if sent and word not in sent and _abroad_by_name(context, recipient):
            yield Found(
                ("recipients", word),
                f"`{word}` is abroad and stands in no external transmission",
                "compare with what browsers send; add a row, or leave it if servers send",
                recipient.clause,
                at_key=True,
            )


def _abroad_by_name(context: Context, recipient: Recipient) -> bool:
    return bool(context.abroad(recipient)) and recipient.register_name is None


def inconsistent_description(context: Context) -> Iterator[Found]:
    """What is sent out differs from what the recipient is said to get."""
    for index, transmission in enumerate(context.policy.transmissions):
        declared = items_of(context.policy.recipients[transmission.recipient])
        extra = [item for item in transmission.items if item not in declared]
        if declared and extra:
            yield Found(
                ("transmissions", index, "items"),
                f"{listed(extra)} is sent to `{transmission.recipient}`, whose list lacks it",
                "make both lists say the same",
                transmission.clause,
            )


def transmission_incomplete(context: Context) -> Iterator[Found]:
    """An external transmission lacks something that must or should be told."""
    rule = context.laws.transmission
    wanted = (*rule.required.codes, *rule.recommended.codes) if rule else ()
    for index, transmission in enumerate(context.policy.transmissions):
        missing = [c for c in wanted if not _TRANSMISSION_PARTS.get(c, _untold)(transmission)]
        if missing:
            yield Found(
                ("transmissions", index),
                f"what is sent to `{transmission.recipient}` lacks {listed(missing)}",
                "add what is missing",
                transmission.clause,
            )


def _untold(*_: object) -> bool:
    """What no part of the file can tell counts as missing."""
    return False


def opt_out_too_coarse(context: Context) -> Iterator[Found]:
    """A transmission can be refused only together with everything else."""
    for index, transmission in enumerate(context.policy.transmissions):
        recipient = context.policy.recipients[transmission.recipient]
        if _refusable(context, transmission, recipient) and not transmission.opt_out_url:
            yield Found(
                ("transmissions", index),
                f"no switch of its own stops what is sent to `{transmission.recipient}`",
                "offer an opt-out per recipient: `opt_out_url`",
                transmission.clause,
            )


def _refusable(context: Context, sent: ExternalTransmission, recipient: Recipient) -> bool:
    purpose = context.purpose(sent.purpose)
    return recipient.opt_out is not None or bool(purpose and purpose.opt_out)
