"""The notice of the tea shop stays as it is until a person changes it.

To accept a change, run once with ``SEIYAKU_ACCEPT=1`` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from seiyaku.policy import parse_policy
from seiyaku.policy.notice import render_notice

HERE = Path(__file__).parent
TEASHOP = HERE.parent / "policies" / "teashop.yaml"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("fmt", ["md", "html"])
def test_the_notice_is_the_accepted_one(
    language: Literal["ja", "en"], fmt: Literal["md", "html"]
) -> None:
    parsed = parse_policy(TEASHOP)
    rendered = render_notice(parsed.policy, parsed.laws, language, fmt)
    accepted = HERE / "notice" / f"teashop.{language}.{fmt}"
    if os.environ.get("SEIYAKU_ACCEPT"):
        accepted.write_text(rendered, "utf-8")
    assert rendered == accepted.read_text("utf-8")
