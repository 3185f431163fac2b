"""Articles 4 and 6.11 at the doors: AI calls on record, and what passes to and from networks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from seiyaku.assurance import Assurance, Membership, review
from seiyaku.cli import cli
from seiyaku.doors.egress.httpx_transport import GuardedTransport
from seiyaku.doors.handling import handling
from seiyaku.kernel import InvalidDocument
from seiyaku.releases import Party
from seiyaku.services import path as packaged
from seiyaku.standing import OptOut, Scope
from seiyaku.testing.promises import promise
from unit.doors.outgoing_world import Counterpart, counterpart

from ..homes import AT, SINCE, Copies, Installed, codes, entrusted, with_calls
from .conftest import agreed

ADS = {"purposes": ("ads",), "recipients": ("adnet1",)}
ZEROS = "00000000-0000-0000-0000-000000000000"
AAID = "38400000-8cf0-11bd-b23e-10b96e40000d"


@pytest.fixture
def there() -> Iterator[Counterpart]:
    """Whoever is called, listening."""
    with counterpart() as listening:
        yield listening


def _network(there: Counterpart) -> Callable[[Path], None]:
    fields = {"aaid": "advertising_id", "model": "device_info", "email": "email"}
    entry = {"recipient": "ad_partners", "member": "adnet1", "hosts": [there.url]}
    return with_calls("deskrex", {"net": {**entry, "endpoints": [{"path": "/e", "json": fields}]}})


def _listed(home: Installed) -> Installed:
    home.home.enrol(Membership("ad_partners", "adnet1", SINCE, countries=("JP",)))
    home.home.releases.name(Party("adnet1", "Adnet One", "Tokyo 1-1", "T. Ito"))
    return home


@promise("DESK-6.11i")
def test_a_network_gets_identifier_and_device_and_no_identifier_of_zeros(
    opened: Copies, there: Counterpart
) -> None:
    """Given somebody who agreed to all of it; of identifier, device and mail address the network
    receives the first two. An identifier of zeros, which says that its owner tells none, does
    not go, and is on no record as given.
    """
    mine = _listed(opened(_network(there)))
    person = mine.world.person("aki").id
    mine.home.record(agreed(person, "advertising_id", "device_info", "email", **ADS))
    door = mine.home.doors.egress(mode="enforce")
    payload = {"aaid": AAID, "model": "phone 7", "email": "aki@example.jp"}
    with (
        httpx.Client(transport=GuardedTransport(door)) as client,
        handling(person=person, purpose="ads"),
    ):
        client.post(f"{there.url}/e", json=payload)
        for zeros in (ZEROS, ZEROS.replace("-", "")):
            client.post(f"{there.url}/e", json={**payload, "aaid": zeros})
    device = {"model": "phone 7"}
    assert [r.json() for r in there.received] == [{"aaid": AAID, **device}, device, device]
    given = [set(r.items) for r in mine.home.releases.of_person(person)]
    assert sorted(given, key=len) == [
        {"device_info"},
        {"device_info"},
        {"advertising_id", "device_info"},
    ]


@promise("DESK-6.11o")
def test_a_network_without_a_page_to_leave_is_reported_and_who_leaves_sends_nothing(
    opened: Copies,
) -> None:
    """Given a listed network without an opt-out page; the check reports it by 6.11o, until the
    page is on file. From the moment somebody turned this network off nothing may be sent to it,
    though they agreed before; others' agreement stands.
    """
    mine = _listed(opened())
    policy = mine.home.parts.policy()

    def missing() -> list[tuple[str, str]]:
        lapses = review(policy, mine.home.assurances(), AT)
        return [(x.subject, x.cite) for x in lapses if x.code == "opt-out-page-missing"]

    assert missing() == [("adnet1", "DESK-6.11o")]
    shown = CliRunner().invoke(cli, ["check", "--home", str(mine.folder), "--format", "json"])
    assert "opt-out-page-missing" in {f["rule"] for f in json.loads(shown.stdout)}
    page = "https://adnet1.example/opt-out"
    mine.home.assure(Assurance("opt_out_page", "adnet1", SINCE, page, by="sato"))
    assert missing() == []
    aki, ben = (mine.world.person(p).id for p in ("aki", "ben"))
    for person in (aki, ben):
        mine.home.record(agreed(person, "advertising_id", **ADS))
    mine.home.record(OptOut(aki, AT, Scope(recipients=("adnet1",))))
    words = {"recipient": "adnet1", "purpose": "ads"}
    assert codes(mine.ask(aki, "send", "advertising_id", **words)) == {"opted_out"}
    assert mine.ask(ben, "send", "advertising_id", **words).permitted


@promise("DESK-6.11n")
def test_what_a_network_saw_of_a_person_is_set_aside(
    opened: Copies, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a feed of clicks by advertising identifier from a listed network; every row is set
    aside, by 6.11n, whether or not it says whose it is, and nothing of it is logged. Counts that
    name nobody come in.
    """
    caplog.set_level("DEBUG")
    mine = _listed(opened())
    clicks = [{"user": mine.world.person("aki").id, "aaid": AAID, "clicks": 3}]
    fields = {"aaid": "advertising_id"}
    for columns, person in ((fields, "user"), (fields, None), ({}, None)):
        fed = mine.home.doors.feeds().feed("ad_partner", "adnet1", clicks, columns, person)
        assert fed.let_in == ()
        assert all("DESK-6.11n" in row.cites for row in fed.set_aside)
        assert AAID not in caplog.text + repr(fed)
    counts = [{"campaign": "spring", "clicks": 120}]
    assert mine.home.doors.feeds().feed("ad_partner", "adnet1", counts, {}).let_in == tuple(counts)


