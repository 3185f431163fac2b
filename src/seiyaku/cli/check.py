"""``seiyaku check``: faults and findings of a policy, and the gap to the live systems."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.cli._output import FINDINGS, fault_line, print_json, working
from seiyaku.kernel.errors import InvalidDocument
from seiyaku.kernel.faults import SEVERITIES, Fault, Place, Severity, at_least

if TYPE_CHECKING:
    from seiyaku.app.settings import Restore
    from seiyaku.policy.model import Policy

_SEVERITY = click.Choice(SEVERITIES)


@click.command("check")
@click.argument("policy", required=False, type=click.Path(path_type=Path))
@click.option("--home", type=click.Path(path_type=Path), help="Home folder with seiyaku.yaml.")
@click.option(
    "--text",
    type=click.Path(path_type=Path),
    help="The published text the policy paraphrases: its words are checked as well.",
)
@click.option("--db", is_flag=True, help="Also compare the data map with the live systems.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
@click.option(
    "--show-from", type=_SEVERITY, default="medium", show_default=True, help="Least severity shown."
)
@click.option(
    "--fail-from", type=_SEVERITY, default="high", show_default=True, help="Exit 1 from this on."
)
def command(
    policy: Path | None,
    home: Path | None,
    text: Path | None,
    db: bool,
    fmt: str,
    show_from: Severity,
    fail_from: Severity,
) -> None:
    """Check POLICY (or the policy of --home): every fault and finding at once.

    A fault makes the file unusable; a finding is a gap in what it says. With --text the words
    as published are compared with their digests and checked themselves. With --home the notice
    must tell of the list of who was erased, where one is kept. With --db the data map is
    compared with the systems as they are now: a column nobody declared fails.
    """
    if policy is None and home is None:
        home = Path()
    try:
        found = [*_policy_findings(policy, home, text), *(_gaps(home or Path()) if db else ())]
        found += _lapses(home) if home is not None else ()
    except InvalidDocument as error:
        found = list(error.faults)
    shown = [f for f in found if at_least(f.severity, show_from)]
    _print(shown, hidden=len(found) - len(shown), fmt=fmt)
    if any(at_least(f.severity, fail_from) for f in found):
        sys.exit(FINDINGS)


def _policy_findings(policy: Path | None, home: Path | None, text: Path | None) -> Sequence[Fault]:
    from seiyaku.policy.lint import lint
    from seiyaku.policy.parse import parse_policy

    restore: Restore | None = None
    if policy is None or home is not None:
        from seiyaku.app.settings import Paths, read_settings

        folder = home or Path()
        settings = read_settings(folder)
        restore = settings.restore
        policy = policy or Paths(folder, settings).policies[-1]
    if policy.is_dir():
        policy = policy / "policy.yaml"
    parsed = parse_policy(policy)
    found = lint(parsed.policy, parsed.laws, parsed.document)
    if restore is not None:
        from seiyaku.app.restoring import untold

        found = (*found, *untold(restore, parsed))
    return found if text is None else [*found, *_text_findings(parsed.policy, text)]


def _text_findings(policy: Policy, text: Path) -> Sequence[Fault]:
    from seiyaku.kernel.errors import InvalidInput
    from seiyaku.policy.lint.published import lint_published

    try:
        published = text.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidInput(
            f"cannot read `{text}`: {reason}", code="SY102", hint="check the path"
        ) from None
    return lint_published(policy, published, str(text))


def _lapses(home: Path) -> Sequence[Fault]:
    """What the policy in force promises of recipients and measures and no live fact bears out."""
    from seiyaku.app import open_home

    with open_home(home) as opened:
        if opened.history.in_force(opened.parts.clock.now()) is None:
            return []  # a draft promises nobody anything yet
        place = Place(str(opened.parts.paths.policies[-1]), 1, 1)
        return [
            Fault(
                place,
                lapse.code,
                "nothing on file shows it now: "
                + " of ".join(f"`{word}`" for word in (lapse.about, lapse.subject) if word),
                "medium",
                "record the fact with its source and its end",
                lapse.cite.partition("-")[2],
            )
            for lapse in opened.review()
        ]


def _gaps(home: Path) -> Sequence[Fault]:
    from seiyaku.app import open_home

    with open_home(home) as opened, working("reading the systems ..."):
        return opened.check_db()


def _print(shown: Sequence[Fault], hidden: int, fmt: str) -> None:
    if fmt == "json":
        print_json([_as_json(f) for f in shown])
    elif fmt == "sarif":
        from seiyaku.policy.sarif import to_sarif

        print_json(to_sarif(shown))
    else:
        _print_text(shown, hidden)


def _print_text(shown: Sequence[Fault], hidden: int) -> None:
    for fault in shown:
        click.echo(fault_line(fault))
    counts = Counter(f.severity for f in shown)
    words = ", ".join(f"{counts[s]} {s}" for s in reversed(SEVERITIES) if counts[s])
    more = f" ({hidden} milder: --show-from info)" if hidden else ""
    click.echo((words or "nothing found") + more)


def _as_json(fault: Fault) -> dict[str, object]:
    return {
        "file": fault.place.file,
        "line": fault.place.line,
        "column": fault.place.column,
        "rule": fault.rule,
        "severity": fault.severity,
        "message": fault.message,
        "hint": fault.hint,
        "clause": fault.clause,
    }
