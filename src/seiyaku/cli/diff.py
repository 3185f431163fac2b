"""``seiyaku diff``: what changed between two versions, and who must be asked."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from seiyaku.cli._output import FINDINGS, print_json


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.option("--fail-on-material", is_flag=True, help="Exit 1 when a change is material.")
def command(old: Path, new: Path, as_json: bool, fail_on_material: bool) -> None:
    """Compare the policy versions OLD and NEW, material changes first.

    A widening is material unless the new version lists its clause under related_changes; it
    counts for a person only once that person accepted it. A narrowing binds everyone at once.
    """
    from seiyaku.policy.diff import diff
    from seiyaku.policy.parse import parse_policy

    before, after = parse_policy(old), parse_policy(new)
    changes = diff(before.policy, after.policy, after.laws)
    if as_json:
        print_json([asdict(c) for c in changes])
    else:
        for c in changes:
            mark = "MATERIAL " if c.material else ""
            click.echo(f"{mark}{c.direction}: {c.part} {c.kind} ({after.policy.cite(c.clause)})")
            for detail in c.details:
                click.echo(f"    {detail}")
            if c.ask:
                click.echo(f"    needs {' and '.join(c.ask)} of: {', '.join(c.people) or 'all'}")
        material = sum(c.material for c in changes)
        click.echo(f"{len(changes)} changes, {material} material")
    if fail_on_material and any(c.material for c in changes):
        sys.exit(FINDINGS)
