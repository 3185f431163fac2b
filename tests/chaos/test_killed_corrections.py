"""A correction killed after the value changed still tells what stood there before."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from seiyaku.app import init_home, open_home
from seiyaku.kernel.actors import Actor
from seiyaku.requests.identity import Proof
from seiyaku.standing.model import Scope
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate
from seiyaku_verify import fsck

AT = "2026-11-20T09:00:00+09:00"
OLD, NEW = "I paint.", "I paint and draw."
RUN = (
    "import sys; from pathlib import Path; from seiyaku.app import open_home;"
    "from seiyaku.testing.clock import FixedClock;"
    f"home = open_home(Path(sys.argv[1]), clock=FixedClock('{AT}'));"
    "home.run(sys.argv[2])"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home in which a correction is approved and not begun."""
    home = tmp_path_factory.mktemp("corrected") / "home"
    made = generate("closm-i", home, people=8)
    with closing(sqlite3.connect(made.db)) as db, db:
        db.execute("UPDATE user_profiles SET bio = ? WHERE user_id = 1", (OLD,))
    systems = {"app": made.db.name} | {name: path.name for name, path in made.folders.items()}
    with init_home(home, "closm-i", systems, clock=FixedClock(AT)) as opened:
        request = opened.receive("correction", person="1", scope=Scope(items=("bio",)), value=NEW)
        opened.show_identity(request.id, Proof("signed_in"))
        plan = opened.plan(request.id)
        opened.approve(plan.id, Actor("sato", "approver"))
    return home, plan.id


def mac(nonce: bytes, value: str) -> str:
    """Digest of one value under the nonce of its entry, as the format describes it."""
    message = b"seiyaku-values/1\x00" + json.dumps(value).encode()
    return hmac.new(nonce, message, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("boundary", ["app:act:after", "app:tell:after", "conclude:told"])
def test_after_a_kill_the_receipt_opens_the_old_value_and_the_new(
    world: tuple[Path, str], boundary: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(world[0], home)
    died = subprocess.run(
        [sys.executable, "-c", RUN, str(home), world[1]],
        env={**os.environ, "SEIYAKU_CHAOS": boundary},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(home / "app.db")) as db:
        [[value]] = db.execute("SELECT bio FROM user_profiles WHERE user_id = 1")
    assert value == NEW, "the change was made before it died"
    with open_home(home, clock=FixedClock(AT)) as opened:
        opened.recover()
        [request] = opened.requests()
        receipt = json.loads(opened.receipt(request.id).read_text("utf-8"))
    assert request.state == "answered"
    [own] = [e for e in receipt["entries"] if e.get("nonce")]
    digests, nonce = json.loads(own["entry"])["digests"], bytes.fromhex(own["nonce"])
    assert (digests["old"], digests["new"]) == (mac(nonce, OLD), mac(nonce, NEW))
    fsck(home / "evidence")
