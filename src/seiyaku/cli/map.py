"""``seiyaku map``: where data lies and how a person's rows are found."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seiyaku.cli._output import FINDINGS, print_json, print_table


@click.command("map")
@click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home folder.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(home: Path, as_json: bool) -> None:
    """Show every dataset, the items it holds, and the path by which people are found.

    Exit 1 when a dataset holds items and no link connects it to a person.
    """
    from seiyaku.app import open_home
    from seiyaku.datamap.graph import resolve

    with open_home(home) as opened:
        datamap = opened.parts.datamap
    resolution = resolve(datamap)
    steps = {step.dataset: step for step in resolution.steps}
    rows: list[tuple[str, str, list[str]]] = []
    for dataset_id, dataset in datamap.datasets():
        items = sorted({f.item for f in dataset.fields.values() if f.item})
        step = steps.get(dataset_id)
        rows.append((str(dataset_id), _path(step, dataset_id in resolution.unreachable), items))
    outside = [n for n, s in datamap.systems.items() if not s.datasets]
    if as_json:
        print_json(
            {
                "datasets": [
                    dict(zip(("dataset", "found_by", "items"), r, strict=True)) for r in rows
                ],
                "without_datasets": outside,
                "cycles": [list(map(str, c)) for c in resolution.cycles],
                "unreachable": list(resolution.unreachable),
            }
        )
    else:
        print_table(
            "", ["dataset", "found by", "items"], [[r[0], r[1], ", ".join(r[2])] for r in rows]
        )
        click.echo("outside our reach: " + (", ".join(outside) or "none"))
        for cycle in resolution.cycles:
            click.echo("cycle: " + " -> ".join(map(str, cycle)))
        for dataset_id in resolution.unreachable:
            click.echo(f"UNREACHABLE: {dataset_id}")
    if resolution.unreachable:
        sys.exit(FINDINGS)


def _path(step: object, unreachable: bool) -> str:
    from seiyaku.datamap.system import Step

    if not isinstance(step, Step):
        return "UNREACHABLE" if unreachable else "nobody's"
    paths = [
        f"{','.join(p.by)} = {p.target.dataset}.{','.join(p.target.columns)}"
        for p in step.paths
        if p.owns
    ]
    return "; ".join(["the person itself"] * step.root + paths) or "refers only"
