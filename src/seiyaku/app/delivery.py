"""Hand out packages: for a while, to who shows again who they are, and sealed when wished.

| what | when |
|---|---|
| `Delivery` | the person shows identity again: the files, and until when they lie ready |
| sealed | encrypted for the person; the passphrase is told once and kept nowhere |
| disabled | nobody gets it from now on, a download that is going on breaks off, its files go |
| ended | the same, by itself, after seven days |
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from seiyaku.app.outbox import writing
from seiyaku.app.wiring import Parts
from seiyaku.kernel.errors import Conflict, WaitsForPerson
from seiyaku.kernel.ids import RequestId
from seiyaku.requests.model import Request
from seiyaku.requests.sealing import SUFFIX, Sealer, new_passphrase
from seiyaku.requests.volumes import PIECE_BYTES
from seiyaku.store.requests import RequestStep
from seiyaku.store.witness import Made


@dataclass(frozen=True)
class Delivery:
    """A package as it lies ready.

    Args:
        files: its volumes; the one with the pages first.
        ends_at: from when on it is destroyed.
    """

    files: tuple[Path, ...]
    ends_at: datetime | None


def deliver(parts: Parts, request: RequestId) -> Delivery:
    """The files of the package of a request.

    Raises:
        WaitsForPerson: SY406 there is none yet; SY411 it is not there any more.
    """
    made = _package(parts, request)
    if not made:
        raise WaitsForPerson(
            f"request `{request}` has no package yet", code="SY406", hint="plan, approve, run"
        )
    now = parts.clock.now()
    if any(m.ends_at is not None and m.ends_at <= now for m in made):
        raise WaitsForPerson(
            f"the package of request `{request}` is not there any more",
            code="SY411",
            hint="it lies ready for seven days unless it is disabled before; ask again",
        )
    return Delivery(tuple(parts.paths.outbox / m.name for m in made), made[0].ends_at)


def seal(parts: Parts, request: RequestId) -> str:
    """Encrypt the package for the person; what was readable by anybody is destroyed.

    Returns:
        The passphrase, which is kept nowhere.

    Raises:
        WaitsForPerson: SY406, SY411 as `deliver`.
        Conflict: SY525 it is sealed.
    """
    if any(path.suffix == SUFFIX for path in deliver(parts, request).files):
        raise Conflict(
            f"the package of request `{request}` is sealed",
            code="SY525",
            hint="its passphrase is kept nowhere: disable it, and make another one",
        )
    passphrase = new_passphrase()
    people = parts.repositories.requests.people(request)
    with writing():
        sealed = [(old, _sealed(parts, old, passphrase)) for old in _package(parts, request)]
        with parts.repositories.store.together():
            parts.repositories.packages.forget_named(request, [old.name for old, _ in sealed])
            for _, new in sealed:
                parts.repositories.packages.record(new, people[0] if len(people) == 1 else None)
        destroy(parts, [old for old, _ in sealed])
    return passphrase


def disable(parts: Parts, request: Request, actor: str) -> None:
    """Let nobody get the package from now on, and destroy its files."""
    now = parts.clock.now()
    with parts.repositories.store.together():
        parts.repositories.packages.end(request.id, now)
        step = RequestStep(now, actor, "package_disabled", {})
        parts.repositories.requests.note(request.id, step)
    destroy_ended(parts)


def destroy_ended(parts: Parts) -> int:
    """Destroy the files of packages whose time is over.

    Returns:
        How many files were still there.
    """
    with writing():
        return destroy(parts, parts.repositories.packages.ended(parts.clock.now()))


def _package(parts: Parts, request: RequestId) -> tuple[Made, ...]:
    """Volumes of the package, the first one first: ``r.zip`` before ``r.part2.zip``."""
    made = parts.repositories.packages.of_request(request)
    volumes = (m for m in made if m.name.endswith((".zip", f".zip{SUFFIX}")))
    return tuple(sorted(volumes, key=lambda m: (len(m.name), m.name)))


def _sealed(parts: Parts, made: Made, passphrase: str) -> Made:
    """Write the encrypted file beside the readable one."""
    source = parts.paths.outbox / made.name
    target = source.with_name(made.name + SUFFIX)
    partial = target.with_name(f"{target.name}.part")
    try:
        digest = _encrypt(source, partial, passphrase)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(target)
    return replace(made, name=target.name, sha256=digest)


def _encrypt(source: Path, target: Path, passphrase: str) -> str:
    target.touch(mode=0o600)
    with source.open("rb") as readable, target.open("r+b") as file:
        sealer = Sealer(file, passphrase)
        while piece := readable.read(PIECE_BYTES):
            sealer.write(piece)
        sealer.close()
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def destroy(parts: Parts, made: Sequence[Made]) -> int:
    """Destroy files in the outbox; how many were still there.

    # INVARIANT: whoever is downloading one of them gets nothing more of it.
    """
    there = [path for m in made if (path := parts.paths.outbox / m.name).exists()]
    for path in there:
        with suppress(FileNotFoundError):  # another process was first
            os.truncate(path, 0)
            path.unlink()
    return len(there)
