"""A MariaDB killed by signal in the middle of an act, and started again: whole or not at all."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

import bookshop
from seiyaku.app.settings import Place
from seiyaku.testing.servers import Database, mariadb_server

pytestmark = pytest.mark.slow
READER = 2
RUN = f"""
import signal, sys; from pathlib import Path; from seiyaku.app import open_home
from seiyaku.testing.clock import FixedClock
signal.alarm(100)
with open_home(Path(sys.argv[1]), clock=FixedClock("{bookshop.AT}")) as home:
    result = home.run(sys.argv[2])
    print(result.state, *sorted({{o.outcome for o in result.outcomes if o.system == "app"}}))
"""
SHOP = (
    "SET GLOBAL innodb_flush_log_at_trx_commit = 1",  # what was committed is there after a kill
    "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(99), name text, sub text)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total decimal(9, 2),"
    " placed_at datetime, FOREIGN KEY (user_id) REFERENCES users(id))",
    "CREATE TABLE order_items (order_id bigint, item_no int, title text,"
    " PRIMARY KEY (order_id, item_no), FOREIGN KEY (order_id) REFERENCES orders(id))",
    "CREATE TABLE reviews (id bigint PRIMARY KEY AUTO_INCREMENT, user_id bigint, body text)",
    "CREATE TABLE newsletter (email varchar(99) PRIMARY KEY)",
    "INSERT INTO users SELECT seq, concat('r', seq, '@mail.example'), 'canary', '' FROM seq_1_to_4",
    "INSERT INTO orders SELECT id * 10, id, 9.5, '2026-03-01' FROM users",
    "INSERT INTO order_items SELECT id, 1, 'canary' FROM orders",
    "INSERT INTO reviews (user_id, body) SELECT id, 'canary' FROM users",
    "INSERT INTO newsletter SELECT email FROM users",
    "CREATE TRIGGER dawdle BEFORE DELETE ON users FOR EACH ROW DO SLEEP(20)",
)


def counts(shop: Database) -> list[int]:
    """Rows of the five tables, read without the driver."""
    with shop.engine().connect() as db:
        return [
            int(db.scalar(sa.select(sa.func.count()).select_from(sa.table(t))) or 0)
            for t in bookshop.TABLES
        ]


def kill_in_the_middle(shop: Database) -> list[str]:
    """SIGKILL to the server while somebody waits in the trigger; the command it was started by."""
    pid = int((shop.socket.parent / "pid").read_text())
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    waiting = sa.text("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'")
    for _ in range(1500):
        with shop.engine().connect() as db:
            found = db.execute(waiting).fetchone()
        if found:
            os.kill(pid, signal.SIGKILL)
            return command
        time.sleep(0.02)
    raise AssertionError("nobody waited in the trigger")


@contextmanager
def second_life(shop: Database, command: list[str]) -> Iterator[None]:
    """The server, started again in the place of the dead one."""
    owner = pwd.getpwuid(shop.socket.parent.stat().st_uid).pw_name
    who = {"user": owner, "group": owner} if os.geteuid() == 0 else {}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd="/", **who)  # type: ignore[call-overload]
    try:
        until_up(shop)
        yield
    finally:
        server.terminate()
        server.wait(30)


def until_up(shop: Database) -> None:
    """Until somebody listens again: a driver refused at the door leaves its socket open."""
    for _ in range(600):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
            knock.connect(str(shop.socket))
            return
        time.sleep(0.05)
    raise AssertionError("the server did not come up again")


def test_nothing_is_half_erased_and_another_attempt_ends_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with mariadb_server() as server:
        server.root.run("CREATE DATABASE shop")
        shop = replace(server.root, name="shop")
        shop.run(*SHOP)
        beside = {"app": ("mariadb", bookshop.APP, Place(url=shop.dsn))}
        bookshop.settle(home, None, beside=beside)
        with bookshop.opened(home) as opened:
            plan = bookshop.approved(opened, READER)
        one = subprocess.Popen(
            [sys.executable, "-c", RUN, str(home), plan],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ},
        )
        command = kill_in_the_middle(shop)
        said, err = one.communicate(timeout=110)
        assert said.strip() == "open unreachable", (said, err[-2000:])
        assert "canary" not in err
        with second_life(shop, command):
            assert counts(shop) == [4, 4, 4, 4, 4], "half an erasure"
            shop.run("DROP TRIGGER dawdle")
            with bookshop.opened(home) as opened:
                [result] = opened.carry_on().results
                assert result.state == "done"
            assert counts(shop) == [3, 3, 3, 3, 3]
