"""``seiyaku export``: may a file of statistics, research rows or a text leave?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import FINDINGS, print_json

if TYPE_CHECKING:
    from seiyaku.gate import ExportDecision
    from seiyaku.releases import Column


@click.command("export")
@click.argument("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "recipient", help="Who would get it; without, it stays inside.")
@click.option(
    "--group", "groups", multiple=True, help="A column that tells people apart: COLUMN=ITEM[,ITEM]."
)
@click.option("--value", "values", multiple=True, help="A column of numbers: COLUMN=ITEM[,ITEM].")
@click.option("--count", help="The column that says how many people.")
@click.option("--not-count", "not_counts", multiple=True, help="A heading whose numbers are none.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(
    export: str,
    file: Path,
    recipient: str | None,
    groups: tuple[str, ...],
    values: tuple[str, ...],
    count: str | None,
    not_counts: tuple[str, ...],
    home: Path,
    as_json: bool,
) -> None:
    """Check FILE for EXPORT, a word of the policy, and say whether it may leave.

    The decision goes into the evidence with the digests of the file and of its check.
    """
    from seiyaku.app import open_home

    columns = _columns(groups, values, count)
    with open_home(home) as opened:
        decision = opened.may_release(
            export, file, recipient=recipient, columns=columns, not_counts=not_counts
        )
    _show(decision, as_json)
    if not decision.permitted:
        sys.exit(FINDINGS)


def _columns(
    groups: tuple[str, ...], values: tuple[str, ...], count: str | None
) -> dict[str, Column]:
    from seiyaku.releases import Column

    found = {name: Column("group", items) for name, items in map(_pair, groups)}
    found |= {name: Column("value", items) for name, items in map(_pair, values)}
    return found | ({count: Column("count")} if count else {})


def _pair(text: str) -> tuple[str, tuple[str, ...]]:
    name, equals, items = text.rpartition("=")
    if not (name and equals and items):
        raise click.BadParameter(f"{text!r}: write COLUMN=ITEM")
    return name, tuple(items.split(","))


def _show(decision: ExportDecision, as_json: bool) -> None:
    if as_json:
        reasons = [[r.code, r.cite, r.about] for r in decision.reasons]
        words = {"outcome": decision.outcome, "reasons": reasons}
        print_json({**words, "version": decision.version, "report": decision.report})
        return
    click.echo(decision.outcome)
    for reason in decision.reasons:
        told = (reason.code.replace("_", " "), reason.about, reason.cite)
        click.echo("  " + "  ".join(filter(None, told)))
