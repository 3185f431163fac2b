"""``seiyaku days``: what is late, unproven or stale, and whose duty it is."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import FINDINGS, FINE, print_json, print_table
from seiyaku.kernel.actors import Actor

if TYPE_CHECKING:
    from seiyaku.store.duties import Duty

_home = click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")


@click.group("days")
def command() -> None:
    """Look every day for what is late, and see to it.

    \b
    seiyaku days check                 for a timer: opens and ends duties
    seiyaku days list                  what is open, and whose it is
    seiyaku days done DUTY FILE --by sato
    """


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@_home
def check(home: Path, as_json: bool) -> None:
    """Look at everything that may be late. Exit 1 when anything is."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        day = opened.days.check()
        if opened.letters.post() is not None:
            opened.letters.send()
    if as_json:
        print_json(asdict(day))
    else:
        for one in day.found:
            since = f" since {one.since_at:%Y-%m-%d}" if one.since_at else ""
            click.echo(f"{one.code} {one.subject} ({one.cite}){since}")
        click.echo(f"{len(day.opened)} duties opened, {len(day.ended)} ended")
    sys.exit(FINDINGS if day.found else FINE)


@command.command("list")
@click.option("--all", "done", is_flag=True, help="The ended ones too.")
@_home
def list_(home: Path, done: bool) -> None:
    """List the duties that are open, oldest first."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        rows = [_row(duty) for duty in opened.days.duties(done=done)]
    print_table("", ["duty", "clause", "owner", "opened", "done"], rows)


@command.command("done")
@click.argument("duty")
@click.argument("evidence", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Staff identifier.")
@_home
def done(home: Path, duty: str, evidence: Path, by: str) -> None:
    """Record that DUTY was done, by the digest of the file that proves it."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        click.echo(opened.days.complete(duty, evidence.read_bytes(), Actor(by, "handler")).id)


def _row(duty: Duty) -> list[str]:
    ended = f"{duty.done_at:%Y-%m-%d}" if duty.done_at else ""
    return [duty.id, duty.cite, duty.owner or "nobody", f"{duty.opened_at:%Y-%m-%d}", ended]
