"""``seiyaku request``: from the day it arrives to the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from seiyaku.cli._output import FINDINGS, FINE, NO_ANSWER, WAITS, print_json, print_table, working
from seiyaku.cli._plans import show_outcomes, show_sums, wait_line
from seiyaku.cli._residue import show_hunt
from seiyaku.kernel.actors import Actor, Role
from seiyaku.kernel.text import Language
from seiyaku.policy.model import RequestKind

if TYPE_CHECKING:
    from seiyaku.app import Home
    from seiyaku.app.deciding import Finding
    from seiyaku.plans.model import RunResult
    from seiyaku.requests.model import Request

F = TypeVar("F", bound=Callable[..., None])

DONE = {"disclosure": "disclosed", "correction": "corrected", "addition": "added"}
"""What *done* means; for the other kinds it means erased."""


@click.group("request")
def command() -> None:
    """Receive, plan, approve and run what a person asks for.

    \b
    seiyaku request receive disclosure --person 42     prints the request's id
    seiyaku request identity ID --proof signed_in
    seiyaku request plan ID                            reads the systems, changes nothing
    seiyaku request approve ID --by sato
    seiyaku request run ID
    seiyaku request package ID   (or: receipt ID)
    """


def _home(function: F) -> F:
    return click.option(
        "--home",
        "folder",
        type=click.Path(path_type=Path),
        default=Path(),
        help="Home folder with seiyaku.yaml.",
    )(function)


def _open(folder: Path) -> Home:
    from seiyaku.app import open_home

    return open_home(folder)


@command.command("receive")
@click.argument("kind", type=click.Choice(get_args(RequestKind)))
@click.option("--person", help="The service's key of the person.")
@click.option("--email", help="Look the person up by e-mail address instead.")
@click.option("--item", "items", multiple=True, help="Only this item; repeatable.")
@click.option("--purpose", "purposes", multiple=True, help="Only this purpose; repeatable.")
@click.option("--recipient", "recipients", multiple=True, help="Only this recipient; repeatable.")
@click.option("--channel", type=click.Choice(["email", "web", "post", "settings"]), default="web")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option("--value", help="The right value, for a correction or addition.")
@click.option("--where", help="The dataset that holds the wrong value, for a correction.")
@click.option("--lift", is_flag=True, help="The suspension is to end.")
@click.option(
    "--received-on",
    "received_on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day it arrived, for a letter taken in later.",
)
@_home
def receive(
    folder: Path,
    kind: RequestKind,
    lang: Language,
    received_on: datetime | None,
    items: tuple[str, ...],
    purposes: tuple[str, ...],
    recipients: tuple[str, ...],
    **more: Any,
) -> None:
    """Record a request as it arrives; its clocks start on the day of arrival."""
    from seiyaku.policy.history import JST
    from seiyaku.standing.model import Scope

    arrived_at = received_on.replace(tzinfo=JST) if received_on else None
    with _open(folder) as home:
        scope = Scope(items, purposes, recipients)
        found = home.receive(kind, language=lang, scope=scope, received_at=arrived_at, **more)
    click.echo(found.id)
    _say(found)
    sys.exit(WAITS if not found.ended else FINE)


@command.command("identity")
@click.argument("request")
@click.option("--proof", required=True, help="Kind of proof: signed_in, email_link, id_copy ...")
@click.option("--seen-by", default="system", help="Staff identifier of who looked at it.")
@_home
def identity(folder: Path, request: str, proof: str, seen_by: str) -> None:
    """Accept who asks. Suspension, stop of provision and closure bind from here on."""
    from seiyaku.requests.identity import Proof

    with _open(folder) as home:
        _say(home.show_identity(request, Proof(proof, seen_by)))


@command.command("plan")
@click.argument("request")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON.")
@_home
def plan(folder: Path, request: str, as_json: bool) -> None:
    """Read every system and plan what the request asks; nothing is changed."""
    with _open(folder) as home, working("reading every system ..."):
        planned, slow = home.plan(request), home.slow_links(request)
    for link in slow:
        columns = ", ".join(f"`{c}`" for c in link.columns)
        click.echo(f"slow: no index on {columns} of `{link.dataset}`: {link.create}", err=True)
    if as_json:
        print_json({"plan": planned.id, "outcomes": [asdict(o) for o in planned.outcomes]})
        return
    show_outcomes(f"Plan {planned.id}", planned.outcomes, done=DONE.get(planned.kind, "erased"))
    for group in planned.groups:
        if group.lots:
            click.echo(f"`{group.system}` goes in {len(group.lots)} lots, a transaction each")
    click.echo("waits for approval: seiyaku request approve " + request + " --by NAME")


@command.command("approve")
@click.argument("request")
@click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
@click.option("--role", type=click.Choice(get_args(Role)), default="approver", show_default=True)
@_home
def approve(folder: Path, request: str, by: str, role: Role) -> None:
    """Agree to exactly the plan as it was made; a changed plan asks again."""
    with _open(folder) as home:
        approval = home.approve(_plan_of(home, request), Actor(by, role))
    click.echo(f"approved by {approval.actor}: {approval.digest}")


@command.command("run")
@click.argument("request")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@_home
def run(folder: Path, request: str, as_json: bool) -> None:
    """Carry out the approved plan; run again after a crash or when a system was unreachable.

    Exit 3 when a system did not answer, 4 when tasks by hand wait for evidence.
    """
    with _open(folder) as home:
        with working("acting, and reading again ..."):
            result = home.run(_plan_of(home, request))
        after = home.request(request)
    if as_json:
        print_json(asdict(result))
    else:
        show_sums(result.outcomes, done=DONE.get(after.kind, "erased"))
        _say(after)
    sys.exit(_exit_of(result))


@command.command("answer")
@click.argument("request")
@click.option("--note-ja", default="", help="What is answered to a complaint, in Japanese.")
@click.option("--note-en", default="", help="The same in English.")
@_home
def answer(folder: Path, request: str, note_ja: str, note_en: str) -> None:
    """Answer a request that touches no system: what is told, or holds at once."""
    from seiyaku.kernel.text import Text

    note = Text(ja=note_ja, en=note_en) if note_ja or note_en else None
    with _open(folder) as home:
        found = home.answer(request, note)
        language = home.request(request).language
    click.echo(found.outcome)
    for line in found.lines:
        click.echo("  " + line.text.get(language))


@command.command("refuse")
@click.argument("request")
@click.option("--by", required=True, help="Staff identifier.")
@click.option("--reason", required=True, help="A word for the reason.")
@click.option("--cite", required=True, help="The clause or article that says so.")
@_home
def refuse(folder: Path, request: str, by: str, reason: str, cite: str) -> None:
    """Refuse a request; the reason and its ground are told to the person."""
    with _open(folder) as home:
        _say(home.refuse(request, Actor(by, "handler"), reason, cite))


@command.command("fee")
@click.argument("request")
@click.option("--by", required=True, help="Staff identifier.")
@click.option("--paid", default="", help="Reference of the payment.")
@click.option("--waive", default="", help="A word for why it is waived.")
@_home
def fee(folder: Path, request: str, by: str, paid: str, waive: str) -> None:
    """Write down that the fee of a request was paid, or is waived; it goes on then."""
    with _open(folder) as home:
        home.deciding.settle_fee(request, Actor(by, "handler"), paid=paid, waived=waive)
    click.echo("settled")


@command.command("investigate")
@click.argument("request")
@click.argument("note", type=click.File("r", encoding="utf-8"))
@click.option("--by", required=True, help="Staff identifier.")
@click.option("--finding", type=click.Choice(["justified", "not_justified"]))
@_home
def investigate(folder: Path, request: str, note: Any, by: str, finding: Finding | None) -> None:
    """Keep what was found out about a claim; NOTE is a file, or - for standard input."""
    with _open(folder) as home:
        home.investigate(request, note.read(), Actor(by, "handler"), finding)
    click.echo("kept")


@command.command("withhold")
@click.argument("request")
@click.argument("items", nargs=-1, required=True)
@click.option("--by", required=True, help="Staff identifier.")
@click.option("--ground", required=True, help="Code of a ground of the law.")
@_home
def withhold(folder: Path, request: str, items: tuple[str, ...], by: str, ground: str) -> None:
    """Refuse single ITEMS of a disclosure; the others are given, and the letter says why."""
    with _open(folder) as home:
        home.deciding.withhold(request, items, ground, Actor(by, "handler"))
    click.echo("withheld")


@command.command("package")
@click.argument("request")
@click.option("--seal", is_flag=True, help="Encrypt it; the passphrase is shown once.")
@click.option("--disable", "disabled_by", help="Destroy it; your staff identifier.")
@_home
def package(folder: Path, request: str, seal: bool, disabled_by: str | None) -> None:
    """Print where the package of a disclosure lies, for seven days."""
    with _open(folder) as home:
        if disabled_by:
            home.disable_package(request, Actor(disabled_by, "handler"))
            return
        if seal:
            click.echo(f"passphrase: {home.seal_package(request)}", err=True)
        click.echo(home.package(request))


@command.command("receipt")
@click.argument("request")
@click.option("--person", help="Whose, where the request is about several.")
@_home
def receipt(folder: Path, request: str, person: str | None) -> None:
    """Write the receipt, which verifies offline: seiyaku verify RECEIPT."""
    with _open(folder) as home:
        click.echo(home.receipt(request, person))


@command.command("residue")
@click.argument("request")
@click.option("--budget-mib", type=click.IntRange(1), default=256, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@_home
def residue(folder: Path, request: str, budget_mib: int, as_json: bool) -> None:
    """Hunt for what is left after an erasure, in every text within reach; changes nothing.

    Only addresses, numbers and ids that hardly stand anywhere by chance are looked for. Each
    place found is a task for a person. Exit 1 when there is any.
    """
    with _open(folder) as home, working("reading every text ..."):
        found = home.residue(request, budget_bytes=budget_mib << 20)
    if as_json:
        print_json({**asdict(found), "copies": found.copies})
    else:
        show_hunt(found)
    sys.exit(FINDINGS if found.residue else FINE)


@command.command("hand-over")
@click.argument("request")
@_home
def hand_over(folder: Path, request: str) -> None:
    """The answer has reached the person: destroy what the request carried of them."""
    with _open(folder) as home:
        home.hand_over(request)
    click.echo("handed over")


@command.command("list")
@click.option("--all", "ended", is_flag=True, help="The ended ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_home
def list_(folder: Path, ended: bool, as_json: bool) -> None:
    """List the requests, oldest first."""
    with _open(folder) as home:
        found = home.requests(ended=ended)
    if as_json:
        print_json([asdict(r) for r in found])
        return
    rows = [[r.id, r.kind, r.state, f"{r.received_at:%Y-%m-%d}", f"{r.fee_jpy}"] for r in found]
    print_table("", ["request", "kind", "state", "received", "fee (yen)"], rows)


@command.command("show")
@click.argument("request")
@_home
def show(folder: Path, request: str) -> None:
    """Show what happened to a request, and what it waits for until when."""
    with _open(folder) as home:
        _say(home.request(request))
        for step in home.steps(request):
            facts = " ".join(f"{k}={v}" for k, v in step.facts.items() if v != "")
            click.echo(f"  {step.at:%Y-%m-%d %H:%M:%S} {step.what} {step.actor} {facts}".rstrip())
        for task in home.tasks(request):
            done = f"done by {task.actor}" if task.done_at else "waits for evidence"
            click.echo(f"  task {task.id}: {task.system}: {done}")
        for one in (o for o in home.waiting() if o.request == request):
            for wait in one.waits:
                click.echo(f"  waits: {wait_line(wait)}")


@command.command("task-done")
@click.argument("task")
@click.argument("evidence", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Staff identifier.")
@_home
def task_done(folder: Path, task: str, evidence: Path, by: str) -> None:
    """Record that TASK was done by hand, by the digest of the file that proves it."""
    with _open(folder) as home:
        done = home.complete_task(task, evidence.read_bytes(), Actor(by, "handler"))
        _say(home.request(done.request))


def _plan_of(home: Home, request: str) -> str:
    from seiyaku.kernel.errors import WaitsForPerson

    found = home.request(request)
    if found.plan is None:
        raise WaitsForPerson(
            f"request `{request}` has no plan", code="SY409", hint="seiyaku request plan " + request
        )
    return found.plan


def _say(request: Request) -> None:
    why = f": {request.reason} ({request.cite})" if request.reason else ""
    fee = f", fee {request.fee_jpy} yen" if request.fee_jpy else ""
    click.echo(f"{request.kind} {request.state}{why}{fee}", err=True)


def _exit_of(result: RunResult) -> int:
    outcomes = {o.outcome for o in result.outcomes}
    if "unreachable" in outcomes:
        return NO_ANSWER
    return WAITS if result.state != "done" else FINE
