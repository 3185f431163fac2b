"""``seiyaku shadow``: what a coming version of the policy would change, for how many people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import print_json, print_table, working

if TYPE_CHECKING:
    from seiyaku.app.wiring import Parts
    from seiyaku.doors.shadow import Change, Shadow
    from seiyaku.gate.model import Decision


@click.command("shadow")
@click.argument("coming", type=click.Path(path_type=Path))
@click.option("--accepted", is_flag=True, help="As if everybody had accepted the coming version.")
@click.option("--ids", type=click.Path(path_type=Path), help="Write whom it concerns, as CSV.")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(coming: Path, accepted: bool, ids: Path | None, home: Path, as_json: bool) -> None:
    """Ask everything of the policy file COMING and of the version in force, about everybody.

    Nothing is published and nothing changes. Told is what would be answered otherwise: which
    handling of which item, for how many people, by which clause. Ids go only into the file
    that --ids names.

    \b
    seiyaku shadow policy-2027.yaml --home .
    seiyaku shadow policy-2027.yaml --home . --accepted --ids concerned.csv
    """
    from seiyaku.app import open_home

    with open_home(home) as opened, working("asking both versions about everybody"):
        run = _shadow(opened.parts, coming, accepted)
        report = run.report()
        lines = run.write(ids) if ids is not None else 0
    if as_json:
        print_json(asdict(report))
        return
    opens, shuts = (
        sum(getattr(change, what) for change in report.changes) for what in ("opens", "shuts")
    )
    if report.changes:
        columns = ["people", "what", "before", "after"]
        print_table("What would change", columns, map(_row, report.changes))
    click.echo(
        f"{report.in_force or 'nothing in force'} to {report.coming}: {report.people} people, "
        f"{report.questions} questions about each; {opens} open, {shuts} shut, "
        f"{len(report.changes) - opens - shuts} stay shut otherwise"
    )
    if ids is not None:
        click.echo(f"{lines} lines in {ids}: they name people, keep them as such")


def _shadow(parts: Parts, coming: Path, accepted: bool) -> Shadow:
    from seiyaku.app.people import HomePeople
    from seiyaku.doors.shadow import Shadow
    from seiyaku.laws import load_packs
    from seiyaku.policy import parse_policy

    policy = parse_policy(coming).policy
    regimes = (r for p in (*parts.history.versions, policy) for r in p.regimes)
    laws = load_packs(tuple(dict.fromkeys(regimes)))
    people, at = HomePeople(parts), parts.clock.now()
    return Shadow(parts.history, laws, policy, people, at, accepted=accepted)


def _row(change: Change) -> list[str]:
    h = change.handling
    to = f"to {h.recipient}" if h.recipient else ""
    best = "at best" if h.contexts or h.scopes or h.masked else ""
    source = f"({', '.join(change.sources)})" if change.sources else ""
    what = filter(None, (h.act, change.item, source, h.purpose, to, h.country, best))
    return [str(change.people), " ".join(what), _said(change.before), _said(change.after)]


def _said(decision: Decision) -> str:
    from seiyaku.gate.words import OUTCOMES, say

    reasons = "; ".join(say(reason, "en") for reason in decision.reasons)
    return f"{OUTCOMES[decision.outcome].en}: {reasons}"
