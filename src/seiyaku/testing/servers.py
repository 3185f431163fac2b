"""Throw-away database servers for tests and benchmarks: real ones, started here, gone after.

The programs are those of the machine; ``tools/servers.sh`` installs them where they are missing,
MySQL in a folder of its own with the loader and libraries it needs.
A server lives in a folder of its own and listens on a Unix socket there, so that two of them
never meet. It forgets nothing on purpose but is told not to wait for the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from seiyaku.kernel.errors import InvalidInput, SystemUnavailable

START_SECONDS = 60.0
_NUMBERS = count(1)


@dataclass(frozen=True)
class Database:
    """One database of a running server, reached as one of its roles.

    Args:
        dialect: as SQLAlchemy calls it. socket: folder (PostgreSQL) or file (the others).
        name: of the database. user: the role that connects; by default the server's own.
    """

    dialect: Literal["postgresql", "mariadb", "mysql"]
    socket: Path
    name: str
    user: str

    @property
    def url(self) -> str:
        """Address for `sqlalchemy.create_engine`."""
        if self.dialect == "postgresql":
            return f"postgresql+psycopg://{self.user}@/{self.name}?host={self.socket}"
        return (
            f"mysql+pymysql://{self.user}@localhost/{self.name}"
            f"?unix_socket={self.socket}&charset=utf8mb4"
        )

    @property
    def dsn(self) -> str:
        """Address for the driver itself: a libpq URI, or that of SQLAlchemy otherwise."""
        return self.url.replace("+psycopg", "") if self.dialect == "postgresql" else self.url

    def as_user(self, user: str) -> Database:
        """The same database, reached as another role."""
        return Database(self.dialect, self.socket, self.name, user)

    def engine(self, **options: Any) -> sa.Engine:
        """An engine that keeps no connection once it was given back."""
        return sa.create_engine(self.url, poolclass=sa.NullPool, **options)

    def run(self, *statements: str) -> None:
        """Run statements, each on its own, outside of any transaction."""
        engine = self.engine(
            isolation_level="AUTOCOMMIT", execution_options={"no_parameters": True}
        )
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@dataclass(frozen=True)
class Server:
    """A running server.

    Args:
        root: its first database, reached as the role that may do everything.
    """

    root: Database

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A new, empty database; dropped at the end, whoever is still connected."""
        name = f"t{os.getpid()}_{next(_NUMBERS)}"
        self.root.run(f"CREATE DATABASE {name}")
        try:
            yield Database(self.root.dialect, self.root.socket, name, self.root.user)
        finally:
            force = " WITH (FORCE)" if self.root.dialect == "postgresql" else ""
            self.root.run(f"DROP DATABASE {name}{force}")


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Server]:
    """A PostgreSQL of its own, up within a few seconds.

    Args:
        durable: it waits for the disk, as one does that is in use; for measurements.

    Raises:
        InvalidInput: SY140 its programs are not on this machine.
        SystemUnavailable: SY341 it did not come up; the end of its log is told.
    """
    initdb, postgres = _postgres_program("initdb"), _postgres_program("postgres")
    with _folder("postgres") as (folder, owner):
        data, waits = str(folder / "data"), "on" if durable else "off"
        _run([initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N",
              "--locale=C.UTF-8"], owner)  # fmt: skip
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), waits),
            "max_connections": "60",
            "shared_buffers": "64MB",
            "autovacuum": "off",
        }
        options = [part for k, v in settings.items() for part in ("-c", f"{k}={v}")]
        root = Database("postgresql", folder, "postgres", "postgres")
        with _running([postgres, "-D", data, *options], folder, owner, root, signal.SIGINT):
            yield Server(root)


@contextmanager
def mariadb_server() -> Iterator[Server]:
    """A MariaDB of its own, up within a few seconds.

    Raises:
        InvalidInput: SY140 its programs are not on this machine.
        SystemUnavailable: SY341 it did not come up; the end of its log is told.
    """
    install, server = _program("mariadb-install-db"), _program("mariadbd")
    with _folder("mysql") as (folder, owner):
        data, listens = folder / "data", folder / "mariadb.sock"
        _run([install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
              "--auth-root-authentication-method=normal"], owner)  # fmt: skip
        command = [server, "--no-defaults", *_small(folder, data, listens)]
        root = Database("mariadb", listens, "mysql", "root")
        with _running(
            [*command, "--innodb-flush-log-at-trx-commit=0"], folder, owner, root, signal.SIGTERM
        ):
            yield Server(root)


