"""Write the receipt of a request: what the evidence says, opened for one person."""

from __future__ import annotations

import os
from pathlib import Path

from seiyaku.app.outbox import writing
from seiyaku.app.steps import run_id
from seiyaku.app.wiring import Parts
from seiyaku.evidence import make_receipt
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput, WaitsForPerson
from seiyaku.kernel.ids import PersonId
from seiyaku.requests.model import Request
from seiyaku.store.plans import Run
from seiyaku.store.witness import Made


def write_receipt(parts: Parts, request: Request, person: PersonId | None) -> Path:
    """The receipt of `request` for `person`, in the outbox; see `Home.receipt`."""
    repositories = parts.repositories
    people = repositories.requests.people(request.id)
    runs = repositories.runs.of(request.plan) if request.plan else ()
    last = next((r for r in reversed(runs) if r.people_from is not None), None)
    if last is None or not people:
        raise WaitsForPerson(
            f"request `{request.id}` has nothing a receipt could open",
            code="SY407",
            hint="run its plan first; once handed over, the receipt is the person's alone",
        )
    who = person or _only(people)
    if who not in people:
        raise InvalidInput(f"request `{request.id}` is not about this person", code="SY184")
    first = last.people_from or 0
    own = first + people.index(who)
    nonce = repositories.nonces.of_person(request.id, who)[_act_id(last, people.index(who))]
    receipt = make_receipt(parts.log_reader(), (*last.evidence, own), {own: nonce}, who)
    suffix = "" if len(people) == 1 else f"-{people.index(who)}"
    name = f"{request.id}{suffix}.receipt.json"
    return _write(parts, request, name, receipt.to_json(), who)


def _act_id(run: Run, number: int) -> str:
    return f"{run_id(run.plan)}:{run.attempt}:person-{number}"


def _only(people: tuple[PersonId, ...]) -> PersonId:
    if len(people) > 1:
        raise InvalidInput("the request is about several people: name one", code="SY184")
    return people[0]


def _write(parts: Parts, request: Request, name: str, text: str, person: PersonId) -> Path:
    outbox = parts.paths.outbox
    partial, target = outbox / f"{name}.part", outbox / name
    with writing():
        outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    made = Made(request.id, name, sha256_hex(text.encode()), parts.clock.now())
    parts.repositories.packages.record(made, person)
    return target
