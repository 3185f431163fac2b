"""``seiyaku canaries``: synthetic people, and what was left of them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from seiyaku.cli._output import FINDINGS, FINE, print_json, print_table
from seiyaku.kernel.actors import Actor, Role
from seiyaku.kernel.text import Language

if TYPE_CHECKING:
    from seiyaku.app.canaries import Trial


@click.group("canaries")
def command() -> None:
    """Plant synthetic people, erase them, and measure what was left of them.

    \b
    seiyaku canaries plant             lets one join through the front door
    seiyaku canaries run --by sato     erases those whose days are over, and hunts; for a timer
    seiyaku canaries show              the recall of deletion and its history
    seiyaku canaries page              the same as a page, with a chart
    """


@command.command("plant")
@click.option("--people", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def plant(home: Path, people: int) -> None:
    """Let synthetic people join, by the command the settings name."""
    from seiyaku.app import open_home
    from seiyaku.app.canaries import plant as plant_canaries

    with open_home(home) as opened:
        for canary in plant_canaries(opened, people):
            click.echo(canary.id)


@command.command("run")
@click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
@click.option("--role", type=click.Choice(get_args(Role)), default="approver", show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def run(home: Path, by: str, role: Role) -> None:
    """Erase the canaries whose days are over, and hunt for them. Exit 1 when any was left."""
    from seiyaku.app import open_home
    from seiyaku.app.canaries import run_canaries

    with open_home(home) as opened:
        done = run_canaries(opened, Actor(by, role))
    _show(done)
    sys.exit(FINDINGS if any(t.recall < 1 for t in done) else FINE)


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def show(home: Path, as_json: bool) -> None:
    """Show every trial, oldest first, and the recall over all of them."""
    from seiyaku.app import open_home
    from seiyaku.app.canaries import trials

    with open_home(home) as opened:
        found = trials(opened)
    if as_json:
        print_json([{**asdict(t), "recall": t.recall} for t in found])
        return
    _show(found)
    before, left = sum(t.before for t in found), sum(t.left for t in found)
    if before:
        click.echo(f"recall of deletion: {1 - left / before:.4f} ({before - left} of {before})")


@command.command("page")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("canaries.html"),
    show_default=True,
    help="File to write.",
)
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
def page(home: Path, lang: Language, out: Path) -> None:
    """Write the history as one HTML page, with a chart and every figure in a table."""
    from seiyaku.app import open_home
    from seiyaku.app.canaries import trials
    from seiyaku.app.canary_page import render_history

    with open_home(home) as opened:
        shown = render_history(trials(opened), lang, opened.parts.clock.now())
    out.write_text(shown, "utf-8")
    click.echo(str(out))


def _show(found: tuple[Trial, ...]) -> None:
    rows = [
        [
            f"{t.erased_at:%Y-%m-%d}",
            f"{t.recall:.3f}",
            f"{t.left} of {t.before}",
            " ".join(t.places) or "-",
            " ".join(t.untouched) or "-",
            t.state,
        ]
        for t in found
    ]
    print_table("Canaries", ["erased", "recall", "left", "where", "held nothing", "state"], rows)
