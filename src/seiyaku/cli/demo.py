"""``seiyaku demo``: the main job on CLOSM i, with generated people, on this machine."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import click

from seiyaku.cli._output import console, print_table, working
from seiyaku.cli._plans import show_decision, show_outcomes, show_sums
from seiyaku.cli.promises import NO_RUN, show
from seiyaku.kernel.actors import Actor

if TYPE_CHECKING:
    from seiyaku.app import Home
    from seiyaku.plans.model import RunResult
    from seiyaku.testing.people import World

SERVICE = "closm-i"
APPROVER = Actor("sato", "approver")


@click.command("demo")
@click.option("--people", default=1000, show_default=True, help="How many people to generate.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep everything in this folder.")
def command(people: int, keep: Path | None) -> None:
    """Run the main job on CLOSM i with generated people; nothing leaves this machine."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="seiyaku-demo-") as temporary:
        home = keep or Path(temporary)
        tour = _begin(home, people)
        try:
            for number, step in enumerate(STEPS, 1):
                _heading(number, step.__doc__ or "")
                step(tour)
        finally:
            tour.home.close()
    click.echo(f"\n{time.perf_counter() - start:.1f} s in all")


@dataclass
class Tour:
    """What one step leaves to the next."""

    folder: Path
    world: World
    home: Home
    receipt: Path | None = None

    @property
    def at(self) -> datetime:
        """The present moment of the installation."""
        return self.home.parts.clock.now()


def _begin(folder: Path, people: int) -> Tour:
    from seiyaku.testing.people import generate

    click.echo(f"Generating {people:,} people of CLOSM i: SQLite, pictures, access logs ...")
    with working("generating ..."):
        world = generate(SERVICE, folder, people)
    places = {**world.databases, **world.folders}
    systems = {name: str(path.relative_to(folder)) for name, path in places.items()}
    tour = Tour(folder, world, _home(folder, systems))
    _assure(tour)
    return tour


def _home(folder: Path, systems: Mapping[str, str]) -> Home:
    """The installation, with a front door for canaries, who are due at once."""
    from seiyaku.app import open_home
    from seiyaku.app.settings import CanarySettings, Settings, write_settings

    door = (sys.executable, "-m", "seiyaku.testing.front_door")
    canaries = CanarySettings(plant=door, days=0)
    settings = Settings(seiyaku_home=1, service=SERVICE, systems=systems, canaries=canaries)
    write_settings(folder, settings)
    return open_home(folder)


def _assure(tour: Tour) -> None:
    """What CLOSM has on file: contracts with its contractors, but nothing for the US."""
    from seiyaku.assurance.model import Assurance

    since = tour.world.at.replace(month=4, day=1)
    for subject in ("printful", "stripe", "auth0"):
        for kind in ("trustee_record", "supervision"):
            tour.home.assure(Assurance(kind, subject, since, source="contract file", by="sato"))


def _heading(number: int, text: str) -> None:
    console().print(f"\n[bold]{number}. {text.splitlines()[0]}[/bold]")


def _check(tour: Tour) -> None:
    """The policy is checked; its gaps have a line."""
    from seiyaku.kernel.faults import at_least
    from seiyaku.policy.lint import lint
    from seiyaku.policy.parse import parse_policy
    from seiyaku.services import path

    policy = path(SERVICE) / "policy.yaml"
    parsed = parse_policy(policy)
    found = lint(parsed.policy, parsed.laws, parsed.document)
    high = [f for f in found if at_least(f.severity, "high")]
    click.echo(
        f"{len(parsed.policy.clauses)} clauses, no faults, {len(found)} findings; the grave:"
    )
    for fault in high:
        message = fault.message if len(fault.message) < 90 else fault.message[:87] + "..."
        click.echo(f"  {policy.name}:{fault.place.line}:{fault.place.column} {message}")


def _gate(tour: Tour) -> None:
    """The gate answers, each time with its clause."""
    from seiyaku.gate.model import Question
    from seiyaku.standing.model import Consent, Scope

    person = tour.world.person("aki").id
    tour.home.record(
        Consent(person, tour.at, Scope(), "2026-02-16", countries=("US", "EU"), kind="deemed")
    )
    asked = [
        (
            "use an e-mail address (from Auth0) for a newsletter, which nobody declared",
            Question("use", person, "email", tour.at, purpose="newsletter", source="auth0"),
        ),
        (
            "use the postal address to ship goods",
            Question("use", person, "postal_address", tour.at, purpose="ship_goods"),
        ),
        (
            "send the postal address to Printful in the US, to ship goods",
            Question(
                "send",
                person,
                "postal_address",
                tour.at,
                purpose="ship_goods",
                recipient="printful",
                country="US",
            ),
        ),
    ]
    for words, question in asked:
        click.echo(show_decision(words, tour.home.ask(question)))


