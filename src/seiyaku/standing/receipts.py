"""The receipt of a consent, in the form other systems read: ISO/IEC TS 27560 as JSON-LD.

A person who agreed gets a record of what they agreed to: which notice, which items for which
purposes, who receives them, how long they are kept, and how to take it back. The names are
those of the W3C Data Privacy Vocabulary (DPV 2), profile ``dpv-27560:receipt-record``.

What the policy does not state stays null and is listed under ``seiyaku:notStated``; nothing
is filled in. The person's key stands in the person's own copy only.

Source: ISO/IEC TS 27560:2023, clauses 6.2 to 6.4; DPV 2.3, guide to consent records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.text import Language, Text
from seiyaku.laws import Laws, tokyo_day
from seiyaku.policy.labels import LABELS
from seiyaku.policy.model import Item, Policy, Recipient, Retention
from seiyaku.standing.fold import covers
from seiyaku.standing.model import Consent, Withdrawal

SCHEMA: Final = "dpv-27560:receipt-record"
CONTEXT: Final[Mapping[str, str]] = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/guides/consent-27560#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "schema": "https://schema.org/",
    "seiyaku": "urn:seiyaku:",
}
Json = dict[str, object]


def consent_receipt(
    policy: Policy,
    laws: Laws,
    consent: Consent,
    language: Language,
    *,
    record: str,
    withdrawal: Withdrawal | None = None,
    own_copy: bool = True,
    now: Policy | None = None,
) -> Json:
    """The record of one consent, under the policy version that was shown.

    Args:
        policy: the version `consent` carries.
        laws: the packs the policy names; they say whose law this is.
        record: id of the record, not derived from the person.
        withdrawal: the event that took it back, if one did.
        own_copy: for the person themself; any other copy leaves out who they are.
        now: the version in force when the record is written: it tells who took over since.

    Returns:
        JSON-LD: text, numbers of days as ``P90D``, moments as ISO 8601 with their zone.

    Raises:
        InvalidInput: SY129 the policy is another version, a word is not declared there, or the
            withdrawal is another person's, earlier, or does not reach the consent.
    """
    _require_fitting(policy, consent, withdrawal)
    processing = _processing(policy, laws, consent, language)
    followed = _succession(now or policy, consent, language)
    return {
        "@context": dict(CONTEXT),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": SCHEMA,
        "dct:identifier": record,
        "dpv:hasDataSubject": str(consent.person) if own_copy else None,
        "dct:language": language,
        **processing,
        **followed,
        "seiyaku:events": [*_events(consent, withdrawal)],
        "seiyaku:notStated": sorted(name for name, value in processing.items() if not value),
    }


def _require_fitting(policy: Policy, consent: Consent, withdrawal: Withdrawal | None) -> None:
    if policy.version.id != consent.version:
        raise _unfit(f"the consent was given to version `{consent.version}`")
    scope = consent.scope
    for words, declared in (
        (scope.items, policy.items),
        (scope.purposes, policy.purposes),
        (scope.recipients, policy.recipients),
    ):
        if unknown := [w for w in words if w not in declared]:
            raise _unfit(f"this version does not declare `{unknown[0]}`")
    if withdrawal is not None and not (
        withdrawal.person == consent.person
        and withdrawal.at >= consent.at
        and covers(withdrawal.scope, scope)
    ):
        raise _unfit("the withdrawal does not take this consent back")


def _unfit(why: str) -> InvalidInput:
    return InvalidInput(why, code="SY129", hint="give the version and events that belong together")


def _processing(policy: Policy, laws: Laws, consent: Consent, language: Language) -> Json:
    recipients = [policy.recipients[r] for r in consent.scope.recipients]
    return {
        "dpv:hasNotice": {
            "@type": "dpv:PrivacyNotice",
            "dct:hasVersion": policy.version.id,
            "dct:source": policy.source.url,
            "seiyaku:sha256": consent.text_sha256 or policy.source.sha256,
            "seiyaku:presentedAt": consent.presented_at and consent.presented_at.isoformat(),
        },
        "dpv:hasPurpose": [_purpose(policy, p, language) for p in consent.scope.purposes],
        "dpv:hasPersonalData": [_item(policy.items[i], language) for i in consent.scope.items],
        "dpv:hasDataController": _controller(policy, language),
        "dpv:hasRecipientThirdParty": [_recipient(r, language) for r in recipients],
        "dpv:hasLocation": sorted({c for r in recipients for c in r.countries}),
        "dpv:hasStorageCondition": [*_retention(policy, consent.scope.items)],
        "dpv:hasJurisdiction": [f"loc:{home}" for home in _jurisdictions(policy, laws)],
        "seiyaku:hasWithdrawalMethod": _ways(policy, language),
    }


def _purpose(policy: Policy, word: str, language: Language) -> Json:
    purpose = policy.purposes[word]
    kind = purpose.dpv or "dpv:Purpose"
    return _named(kind, word, purpose.name, language, policy.cite(purpose.clause))


def _item(item: Item, language: Language) -> Json:
    """The item and its type (PII type), with what the law holds to be special care."""
    kind = item.personal if item.personal != "none" else "dpv:PersonalData"
    named: Json = {"@type": kind, "dct:title": item.name.get(language)}
    return named | ({"seiyaku:specialCare": item.special_care} if item.special_care else {})


def _named(kind: str, word: str, name: Text, language: Language, cite: str) -> Json:
    return {
        "@type": kind,
        "seiyaku:word": word,
        "dct:title": name.get(language),
        "dct:references": cite,
    }


def _succession(policy: Policy, consent: Consent, language: Language) -> Json:
    """Who the consent was given to, and who took over, where that was somebody else."""
    day = tokyo_day(consent.at)
    former = next((f for f in policy.controller.former if day < f.until), None)
    if former is None:
        return {}
    was = {"@type": "dpv:DataController", "schema:name": former.name.get(language)}
    return {
        "dpv:hasDataController": was,
        "seiyaku:succession": {
            "dct:date": former.until.isoformat(),
            "dpv:hasDataController": _controller(policy, language),
            "seiyaku:clause": policy.cite(former.clause),
        },
    }


def _controller(policy: Policy, language: Language) -> Json:
    """Party id, name, address, contact and type."""
    controller = policy.controller
    address = controller.address.get(language) if controller.address else None
    return {
        "@type": "dpv:DataController",
        "@id": f"urn:seiyaku:controller:{policy.service}",
        "schema:name": controller.name.get(language),
        "schema:address": address,
        "schema:contactPoint": _contacts(policy, language),
    }


def _recipient(recipient: Recipient, language: Language) -> Json:
    return {
        "@type": "dpv:ThirdParty",  # codespell:ignore thirdparty
        "schema:name": recipient.name.get(language),
        "schema:legalName": recipient.operator,
        "seiyaku:basis": recipient.basis,
        "dpv:hasLocation": list(recipient.countries),
    }


def _retention(policy: Policy, items: tuple[str, ...]) -> Iterable[Json]:
    """The rules under which the items are kept: days after an event, or a rule of the law."""
    for rule in policy.retention.values():
        kept = [i for i in items if i in rule.items]
        if kept:
            yield {
                "@type": "dpv:StorageDuration",
                "seiyaku:items": kept,
                "seiyaku:after": rule.after,
                "dct:extent": _extent(rule),
                "dct:references": policy.cite(rule.clause),
            }


def _extent(rule: Retention) -> str | None:
    return f"P{rule.days}D" if rule.days is not None else rule.law


def _jurisdictions(policy: Policy, laws: Laws) -> list[str]:
    return sorted({pack.home for pack in laws.packs if pack.id in policy.regimes})


def _contacts(policy: Policy, language: Language) -> list[Json]:
    return [
        {
            "schema:email": contact.email,
            "schema:url": contact.web,
            "schema:address": contact.post.get(language) if contact.post else None,
        }
        for contact in policy.contacts
    ]


def _ways(policy: Policy, language: Language) -> list[Json]:
    """How to take the consent back: the ways of a suspension or stop, and the contacts."""
    rights = (policy.rights.get(kind) for kind in ("suspension", "stop_provision"))
    channels = dict.fromkeys(c for right in rights if right for c in right.channels)
    named: list[Json] = [{"dct:title": LABELS[c].get(language)} for c in channels]
    return named + _contacts(policy, language)


def _events(consent: Consent, withdrawal: Withdrawal | None) -> Iterable[Json]:
    """Event time, type, state, and who did it; a consent holds until it is taken back."""
    expressed = "ExplicitlyExpressedConsent" if consent.kind == "explicit" else "ImpliedConsent"
    yield {
        "@type": f"dpv:{expressed}",
        "dpv:isIndicatedAtTime": consent.at.isoformat(),
        "dpv:hasConsentStatus": "dpv:ConsentGiven",
        "dpv:isIndicatedBy": "guardian" if consent.by_guardian else "person",
        "seiyaku:validUntil": "withdrawal",
    }
    if withdrawal is not None:
        yield {
            "@type": f"dpv:{expressed}",
            "dpv:isIndicatedAtTime": withdrawal.at.isoformat(),
            "dpv:hasConsentStatus": "dpv:ConsentWithdrawn",
            "dpv:isIndicatedBy": "person",
            "seiyaku:validUntil": None,
        }
