"""``seiyaku verify``: check a receipt with the stand-alone verifier."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("verify")
@click.argument("receipt", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="File with the published key.")
@click.option("--own-key", is_flag=True, help="Trust the key found in the receipt.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="One you kept from before.")
@click.option("--show-person", is_flag=True, help="Print the person's id too.")
def command(
    receipt: Path, key: Path | None, own_key: bool, checkpoint: Path | None, show_person: bool
) -> None:
    """Verify RECEIPT from published files alone.

    The work is done by seiyaku_verify, which shares no code with the writer of the log:
    `python -m seiyaku_verify receipt RECEIPT` does the same without Seiyaku.
    """
    sys.exit(
        run_verifier(
            "receipt", receipt, key, own_key, checkpoint, ["--show-person"] if show_person else []
        )
    )


def run_verifier(
    what: str,
    place: Path,
    key: Path | None,
    own_key: bool,
    checkpoint: Path | None,
    extra: list[str],
) -> int:
    from seiyaku_verify.__main__ import main

    arguments = [what, str(place), *extra]
    arguments += ["--key", str(key)] if key else []
    arguments += ["--own-key"] if own_key else []
    arguments += ["--checkpoint", str(checkpoint)] if checkpoint else []
    return main(arguments)