def _disclose(tour: Tour) -> None:
    """One person asks what is held: plan, approval, run, package."""
    request = tour.home.receive("disclosure", person=tour.world.person("dai").id, language="en")
    result = _carry_out(tour, request.id)
    with ZipFile(tour.home.package(request.id)) as package:
        names = package.namelist()
    shown = [o for o in result.outcomes if o.outcome == "done" and o.rows]
    click.echo(f"{sum(o.rows for o in shown)} rows from {len(shown)} places disclosed")
    click.echo(
        f"package: {len(names)} files, " + ", ".join(sorted(n for n in names if "/" not in n))
    )


def _leave(tour: Tour) -> None:
    """One person leaves the service: plan, approval, run, systems read again."""
    request = tour.home.receive("closure", person=tour.world.person("aki").id)
    result = _carry_out(tour, request.id)
    click.echo("claimed, after the systems were read again by the old values:")
    show_sums(result.outcomes)
    tasks = [t for t in tour.home.tasks(request.id) if t.done_at is None]
    state = tour.home.request(request.id).state
    click.echo(f"the request stays {state}: {len(tasks)} tasks by hand wait for evidence")
    tour.receipt = tour.home.receipt(request.id)


def _carry_out(tour: Tour, request_id: str) -> RunResult:
    from seiyaku.requests.identity import Proof

    tour.home.show_identity(request_id, Proof("signed_in"))
    plan = tour.home.plan(request_id)
    if not plan.reads_only:
        show_outcomes("Planned", plan.outcomes)
    approval = tour.home.approve(plan.id, APPROVER)
    click.echo(f"approved by {approval.actor}: plan {approval.digest[:16]}...")
    return tour.home.run(plan.id)


def _measure(tour: Tour) -> None:
    """Two people nobody is are planted, erased, and hunted for."""
    from seiyaku.app.canaries import plant, run_canaries
    from seiyaku.app.canary_page import render_history

    plant(tour.home, 2)
    with working("erasing and hunting ..."):
        done = run_canaries(tour.home, APPROVER)
    for trial in done:
        copies = ", ".join(f"{name} {before}" for name, before, _ in trial.systems)
        click.echo(f"{trial.before} copies ({copies}), {trial.left} left: {trial.recall:.0%}")
    page = tour.folder / "canaries.html"
    page.write_text(render_history(done, "ja", tour.at), "utf-8")
    click.echo(f"the history has a page: {page.name}; {done[-1].unsearched} places not searched")


def _verify(tour: Tour) -> None:
    """Another process checks the receipt, from published files alone."""
    if tour.receipt is not None:
        _verifier("receipt", tour.receipt, "--key", _key(tour))


def _tamper(tour: Tour) -> None:
    """One byte of a copy of the log is changed; the verifier names the place."""
    copy = tour.folder / "tampered"
    shutil.copytree(tour.home.parts.paths.evidence, copy)
    bundle = max((copy / "entries").rglob("*"), key=lambda p: p.is_file() and p.stat().st_size)
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.chmod(0o600)
    bundle.write_bytes(data)
    click.echo(f"changed byte {len(data) // 2} of {bundle.relative_to(copy)}")
    _verifier("fsck", copy, "--key", _key(tour))


def _key(tour: Tour) -> Path:
    key = tour.folder / "published.key"
    key.write_text(f"{tour.home.parts.log.keys().current}\n", "utf-8")
    return key


def _verifier(*arguments: object) -> None:
    command = [sys.executable, "-I", "-m", "seiyaku_verify", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [*ended.stdout.strip().splitlines(), *ended.stderr.strip().splitlines()]
    shown = lines if len(lines) < 14 else [*lines[:8], "...", *lines[-2:]]
    click.echo("\n".join(f"  {line}" for line in shown))


def _drift(tour: Tour) -> None:
    """A migration adds a birth date; the check of the live database fails."""
    with closing(sqlite3.connect(tour.world.db)) as db:
        db.execute("ALTER TABLE users ADD COLUMN birth_date DATE")
    click.echo("ALTER TABLE users ADD COLUMN birth_date DATE")
    found = [f for f in tour.home.check_db() if f.rule == "undeclared-column"]
    print_table(
        "",
        ["rule", "what", "clause"],
        [[f.rule, f.message, f.clause] for f in found],
    )
    click.echo("seiyaku check --db: exit 1" if found else "seiyaku check --db: nothing found")


def _promises(tour: Tour) -> None:
    """The clauses kept in the last full test run."""
    from seiyaku.app.promises import load

    found = load(Path("build/promises.json"))
    if found is None:
        click.echo(NO_RUN)
    else:
        show(found)


STEPS = (_check, _gate, _disclose, _leave, _measure, _verify, _tamper, _drift, _promises)
