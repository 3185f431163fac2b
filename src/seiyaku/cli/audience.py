"""``seiyaku audience``: the people something may be done with, counted or written to a file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import FINDINGS, print_json, print_table, working

if TYPE_CHECKING:
    from seiyaku.doors.audience import LeftOut


@click.command("audience")
@click.argument("purpose")
@click.argument("items", nargs=-1, required=True)
@click.option("--recipient", help="Who would receive the items; used by ourselves without.")
@click.option("--relation", help="Relation of the people to the recipient.")
@click.option("--country", help="Where it would go, as ISO code.")
@click.option("--context", "contexts", multiple=True, help="A circumstance present; repeatable.")
@click.option("--source", help="Where the items' values came from.")
@click.option("--out", type=click.Path(path_type=Path), help="Write ids: .parquet, .arrow, .txt.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def command(
    purpose: str,
    items: tuple[str, ...],
    recipient: str | None,
    relation: str | None,
    country: str | None,
    contexts: tuple[str, ...],
    source: str | None,
    out: Path | None,
    home: Path,
    as_json: bool,
) -> None:
    """Count the people whose ITEMS may all be used for PURPOSE now, and tell why others may not.

    Ids go only into the file given with --out. Exit 1 when there is nobody.

    \b
    seiyaku audience newsletter email --home .
    seiyaku audience ship_goods name postal_address --recipient printful --country US --out to.txt
    """
    from seiyaku.app import open_home
    from seiyaku.gate.model import Handling

    handling = Handling(
        "send" if recipient else "use",
        purpose,
        recipient,
        relation,
        country,
        contexts=frozenset(contexts),
    )
    sources = dict.fromkeys(items, source) if source else None
    with open_home(home) as opened, working("reading everybody's standing"):
        door = opened.doors.audiences()
        found, account = door.of(handling, items, sources), door.left_out(handling, items, sources)
        if out is not None:
            found.write(out)
    if as_json:
        print_json({"people": len(found), "version": found.version, **asdict(account)})
    else:
        click.echo(f"{len(found)} of {account.known} people, policy version {found.version}")
        _tell(account)
    if not found:
        sys.exit(FINDINGS)


def _tell(account: LeftOut) -> None:
    from seiyaku.gate.words import say

    if account.lines:
        rows = [[str(x.people), x.item, x.outcome, say(x.reason, "en")] for x in account.lines]
        print_table("Left out", ["people", "item", "outcome", "why"], rows)
    if account.hint:
        click.echo(account.hint)
