"""``seiyaku incident``: a leak, from the moment it is known to the day it may be closed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click

from seiyaku.cli._output import FINE, WAITS, print_table
from seiyaku.incidents import DueTo, IncidentKind, ReportStage
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.text import Language, Text

_home = click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
_by = click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("incident")
def command() -> None:
    """Record a leak, report it, tell the people, publish, close.

    \b
    seiyaku incident open leak --dataset app.payments --trigger financial_damage --by sato
    seiyaku incident show ID                    by when, and what is still owed
    seiyaku incident report ID preliminary FILE --by sato
    seiyaku incident tell ID --summary ... --cause ... --damage ... --other ...
    seiyaku incident publish ID --facts ... --prevention ... --by sato
    seiyaku incident close ID --by sato
    """


@command.command("open")
@click.argument("kind", type=click.Choice(get_args(IncidentKind)))
@click.option("--due-to", type=click.Choice(get_args(DueTo)), default="unknown", show_default=True)
@click.option("--dataset", "datasets", multiple=True, help="What leaked; repeatable.")
@click.option("--trigger", "triggers", multiple=True, help="Code of the law pack; repeatable.")
@click.option("--person", "people", multiple=True, help="Whom it concerns, by key; repeatable.")
@click.option("--content", default="", help="What it is about, such as app.uploads:17.")
@_by
@_home
def open_(
    home: Path,
    kind: IncidentKind,
    due_to: DueTo,
    datasets: tuple[str, ...],
    triggers: tuple[str, ...],
    people: tuple[str, ...],
    content: str,
    by: str,
) -> None:
    """Record what happened; the clocks of a leak run from now on."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        incident = opened.incidents.open(
            kind,
            Actor(by, "officer"),
            due_to=due_to,
            datasets=datasets,
            triggers=triggers,
            people=people or None,
            content=content,
        )
        clock = opened.incidents.clock(incident)
    click.echo(incident.id)
    if clock is not None:
        click.echo(f"preliminary report by {clock.preliminary_to_on}, final by {clock.final_on}")


@command.command("show")
@click.argument("incident")
@_home
def show(home: Path, incident: str) -> None:
    """Show by when the authority is told, and what is still owed. Exit 4 when anything is."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = next(i for i in opened.incidents.all() if i.id == incident)
        clock, owes = opened.incidents.clock(found), opened.incidents.owes(incident)
        states = [c.state for c in opened.incidents.concerned(incident)]
    if clock is not None:
        click.echo(f"preliminary by {clock.preliminary_to_on}, final by {clock.final_on}")
    rows = [[state, str(states.count(state))] for state in dict.fromkeys(states)]
    print_table("People", ["state", "people"], rows)
    click.echo("owes: " + (", ".join(owes) or "nothing"))
    sys.exit(WAITS if owes else FINE)


@command.command("report")
@click.argument("incident")
@click.argument("stage", type=click.Choice(get_args(ReportStage)))
@click.argument("file", type=_file)
@_by
@_home
def report(home: Path, incident: str, stage: ReportStage, file: Path, by: str) -> None:
    """Write down that FILE went to the authority, by its digest."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        opened.incidents.report(incident, stage, file.read_bytes(), Actor(by, "officer"))
    click.echo("witnessed")


@command.command("tell")
@click.argument("incident")
@click.option("--summary", required=True, help="What happened, in the language of the letter.")
@click.option("--cause", required=True, help="Why.")
@click.option("--damage", required=True, help="What else may come of it.")
@click.option("--other", required=True, help="What else people should know.")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@_home
def tell(home: Path, incident: str, lang: Language, **said: str) -> None:
    """Tell everybody concerned; who cannot be reached stays open. Exit 4 when anybody does."""
    from seiyaku.app import open_home
    from seiyaku.incidents import Notice

    notice = Notice(
        *(Text(ja=said[n], en=said[n]) for n in ("summary", "cause", "damage", "other"))
    )
    with open_home(home) as opened:
        opened.incidents.notify(incident, notice, lang)
        untold = opened.incidents.untold(incident)
    click.echo(f"{len(untold)} not reached")
    sys.exit(WAITS if untold else FINE)


@command.command("publish")
@click.argument("incident")
@click.option("--facts-ja", required=True)
@click.option("--facts-en", required=True)
@click.option("--prevention-ja", required=True)
@click.option("--prevention-en", required=True)
@_by
@_home
def publish(home: Path, incident: str, by: str, **said: str) -> None:
    """Write down the public statement, by its digest."""
    from seiyaku.app import open_home
    from seiyaku.incidents import Statement

    statement = Statement(
        Text(ja=said["facts_ja"], en=said["facts_en"]),
        Text(ja=said["prevention_ja"], en=said["prevention_en"]),
    )
    with open_home(home) as opened:
        opened.incidents.publish(incident, statement, Actor(by, "officer"))
    click.echo(statement.sha256)


@command.command("substitute")
@click.argument("incident")
@click.argument("measure")
@_by
@_home
def substitute(home: Path, incident: str, measure: str, by: str) -> None:
    """Write down what stands in for telling those who cannot be reached."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        opened.incidents.substitute(incident, measure, Actor(by, "officer"))
    click.echo("written down")


@command.command("close")
@click.argument("incident")
@_by
@_home
def close(home: Path, incident: str, by: str) -> None:
    """Close an incident of which nothing is owed any longer."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        opened.incidents.close(incident, Actor(by, "officer"))
    click.echo("closed")
