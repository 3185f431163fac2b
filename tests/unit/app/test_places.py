"""Where systems lie: a path, or an address with a secret that stands elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.app.settings import FILE, Paths, Place, Settings, read_settings
from seiyaku.kernel.errors import InvalidDocument, InvalidInput


def _paths(home: Path, systems: str) -> Paths:
    (home / FILE).write_text(f"seiyaku_home: 1\nservice: closm-i\nsystems: {systems}\n")
    return Paths(home, read_settings(home))


def test_a_bare_word_is_a_file_of_the_home(tmp_path: Path) -> None:
    found = _paths(tmp_path, "{app: app.db}").system("app")
    assert (found.path, found.url, found.secret) == (tmp_path / "app.db", None, None)


def test_a_secret_comes_from_a_variable_or_a_file_and_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "canary-secret")
    (tmp_path / "key").write_text("canary-secret\n")
    for reference in ("env:SHOP_PASSWORD", "file:key"):
        place = f"{{url: 'postgresql://u@h/shop', secret: '{reference}', options: {{schema: a}}}}"
        found = _paths(tmp_path, f"{{app: {place}}}").system("app")
        assert found.secret == "canary-secret"
        assert found.options == {"schema": "a"}
        assert "canary-secret" not in repr(found)


def test_a_missing_secret_says_where_it_was_looked_for(tmp_path: Path) -> None:
    paths = _paths(tmp_path, "{app: {url: 'https://api.example', secret: 'env:NOT_SET_ANYWHERE'}}")
    with pytest.raises(InvalidInput, match="env:NOT_SET_ANYWHERE") as raised:
        paths.system("app")
    assert raised.value.code == "SY118"


def test_a_secret_written_into_the_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument) as raised:
        _paths(tmp_path, "{app: {url: 'https://api.example', secret: 'sk_live_canary'}}")
    assert "sk_live_canary" not in str(raised.value)


def test_the_control_plane_may_lie_on_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_PASSWORD", "s3cret")
    place = Place(url="postgresql://seiyaku@db.internal/seiyaku", secret="env:STORE_PASSWORD")
    paths = Paths(tmp_path, Settings(seiyaku_home=1, service="shop", store=place))
    url = paths.store
    assert not isinstance(url, Path)
    assert (url.drivername, url.password) == ("postgresql+psycopg", "s3cret")
    assert "s3cret" not in str(url)
    assert Paths(tmp_path, Settings(seiyaku_home=1, service="shop")).store == (
        tmp_path / "seiyaku.sqlite"
    )


@pytest.mark.parametrize("url", [None, "mysql://db.internal/seiyaku"])
def test_a_store_that_is_no_postgresql_is_said_so(tmp_path: Path, url: str | None) -> None:
    settings = Settings(seiyaku_home=1, service="shop", store=Place(url=url))
    with pytest.raises(InvalidInput) as caught:
        _ = Paths(tmp_path, settings).store
    assert caught.value.code == "SY119"
