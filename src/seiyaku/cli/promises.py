"""``seiyaku promises``: the clauses kept in the last full test run."""

from __future__ import annotations

from pathlib import Path

import click

from seiyaku.app.promises import STATES, Promises, load
from seiyaku.cli._output import print_json, print_table
from seiyaku.kernel.errors import InvalidInput

NO_RUN = "no run yet: make test"


@click.command("promises")
@click.argument("service", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--open", "show_open", is_flag=True, help="List the clauses still open.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("build/promises.json"),
    show_default=True,
    help="The report that `make test` writes.",
)
def command(service: str | None, as_json: bool, show_open: bool, report: Path) -> None:
    """Count the clauses kept, service by service, as the last full test run showed."""
    found = load(report)
    if found is None:
        click.echo(NO_RUN)
        return
    if service is not None:
        known = sorted({c.service for c in found.clauses})
        if service not in known:
            raise InvalidInput(f"unknown service `{service}`", hint="known: " + ", ".join(known))
        found = found.only(service)
    if as_json:
        print_json(found.to_json())
        return
    show(found)
    if show_open:
        for clause in found.clauses:
            if clause.state == "open":
                click.echo(clause.id)


def show(found: Promises) -> None:
    """Print the counts as a table, one line a service."""
    services = list(dict.fromkeys(c.service for c in found.clauses))
    rows = [
        [s, *(str(found.count(state, s)) for state in STATES), str(len(found.only(s).clauses))]
        for s in services
    ]
    total = ["all", *(str(found.count(state)) for state in STATES), str(len(found.clauses))]
    print_table(
        "Clauses in the last full test run",
        ["service", "kept", "stated", "by hand", "open", "clauses"],
        [*rows, total] if len(rows) > 1 else rows,
    )
    templated = sum(c.state == "kept" and c.templated for c in found.clauses)
    click.echo(f"of the kept ones {templated} rest on tests made from a template")
