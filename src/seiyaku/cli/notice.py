"""``seiyaku notice``: the published notice, rendered from the policy file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from seiyaku.kernel.text import Language


@click.command("notice")
@click.argument("policy", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True)
@click.option("--format", "fmt", type=click.Choice(["md", "html"]), default="md", show_default=True)
@click.option("--switches", is_flag=True, help="What stands beside each switch, as HTML.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to a file instead.")
def command(
    policy: Path, lang: Language, fmt: Literal["md", "html"], switches: bool, out: Path | None
) -> None:
    """Render the notice of POLICY in Japanese or English.

    Complete: items, purposes, recipients, external transmissions, retention, rights,
    measures, history, contact; each sentence under the id of its clause.
    """
    from seiyaku.policy.notice import render_notice
    from seiyaku.policy.notice.switches import render_switches
    from seiyaku.policy.parse import parse_policy

    parsed = parse_policy(policy)
    text = (
        render_switches(parsed.policy, {}, lang)
        if switches
        else render_notice(parsed.policy, parsed.laws, lang, fmt)
    )
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, "utf-8")
        click.echo(f"wrote {out}", err=True)
