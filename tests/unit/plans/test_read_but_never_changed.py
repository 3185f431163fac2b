"""A chain whose transactions are listed is read, and no plan changes anything there."""

from __future__ import annotations

import pytest

from chain_world import chain_map
from seiyaku.datamap.model import SystemEntry
from seiyaku.plans.survey import is_changed, is_read

NAME = {"ja": "系", "en": "system"}


def bare(kind: str, **others: object) -> SystemEntry:
    return SystemEntry.model_validate({"kind": kind, "name": NAME, **others})


@pytest.mark.parametrize(
    ("entry", "read", "changed"),
    [
        (chain_map().systems["chain"], True, False),
        (bare("chain", immutable=True, clause="9.3"), False, False),
        (bare("by_hand"), False, False),
        (bare("stripe"), True, True),
        (bare("sqlite"), True, True),
    ],
)
def test_what_is_immutable_may_be_read_and_is_never_changed(
    entry: SystemEntry, read: bool, changed: bool
) -> None:
    assert is_read(entry) is read
    assert is_changed(entry) is changed
