"""``seiyaku explain``: one clause, what stands on it, what it decides."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from seiyaku.cli._output import fault_line, print_json


@click.command("explain")
@click.argument("policy", type=click.Path(path_type=Path))
@click.argument("clause")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(policy: Path, clause: str, as_json: bool) -> None:
    """Explain CLAUSE of POLICY: `seiyaku explain policy.yaml 6.2c`."""
    from seiyaku.policy.explain import explain
    from seiyaku.policy.parse import parse_policy

    found = explain(parse_policy(policy), clause)
    if as_json:
        print_json({**asdict(found), "says": found.says.model_dump()})
        return
    first, last = found.lines
    click.echo(f"{found.cite} ({found.force})")
    click.echo(f"  {found.says.ja}\n  {found.says.en}")
    click.echo(f"  published text, lines {first}-{last}, SHA-256 {found.sha256[:16]}...")
    for stands in found.stands:
        click.echo(f"  line {stands.place.line}: {stands.part} ({stands.key})")
    if found.answers:
        click.echo("  helps to answer: " + ", ".join(found.answers))
    for fault in found.findings:
        click.echo(fault_line(fault))
