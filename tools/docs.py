"""Write the generated pages of docs/reference anew: ``python tools/docs.py [FOLDER]``.

Each page is a function of the code it describes; a test compares them with what is committed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from seiyaku.cli import cli
from seiyaku.laws import load_packs
from seiyaku.laws.reference import render as render_laws
from seiyaku.laws.resources import pack_ids
from seiyaku.policy.reference import PAGES as POLICY_PAGES

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

_HEAD = """\
# Command line

Written by `make docs` from the commands themselves.

`seiyaku COMMAND --help` says the same. What a command prints for a machine stands on standard
output; what it says to you about it, and errors, on standard error.

## Exit codes

| code | meaning | for instance |
|---|---|---|
| 0 | fine | permitted; answered; nothing found from the chosen severity on |
| 1 | findings, refused, undecided; the world changed; evidence does not verify | \
a gap in the data map; `SY101`, `SY2xx`, `SY5xx`, `SY6xx` |
| 2 | usage: an argument or a file is wrong | `SY1xx` but for `SY101` |
| 3 | a system did not answer: try again | `SY3xx` |
| 4 | waits for a person | an approval, a task by hand; `SY4xx` |

[Errors](errors.md) explains every code.
"""


def command_line() -> str:
    """Every command with its arguments and options, in the order of ``--help``."""
    sections = [_section(path, command) for path, command in _commands("seiyaku", cli)]
    return "\n".join([_HEAD, *sections])


def _commands(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield f"{path} {name}", command
            yield from _commands(f"{path} {name}", command)
        else:
            yield f"{path} {name}", command


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [f"## {path}", "", "```", usage, "```", ""]
    lines += [_text(command.help or ""), ""]
    options = [p for p in command.params if isinstance(p, click.Option)]
    if options:
        lines += ["| option | |", "|---|---|", *map(_option, options), ""]
    return "\n".join(lines)


def _text(text: str) -> str:
    """Help as Markdown: a paragraph click leaves alone becomes a block of code."""
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        lines = [line.strip() for line in paragraph.splitlines()]
        if lines[0] == "\b":
            paragraphs.append("\n".join(["```", *lines[1:], "```"]))
        else:
            paragraphs.append(" ".join(lines))
    return "\n\n".join(paragraphs)


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    kind = ""
    if isinstance(option.type, click.Choice):
        kind = " " + " \\| ".join(f"`{word}`" for word in option.type.choices)
    elif not option.is_flag:
        kind = f" {option.type.name.upper()}"
    help_ = (option.help or "").replace("|", "\\|")
    notes = ["required"] if option.required else []
    if isinstance(option.default, str | int) and not option.is_flag and option.default != "":
        notes.append(f"default `{option.default}`")
    return f"| {names}{kind} | {help_}{' (' + ', '.join(notes) + ')' if notes else ''} |"


def _laws() -> str:
    return render_laws(load_packs(pack_ids()))


PAGES: Mapping[str, Callable[[], str]] = {
    "command-line.md": command_line,
    "laws.md": _laws,
    **POLICY_PAGES,
}
"""Every generated page of the reference, by its file name."""


def main(folder: Path) -> None:
    """Write every page into `folder`."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE)
