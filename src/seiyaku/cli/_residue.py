"""A residue hunt as the command line shows it: places and counts, and what was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import print_table

if TYPE_CHECKING:
    from seiyaku.scan import Hit, Hunt


def show_hunt(found: Hunt) -> None:
    """Print residue first, then what may stay, then every place that was not searched."""
    if found.residue:
        print_table("Residue: a person decides", ["place", "texts", "holds"], _rows(found.residue))
    staying = [h for h in found.hits if h.stays]
    if staying:
        rows = [[*row, h.stays] for row, h in zip(_rows(staying), staying, strict=True)]
        print_table("May stay", ["place", "texts", "holds", "why"], rows)
    if found.unsearched:
        missed = [[u.system, u.where, u.why] for u in found.unsearched]
        print_table("Not searched", ["system", "where", "why"], missed)
    click.echo(
        f"{found.copies} copies in {len(found.residue)} places; read {found.texts} texts, "
        f"{found.bytes / 1e6:.1f} MB, in {found.places} places; "
        f"{len(found.unsearched)} not searched"
    )


def _rows(hits: list[Hit] | tuple[Hit, ...]) -> list[list[str]]:
    return [
        [str(h.place), str(h.texts), ", ".join(f"{k} {n}" for k, n in sorted(h.kinds.items()))]
        for h in hits
    ]
