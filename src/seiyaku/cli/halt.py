"""``seiyaku halt``: stop every run until an officer lifts it."""

from __future__ import annotations

from pathlib import Path

import click

from seiyaku.kernel.actors import Actor


@click.command("halt")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--by", required=True, help="Your staff identifier; it appears in the evidence.")
@click.option("--lift", is_flag=True, help="Lift every halt; you act as officer.")
def command(home: Path, by: str, lift: bool) -> None:
    """Let nothing run until the halt is lifted. A group in progress ends whole, no other starts."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        if lift:
            opened.resume(Actor(by, "officer"))
            click.echo("lifted: runs may go on")
        else:
            opened.halt(Actor(by, "handler"))
            click.echo("halted: nothing runs until an officer lifts it (seiyaku halt --lift)")
