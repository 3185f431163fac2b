"""``seiyaku retention``: what is over by the periods of the policy and the law."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from seiyaku.cli._output import FINDINGS, FINE, WAITS, print_table
from seiyaku.cli._plans import show_sums
from seiyaku.kernel.actors import Actor, Role

if TYPE_CHECKING:
    from seiyaku.app.disposal import Disposal


@click.group("retention")
def command() -> None:
    """Find rows whose time is over, and dispose of them.

    \b
    seiyaku retention find             opens a disposal; plan, approve and run it like a request
    seiyaku retention run --by sato    all of that at once, for a timer
    """


@command.command("find")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def find(home: Path) -> None:
    """Find what is over and open its disposal. Exit 1 when there is any."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = opened.dispose()
    _show(found)
    sys.exit(FINDINGS if found.request else FINE)


@command.command("run")
@click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
@click.option("--role", type=click.Choice(get_args(Role)), default="approver", show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def run(home: Path, by: str, role: Role) -> None:
    """Find what is over, approve exactly that, and carry it out. Exit 4 when something waits."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = opened.dispose()
        _show(found)
        if found.request is None:
            return
        plan = opened.plan(found.request)
        opened.approve(plan.id, Actor(by, role))
        result = opened.run(plan.id)
    show_sums(result.outcomes, done="disposed of")
    sys.exit(FINE if result.state == "done" else WAITS)


def _show(found: Disposal) -> None:
    if found.request:
        click.echo(found.request)
        print_table("Over", ["dataset", "rows"], [[d, str(n)] for d, n in found.rows.items()])
    left = [[one.dataset, one.why] for one in found.left]
    if left:
        print_table("Not gone through", ["dataset", "why"], left)
