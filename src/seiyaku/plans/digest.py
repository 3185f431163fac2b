"""The digest of a plan, and a plan as JSON: what an approval binds to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from seiyaku.kernel.canonical import digest
from seiyaku.kernel.ids import PersonId
from seiyaku.plans.model import Plan

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
_PEOPLE_TAG = b"seiyaku-people/1\x00"


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values; `plan_from_json` reads it back equal."""
    value: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    return value


def plan_from_json(value: Any) -> Plan:
    """The plan that `plan_to_json` wrote."""
    return _PLAN.validate_python(value, strict=False)


@lru_cache(maxsize=64)
def plan_digest(plan: Plan) -> str:
    """SHA-256 of everything the plan says: policy, data map, schema, actions, counts.

    # INVARIANT: two plans with one digest do the same to the same number of rows.
    """
    return digest(plan_to_json(plan))


def people_digest(people: Iterable[PersonId], key: bytes) -> str:
    """Keyed digest of who a plan is about; without `key` it cannot be tried against a list.

    Args:
        key: secret of the own store, 32 bytes.
    """
    mac = hmac.new(key, _PEOPLE_TAG, hashlib.sha256)
    for person in sorted(people):
        data = person.encode()
        mac.update(len(data).to_bytes(4, "big") + data)
    return mac.hexdigest()
