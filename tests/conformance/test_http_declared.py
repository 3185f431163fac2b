"""A company adds a vendor without Python: one YAML file, and the driver does the rest."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from saas_world import AUTH0, datamap, known
from seiyaku.datamap import resolve
from seiyaku.datamap.system import Action, System
from seiyaku.kernel.errors import Conflict, InvalidDocument, InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.systems.http import load_api, packaged_api
from seiyaku.testing.system_suite import erasing

DESK = """
seiyaku_api: 1
options: {queue: main}
base: https://desk.example/{queue}
auth: {how: header, header: X-Desk-Key}
retry: {times: 2, first_s: 0}
idempotency: Idempotency-Key
datasets:
  tickets:
    columns: {id: ~, requester: requester.email, body: ~, opened: {at: created, kind: date}}
    find:
      - {by: requester, get: "/tickets?requester={requester}", rows: tickets, PAGE}
    delete: {send: "POST /tickets/{id}/redact", body: {ticket: "{id}"}, expect: {state: [redacted]}}
    change: {send: "PATCH /tickets/{id}"}
"""
PAGES = {
    "cursor": "page: {how: cursor, param: after, next: meta.after}",
    "number": "page: {how: number, param: page, first: 1, size_param: per_page, size: 2}",
    "offset": "page: {how: offset, param: offset, size_param: limit, size: 2}",
    "link": "page: {how: link}",
}
TICKETS: dict[str, Any] = {
    "tickets": {
        "key": "id",
        "links": [{"by": "requester", "to": "app.users", "columns": "email"}],
        "fields": {"id": None, "requester": "email", "body": "inquiry", "opened": None},
    }
}
MEI = "mei+a@mail.example"


class Desk:
    """A support desk of no vendor: it pages in every way there is."""

    def __init__(self) -> None:
        self.tickets = {n: _ticket(n, MEI if n % 2 else "ken@mail.example") for n in range(1, 11)}
        self.keys: list[str] = []
        self.next_host = ""
        self.says_redacted = True

    def list(self, asked: dict[str, str]) -> tuple[Any, dict[str, str]]:
        rows = [t for t in self.tickets.values() if t["requester"]["email"] == asked["requester"]]
        start = self._start(asked)
        told: dict[str, Any] = {"tickets": rows[start : start + 2], "meta": {}}
        more = start + 2 < len(rows)
        if more:
            told["meta"] = {"after": str(start + 2)}
        query = f"?requester={asked['requester'].replace('+', '%2B')}&after={start + 2}"
        link = f'<{self.next_host}/main/tickets{query}>; rel="next"'
        return told, {"Link": link} if more else {}

    def _start(self, asked: dict[str, str]) -> int:
        if "page" in asked:
            return (int(asked["page"]) - 1) * 2
        return int(asked.get("offset") or asked.get("after") or 0)


def _ticket(number: int, email: str) -> dict[str, Any]:
    requester = {"email": email, "name": "n"}
    return {"id": number, "requester": requester, "body": "b", "created": "2026-02-16"}


@contextmanager
def desk() -> Iterator[tuple[Desk, str]]:
    held = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
            number = re.fullmatch(r"/main/tickets/(\d+)(/redact)?", unquote(parts.path))
            if self.headers["X-Desk-Key"] != "key":
                return self._say(401, {})
            if self.command == "GET":
                told, headers = held.list(asked)
                return self._say(200, told, headers)
            assert number is not None
            held.keys.append(self.headers["Idempotency-Key"] or "")
            if self.command == "PATCH":
                held.tickets[int(number[1])].update(json.loads(body))
                return self._say(200, held.tickets[int(number[1])])
            assert json.loads(body) == {"ticket": int(number[1])}
            if held.says_redacted:
                held.tickets.pop(int(number[1]), None)
            return self._say(200, {"state": "redacted" if held.says_redacted else "queued"})

        def _say(self, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
            data = json.dumps(told).encode()
            with suppress(OSError):
                self.send_response(status)
                for name, value in {**(headers or {}), "content-length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield held, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opened(folder: Path, url: str, page: str = "cursor", secret: str = "key") -> System:
    path = folder / "desk.yaml"
    path.write_text(DESK.replace("PAGE", PAGES[page]))
    settings = SystemSettings(path=path, url=f"{url}/main", secret=secret, memory=folder / "runs")
    return open_system("own", datamap("http", TICKETS, email=None).systems["own"], settings)


STEPS = resolve(datamap("http", TICKETS, email=None)).of_system(SystemId("own"))
ROWS = DatasetId("own.tickets")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_read_however_pages_follow(tmp_path: Path, page: str) -> None:
    with desk() as (held, url), closing(opened(tmp_path, url, page)) as system:
        held.next_host = url
        assert system.locate(STEPS, known("email", MEI)).rows == {ROWS: 5}


def test_rows_are_redacted_once_and_the_call_carries_a_key_of_the_run(tmp_path: Path) -> None:
    declared = datamap("http", TICKETS, email=None)
    with desk() as (held, url), closing(opened(tmp_path, url)) as system:
        located = system.locate(STEPS, known("email", MEI))
        actions = erasing(declared, STEPS, located, system.capabilities)
        applied = system.apply(RunId("r"), actions, known("email", MEI))
        assert applied.deleted == {ROWS: 5}
        assert set(held.tickets) == {2, 4, 6, 8, 10}
        assert len(set(held.keys)) == 5
        assert all(held.keys)


def test_a_column_is_set_at_its_place(tmp_path: Path) -> None:
    with desk() as (held, url), closing(opened(tmp_path, url)) as system:
        action = Action(ROWS, "set", STEPS[0].paths, kept=("requester",), expected=5)
        new = {(ROWS, "requester"): "mei@new.example"}
        system.apply(RunId("r"), [action], known("email", MEI), new)
        assert held.tickets[1]["requester"] == {"email": "mei@new.example"}


def test_an_answer_that_does_not_confirm_is_no_success(tmp_path: Path) -> None:
    declared = datamap("http", TICKETS, email=None)
    with desk() as (held, url), closing(opened(tmp_path, url)) as system:
        held.says_redacted = False
        located = system.locate(STEPS, known("email", MEI))
        actions = erasing(declared, STEPS, located, system.capabilities)
        with pytest.raises(SystemUnavailable) as caught:
            system.apply(RunId("r"), actions, known("email", MEI))
        assert caught.value.code == "SY324"


def test_pages_never_lead_to_another_host(tmp_path: Path) -> None:
    with desk() as (held, url), closing(opened(tmp_path, url, "link")) as system:
        held.next_host = "http://127.0.0.2:1"
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(STEPS, known("email", MEI))
        assert caught.value.code == "SY324"


def test_values_that_are_no_id_are_not_asked_for(tmp_path: Path) -> None:
    with desk() as (_, url), closing(opened(tmp_path, url)) as system:
        for value in ("", ".", ".."):
            assert system.locate(STEPS, known("email", value)).rows == {ROWS: 0}


def test_a_key_that_is_refused_says_so_without_it(tmp_path: Path) -> None:
    with desk() as (_, url), closing(opened(tmp_path, url, secret="stale-key")) as system:
        with pytest.raises(SystemUnavailable) as caught:
            system.locate(STEPS, known("email", MEI))
        assert caught.value.code == "SY325"
        assert "stale" not in f"{caught.value} {caught.value.hint()}"


def test_a_question_the_declaration_does_not_know_is_refused(tmp_path: Path) -> None:
    other = {"tickets": {**TICKETS["tickets"], "links": [
        {"by": "body", "to": "app.users", "columns": "email"}]}}  # fmt: skip
    steps = resolve(datamap("http", other, email=None)).of_system(SystemId("own"))
    with desk() as (_, url), closing(opened(tmp_path, url)) as system:
        with pytest.raises(Conflict) as caught:
            system.locate(steps, known("email", MEI))
        assert caught.value.code == "SY501"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("base: https", "base: http", "SY175"),
        ("options: {queue: main}\n", "", "SY175"),
        ("by: requester", "by: sender", "sender"),
        ("tickets?requester={requester}", "tickets?requester={sender}", "sender"),
        ("delete: {send", "delete: {when: {body: [x]}, send", "when"),
        ("PATCH /tickets", "FETCH /tickets", "send"),
        ("base:", "bases:", "bases"),
    ],
)
def test_a_fault_in_the_declaration_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = DESK.replace("PAGE", PAGES["link"])
    assert old in text
    (tmp_path / "desk.yaml").write_text(text.replace(old, new))
    with pytest.raises(InvalidInput) as caught:
        load_api(tmp_path / "desk.yaml", {})
    told = f"{caught.value.code} {caught.value}"
    if isinstance(caught.value, InvalidDocument):
        told += " ".join(str(fault) for fault in caught.value.faults)
    assert says in told


OPTIONS = {
    "auth0": ("domain", "application"),
    "printful": (),
    "cloudflare_images": ("account", "zone", "delivery"),
    "google_analytics": ("property",),
    "openai": (),
}


@pytest.mark.parametrize("vendor", OPTIONS)
def test_a_packaged_vendor_says_what_it_does_not_see_and_which_option_is_missing(
    vendor: str,
) -> None:
    options = dict.fromkeys(OPTIONS[vendor], "https://x.example")
    assert packaged_api(vendor, options).excludes
    for missing in OPTIONS[vendor]:
        rest = {name: value for name, value in options.items() if name != missing}
        with pytest.raises(InvalidInput) as caught:
            packaged_api(vendor, rest)
        told = [str(f) for f in getattr(caught.value, "faults", ())]
        assert missing in f"{caught.value} {told}"


def test_no_option_stands_in_for_a_value_of_a_row() -> None:
    options = {"domain": "https://x.example", "application": "c", "account": "auth0|somebody"}
    with pytest.raises(InvalidInput, match="account") as caught:
        packaged_api("auth0", options)
    assert caught.value.code == "SY175"


@pytest.mark.reference
def test_what_we_expect_of_auth0_is_in_the_recorded_answers_of_its_own_client(
    reference: Path,
) -> None:
    stubs = json.loads((reference / "contracts/auth0-management-wiremock.json").read_text())
    known_calls = {
        (m["request"]["method"], re.sub(r"\{\w+\}", "{}", m["request"]["urlPathTemplate"])): m
        for m in stubs["mappings"]
        if "urlPathTemplate" in m["request"]
    }
    api = packaged_api("auth0", {"domain": "https://x.example", "application": "c"})
    asked = 0
    for name, dataset in api.datasets.items():
        for find in dataset.find:
            path, _, query = (find.get or "").partition("?")
            stub = known_calls["GET", re.sub(r"\{\w+\}", "{}", path)]
            said = json.loads(stub["response"]["body"])
            rows = said if find.rows == "." else said[find.rows] if find.rows else [said]
            places = {
                re.sub(r"\W.*", "", (c.at or "").strip("{")) for c in dataset.columns.values()
            }
            assert places - {""} <= set(rows[0]), (name, places - set(rows[0]))
            parameters = set(stub["request"].get("queryParameters", ()))
            page = {find.page.param, find.page.size_param} if find.page else set()
            assert page | ({query.partition("=")[0]} - {""}) <= parameters
            asked += 1
        for rule in (*dataset.delete, *filter(None, [dataset.change])):
            method, _, path = (rule.send or "").partition(" ")
            assert (method, re.sub(r"\{\w+\}", "{}", path)) in known_calls
            asked += 1
    assert asked == 12
    assert set(AUTH0) == set(api.datasets)


def test_a_vendor_without_its_secret_is_told_of_and_not_called(tmp_path: Path) -> None:
    with desk() as (held, url), closing(opened(tmp_path, url, secret="")) as system:
        with pytest.raises(InvalidInput, match="no secret is set"):
            system.locate(STEPS, known("email", MEI))
        assert held.keys == []
