"""``seiyaku authzen``: answer over HTTP, and say who may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

import click

from seiyaku.cli._output import print_table
from seiyaku.kernel.actors import Actor, Role

if TYPE_CHECKING:
    from seiyaku.app import Home

F = TypeVar("F", bound=Callable[..., None])


@click.group("authzen")
def command() -> None:
    """Answer decisions over HTTP, as the OpenID Authorization API 1.0 says.

    \b
    seiyaku authzen token new shop               prints the token, once
    seiyaku authzen serve --url https://pdp.example.com
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


@command.command("serve")
@click.option("--url", required=True, help="https address under which callers know it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8181, show_default=True, help="Port to listen on.")
@click.option("--names", type=click.Path(path_type=Path), help="File of the names callers use.")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="TLS certificate, PEM.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="Its key, PEM.")
@_home
def serve(
    folder: Path,
    url: str,
    host: str,
    port: int,
    names: Path | None,
    cert: Path | None,
    key: Path | None,
) -> None:
    """Answer until interrupted. Without --cert, put a proxy that speaks TLS in front."""
    from seiyaku.app.authzen import open_authzen
    from seiyaku.doors.authzen.serve import server

    with _open(folder) as home:
        serving = server(open_authzen(home.parts, url, names), host, port, cert, key)
        click.echo(f"answering on {host}:{port} as {url}", err=True)
        serving.run()


@command.group("token")
def token() -> None:
    """Say who may ask: tokens, each in the name of an actor."""


@token.command("new")
@click.argument("actor")
@click.option("--role", type=click.Choice(get_args(Role)), default="reader", show_default=True)
@click.option("--days", type=click.IntRange(1), help="After how many days it ends.")
@_home
def new(folder: Path, actor: str, role: Role, days: int | None) -> None:
    """Print a new token for ACTOR; it is shown once, and only its digest is kept.

    A reader asks about people it names; searching for people takes another role.
    """
    from seiyaku.app.authzen import make_token

    with _open(folder) as home:
        click.echo(make_token(home.parts, Actor(actor, role), days))


@token.command("list")
@_home
def list_(folder: Path) -> None:
    """List the tokens in use; none tells its secret."""
    from seiyaku.app.authzen import list_tokens

    with _open(folder) as home:
        rows = [
            [
                t.name,
                str(t.actor),
                f"{t.made_at:%Y-%m-%d}",
                f"{t.ends_at:%Y-%m-%d}" if t.ends_at else "-",
            ]
            for t in list_tokens(home.parts)
        ]
    print_table("", ["token", "actor", "made", "ends"], rows)


@token.command("revoke")
@click.argument("name")
@_home
def revoke(folder: Path, name: str) -> None:
    """Take the token NAME out of use; the door refuses it within a second."""
    from seiyaku.app.authzen import revoke_token

    with _open(folder) as home:
        revoke_token(home.parts, name)
    click.echo(f"{name} is out of use")


def _day(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d}"
