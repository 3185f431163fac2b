"""The decision point passes the core levels and discovery of the published scenario.

Source: openid/authzen, certification/authorization-api-1_0-scenario.md at e287920: Basic Core
(2), Batch Core (3), Search Core (4), transport (5), Discovery (6). Its fixture is said in
words of a policy in `authzen_world`. A real server answers on loopback, over TLS as the norm
wants it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conformance.authzen_world import URL, Point, opened

Json = dict[str, Any]
ALICE: Json = {"type": "user", "id": "alice"}
BOB: Json = {"type": "user", "id": "bob"}
READ: Json = {"name": "read"}
WRITE: Json = {"name": "write"}
RECORD: Json = {"type": "record", "id": "record-1"}
OTHER: Json = {"type": "record", "id": "record-2"}
AROUND: Json = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
SINGLE, SEVERAL = "/access/v1/evaluation", "/access/v1/evaluations"
SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{w}" for w in ("subject", "resource", "action"))
WHOLE: Json = {"subject": ALICE, "action": READ, "resource": RECORD}
SOUND = json.dumps(WHOLE).encode()
REFUSED: Json = {"subject": BOB, "action": WRITE, "resource": RECORD}


@pytest.fixture(scope="module")
def point(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Point]:
    """The decision point, answering on loopback."""
    with opened(tmp_path_factory.mktemp("tls")) as found:
        yield found


def without(request: Json, *path: str) -> Json:
    """The request with one member taken out."""
    first, *rest = path
    inner = {first: without(request[first], *rest)} if rest else {}
    return {k: v for k, v in request.items() if k != first} | inner


# -- Basic Core ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "decision"),
    [
        (WHOLE, True),
        ({**WHOLE, "action": WRITE}, True),
        ({**WHOLE, "subject": BOB}, True),
        (REFUSED, False),
        ({**WHOLE, "context": AROUND}, True),
        ({**REFUSED, "context": AROUND}, False),
        ({**WHOLE, "foo": "bar", "futureField": {"nested": True}}, True),
        (
            {
                "subject": {**ALICE, "properties": {"department": "Sales", "role": "manager"}},
                "action": {**READ, "properties": {"method": "GET"}},
                "resource": {**RECORD, "properties": {"status": "active", "owner": "bob"}},
            },
            True,
        ),
    ],
)
def test_the_fixture_is_decided_as_it_must_be(point: Point, request_: Json, decision: bool) -> None:
    for _ in range(3):
        answer = point.post(SINGLE, request_)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["decision"] is decision
        assert isinstance(answer.json().get("context", {}), dict)


@pytest.mark.parametrize(
    "request_",
    [
        *(without(WHOLE, name) for name in WHOLE),
        *(without(WHOLE, name, key) for name in ("subject", "resource") for key in ("type", "id")),
        without(WHOLE, "action", "name"),
        {**WHOLE, "subject": "alice"},
        {**WHOLE, "subject": None},
        {**WHOLE, "action": {"name": 123}},
        {**WHOLE, "resource": [RECORD]},
        {**WHOLE, "resource": ["type", "id"]},
        {**WHOLE, "action": ["name"]},
        {**WHOLE, "resource": {"type": "record", "id": ["record-1"]}},
        {**WHOLE, "subject": {"type": "user", "id": 7}},
        {**WHOLE, "resource": {**RECORD, "properties": []}},
        {**WHOLE, "subject": {**ALICE, "properties": "none"}},
        {**WHOLE, "context": "now"},
        {**WHOLE, "context": {"time": "yesterday"}},
        {**WHOLE, "context": {"time": "2025-06-27T18:03"}},
        {**WHOLE, "context": {"contexts": "open_order"}},
        {**WHOLE, "action": {**READ, "properties": {"act": "peek"}}},
    ],
)
def test_a_request_that_is_not_sound_is_a_bad_request(point: Point, request_: Json) -> None:
    for path in (SINGLE, SEVERAL):
        answer = point.post(path, request_)
        assert answer.status_code == 400
        assert answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"subject": NaN}',
        b"\xff\xfe{}",
        SOUND.replace(b'"id": "alice"', b'"id": "bob", "id": "alice"'),
        SOUND.replace(b"{", b'{"action": {"name": "write"},', 1),
        SOUND.replace(b"{", b'{"more": "\\ud800",', 1),
        SOUND.replace(b"{", b'{"more": -Infinity,', 1),
        SOUND.decode().encode("utf-16"),
        SOUND[:-1],
        SOUND + b"{}",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_one_object_is_a_bad_request(point: Point, body: bytes) -> None:
    assert body != SOUND
    answer = point.client.post(SINGLE, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_another_content_type_is_a_bad_request(point: Point) -> None:
    for kind in ("text/plain", "application/xml", ""):
        headers = {"content-type": kind}
        answer = point.client.post(SINGLE, content=b"{}", headers=headers)
        assert answer.status_code == 400


def test_a_content_type_may_name_its_charset(point: Point) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert point.post(SINGLE, WHOLE, headers=headers).json()["decision"] is True


def test_the_request_is_known_again_by_its_identifier(point: Point) -> None:
    for path, request in ((SINGLE, WHOLE), (SINGLE, {}), ("/elsewhere", {})):
        answer = point.post(path, request, headers={"X-Request-ID": "bfe9eb29"})
        assert answer.headers["x-request-id"] == "bfe9eb29"
    assert point.post(SINGLE, WHOLE).status_code == 200


# -- Batch Core ----------------------------------------------------------------------------


def decisions(answer: httpx.Response) -> list[bool]:
    """The decisions of an answer, in their order."""
    assert answer.status_code == 200, answer.text
    assert "decision" not in answer.json()
    found = [one["decision"] for one in answer.json()["evaluations"]]
    assert all(type(decision) is bool for decision in found)
    return found


def test_what_stands_at_the_top_holds_for_every_evaluation(point: Point) -> None:
    both = {"subject": ALICE, "action": READ}
    asked = {**both, "evaluations": [{"resource": RECORD}, {"resource": OTHER}]}
    assert len(decisions(point.post(SEVERAL, asked))) == 2
    asked = {"subject": BOB, "resource": RECORD}
    evaluations = [{"action": READ}, {"action": WRITE}]
    assert decisions(point.post(SEVERAL, {**asked, "evaluations": evaluations})) == [True, False]


def test_evaluations_may_say_everything_themselves(point: Point) -> None:
    assert decisions(point.post(SEVERAL, {"evaluations": [WHOLE, REFUSED]})) == [True, False]


def test_a_context_holds_unless_an_evaluation_has_its_own(point: Point) -> None:
    later = {"time": "2025-06-27T19:00-07:00", "source": "batch-override"}
    asked = {
        "subject": ALICE,
        "action": READ,
        "context": {"time": "2025-06-27T18:03-07:00"},
        "evaluations": [{"resource": RECORD}, {"resource": OTHER, "context": later}],
    }
    assert len(decisions(point.post(SEVERAL, asked))) == 2
    before = {"time": "2023-01-01T00:00:00Z"}  # no policy was in force
    asked["evaluations"] = [{"resource": RECORD}, {"resource": RECORD, "context": before}]
    assert decisions(point.post(SEVERAL, asked)) == [True, False]


def test_an_evaluation_that_cannot_be_read_is_a_no_of_its_own(point: Point) -> None:
    asked = {
        "subject": ALICE,
        "action": READ,
        "options": {"evaluations_semantic": "execute_all"},
        "evaluations": [{"resource": RECORD}, {}, "text", {"resource": None}],
    }
    answer = point.post(SEVERAL, asked)
    assert decisions(answer) == [True, False, False, False]
    for failed in answer.json()["evaluations"][1:]:
        assert failed["context"]["error"]["status"] == 400


@pytest.mark.parametrize("evaluations", [{}, {"evaluations": []}])
def test_without_evaluations_it_is_one_evaluation(point: Point, evaluations: Json) -> None:
    assert point.post(SEVERAL, {**WHOLE, **evaluations}).json()["decision"] is True
    assert point.post(SEVERAL, {**REFUSED, **evaluations}).json()["decision"] is False


# -- Search Core ---------------------------------------------------------------------------


def found(answer: httpx.Response) -> list[Json]:
    """The results of a search that holds them all."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["page"]["next_token"] == ""
    results: list[Json] = answer.json()["results"]
    return results


