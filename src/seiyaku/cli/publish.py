"""``seiyaku publish``: a version of the policy, with the page on which it was announced."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("publish")
@click.argument("policy", type=_file)
@click.option("--page", type=_file, help="The page that announces it, as it was served.")
@click.option("--page-url", help="Where that page stands.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def command(policy: Path, page: Path | None, page_url: str | None, home: Path) -> None:
    """Publish POLICY into `versions` of the home, and witness it with its digest.

    A revision of a policy that promises to announce changes needs the page that does.
    """
    from seiyaku.app import open_home
    from seiyaku.policy import Announcement

    with open_home(home) as opened:
        now: datetime = opened.parts.clock.now()
        shown = Announcement(page_url or "", page.read_bytes(), now) if page else None
        version = opened.publish(policy, shown)
    click.echo(f"{version.id} {version.sha256} from {version.published_at}")
    if version.page_sha256:
        click.echo(f"announced at {version.page_url}: {version.page_sha256}")