@promise("DESK-4.2b")
def test_each_call_to_an_ai_is_on_record_with_model_and_digest(
    opened: Copies, there: Counterpart
) -> None:
    """Given a query without names; it goes to the AI under contract, and the evidence holds the
    call: its release, the model asked for, the digest of exactly what went, and no word of it.
    """
    chat = {"path": "/chat", "json": {"prompt": "research_query", "model": None}}
    entry = {"recipient": "ai_services", "member": "whisper", "hosts": [there.url]}
    mine = opened(with_calls("deskrex", {"whisper": {**entry, "endpoints": [chat]}}))
    mine.home.enrol(Membership("ai_services", "whisper", SINCE, countries=("JP",)))
    mine.home.assure(*entrusted("whisper", "training_opt_out"))
    person = mine.world.person("aki").id
    door = mine.home.doors.egress(mode="enforce")
    with (
        httpx.Client(transport=GuardedTransport(door)) as client,
        handling(person=person, purpose="service"),
    ):
        query = {"prompt": "compare battery makers", "model": "small-2"}
        client.post(f"{there.url}/chat", json=query)
    (arrived,) = there.received
    assert arrived.json() == query
    (release,) = mine.home.releases.of_person(person)
    log = mine.home.parts.log_reader()
    entries = [log.entry(n) for n in range(log.checkpoint().size)]
    (call,) = [e for e in entries if e.act == "ai_call"]
    assert call.act_id == f"{release.id}/ai-call"
    assert call.detail == {"recipient": "whisper", "model": "small-2"}
    assert call.digests == {"payload": hashlib.sha256(arrived.body).hexdigest()}
    assert "battery" not in repr(call)


@promise("DESK-4.1")
def test_a_network_that_sets_a_cookie_is_found_and_gets_none(
    opened: Copies, tmp_path: Path
) -> None:
    """Given a page that lets adnet.example set a cookie, though the list of partners is empty;
    the audit finds the host, with its page and the cookie, and no cookie may be sent to it, nor
    to the partner that nobody named.
    """
    mine = opened()
    answer = {"cookies": [{"name": "uid", "value": AAID}]}
    request = {"method": "GET", "url": f"https://adnet.example/pixel?id={AAID}"}
    entry = {"pageref": "p1", "request": request, "response": answer}
    pages = [{"id": "p1", "title": "https://deskrex.example/top"}]
    recording = tmp_path / "pages.har"
    recording.write_text(json.dumps({"log": {"pages": pages, "entries": [entry]}}), "utf-8")
    (found,) = mine.home.doors.transmissions(recording, ["deskrex.example"]).undeclared
    assert (found.url, found.cookies) == ("https://adnet.example/pixel", 1)
    assert found.page == "https://deskrex.example/top"
    person = mine.world.person("aki").id
    for network in ("adnet.example", "cookie_partner"):
        asked = {"recipient": network, "purpose": "measure"}
        assert not mine.ask(person, "send", "cookie_id", **asked).permitted


@promise("DESK-1.1h")
def test_no_column_can_hold_what_the_policy_does_not_name(opened: Copies) -> None:
    """Given a column of the data map bound to "other information"; the map is refused, naming the
    column and 1.1h. As published, no column is bound to it and nothing is reported.
    """

    def bound(home: Path) -> None:
        text = (packaged("deskrex") / "datamap.yaml").read_text("utf-8")
        old = "occupation: {item: occupation, source: person}"
        assert text.count(old) == 1
        new = "occupation: {item: other_information, source: person}"
        (home / "datamap.yaml").write_text(text.replace(old, new), "utf-8")
        with (home / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.write("datamap: datamap.yaml\n")

    with pytest.raises(InvalidDocument) as refused:
        opened(bound, "bound").home.check_db()
    (fault,) = refused.value.faults
    assert (fault.rule, fault.severity, fault.clause) == ("never-kept", "error", "1.1h")
    assert "`app.users.occupation`" in fault.message
    assert not [f for f in opened().home.check_db() if "other_information" in f.message]
