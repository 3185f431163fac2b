"""``seiyaku waiting``: requests that are not finished, what they wait for and until when."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from seiyaku.cli._output import FINE, WAITS, print_json
from seiyaku.cli._plans import wait_line


@click.command("waiting")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(home: Path, as_json: bool) -> None:
    """List what the requests that ran still wait for. Exit 4 when there is any."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = opened.waiting()
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            click.echo(one.request)
            for wait in one.waits:
                click.echo(f"  {wait_line(wait)}")
    sys.exit(WAITS if found else FINE)
