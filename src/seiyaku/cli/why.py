"""``seiyaku why``: what is held of a person, which uses were decided, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from seiyaku.cli._output import print_json, print_table
from seiyaku.cli._plans import show_decision
from seiyaku.cli.gate import At


@click.command("why")
@click.argument("person")
@click.option("--item", help="Only this item of the policy.")
@click.option("--at", type=At(), help="Up to this moment; now without.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(person: str, item: str | None, at: datetime | None, home: Path, as_json: bool) -> None:
    """Show what is held of PERSON and what was asked and decided, under which clause.

    PERSON is the service's own key. Values are never shown: only where they lie.
    """
    from seiyaku.app import open_home

    with open_home(home) as opened:
        found = opened.why(person, item, at or datetime.now(UTC))
    if as_json:
        print_json(
            {
                "at": found.at.isoformat(),
                "version": found.version,
                "status": found.standing.status,
                "held": [
                    {"dataset": h.dataset, "items": h.items, "columns": h.columns, "rows": h.rows}
                    for h in found.held
                ],
                "asked": [
                    {
                        "at": a.question.at.isoformat(),
                        "act": a.question.act,
                        "item": a.question.item,
                        "purpose": a.question.purpose,
                        "recipient": a.question.recipient,
                        "outcome": a.decision.outcome,
                        "reasons": [[r.code, r.cite, r.about] for r in a.decision.reasons],
                        "version": a.decision.version,
                    }
                    for a in found.asked
                ],
            }
        )
        return
    click.echo(f"{found.standing.status}, policy version {found.version or 'none'}")
    print_table(
        "Held now",
        ["where", "rows", "items", "columns"],
        [[h.dataset, str(h.rows), ", ".join(h.items), ", ".join(h.columns)] for h in found.held],
    )
    for asked in found.asked:
        q = asked.question
        words = " ".join(filter(None, [q.act, q.item, q.purpose, q.recipient]))
        click.echo(show_decision(f"{q.at:%Y-%m-%d %H:%M:%S} {words}", asked.decision))
    if not found.asked:
        click.echo("nothing was asked of the gate about this person")
