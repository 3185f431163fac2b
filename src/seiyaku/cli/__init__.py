"""The command line: one file a command, loaded only when it is called.

Exit codes: 0 fine · 1 findings, refused or undecided · 2 usage · 3 a system did not
answer · 4 waits for a person.
"""

from __future__ import annotations

import importlib
import sys

import click

from seiyaku import __version__

COMMANDS: dict[str, str] = {
    "init": "Start a home folder: settings, policy, data map.",
    "check": "Check a policy: faults, lint rules, and the gap to the live systems.",
    "notice": "Render the published notice in Japanese or English.",
    "publish": "Publish a version, with the page on which it was announced.",
    "diff": "Say what changed between two versions, and who must be asked.",
    "explain": "Explain one clause: what stands on it and what it decides.",
    "map": "Show where data lies and how a person's rows are found.",
    "gate": "Ask the gate one question.",
    "guard": "Guard a PostgreSQL database: a login role for each purpose.",
    "audience": "Choose whom a handling is permitted with, everybody at once.",
    "shadow": "Try a coming version beside the one in force: what would change, for whom.",
    "authzen": "Answer over HTTP as the OpenID Authorization API, and give out its tokens.",
    "export": "Say whether a file of statistics, research rows or a text may leave.",
    "why": "Show what was held of a person and which uses were decided, and why.",
    "request": "Receive, plan, approve and run what a person asks for.",
    "intake": "Take in letters, mails to the contact address, and copies of proofs.",
    "retention": "Find what is over by its period, and dispose of it.",
    "letters": "Send the letters that are due, or print those of one request.",
    "incident": "Record a leak, report it, tell the people, publish, close.",
    "restore": "After a restore from a backup: erase again who came back.",
    "canaries": "Plant synthetic people, erase them, and measure what was left of them.",
    "days": "Look for what is late today, and show whose duty it is.",
    "waiting": "List what requests wait for, and until when.",
    "order": "List what others were ordered to delete, and take in what they confirm.",
    "carry-on": "Go on with what a dead process left, and with what is due.",
    "verify": "Verify a receipt from published files alone.",
    "fsck": "Derive a whole evidence log anew and compare.",
    "halt": "Stop every run until it is resumed.",
    "promises": "Count the clauses kept in the last full test run.",
    "demo": "Run the main job on CLOSM i with generated people.",
}


class _Commands(click.Group):
    """Loads a command's module when it is asked for, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"seiyaku.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="seiyaku")
def cli() -> None:
    """Keep your privacy policy: one file, published, enforced, carried out, proven."""


def main() -> None:
    """Entry point: turns a `SeiyakuError` into one clear line and its exit code."""
    from seiyaku.cli._output import exit_code, show_error
    from seiyaku.kernel.errors import SeiyakuError

    try:
        cli(prog_name="seiyaku")
    except SeiyakuError as error:
        show_error(error)
        sys.exit(exit_code(error))
