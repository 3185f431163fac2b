"""``seiyaku restore``: what a backup brought back goes again."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from seiyaku.cli._output import FINDINGS, FINE, WAITS
from seiyaku.cli._plans import show_sums
from seiyaku.kernel.actors import Actor, Role
from seiyaku.kernel.text import Language


@click.group("restore")
def command() -> None:
    """After a restore from a backup: find who came back, and erase them again."""


@command.command("replay")
@click.option("--backup-of", required=True, help="When it was taken: 2026-11-20T03:00+09:00.")
@click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
@click.option("--role", type=click.Choice(get_args(Role)), default="approver", show_default=True)
@click.option("--find-only", is_flag=True, help="Open the erasures, and leave them to people.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def replay(home: Path, backup_of: str, by: str, role: Role, find_only: bool) -> None:
    """Erase again everybody whom the restored backup brought back.

    Do it before the doors open again. Exit 1 when rows of erased people belong to nobody that
    can be told, 4 when something waits.
    """
    from seiyaku.app import open_home
    from seiyaku.kernel.clock import parse_at

    taken_at: datetime = parse_at(backup_of)
    actor, waits = Actor(by, role), False
    with open_home(home) as opened:
        found = opened.replay(taken_at, actor)
        click.echo(f"{found.erasures} erasures since the backup; {found.people} people came back")
        for request in found.requests:
            click.echo(request)
            if not find_only:
                plan = opened.plan(request)
                opened.approve(plan.id, actor)
                result = opened.run(plan.id)
                waits = waits or result.state != "done"
                show_sums(result.outcomes, done="erased")
    for place, rows in sorted(found.unowned.items()):
        click.echo(f"  {place}: {rows} values of erased people, owner unknown: look by hand")
    sys.exit(FINDINGS if found.unowned else WAITS if waits else FINE)


@command.command("notice")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def notice(home: Path, lang: Language) -> None:
    """Print what the published notice must say of backups and of the list."""
    from seiyaku.app import open_home
    from seiyaku.app.restoring import notice_of

    with open_home(home) as opened:
        text = notice_of(opened.parts)
    if text is not None:
        click.echo(text.get(lang))
    sys.exit(FINE if text is not None else FINDINGS)
