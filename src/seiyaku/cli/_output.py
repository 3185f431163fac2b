"""What every command prints alike: errors, faults, tables, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from seiyaku.kernel.errors import (
    EvidenceBroken,
    InvalidDocument,
    InvalidInput,
    NotPermitted,
    SeiyakuError,
    SystemUnavailable,
    WaitsForPerson,
)

if TYPE_CHECKING:
    from rich.console import Console

    from seiyaku.kernel.faults import Fault

FINE, FINDINGS, USAGE, NO_ANSWER, WAITS = 0, 1, 2, 3, 4
"""Exit codes."""


def exit_code(error: SeiyakuError) -> int:
    """The exit code of an error, by what the caller should do."""
    if isinstance(error, InvalidDocument | NotPermitted | EvidenceBroken):
        return FINDINGS
    if isinstance(error, InvalidInput):
        return USAGE
    if isinstance(error, SystemUnavailable):
        return NO_ANSWER
    if isinstance(error, WaitsForPerson):
        return WAITS
    return FINDINGS


def show_error(error: SeiyakuError) -> None:
    """Print an error to standard error: its code, what is wrong, what to do."""
    if isinstance(error, InvalidDocument):
        for fault in error.faults:
            click.echo(fault_line(fault), err=True)
        click.echo(f"{error.code}: {len(error.faults)} faults", err=True)
        return
    click.echo(f"{error.code}: {error}", err=True)
    if error.hint():
        click.echo(f"  {error.hint()}", err=True)


def fault_line(fault: Fault) -> str:
    """One fault on one line, and its hint on the next."""
    head = f"{fault.place}: {fault.severity}: {fault.message} [{fault.rule}]"
    return f"{head}\n    {fault.hint}" if fault.hint else head


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def console() -> Console:
    """A Rich console on standard output: styled on a terminal, plain when piped."""
    from rich.console import Console

    piped = not sys.stdout.isatty()
    return Console(highlight=False, width=80 if piped else None, no_color=piped or None)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that something long goes on; say nothing when piped."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows as a table that fits 80 columns."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console().print(table)