@pytest.mark.parametrize("more", [{}, {"context": AROUND}])
@pytest.mark.parametrize("id_", [{}, {"id": "alice"}, {"id": 7}])
def test_people_are_found_whatever_id_the_request_has(point: Point, more: Json, id_: Json) -> None:
    asked = {"subject": {"type": "user", **id_}, "action": READ, "resource": RECORD, **more}
    assert found(point.post(SUBJECT, asked)) == [ALICE, BOB]
    assert found(point.post(SUBJECT, {**asked, "action": WRITE})) == [ALICE]


@pytest.mark.parametrize("more", [{}, {"context": AROUND}])
@pytest.mark.parametrize("id_", [{}, {"id": "record-1"}])
def test_resources_are_found_whatever_id_the_request_has(
    point: Point, more: Json, id_: Json
) -> None:
    asked = {"subject": ALICE, "action": READ, "resource": {"type": "record", **id_}, **more}
    assert found(point.post(RESOURCE, asked)) == [RECORD, OTHER]
    assert found(point.post(RESOURCE, {**asked, "subject": BOB, "action": WRITE})) == []


@pytest.mark.parametrize("more", [{}, {"context": AROUND}])
def test_actions_are_found(point: Point, more: Json) -> None:
    names = [a["name"] for a in found(point.post(ACTION, {**without(WHOLE, "action"), **more}))]
    assert {"read", "write"} <= set(names)
    names = [a["name"] for a in found(point.post(ACTION, {**without(REFUSED, "action"), **more}))]
    assert "read" in names
    assert "write" not in names


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (ACTION, {"subject": {"type": "user", "id": "nonexistent-user"}, "resource": RECORD}),
        (RESOURCE, {**WHOLE, "subject": {"type": "user", "id": "nonexistent-user"}}),
        (SUBJECT, {**WHOLE, "resource": {"type": "record", "id": "nonexistent"}}),
        (SUBJECT, {**WHOLE, "action": {"name": "nonexistent"}}),
        (SUBJECT, {**WHOLE, "subject": {"type": "spaceship"}}),
        (RESOURCE, {**WHOLE, "resource": {"type": "spaceship"}}),
        (ACTION, {**WHOLE, "subject": {"type": "spaceship", "id": "alice"}}),
        (ACTION, {**WHOLE, "resource": {"type": "spaceship", "id": "record-1"}}),
    ],
)
def test_what_nobody_knows_is_found_nowhere(point: Point, path: str, request_: Json) -> None:
    assert found(point.post(path, request_)) == []


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (SUBJECT, {"subject": {"type": "user"}, "resource": RECORD}),
        (SUBJECT, {"subject": {"type": "user"}, "action": READ, "resource": {"type": "record"}}),
        (SUBJECT, {"subject": {}, "action": READ, "resource": RECORD}),
        (RESOURCE, {"action": READ, "resource": {"type": "record"}}),
        (RESOURCE, {"subject": {"type": "user"}, "action": READ, "resource": {"type": "record"}}),
        (RESOURCE, {"subject": ALICE, "action": READ, "resource": {}}),
        (ACTION, {"subject": ALICE}),
        (ACTION, {"subject": {"type": "user"}, "resource": RECORD}),
        (ACTION, {"subject": ALICE, "resource": {"type": "record"}}),
    ],
)
def test_a_search_that_says_too_little_is_a_bad_request(
    point: Point, path: str, request_: Json
) -> None:
    assert point.post(path, request_).status_code == 400


def test_pages_follow_each_other_until_the_token_is_empty(point: Point) -> None:
    asked = {"subject": {"type": "user"}, "action": READ, "resource": RECORD}
    first = point.post(SUBJECT, {**asked, "page": {"limit": 1}}).json()
    assert first["results"] == [ALICE]
    token = first["page"]["next_token"]
    assert token
    second = point.post(SUBJECT, {**asked, "page": {"token": token}})
    assert found(second) == [BOB]


# -- Discovery -----------------------------------------------------------------------------


def test_the_metadata_say_where_everything_is_answered(point: Point) -> None:
    answer = point.client.get("/.well-known/authzen-configuration")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "policy_decision_point": URL,
        "access_evaluation_endpoint": URL + SINGLE,
        "access_evaluations_endpoint": URL + SEVERAL,
        "search_subject_endpoint": URL + SUBJECT,
        "search_resource_endpoint": URL + RESOURCE,
        "search_action_endpoint": URL + ACTION,
    }
