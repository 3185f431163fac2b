"""``seiyaku intake``: letters that were opened, mails to the contact address, copies of proofs."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from seiyaku.cli._output import FINE, WAITS
from seiyaku.kernel.actors import Actor
from seiyaku.policy.model import RequestKind
from seiyaku.requests.contents import By

if TYPE_CHECKING:
    from seiyaku.app import Home
    from seiyaku.requests.model import Request

_home = click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
_by = click.option("--by", required=True, help="Staff identifier.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("intake")
def command() -> None:
    """Take in letters, mails and copies of proofs.

    \b
    seiyaku intake mail FILE...        mails as the server stored them; each is one request
    seiyaku intake letter disclosure --details "..." --answer-by post --name "..." --address "..."
    seiyaku intake copy REQUEST FILE --kind passport --by ito
    seiyaku intake ask-proof REQUEST --by ito
    """


@command.command("mail")
@click.argument("files", nargs=-1, required=True, type=_file)
@_home
def mail(home: Path, files: tuple[Path, ...]) -> None:
    """Record mails that came to the contact address; read twice, one is one request."""
    with _open(home) as opened:
        for file in files:
            _say(opened.intake.mail(file.read_bytes()))


@command.command("letter")
@click.argument("kind", type=click.Choice(get_args(RequestKind)))
@click.option("--details", default="", help="What is wanted, in the sender's words.")
@click.option("--name", default="", help="Of the sender.")
@click.option("--address", default="", help="Of the sender.")
@click.option("--answer-by", "by", type=click.Choice(get_args(By)), help="How it is wished.")
@click.option("--not-before", type=click.DateTime(["%Y-%m-%d"]), help="From when it is wished.")
@click.option("--given", "history", default="", help="When and how the data was once given.")
@click.option("--person", help="The service's own key, where the letter gives it.")
@click.option("--received-on", type=click.DateTime(["%Y-%m-%d"]), help="Day it arrived.")
@click.option("--complete", "request", help="The incomplete request this letter completes.")
@_home
def letter(home: Path, kind: RequestKind, request: str | None, **said: Any) -> None:
    """Record a letter that was opened. Exit 4 when it lacks what the policy wants."""
    from seiyaku.policy.history import JST
    from seiyaku.requests import Says

    day: datetime | None = said["not_before"]
    says = Says(
        said["details"],
        said["by"],
        day.date() if day else None,
        said["history"],
        said["name"],
        said["address"],
    )
    with _open(home) as opened:
        if request is not None:
            found = opened.intake.complete(request, says, person=said["person"])
        else:
            arrived: datetime | None = said["received_on"]
            at = arrived.replace(tzinfo=JST) if arrived else None
            found = opened.intake.letter(kind, says, person=said["person"], received_at=at)
    _say(found)
    sys.exit(WAITS if found.state == "incomplete" else FINE)


@command.command("copy")
@click.argument("request")
@click.argument("file", type=_file)
@click.option("--kind", required=True, help="Kind of proof: passport, drivers_licence ...")
@_by
@_home
def copy(home: Path, request: str, file: Path, kind: str, by: str) -> None:
    """Keep the copy of a document, sealed, until it was looked at."""
    with _open(home) as opened:
        opened.intake.keep_copy(request, kind, file.read_bytes(), Actor(by, "handler"))
    click.echo(f"kept; now destroy `{file}`")


@command.command("ask-proof")
@click.argument("request")
@_by
@_home
def ask_proof(home: Path, request: str, by: str) -> None:
    """Ask for more to know who asks: nothing goes on until it is shown."""
    with _open(home) as opened:
        _say(opened.intake.ask_proof(request, Actor(by, "handler")))


def _open(folder: Path) -> Home:
    from seiyaku.app import open_home

    return open_home(folder)


def _say(request: Request) -> None:
    click.echo(f"{request.id} {request.kind} {request.state}")
