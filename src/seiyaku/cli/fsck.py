"""``seiyaku fsck``: derive a whole evidence log anew and compare."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seiyaku.cli.verify import run_verifier


@click.command("fsck")
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="File with the published key.")
@click.option("--own-key", is_flag=True, help="Trust the key found in the log.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="One you kept from before.")
@click.option("--hashes-only", is_flag=True, help="You were given the tiles without entries.")
def command(
    log: Path, key: Path | None, own_key: bool, checkpoint: Path | None, hashes_only: bool
) -> None:
    """Derive everything LOG publishes from its entries anew, and compare.

    Names the place of every fault. A roll-back or a fork shows only against a checkpoint
    you kept from before.
    """
    sys.exit(
        run_verifier(
            "fsck", log, key, own_key, checkpoint, ["--hashes-only"] if hashes_only else []
        )
    )
