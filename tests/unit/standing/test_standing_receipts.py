"""ISO/IEC TS 27560: the receipt of a consent says everything it must, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.parse import ParsedPolicy, parse_policy
from seiyaku.services import available, path
from seiyaku.standing.model import Consent, Scope, Withdrawal
from seiyaku.standing.receipts import Json, consent_receipt

AT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
GIVEN = Consent(
    PersonId("marker-42"),
    AT,
    Scope(items=("email", "name"), purposes=("tea_letter",), recipients=("carrier",)),
    "2026-04-01",
    presented_at=AT - timedelta(minutes=2),
    text_sha256="a" * 64,
)
MANDATORY = {
    "dct:conformsTo",
    "dct:identifier",
    "dpv:hasDataSubject",
    "dct:language",
    "dpv:hasNotice",
    "dpv:hasPurpose",
    "dpv:hasPersonalData",
    "dpv:hasDataController",
    "dpv:hasRecipientThirdParty",
    "dpv:hasLocation",
    "dpv:hasStorageCondition",
    "dpv:hasJurisdiction",
    "seiyaku:hasWithdrawalMethod",
    "seiyaku:events",
}


@pytest.fixture(scope="module")
def teashop(root: Path) -> ParsedPolicy:
    return parse_policy(root / "tests/policies/teashop.yaml")


def receipt(parsed: ParsedPolicy, consent: Consent = GIVEN, **more: object) -> Json:
    return consent_receipt(parsed.policy, parsed.laws, consent, "en", record="r-1", **more)  # type: ignore[arg-type]


def test_every_mandatory_field_is_there_and_what_the_policy_says_fills_it(
    teashop: ParsedPolicy,
) -> None:
    made = receipt(teashop)
    assert made.keys() >= MANDATORY
    assert made["dct:conformsTo"] == "dpv-27560:receipt-record"
    assert made["dpv:hasDataSubject"] == "marker-42"
    assert made["dpv:hasJurisdiction"] == ["loc:JP"]
    types = [d["@type"] for d in made["dpv:hasPersonalData"]]  # type: ignore[attr-defined]
    assert types == ["pd:EmailAddress", "pd:Name"]
    controller = made["dpv:hasDataController"]
    assert controller["schema:name"] == "Hanae Tea K.K."  # type: ignore[index]
    assert all(controller.values())  # type: ignore[attr-defined]
    assert made["dpv:hasPurpose"][0]["dct:references"].startswith("TEA-")  # type: ignore[index]
    assert made["seiyaku:hasWithdrawalMethod"]


def test_the_notice_is_named_by_version_digest_and_moment(teashop: ParsedPolicy) -> None:
    notice = receipt(teashop)["dpv:hasNotice"]
    assert notice == {
        "@type": "dpv:PrivacyNotice",
        "dct:hasVersion": "2026-04-01",
        "dct:source": "https://teashop.jp/privacy",
        "seiyaku:sha256": "a" * 64,
        "seiyaku:presentedAt": "2026-05-01T02:58:00+00:00",
    }


def test_a_withdrawal_is_an_event_after_the_consent(teashop: ParsedPolicy) -> None:
    taken_back = Withdrawal(GIVEN.person, AT + timedelta(days=1))
    states = [
        e["dpv:hasConsentStatus"]
        for e in receipt(teashop, withdrawal=taken_back)["seiyaku:events"]  # type: ignore[attr-defined]
    ]
    assert states == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]


@pytest.mark.parametrize(
    "withdrawal",
    [
        Withdrawal(PersonId("7"), AT + timedelta(days=1)),
        Withdrawal(GIVEN.person, AT - timedelta(days=1)),
        Withdrawal(GIVEN.person, AT + timedelta(days=1), Scope(purposes=("ship",))),
    ],
)
def test_a_withdrawal_of_something_else_is_refused(
    withdrawal: Withdrawal, teashop: ParsedPolicy
) -> None:
    with pytest.raises(InvalidInput, match="does not take this consent back") as caught:
        receipt(teashop, withdrawal=withdrawal)
    assert caught.value.code == "SY129"
    assert "marker" not in str(caught.value)


def test_a_copy_for_others_does_not_say_who_it_is(teashop: ParsedPolicy) -> None:
    assert "marker-42" not in json.dumps(receipt(teashop, own_copy=False))


def test_another_version_or_an_undeclared_word_is_refused(teashop: ParsedPolicy) -> None:
    for consent, named in (
        (replace(GIVEN, version="2025-10-01"), "2025-10-01"),
        (replace(GIVEN, scope=Scope(items=("shoe_size",))), "shoe_size"),
    ):
        with pytest.raises(InvalidInput, match=named):
            receipt(teashop, consent)


def test_what_the_policy_does_not_state_is_listed_and_not_invented(teashop: ParsedPolicy) -> None:
    bare = replace(GIVEN, scope=Scope(items=("email",)))
    made = receipt(teashop, bare)
    assert made["dpv:hasPurpose"] == []
    assert {"dpv:hasPurpose", "dpv:hasRecipientThirdParty"} <= set(made["seiyaku:notStated"])  # type: ignore[call-overload]


@pytest.mark.parametrize("service", available())
def test_every_service_can_give_receipts(service: str) -> None:
    parsed = parse_policy(path(service) / "policy.yaml")
    policy = parsed.policy
    scope = Scope(tuple(policy.items)[:5], tuple(policy.purposes)[:5], tuple(policy.recipients)[:5])
    made = receipt(parsed, replace(GIVEN, version=policy.version.id, scope=scope))
    assert made.keys() >= MANDATORY
    assert json.loads(json.dumps(made)) == made
