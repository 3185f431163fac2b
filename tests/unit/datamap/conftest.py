"""The policy of a tea shop, and a data map beside it that can be spoilt in many ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.policy.model import Policy
from seiyaku.policy.parse import parse_policy

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture(scope="session")
def policy() -> Policy:
    return parse_policy(POLICIES / "teashop.yaml").policy
