"""A service account signs its way to a token; whoever has another key gets none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from saas_world import FAST, datamap, known
from seiyaku.datamap import resolve
from seiyaku.datamap.system import Applied, System
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.fakes.vendors import AnalyticsFake
from seiyaku.testing.system_suite import RUN, erasing

CLIENTS = {
    "clients": {
        "key": "client_id",
        "links": [{"by": "client_id", "to": "app.users", "columns": "vendor_id"}],
        "fields": {"client_id": "usage"},
    }
}
ADDRESS = "seiyaku@project.iam.example"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture
def analytics(key: RSAPrivateKey) -> Iterator[AnalyticsFake]:
    fake = AnalyticsFake(account=(key.public_key(), ADDRESS))
    with fake.running():
        yield fake


def said(key: RSAPrivateKey, url: str, **other: str) -> str:
    """The file of a service account's key."""
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = key.private_bytes(*form).decode()
    known = {"client_email": ADDRESS, "private_key": pem, "private_key_id": "k1"}
    return json.dumps({**known, "token_uri": f"{url}/token", **other})


def system(folder: Path, url: str, secret: str) -> System:
    settings = SystemSettings(
        url=url, secret=secret, options={"property": "7", **FAST}, memory=folder, timeout_s=2
    )
    declared = datamap("google_analytics", CLIENTS, vendor_id=None)
    return open_system("own", declared.systems["own"], settings)


def erased(folder: Path, url: str, secret: str) -> Applied:
    declared = datamap("google_analytics", CLIENTS, vendor_id=None)
    steps = resolve(declared).of_system("own")
    person = known("vendor_id", "GA1.1")
    with closing(system(folder, url, secret)) as opened:
        located = opened.locate(steps, person)
        actions = erasing(declared, steps, located, opened.capabilities)
        return opened.apply(RUN, actions, person)


def test_a_key_is_signed_with_and_its_token_used(
    analytics: AnalyticsFake, key: RSAPrivateKey, tmp_path: Path
) -> None:
    applied = erased(tmp_path, analytics.url, said(key, analytics.url))
    assert applied.left[DatasetId("own.clients")].why == "acknowledged"
    assert analytics.submitted == ["GA1.1"]
    assert analytics.calls.count("POST /token") == 1


def test_another_key_is_refused_and_shown_nowhere(analytics: AnalyticsFake, tmp_path: Path) -> None:
    other = generate_private_key(65537, 2048)
    with pytest.raises(SystemUnavailable) as caught:
        erased(tmp_path, analytics.url, said(other, analytics.url))
    assert caught.value.code == "SY325"
    assert "PRIVATE" not in f"{caught.value} {caught.value.hint()}"
    assert analytics.submitted == []


@pytest.mark.parametrize("secret", ["{}", '{"client_email": "a"', '{"client_email": 7}'])
def test_what_is_no_key_is_told(analytics: AnalyticsFake, tmp_path: Path, secret: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        erased(tmp_path, analytics.url, secret)
    assert caught.value.code == "SY178"


def test_a_key_that_cannot_sign_is_told(
    analytics: AnalyticsFake, key: RSAPrivateKey, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as caught:
        erased(tmp_path, analytics.url, said(key, analytics.url, private_key="no key"))
    assert caught.value.code == "SY178"


def test_a_token_is_never_asked_for_in_the_open(
    analytics: AnalyticsFake, key: RSAPrivateKey, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as caught:
        erased(tmp_path, analytics.url, said(key, "http://tokens.example"))
    assert caught.value.code == "SY175"