@contextmanager
def mysql_server() -> Iterator[Server]:
    """A MySQL of its own, up within a few seconds.

    Raises:
        InvalidInput: SY140 its programs are not on this machine.
        SystemUnavailable: SY341 it did not come up; the end of its log is told.
    """
    server = _mysql_program()
    with _folder("mysql") as (folder, owner):
        data, listens = folder / "data", folder / "mysql.sock"
        quick = ["--innodb-flush-method=nosync", "--performance-schema=OFF"]
        command = [*server, *_small(folder, data, listens), *quick, "--secure-file-priv=NULL"]
        _run([*command, "--initialize-insecure"], owner)
        root = Database("mysql", listens, "mysql", "root")
        with _running([*command, "--mysqlx=OFF"], folder, owner, root, signal.SIGTERM):
            yield Server(root)


def _small(folder: Path, data: Path, listens: Path) -> list[str]:
    """Options of a server of MariaDB's family for one session."""
    return [
        f"--datadir={data}",
        f"--socket={listens}",
        f"--pid-file={folder / 'pid'}",
        f"--tmpdir={folder}",
        "--skip-networking",
        "--skip-log-bin",
        "--innodb-buffer-pool-size=64M",
        "--innodb-doublewrite=0",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_bin",
    ]


def _mysql_program() -> list[str]:
    """The one that was fetched, with its own loader and libraries, else that on the path."""
    for place in (Path("/var/cache/seiyaku/mysql"), Path.home() / ".cache" / "seiyaku" / "mysql"):
        loaders = sorted(place.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*"))
        if loaders:
            program = ["--library-path", str(loaders[0].parent), str(place / "usr/sbin/mysqld")]
            messages = f"--lc-messages-dir={place / 'usr/share/mysql'}"
            return [str(loaders[0]), *program, "--no-defaults", messages]
    found = _program("mysqld")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    if "MariaDB" in said.stdout:
        raise _missing("mysqld")
    return [found, "--no-defaults"]


def _postgres_program(name: str) -> str:
    """The newest of the versions that lie side by side, else the one on the path."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[4])
    )
    return str(versions[-1]) if versions else _program(name)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise _missing(name)
    return found


def _missing(name: str) -> InvalidInput:
    return InvalidInput(
        f"`{name}` is not on this machine", code="SY140", hint="run tools/servers.sh"
    )


@contextmanager
def _folder(account: str) -> Iterator[tuple[Path, str | None]]:
    """A folder that `account` owns where we may give it away: servers refuse to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="seiyaku-"))
    owner = account if os.geteuid() == 0 else None
    try:
        if owner:
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder, owner
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], owner: str | None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as(owner))
    if done.returncode:
        raise SystemUnavailable(
            f"`{Path(command[0]).name}` failed: {done.stderr[-500:].strip()}", code="SY341"
        )


def _as(owner: str | None) -> dict[str, Any]:
    """Run in a session of its own, so that an interrupt of the tests is not the server's."""
    rest: dict[str, Any] = {"cwd": "/", "start_new_session": True}
    return {**rest, "user": owner, "group": owner, "extra_groups": []} if owner else rest


@contextmanager
def _running(
    command: Sequence[str], folder: Path, owner: str | None, root: Database, stop: signal.Signals
) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, **_as(owner))
    try:
        _wait(process, root, log)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _knock(root: Database) -> None:
    """See that somebody listens: a driver refused at the door may leave its socket open."""
    path = root.socket / ".s.PGSQL.5432" if root.dialect == "postgresql" else root.socket
    with socket.socket(socket.AF_UNIX) as knock:
        knock.connect(str(path))


def _wait(process: subprocess.Popen[bytes], root: Database, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError, sa.exc.OperationalError):
            _knock(root)
            root.run("SELECT 1")
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-500:].strip()
    raise SystemUnavailable(f"the server did not come up: {tail}", code="SY341")
