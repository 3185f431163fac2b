"""``seiyaku carry-on``: go on with what a dead process left, and with what is due."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seiyaku.cli._output import FINE, NO_ANSWER, WAITS


@click.command("carry-on")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def command(home: Path) -> None:
    """Go on with every run that is not finished and due; meant for a timer.

    A run that cannot go on is named, and the next one is taken up. Exit 3 when one could not,
    4 when something waits still.
    """
    from seiyaku.app import open_home

    with open_home(home) as opened:
        carried = opened.carry_on()
        waits = bool(opened.waiting())
    for result in carried.results:
        click.echo(f"{result.plan} {result.state}")
    for stopped in carried.stopped:
        click.echo(f"{stopped.plan} stopped: {stopped.code}: {stopped.message}", err=True)
    sys.exit(NO_ANSWER if carried.stopped else WAITS if waits else FINE)
