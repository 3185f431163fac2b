"""The digest of a plan, and a plan as JSON: what an approval binds to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from seiyaku.datamap.system import Value
from seiyaku.kernel.canonical import digest
from seiyaku.kernel.ids import PersonId
from seiyaku.plans.model import Plan
from seiyaku.plans.values import to_json

_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
_PEOPLE_TAG = b"seiyaku-people/1\x00"
_VALUES_TAG = b"seiyaku-values/1\x00"


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values; `plan_from_json` reads it back equal."""
    value: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    for group in value["groups"]:
        if not group["lots"]:  # a plan of before there were lots keeps its digest
            del group["lots"]
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


def values_digest(values: Iterable[Value], nonce: bytes) -> str:
    """Keyed digest of the distinct values of a field; the order they are given in is no matter.

    HMAC-SHA256 under `nonce` of the values as canonical JSON with their types, sorted. Most
    values can be guessed, so a hash without key would publish them: who has no `nonce` learns
    nothing, and once it is destroyed nobody does.

    Args:
        nonce: of the entry that carries the digest, 32 bytes.
    """
    written = sorted({json.dumps(to_json(v), ensure_ascii=False, sort_keys=True) for v in values})
    message = "\n".join(written).encode("utf-8", "surrogatepass")
    return hmac.new(nonce, _VALUES_TAG + message, hashlib.sha256).hexdigest()
