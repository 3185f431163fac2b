"""``seiyaku letters``: send the letters that are due, or print those of one request."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seiyaku.cli._output import FINE, NO_ANSWER


@click.command("letters")
@click.argument("request", required=False)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Home folder with seiyaku.yaml.",
)
def command(home: Path, request: str | None) -> None:
    """Send every letter that is due; with REQUEST, print its letters into the outbox.

    Exit 3 when the mail system did not take one: it is owed still.
    """
    from seiyaku.app import open_home

    with open_home(home) as opened:
        if request is not None:
            for page in opened.letters.print(opened.request(request)):
                click.echo(page)
            return
        told = opened.letters.send()
    click.echo(f"{told.sent} sent, {told.refused} refused by the address, {told.owed} owed")
    sys.exit(NO_ANSWER if told.owed else FINE)
