"""What runs did to a bucket, remembered in the bucket: counts only, no name of any object.

A store of objects has no transactions. A run writes down what it counted before the first
removal, and only one of several workers can be the first to do so; a run taken up again
removes what is still there, and nothing that was stored after it began.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from seiyaku.datamap.system import Action, Applied, Left
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems.objects.bucket import Bucket

FOLDER = ".seiyaku/runs/"


@dataclass(frozen=True)
class Begun:
    """A run that was here before.

    Args:
        applied: what it meant to do, or did. done: it came to its end, though rows may be left.
    """

    applied: Applied
    done: bool
    began_at: datetime


class Runs:
    """The records of runs in one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def before(self, run: RunId, actions: Sequence[Action]) -> Begun | None:
        """What `run` did here before; None where it did nothing yet.

        Raises:
            Conflict: SY505 it did something else.
        """
        found = self._bucket.get(_name(run))
        if found is None:
            return None
        body = json.loads(found[0])
        if body["actions"] != _digest(actions):
            raise Conflict(
                f"run `{run}` already did something else here",
                code="SY505",
                hint="a run has one group of actions for each system: start a new run",
            )
        began = datetime.fromisoformat(body["began_at"]) if body["began_at"] else found[1]
        return Begun(_applied(body), body["done"], began)

    def begin(self, run: RunId, actions: Sequence[Action], meant: Applied) -> bool:
        """Write down what is meant, before anything is removed; False: another was first."""
        return self._bucket.put(_name(run), _body(actions, meant, None), only_new=True)

    def end(self, run: RunId, actions: Sequence[Action], applied: Applied, began: datetime) -> None:
        """Write down what was done; older versions of the record go."""
        older = [s for s in self._bucket.of_name(_name(run)) if s.version is not None]
        self._bucket.put(_name(run), _body(actions, applied, began))
        self._bucket.remove([s for s in older if s.version != "null"])

    def forget(self, run: RunId) -> None:
        """Nothing was done: the run may begin anew."""
        for one in list(self._bucket.of_name(_name(run))):
            self._bucket.remove_one(one)


def _name(run: RunId) -> str:
    return f"{FOLDER}{sha256_hex(run.encode())[:32]}.json"


def _digest(actions: Sequence[Action]) -> str:
    return sha256_hex(repr(tuple(actions)).encode())


def _body(actions: Sequence[Action], applied: Applied, began: datetime | None) -> bytes:
    left = {
        d: [x.outcome, x.rows, x.why, x.until.isoformat() if x.until else None]
        for d, x in applied.left.items()
    }
    body = {
        "actions": _digest(actions),
        "done": began is not None,
        "began_at": began.isoformat() if began else None,
        "deleted": dict(applied.deleted),
        "blanked": dict(applied.blanked),
        "kept": dict(applied.kept),
        "left": left,
    }
    return json.dumps(body).encode()


def _applied(body: Any) -> Applied:
    left = {
        DatasetId(d): Left(outcome, rows, why, date.fromisoformat(until) if until else None)
        for d, (outcome, rows, why, until) in body["left"].items()
    }
    return Applied(body["deleted"], body["blanked"], body["kept"], left=left)
