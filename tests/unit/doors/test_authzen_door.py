"""The AuthZEN door: tokens, semantics, pages, reasons, and what comes of bad requests."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.authzen_world import (
    BOB,
    LAWS,
    NAMES,
    NOW,
    SAID,
    URL,
    Answer,
    Told,
    asked_directly,
    history,
    told,
)
from seiyaku.doors.authzen import AuthZen, Presence, Site, entities, read_names
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.actors import Actor, Role
from seiyaku.kernel.errors import InvalidDocument, InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.tokens import Token, new_token
from seiyaku.standing.model import OptIn, OptOut, Scope, Suspension
from seiyaku.testing.clock import FixedClock

Json = dict[str, Any]
SINGLE, SEVERAL = "/access/v1/evaluation", "/access/v1/evaluations"
SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{w}" for w in ("subject", "resource", "action"))
METADATA = "/.well-known/authzen-configuration"
WHOLE: Json = {
    "subject": {"type": "user", "id": "alice"},
    "action": {"name": "read"},
    "resource": {"type": "record", "id": "record-1"},
}
REFUSED: Json = {**WHOLE, "subject": {"type": "user", "id": "bob"}, "action": {"name": "write"}}


class Asking:
    """A door and a token to it."""

    def __init__(self, people: Told | None = None, role: Role = "officer", url: str = URL) -> None:
        self.people = people or told()
        token, self.shown = new_token(Actor("shop", role), NOW, NOW + timedelta(days=30))
        self.tokens: dict[str, Token] = {token.name: token}
        self.clock = FixedClock(NOW)
        versions = history()
        gate = Gate(versions, LAWS)
        self.presence = Presence(gate, versions, self.people, self.clock, every_s=0)
        self.door = AuthZen(self.presence, lambda: self.tokens, Site(url), NAMES)

    def post(self, path: str, body: object, shown: str | None = None, **more: str) -> Answer:
        """Ask once."""
        token = self.shown if shown is None else shown
        return asyncio.run(asked_directly(self.door, path, body, token, **more))

    def decision(self, request: Json) -> bool:
        """The decision of one evaluation."""
        answer = self.post(SINGLE, request)
        assert answer.status == 200
        decision = answer.json()["decision"]
        assert type(decision) is bool
        return decision

    def context(self, request: Json) -> Json:
        """What an evaluation says beside its decision."""
        context: Json = self.post(SINGLE, request).json()["context"]
        return context


@pytest.fixture
def asking() -> Asking:
    return Asking()


# -- tokens --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [SINGLE, SEVERAL, SUBJECT, RESOURCE, ACTION, METADATA, "/", "/x"])
def test_nothing_answers_without_a_token(asking: Asking, path: str) -> None:
    answer = asking.post(path, WHOLE, authorization="", x_request_id="7")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="seiyaku"'
    assert answer.headers["x-request-id"] == "7"
    assert answer.body.startswith(b"SY270")


def test_a_token_that_is_not_ours_is_told_from_none(asking: Asking) -> None:
    name, _, secret = asking.shown.partition(".")
    wrong = [f"{name}.{secret}x", f"{name}.", f"x.{secret}", secret, name, "a b", f"{name}.\xff"]
    for shown in wrong:
        answer = asking.post(SINGLE, WHOLE, shown)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].endswith('error="invalid_token"')
        assert secret.encode() not in answer.body


@pytest.mark.parametrize("scheme", ["Basic {}", "{}", "Token {}", "Bearer"])
def test_another_scheme_is_no_token(asking: Asking, scheme: str) -> None:
    answer = asking.post(SINGLE, WHOLE, authorization=scheme.format(asking.shown))
    assert answer.status == 401


def test_the_scheme_is_written_in_any_case(asking: Asking) -> None:
    answer = asking.post(SINGLE, WHOLE, authorization=f"bearer {asking.shown}")
    assert answer.status == 200


def test_a_token_ends_on_its_day_and_when_it_is_revoked(asking: Asking) -> None:
    asking.clock.advance(days=30, seconds=-1)
    assert asking.post(SINGLE, WHOLE).status == 200
    asking.clock.advance(seconds=1)
    assert asking.post(SINGLE, WHOLE).status == 401
    fresh = Asking()
    fresh.tokens.clear()
    assert fresh.post(SINGLE, WHOLE).status == 401


def test_what_is_kept_of_a_token_does_not_tell_it() -> None:
    token, shown = new_token(Actor("shop", "reader"), NOW)
    assert shown.partition(".")[2] not in repr(token)
    assert new_token(Actor("shop", "reader"), NOW)[1] != shown


def test_a_reader_asks_about_people_it_names_and_lists_none() -> None:
    asking = Asking(role="reader")
    assert asking.post(SINGLE, WHOLE).status == 200
    assert asking.post(RESOURCE, WHOLE).status == 200
    assert asking.post(ACTION, WHOLE).status == 200
    answer = asking.post(SUBJECT, WHOLE)
    assert answer.status == 403
    assert b"alice" not in answer.body


# -- transport -----------------------------------------------------------------------------


def test_only_the_method_of_the_norm_is_answered(asking: Asking) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        answer = asking.post(SINGLE, WHOLE, method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
    answer = asking.post(METADATA, b"")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_a_path_nobody_declared_is_not_found(asking: Asking) -> None:
    assert asking.post("/access/v1/evaluation/", WHOLE).status == 404


def test_answers_are_kept_by_no_cache_between(asking: Asking) -> None:
    assert asking.post(SINGLE, WHOLE).headers["cache-control"] == "no-store"


def test_a_body_in_pieces_is_read_whole_and_one_too_long_is_not(asking: Asking) -> None:
    assert asking.decision({**WHOLE, "padding": "x" * 200_000}) is True
    assert asking.post(SINGLE, {**WHOLE, "padding": "x" * 300_000}).status == 413


def test_a_tenant_stands_behind_the_host(asking: Asking) -> None:
    tenant = Asking(url=URL + "/tenant1/")
    answer = tenant.post(METADATA + "/tenant1", b"", method="GET")
    found = answer.json()
    assert found["policy_decision_point"] == URL + "/tenant1"
    assert found["access_evaluation_endpoint"] == URL + "/tenant1" + SINGLE
    assert tenant.post("/tenant1" + SINGLE, WHOLE).json()["decision"] is True
    assert tenant.post(SINGLE, WHOLE).status == 404


@pytest.mark.parametrize(
    "url", ["http://pdp.example.com", "https://", "pdp", URL + "?a=b", URL + "#a"]
)
def test_a_decision_point_has_an_https_address(url: str) -> None:
    with pytest.raises(InvalidInput, match="no https URL"):
        Site(url)


def test_trouble_here_is_an_internal_error_without_its_words(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: object) -> None:
        raise SystemUnavailable("the store does not answer", code="SY330")

    def broken(*_: object) -> None:
        raise KeyError("alice")

    for fault, message in (
        (gone, b"SY330: the store does not answer"),
        (broken, b"internal error"),
    ):
        monkeypatch.setattr(asking.people, "change", fault)
        answer = asking.post(SINGLE, WHOLE, x_request_id="9")
        assert (answer.status, answer.body) == (500, message)
        assert answer.headers["x-request-id"] == "9"
    assert "KeyError" in caplog.text
    assert "alice" not in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


# -- several evaluations -------------------------------------------------------------------


def semantic(asking: Asking, word: str, *evaluations: object) -> list[bool]:
    """The decisions told under a semantic."""
    options = {"evaluations_semantic": word, "another_option": 1}
    answer = asking.post(SEVERAL, {"evaluations": evaluations, "options": options})
    assert answer.status == 200
    return [one["decision"] for one in answer.json()["evaluations"]]


def test_each_semantic_ends_where_the_norm_says(asking: Asking) -> None:
    yes, no, broken = WHOLE, REFUSED, {"subject": 1}
    cases: list[tuple[str, list[object], list[bool]]] = [
        ("execute_all", [no, yes, broken, yes], [False, True, False, True]),
        ("deny_on_first_deny", [yes, no, yes], [True, False]),
        ("deny_on_first_deny", [yes, broken, yes], [True, False]),
        ("deny_on_first_deny", [yes, yes], [True, True]),
        ("permit_on_first_permit", [no, broken, yes, no], [False, False, True]),
        ("permit_on_first_permit", [yes, no], [True]),
        ("permit_on_first_permit", [no, no], [False, False]),
    ]
    for word, evaluations, decisions in cases:
        assert semantic(asking, word, *evaluations) == decisions


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": {"evaluations_semantic": "first"}},
        {"options": {"evaluations_semantic": ["execute_all"]}},
        {"options": []},
        {"evaluations": {}},
        {"evaluations": [{}] * 10_001},
        {"subject": "alice"},
        {"subject": {"type": "user"}},
        {"action": {}},
        {"resource": None},
        {"context": []},
    ],
)
def test_a_request_unsound_at_its_top_is_refused_as_a_whole(asking: Asking, wrong: Json) -> None:
    assert asking.post(SEVERAL, {"evaluations": [WHOLE], **wrong}).status == 400


@pytest.mark.parametrize(
    "unsound",
    [
        {"subject": {"type": "user", "key": "alice"}},
        {"subject": {"kind": "user", "id": "alice"}},
        {"subject": {"type": "user", "id": ["alice"]}},
        {"subject": ["type", "id"]},
        {"action": ["read"]},
        {"action": {"name": ["read"]}},
        {"resource": {"type": "record", "name": "record-1"}},
        {"resource": {**WHOLE["resource"], "properties": {"source": None}}},
        {"resource": {**WHOLE["resource"], "properties": {"source": ["person"]}}},
        {"resource": {**WHOLE["resource"], "properties": ["source"]}},
        {"resource": {**WHOLE["resource"], "properties": None}},
    ],
)
def test_words_asked_before_make_no_unsound_request_sound(asking: Asking, unsound: Json) -> None:
    sourced = {**WHOLE["resource"], "properties": {"source": "person"}}
    for resource in (WHOLE["resource"], sourced):
        for _ in range(2):
            assert asking.decision({**WHOLE, "resource": resource}) is True
    assert asking.post(SINGLE, {**WHOLE, **unsound}).status == 400


def test_an_entity_of_an_evaluation_replaces_the_one_above_as_a_whole(asking: Asking) -> None:
    asked = {**WHOLE, "evaluations": [{"subject": {"id": "bob"}}, {"resource": {"type": "record"}}]}
    answer = asking.post(SEVERAL, asked).json()
    assert [one["decision"] for one in answer["evaluations"]] == [False, False]
    messages = [one["context"]["error"]["message"] for one in answer["evaluations"]]
    assert messages == ["`subject.type` is missing", "`resource.id` is missing"]


def test_a_long_request_lets_a_short_one_in(asking: Asking) -> None:
    ended: list[str] = []

    async def ask(name: str, path: str, body: Json) -> None:
        assert (await asked_directly(asking.door, path, body, asking.shown)).status == 200
        ended.append(name)

    async def both() -> None:
        long = {"evaluations": [{**WHOLE, "context": {"contexts": []}}] * 1_500}
        await asyncio.gather(ask("long", SEVERAL, long), ask("short", SINGLE, WHOLE))

    asyncio.run(both())
    assert ended == ["short", "long"]


# -- what is said --------------------------------------------------------------------------


def test_a_decision_tells_its_reasons_in_two_languages_with_their_clause(asking: Asking) -> None:
    context = asking.context(REFUSED)
    assert context["outcome"] == "refused"
    assert context["version"] == "v1"
    assert context["reasons"] == [
        {
            "code": "opted_out",
            "about": "write",
            "cite": "REC-2.4",
            "ja": "本人が停止を求めた",
            "en": "the person opted out",
        }
    ]


def test_what_the_gate_cannot_decide_is_a_no_that_says_so(asking: Asking) -> None:
    asked = {**WHOLE, "action": {"name": "raed"}}
    assert asking.decision(asked) is False
    context = asking.context(asked)
    assert context["outcome"] == "undecided"
    assert context["reasons"][0]["code"] == "unknown_purpose"
    assert "`read` is declared" in context["hint"]


def test_an_unknown_person_is_undecided_and_told_how_people_are_named(asking: Asking) -> None:
    for subject in ({"type": "user", "id": "carol"}, {"type": "seller", "id": "alice"}):
        context = asking.context({**WHOLE, "subject": subject})
        assert context["outcome"] == "undecided"
        assert [r["code"] for r in context["reasons"]] == ["unknown_person"]
        assert context["hint"]


def test_a_person_of_one_kind_is_nobody_of_another() -> None:
    people = Told({PersonId("alice"): "user", PersonId("7"): "seller"}, {})
    both = Asking(people)
    for _ in range(2):
        assert both.decision(WHOLE) is True
        assert codes(both, subject={"type": "seller", "id": "7"}) == ["other_people"]
        for wrong in ({"type": "seller", "id": "alice"}, {"type": "user", "id": "7"}):
            assert codes(both, subject=wrong) == ["unknown_person"]
            earlier = {"time": SAID.isoformat()}
            assert codes(both, subject=wrong, context=earlier) == ["unknown_person"]


def test_a_word_nobody_declared_is_not_repeated(asking: Asking) -> None:
    mail = "aki@example.jp"
    for wrong in (
        {"action": {"name": mail}},
        {"resource": {"type": "item", "id": mail}},
        {"resource": {"type": "record", "id": mail}},
        {"subject": {"type": "user", "id": mail}},
        {"subject": {"type": mail}},
        {"context": {"time": mail}},
        {"action": {"name": "read", "properties": {"act": mail}}},
    ):
        assert mail.encode() not in asking.post(SINGLE, {**WHOLE, **wrong}).body
        several = {"evaluations": [{**WHOLE, **wrong}]}
        assert mail.encode() not in asking.post(SEVERAL, several).body


# -- what the properties mean --------------------------------------------------------------


def codes(asking: Asking, **changed: Json) -> list[str]:
    """Reasons of the whole request with some entities changed."""
    return [r["code"] for r in asking.context({**WHOLE, **changed})["reasons"]]


def test_an_action_is_a_use_unless_its_properties_or_its_name_say_otherwise(
    asking: Asking,
) -> None:
    def action(name: str, **properties: str) -> list[str]:
        return codes(asking, action={"name": name, "properties": properties})

    assert codes(asking) == ["granted"]
    assert action("read", act="use") == ["granted"]
    assert action("read", act="send") == ["recipient_unstated"]
    assert action("read", recipient="archive") == ["consent_missing"]
    assert "purpose_not_for_recipient" in action("write", recipient="archive")
    assert action("read", act="use", recipient="archive") == ["granted"]
    assert action("read", recipient="nobody") == ["unknown_recipient"]
    assert action("read", recipient="archive", country="XX") == ["unknown_country"]
    assert codes(asking, action={"name": "keep"}) == ["granted"]
    assert codes(asking, action={"name": "collect"}) == ["granted"]
    assert action("collect", act="collect") == ["granted"]
    assert codes(asking, action={"name": "send"}) == ["unknown_purpose"]
    assert action("keep", act="use") == ["unknown_purpose"]


def test_every_word_of_the_entities_reaches_the_question() -> None:
    action = entities.action("send", "read", "archive", "buyer_of", "JP", "adequacy")
    context = entities.context(None, frozenset({"open_order"}), frozenset({"profile"}))
    assert entities.handling(action, context, True) == Handling(
        act="send",
        purpose="read",
        recipient="archive",
        relation="buyer_of",
        country="JP",
        route="adequacy",
        contexts=frozenset({"open_order"}),
        scopes=frozenset({"profile"}),
        masked=True,
    )


def test_a_resource_says_when_it_arose(asking: Asking) -> None:
    def kept(born: str | None) -> list[str]:
        properties = {"data_at": born} if born else {}
        resource = {"type": "record", "id": "record-2", "properties": properties}
        return codes(asking, action={"name": "keep"}, resource=resource)

    assert kept(None) == kept("2026-11-01T00:00:00Z") == ["granted"]
    assert kept("2025-11-01T00:00:00Z") == ["period_over"]
    assert kept("2026-11-01T00:00:00Z") == ["granted"]


def test_a_resource_says_where_its_value_came_from(asking: Asking) -> None:
    resource = WHOLE["resource"]
    told_ = {**resource, "properties": {"source": "person"}}
    assert codes(asking, resource=told_) == ["granted"]
    assert codes(asking, resource={**resource, "properties": {"source": "x"}}) == ["unknown_source"]
    assert codes(asking, resource={"type": "item", "id": "record_1"}) == ["granted"]
    assert codes(asking, resource={"type": "item", "id": "record-1"}) == ["unknown_item"]
    assert codes(asking, resource={"type": "book", "id": "record_1"}) == ["unknown_item"]


def test_a_context_names_the_moment_and_the_circumstances(asking: Asking) -> None:
    early = {"time": "2023-12-31T23:59:59Z"}
    assert codes(asking, context=early) == ["no_policy_in_force"]
    before = {"time": (SAID - timedelta(seconds=1)).isoformat()}
    assert asking.decision({**REFUSED, "context": before}) is True
    assert asking.decision({**REFUSED, "context": {"time": SAID.isoformat()}}) is False
    assert codes(asking, context={"contexts": ["x"]}) == ["unknown_context"]


def test_what_somebody_says_holds_from_the_next_answer_on(asking: Asking) -> None:
    asked = {**WHOLE, "action": {"name": "write"}}
    for _ in range(3):
        assert asking.decision(asked) is True
    person = PersonId("alice")
    asking.people.say(OptOut(person, NOW - timedelta(minutes=2), Scope(purposes=("write",))))
    assert asking.decision(asked) is False
    asking.people.say(OptIn(person, NOW - timedelta(minutes=1), Scope(purposes=("write",))))
    assert asking.decision(asked) is True
    asking.people.say(Suspension(BOB, NOW - timedelta(minutes=1)))
    assert asking.post(SUBJECT, asked).json()["results"] == [WHOLE["subject"]]


# -- pages ---------------------------------------------------------------------------------


def crowd(count: int) -> Told:
    """People of whom every third does not want to be written about."""
    people = [PersonId(f"p{n:03}") for n in range(count)]
    events = {p: [OptOut(p, SAID, Scope(purposes=("write",)))] for p in people[::3]}
    return Told(dict.fromkeys(people, "user"), events)


@pytest.mark.parametrize("limit", [1, 7, 40, 1_000])
def test_the_pages_together_are_the_whole_answer(limit: int) -> None:
    asking = Asking(crowd(100))
    asked = {**WHOLE, "action": {"name": "write"}}
    whole = asking.post(SUBJECT, asked).json()
    assert whole["page"] == {"next_token": "", "count": len(whole["results"])}
    assert len(whole["results"]) == 66
    gathered: list[Json] = []
    page: Json = {"limit": limit}
    while True:
        found = asking.post(SUBJECT, {**asked, "page": page}).json()
        assert len(found["results"]) <= limit
        gathered += found["results"]
        page = {"token": found["page"]["next_token"]}
        assert "p0" not in page["token"]
        if not page["token"]:
            break
    assert gathered == whole["results"]


def test_a_page_of_none_tells_that_there_are_more(asking: Asking) -> None:
    for path in (SUBJECT, RESOURCE, ACTION):
        found = asking.post(path, {**WHOLE, "page": {"limit": 0}}).json()
        assert found["results"] == []
        assert found["page"]["next_token"]


def test_a_token_of_another_question_is_refused(asking: Asking) -> None:
    asked = {**WHOLE, "page": {"limit": 1}}
    token = asking.post(RESOURCE, asked).json()["page"]["next_token"]
    assert asking.post(RESOURCE, {**asked, "page": {"limit": 1, "token": token}}).status == 200
    for changed in (
        {"page": {"limit": 2, "token": token}},
        {"page": {"token": token}, "action": {"name": "write"}},
        {"page": {"token": token}, "context": {}},
    ):
        assert asking.post(RESOURCE, {**asked, **changed}).status == 400


@pytest.mark.parametrize(
    "page",
    [
        [],
        {"limit": -1},
        {"limit": True},
        {"limit": "1"},
        {"limit": 1.5},
        {"limit": None},
        {"token": 7},
        {"token": "x"},
        {"token": "e30="},
        {"token": "WzEsIDJd"},
        {"token": "あ"},
    ],
)
def test_a_page_that_is_not_sound_is_a_bad_request(asking: Asking, page: object) -> None:
    assert asking.post(RESOURCE, {**WHOLE, "page": page}).status == 400


def test_actions_found_are_permitted_and_those_permitted_are_found(asking: Asking) -> None:
    for subject in (WHOLE["subject"], REFUSED["subject"]):
        asked = {"subject": subject, "resource": WHOLE["resource"]}
        found = asking.post(ACTION, asked).json()["results"]
        every = [{"name": n} for n in ("collect", "keep", "read", "write", "delete")]
        every.append({"name": "legal_retention"})
        every.append({"name": "read", "properties": {"act": "send", "recipient": "archive"}})
        assert found == [a for a in every if asking.decision({**asked, "action": a})]


# -- names ---------------------------------------------------------------------------------


def test_a_file_says_what_callers_call_things(tmp_path: Path) -> None:
    file = tmp_path / "names.yaml"
    file.write_text("seiyaku_authzen: 1\nresources: {record: {record-1: record_1}}\n", "utf-8")
    assert read_names(file).item("record", "record-1") == "record_1"
    assert read_names(file).item("record", "record_1") is None
    file.write_text("seiyaku_authzen: 1\nresources: {record: {record-1: Record 1}}\n", "utf-8")
    with pytest.raises(InvalidDocument):
        read_names(file)


# -- anything at all -----------------------------------------------------------------------

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = [(n,) for n in (*WHOLE, "context", "evaluations", "options", "page")]
PLACES += [(n, k) for n in WHOLE for k in ("type", "id", "name", "properties")]
PLACES += [("context", k) for k in ("time", "contexts", "scopes")]
PLACES += [("page", k) for k in ("limit", "token")]


@given(
    st.sampled_from([SINGLE, SEVERAL, SUBJECT, RESOURCE, ACTION]),
    st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3),
)
def test_whatever_comes_is_answered_or_refused_as_the_norm_says(
    path: str, changes: list[tuple[tuple[str, ...], object]]
) -> None:
    request: Json = {name: dict(entity) for name, entity in WHOLE.items()}
    for place, value in changes:
        inner = request
        for name in place[:-1]:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner[place[-1]] = value
    answer = SHARED.post(path, json.dumps(request).encode())
    assert answer.status in (200, 400)
    if answer.status == 200 and path == SINGLE:
        assert type(answer.json()["decision"]) is bool


SHARED = Asking()
