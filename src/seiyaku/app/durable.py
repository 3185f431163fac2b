"""Durable runs on DBOS: what was done is remembered, what was not is done again.

Imported when the first plan runs, never before: the library takes a third of a second. No
telemetry, no conductor, no admin server; workflow arguments and results are JSON of ids,
words and counts. DBOS keeps its state in ``runs.sqlite``; it may forget its last steps in a
power failure (`synchronous=NORMAL`), and then does them again, which changes nothing. Where the
store lies in PostgreSQL its state lies beside it (schema ``dbos``), and any number of processes
run plans: what a dead one began is taken up by whichever comes next.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID
from dbos._error import DBOSException
from dbos._serialization import Serializer

from seiyaku.app.leases import HomeLease, Leases, PlanLeases
from seiyaku.app.steps import Steps
from seiyaku.app.wiring import Parts
from seiyaku.kernel import errors
from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable
from seiyaku.store.engine import require_silent

VERSION = "4"
"""Of the order of steps below. # INVARIANT: changes when they do; old runs then stay open."""


LOOK_EVERY_S = 0.5
"""How often it is asked whether a run of another process ended."""


class OnlyJson(Serializer):
    """What DBOS stores: JSON, and errors by class, code and message. Never pickles."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            code = getattr(data, "code", "")
            hint = data.hint() if isinstance(data, SeiyakuError) else ""
            known = isinstance(data, SeiyakuError)
            message = str(data) if known else type(data).__name__  # no words we did not write
            data = {"$error": [type(data).__name__, message, code, hint]}
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        value = json.loads(serialized_data)
        if isinstance(value, dict) and "$error" in value:
            name, message, code, hint = value["$error"]
            kind = getattr(errors, name, SeiyakuError)
            return kind(message, code=code or None, hint=hint)
        return value

    def name(self) -> str:
        return "seiyaku_json"


class _Active:
    """The installation that this process runs plans for."""

    parts: Parts | None = None
    leases: Leases | None = None
    steps: dict[tuple[str, int], Steps] = {}  # noqa: RUF012 - one cache for the process


def _steps(plan: str, attempt: int) -> Steps:
    if _Active.parts is None:
        raise Conflict("no installation is open in this process", code="SY520")
    key = (plan, attempt)
    if key not in _Active.steps:
        with _Active.parts.repositories.store.together():
            _Active.steps[key] = Steps(_Active.parts, plan, attempt)
    return _Active.steps[key]


@DBOS.step(name="change")
def _change(plan: str, attempt: int, system: str) -> dict[str, Any]:
    """Intend, then act: done again, the intent is told once and the act changes nothing."""
    steps = _steps(plan, attempt)
    steps.intend(system)
    return steps.act(system)


@DBOS.step(name="account")
def _account(plan: str, attempt: int, system: str, seen: dict[str, Any]) -> dict[str, Any]:
    """Look, then tell what was seen."""
    steps = _steps(plan, attempt)
    return steps.tell(system, steps.look(system, seen))


@DBOS.step(name="export")
def _export(plan: str, attempt: int) -> dict[str, Any]:
    return _steps(plan, attempt).export()


@DBOS.workflow(name="run_plan")
def _run_plan(plan: str, attempt: int, systems: list[str], export: bool) -> dict[str, Any]:
    """Every step of one attempt at one plan, in order, by whoever holds its lease.

    To look at the last system, tell of it and end is no step of its own: what ends it is
    remembered as the end of the whole, and done again it finds the end in our own store.
    """
    if _Active.leases is None:
        raise Conflict("no installation is open in this process", code="SY520")
    with _Active.leases.held(plan):
        if export:
            _export(plan, attempt)
        told = [_account(plan, attempt, s, _change(plan, attempt, s)) for s in systems[:-1]]
        last = next(((s, _change(plan, attempt, s)) for s in systems[-1:]), None)
        return _steps(plan, attempt).conclude(told, last)


class Worker:
    """Runs plans of one installation: the only one, or one of many where the store is served.

    Raises:
        Conflict: SY520 another process runs plans of this home.
        SystemUnavailable: SY331 the record of runs cannot be read or written.
    """

    _guard = threading.RLock()

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._leases = leases_of(parts)
        with self._guard:
            if _Active.parts is not None:
                self._leases.close()
                raise Conflict(
                    "this process already runs plans of another home",
                    code="SY520",
                    hint="close that home first",
                )
            _Active.parts, _Active.leases = parts, self._leases
        self._engine = _server(parts) if parts.on_server else _engine(parts.paths.runs)
        try:
            with _answering():
                self._launch(parts)
        except BaseException:
            self.close()
            raise

    def _launch(self, parts: Parts) -> None:
        with self._engine.connect():
            pass  # a file that is no database is said before the library starts its threads
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS(
            config={
                "name": "seiyaku",
                "system_database_url": self._engine.url.render_as_string(hide_password=False),
                "system_database_engine": self._engine,
                "serializer": OnlyJson(),
                "application_version": VERSION,
                "executor_id": uuid4().hex if parts.on_server else "local",
                "log_level": "CRITICAL",
                "use_listen_notify": False,
                "max_executor_threads": 4,
                "notification_listener_polling_interval_sec": 0.25,  # close() waits one of these
            }
        )
        DBOS.launch()

    def run(self, plan: str, attempt: int, *, reads_only: bool, again: bool = False) -> None:
        """Do an attempt, or join the one that is going on.

        Args:
            again: it began before: where it ended in an error, the step that failed and those
                after it are done anew, those before it are not.
        """
        workflow = f"{plan}:{attempt}"
        try:
            with _answering():
                if again:
                    self._take_up(workflow)
                if again and self._parts.on_server:
                    self._wait_for(plan, workflow)
                with SetWorkflowID(workflow):
                    _run_plan(plan, attempt, _steps(plan, attempt).systems(), reads_only)
        finally:
            _Active.steps.pop((plan, attempt), None)

    def _take_up(self, workflow: str) -> None:
        with self._guard:
            status = DBOS.get_workflow_status(workflow)
            if status is None or status.status != "ERROR":
                return
            steps = DBOS.list_workflow_steps(workflow)
            failed = [s["function_id"] for s in steps if s["error"] is not None]
            DBOS.rewind_workflow(workflow, start_step=min(failed, default=len(steps) + 1))

    def _wait_for(self, plan: str, workflow: str) -> None:
        """Wait for whoever runs it; where nobody does any longer, have it taken up.

        Twice nobody, for one that was taken up holds no lease for a moment.
        """
        nobody = 0
        while _goes_on(DBOS.get_workflow_status(workflow)):
            nobody = 0 if self._leases.taken(plan) else nobody + 1
            if nobody == 2:
                DBOS.resume_workflow(workflow)
                nobody = -5
            time.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        """Stop; what is not finished goes on when the home is opened again."""
        with self._guard:
            if _Active.parts is self._parts:
                with suppress(sa.exc.SQLAlchemyError):
                    DBOS.destroy()
                self._engine.dispose()
                _Active.parts = _Active.leases = None
                _Active.steps.clear()
                self._leases.close()


def leases_of(parts: Parts) -> Leases:
    """Who may run plans of this home."""
    if parts.on_server:
        return PlanLeases(parts.repositories.store.engine)
    return HomeLease(parts.home / "worker.lock")


def _goes_on(status: Any) -> bool:
    return status is not None and status.status in ("PENDING", "ENQUEUED")


@contextmanager
def _answering() -> Iterator[None]:
    """Turn trouble with the record of runs into an error of ours, without a value in it."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, sqlite3.Error, DBOSException) as error:
        origin = getattr(error, "orig", None) or error
        name = getattr(origin, "sqlite_errorname", type(origin).__name__)
        raise SystemUnavailable(
            f"the record of runs does not answer: {name}",
            code="SY331",
            hint="see that `runs.sqlite` can be written; without it runs begin anew, doing "
            "nothing twice",
        ) from None


def _server(parts: Parts) -> sa.Engine:
    url = parts.repositories.store.engine.url
    engine = sa.create_engine(url, pool_size=8, max_overflow=24)
    sa.event.listen(engine, "checkout", require_silent)
    return engine


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine
