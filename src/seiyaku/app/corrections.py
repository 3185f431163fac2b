"""What a correction leaves in the evidence: a keyed digest of the old value and of the new one.

A telephone number or a birth date is guessed in seconds from a plain hash, so none is ever
written. The key is the nonce of the entry about the person: the receipt hands it over, so that
the person can show what stood there before and what stands there now; it lies with their
record and is destroyed with it, and then nobody can try a guess any longer.

The old values are read when the first attempt begins and kept beside the request, like the new
one, until the run is done: an attempt that a crash or an unreachable system made necessary
tells what was there at first, not what it found half way. Law: APPI 34(2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seiyaku.app.planning import survey_of
from seiyaku.app.wiring import Parts
from seiyaku.datamap.answer import answer
from seiyaku.datamap.system import Value
from seiyaku.kernel.ids import PersonId
from seiyaku.plans.digest import values_digest
from seiyaku.plans.model import Plan
from seiyaku.plans.values import Json, from_json, to_json
from seiyaku.requests.model import Request

OLD = "old"
"""Name of the detail of a request that holds the values from before, by person."""


def keep_old_values(parts: Parts, request: Request, plan: Plan) -> None:
    """Keep what stands in the columns a correction sets, unless an earlier attempt did."""
    store = parts.repositories.requests
    if not _corrects(plan) or store.detail(request.id, OLD) is not None:
        return
    people = store.people(request.id)
    old: dict[str, Json] = {
        person: [to_json(v) for v in _held(parts, request, plan, person)] for person in people
    }
    store.put_detail(request.id, OLD, old, people[0] if len(people) == 1 else None)


def value_digests(
    parts: Parts, request: Request, plan: Plan, acts: Mapping[str, PersonId]
) -> dict[str, dict[str, str]]:
    """Digests ``old`` and ``new`` for the entry about each person; none but for a correction.

    Args:
        acts: act id of the entry → the person it is about.
    """
    if not _corrects(plan):
        return {}
    store = parts.repositories
    kept = store.requests.detail(request.id, OLD)
    old = kept if isinstance(kept, dict) else {}
    new = [from_json(store.requests.detail(request.id, "value"))]
    nonces = store.nonces.of_request(request.id)
    return {
        act: {
            "old": values_digest(_values(old.get(person)), nonces[act]),
            "new": values_digest(new, nonces[act]),
        }
        for act, person in acts.items()
    }


def _corrects(plan: Plan) -> bool:
    return plan.kind in ("correction", "addition")


def _values(kept: Json) -> list[Value]:
    return [from_json(v) for v in kept] if isinstance(kept, list) else []


def _held(parts: Parts, request: Request, plan: Plan, person: PersonId) -> Sequence[Value]:
    """The distinct values in the columns to be set, in the order they are met."""
    at = parts.clock.now()
    survey, handles = survey_of(parts, request.person_kind, [person], at)

    def met() -> Iterator[Value]:
        for group in plan.groups:
            columns = {a.dataset: a.kept for a in group.actions if a.verb == "set"}
            steps = [s for s in survey.resolution.steps if s.dataset in columns]
            with answer(parts.system(group.system), steps, handles) as datasets:
                for rows in datasets:
                    places = [rows.columns.index(c) for c in columns[rows.dataset]]
                    yield from (row[place] for row in rows.rows for place in places)

    return list(dict.fromkeys(met()))
