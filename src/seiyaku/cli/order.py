"""``seiyaku order``: what others were ordered to delete, and what they confirmed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from seiyaku.cli._output import FINE, WAITS, print_json, print_table
from seiyaku.kernel.actors import Actor, Role

if TYPE_CHECKING:
    from seiyaku.app import Ordered

_HOME = click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
_BY = click.option("--by", required=True, help="Staff identifier; it appears in the evidence.")
_ROLE = click.option(
    "--role", type=click.Choice(get_args(Role)), default="handler", show_default=True
)


@click.group("order")
def command() -> None:
    """Orders to sellers, group companies, contractors and partners.

    \b
    seiyaku order list                             what is open, and until when
    seiyaku order show ORDER                       one of them
    seiyaku order confirm ORDER letter.pdf --by sato
    seiyaku order end-contract SYSTEM C-2026-01 --by sato
    """


@command.command("list")
@click.option("--all", "ended", is_flag=True, help="Also those that were confirmed.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_HOME
def list_orders(home: Path, ended: bool, as_json: bool) -> None:
    """List orders, those first that are due first. Exit 4 when one is open."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = opened.orders(ended=ended)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        columns = ["order", "to", "what", "due", "answer"]
        rows = [
            [o.order.id, o.system, o.order.kind, str(o.order.due_on), o.order.answer or "none yet"]
            for o in found
        ]
        print_table("Orders", columns, rows)
    sys.exit(WAITS if any(o.order.answer != "confirmed" for o in found) else FINE)


@command.command("show")
@click.argument("order")
@_HOME
def show(home: Path, order: str) -> None:
    """Show one order: whom it went to, for which request, and what came of it."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        _show(opened.order(order))


@command.command("confirm")
@click.argument("order")
@click.argument("evidence", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_BY
@_ROLE
@_HOME
def confirm(home: Path, order: str, evidence: Path, by: str, role: Role) -> None:
    """Take in the letter or certificate that confirms an order.

    The request it belongs to is carried on by the next `seiyaku carry-on`.
    """
    from seiyaku.app import open_home

    with open_home(home) as opened:
        _show(opened.confirm_order(order, evidence.read_bytes(), Actor(by, role)))


@command.command("end-contract")
@click.argument("system")
@click.argument("contract")
@click.option("--holder", default="", help="Which of several holders (a seller's id).")
@_BY
@_ROLE
@_HOME
def end_contract(home: Path, system: str, contract: str, holder: str, by: str, role: Role) -> None:
    """Order the holder SYSTEM to give back or erase everything; open until a certificate is in."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        _show(opened.end_contract(system, contract, Actor(by, role), holder))


def _show(found: Ordered) -> None:
    order = found.order
    name = f"{found.name.en} {order.holder}".strip()
    click.echo(f"{order.id}: {order.kind} to {found.system} ({name})")
    if found.request:
        click.echo(f"  for {found.request}")
    click.echo(f"  sent {order.sent_on}, an answer is expected by {order.due_on}")
    if order.answer:
        by = f" on {order.answered_on}, taken in by {order.by}" if order.by else ""
        click.echo(f"  {order.answer}{by}: SHA-256 {order.evidence}")
    else:
        click.echo("  no answer yet")
