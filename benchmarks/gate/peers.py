"""The same rules said to cedarpy, casbin and regopy: may this person's item be used for this?

Each is set up the way its own documentation calls fast: policies and people parsed beforehand,
the module compiled, the cached enforcer. None of them tells which clause decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.gate.workload import (
    AGREED,
    CONSENTED,
    ITEMS,
    PEOPLE,
    PURPOSES,
    STOPPED,
    items_of,
    stops,
)

Ask = Callable[[str, str, str], bool]
"""Person, item and purpose to whether it is permitted."""


def bare_dict() -> Ask:
    """One look-up by the question's words: the least anything in Python can cost."""
    table = {
        (item, purpose): item in items_of(purpose) and purpose not in set(CONSENTED) - set(AGREED)
        for purpose in PURPOSES
        for item in ITEMS
    }
    return lambda person, item, purpose: table[item, purpose]


def cedar() -> Ask:
    """cedarpy, policies and entities parsed."""
    import cedarpy

    policies = cedarpy.PolicySet.from_str("\n".join(_cedar_policy(p) for p in PURPOSES))
    people = [
        {
            "uid": {"type": "Person", "id": person},
            "attrs": {"agreed": AGREED, "stopped": [STOPPED] if stops(person) else []},
            "parents": [],
        }
        for person in PEOPLE
    ]
    groups = {p: set(items_of(p)) for p in PURPOSES}
    items = [
        {
            "uid": {"type": "Item", "id": item},
            "attrs": {},
            "parents": [{"type": "For", "id": p} for p in PURPOSES if item in groups[p]],
        }
        for item in ITEMS
    ]
    fors = [{"uid": {"type": "For", "id": p}, "attrs": {}, "parents": []} for p in PURPOSES]
    entities = cedarpy.Entities.from_json_str(json.dumps([*people, *items, *fors]))

    def ask(person: str, item: str, purpose: str) -> bool:
        request: dict[str, Any] = {
            "principal": f'Person::"{person}"',
            "action": f'Action::"{purpose}"',
            "resource": f'Item::"{item}"',
            "context": {},
        }
        return bool(cedarpy.is_authorized(request, policies, entities).allowed)

    return ask


def _cedar_policy(purpose: str) -> str:
    head = f'principal, action == Action::"{purpose}"'
    consent = f' when {{ principal.agreed.contains("{purpose}") }}' if purpose in CONSENTED else ""
    return (
        f'permit({head}, resource in For::"{purpose}"){consent};\n'
        f'forbid({head}, resource) when {{ principal.stopped.contains("{purpose}") }};'
    )


_CASBIN = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && said(r.sub, r.act)
"""


def casbin() -> Ask:
    """casbin, its FastEnforcer, which finds policies by item and purpose."""
    import casbin as engine

    model = engine.FastModel([0, 1])
    model.load_model_from_text(_CASBIN)
    enforcer = engine.FastEnforcer(model, cache_key_order=[1, 2])
    enforcer.add_policies([[item, p] for p in PURPOSES for item in items_of(p)])
    stopped = {person for person in PEOPLE if stops(person)}
    closed = set(CONSENTED) - set(AGREED)

    def said(person: str, purpose: str) -> bool:
        return purpose not in closed and not (purpose == STOPPED and person in stopped)

    enforcer.add_function("said", said)
    return lambda person, item, purpose: bool(enforcer.enforce(person, item, purpose))


_REGO = """
package gate
allow if {
    data.items[input.purpose][input.item]
    agreed
    not data.stopped[input.person][input.purpose]
}
agreed if not data.consented[input.purpose]
agreed if data.agreed[input.purpose]
"""


def rego() -> Ask:
    """regopy, the module compiled into a bundle."""
    import regopy

    interpreter = regopy.Interpreter()
    interpreter.add_module("gate", _REGO)
    interpreter.add_data(
        {
            "items": {p: dict.fromkeys(items_of(p), True) for p in PURPOSES},
            "consented": dict.fromkeys(CONSENTED, True),
            "agreed": dict.fromkeys(AGREED, True),
            "stopped": {p: {STOPPED: True} for p in PEOPLE if stops(p)},
        }
    )
    bundle = interpreter.build("data.gate.allow")

    def ask(person: str, item: str, purpose: str) -> bool:
        interpreter.set_input(regopy.Input({"person": person, "item": item, "purpose": purpose}))
        found = interpreter.query_bundle(bundle).results
        return any(expression for result in found for expression in result.expressions)

    return ask


PEERS: dict[str, Callable[[], Ask]] = {
    "bare dict": bare_dict,
    "cedarpy": cedar,
    "casbin": casbin,
    "regopy": rego,
}
