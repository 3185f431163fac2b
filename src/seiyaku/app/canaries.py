"""Canaries: people nobody is, by whom an erasure is measured from the front door to the hunt.

Each joins as anybody would, lives some days, leaves by a request like any other, and is hunted
for afterwards. What was found of them before and what is left after is the recall of deletion:
a figure with a history, where a receipt only says what the plan knew of.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from seiyaku.app.residue import hunt_everywhere, keep_identifiers, kept_identifiers, stays_of
from seiyaku.app.self_map import OWN
from seiyaku.app.settings import CanarySettings
from seiyaku.app.wiring import Parts
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.clock import parse_at
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import RequestId
from seiyaku.plans.model import Plan
from seiyaku.policy.model import RequestKind
from seiyaku.requests.identity import Proof
from seiyaku.scan import BUDGET_BYTES, Hit, Needles

if TYPE_CHECKING:
    from seiyaku.app.home import Home

FILE: Final = "canaries.jsonl"
_PLANT_S: Final = 120.0


@dataclass(frozen=True)
class Canary:
    """One synthetic person. No personal data: nobody is behind it.

    Args:
        id: by which the trial names it. person: the service's own key.
    """

    id: str
    person: str
    email: str
    phone: str
    planted_at: datetime


@dataclass(frozen=True)
class Trial:
    """What became of one canary.

    Args:
        before: copies of it found before its erasure. left: those found after, that neither
            the law nor a clause lets stay. places: where they are left.
        untouched: systems that are read and held nothing of it: no measure of them.
        unsearched: places the hunt did not read.
        seconds: from the request to the second reading.
        state: of the request; ``open`` where something waits still.
        systems: by system, the copies before and those left.
        unseen: systems that held something of it and let nobody search: no measure of them.
    """

    canary: str
    request: RequestId
    erased_at: datetime
    before: int
    left: int
    places: tuple[str, ...]
    untouched: tuple[str, ...]
    unsearched: int
    seconds: float
    state: str
    systems: tuple[tuple[str, int, int], ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def recall(self) -> float:
        """Share of the copies that are gone; 0 where there was nothing to measure by."""
        return 1 - self.left / self.before if self.before else 0.0


def plant(home: Home, people: int = 1) -> tuple[Canary, ...]:
    """Let synthetic people join through the front door.

    Raises:
        InvalidInput: SY109 the settings name no command.
        SystemUnavailable: SY350 it failed, or named nobody.
    """
    parts = home.parts
    settings = _settings(parts)
    planted = []
    for _ in range(people):
        canary = _planted(parts, settings)
        _write(parts, {"canary": asdict(canary)})
        planted.append(canary)
    return tuple(planted)


def run_canaries(home: Home, actor: Actor) -> tuple[Trial, ...]:
    """Erase every canary that has lived its days, hunt for it, and write down what was left."""
    settings, now = _settings(home.parts), home.parts.clock.now()
    tried = {t.canary for t in trials(home)}
    due = [
        c
        for c in canaries(home)
        if c.id not in tried and c.planted_at + timedelta(days=settings.days) <= now
    ]
    done = []
    for canary in due:
        trial = _try(home, canary, actor)
        _write(home.parts, {"trial": asdict(trial)})
        done.append(trial)
    return tuple(done)


def canaries(home: Home) -> tuple[Canary, ...]:
    """Every canary that was planted, oldest first."""
    found = (line["canary"] for line in _lines(home.parts) if "canary" in line)
    return tuple(Canary(**{**c, "planted_at": parse_at(c["planted_at"])}) for c in found)


def trials(home: Home) -> tuple[Trial, ...]:
    """The history: every trial, oldest first."""
    found = (line["trial"] for line in _lines(home.parts) if "trial" in line)
    return tuple(
        Trial(
            **{
                **t,
                "erased_at": parse_at(t["erased_at"]),
                "places": tuple(t["places"]),
                "untouched": tuple(t["untouched"]),
                "unseen": tuple(t.get("unseen", ())),
                "systems": tuple((name, *of) for name, *of in t.get("systems", ())),
            }
        )
        for t in found
    )


def _try(home: Home, canary: Canary, actor: Actor) -> Trial:
    parts, began = home.parts, monotonic()
    kind: RequestKind = "closure" if "closure" in parts.policy().rights else "deletion"
    accepted = parts.policy().rights[kind].identity if kind in parts.policy().rights else ()
    request = home.receive(kind, person=canary.person)
    home.show_identity(request.id, Proof(accepted[0] if accepted else "signed_in", actor.name))
    plan = home.plan(request.id)
    before = _copies_before(parts, request.id, plan)
    home.approve(plan.id, actor)
    home.run(plan.id)
    seconds = monotonic() - began
    after = home.residue(request.id)
    left = _by_system(after.residue)
    read = [s for s in parts.read_systems() if s != OWN]
    held = {o.system for o in plan.outcomes if o.rows}
    return Trial(
        canary=canary.id,
        request=request.id,
        erased_at=parts.clock.now(),
        before=sum(before.values()),
        left=after.copies,
        places=tuple(str(h.place) for h in after.residue),
        untouched=tuple(s for s in read if s not in {*held, *before}),
        unseen=tuple(s for s in read if s in held and not before[s]),
        unsearched=len(after.unsearched),
        seconds=round(seconds, 3),
        state=home.request(request.id).state,
        systems=tuple((name, before[name], left[name]) for name in sorted({*before, *left})),
    )


def _copies_before(parts: Parts, request_id: RequestId, plan: Plan) -> Counter[str]:
    """Copies outside our own store, and outside what may stay, by system."""
    keep_identifiers(parts, parts.repositories.requests.get(request_id), plan)
    needles = Needles(kept_identifiers(parts, request_id))
    found = hunt_everywhere(parts, needles, stays_of(parts, plan), BUDGET_BYTES)
    return _by_system(h for h in found.residue if h.place.system != OWN)


def _by_system(hits: Iterable[Hit]) -> Counter[str]:
    copies: Counter[str] = Counter()
    for hit in hits:
        copies[hit.place.system] += hit.texts
    return copies


def _planted(parts: Parts, settings: CanarySettings) -> Canary:
    word = secrets.token_hex(8)
    number = secrets.randbelow(10**7)  # 090-0 is given to nobody in Japan
    canary = Canary(
        id=f"canary-{word}",
        person="",
        email=f"canary-{word}@{settings.mail_domain}",
        phone=f"0900{number:07d}",
        planted_at=parts.clock.now(),
    )
    asked = {"email": canary.email, "phone": canary.phone, "name": "カナリア", "word": word}
    person = _command(parts.home, settings.plant, json.dumps(asked, ensure_ascii=False))
    return Canary(canary.id, person, canary.email, canary.phone, canary.planted_at)


def _command(home: Path, command: Sequence[str], given: str) -> str:
    """Run the command that plants one; the key it prints."""
    try:
        done = subprocess.run(
            list(command),
            cwd=home,
            input=given.encode(),
            capture_output=True,
            timeout=_PLANT_S,
            check=True,
        )
        person = json.loads(done.stdout)["person"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        person = None
    if not person:
        raise SystemUnavailable(
            "no canary could be planted: the command failed, or named no person",
            code="SY350",
            hint='run it by hand; it prints {"person": "42"}',
        )
    return str(person)


def _settings(parts: Parts) -> CanarySettings:
    if parts.settings.canaries is None:
        raise InvalidInput(
            "`seiyaku.yaml` says nothing of canaries",
            code="SY109",
            hint="add `canaries: {plant: [./plant-canary]}`",
        )
    return parts.settings.canaries


def _lines(parts: Parts) -> Iterator[dict[str, Any]]:
    path = parts.home / FILE
    if path.exists():
        yield from (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)


def _write(parts: Parts, line: dict[str, Any]) -> None:
    with (parts.home / FILE).open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
