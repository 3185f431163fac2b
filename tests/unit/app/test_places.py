"""Where systems lie: a path, or an address with a secret that stands elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.app.settings import FILE, Paths, read_settings
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
