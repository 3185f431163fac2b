"""Write docs/reference/laws.md from the packs: ``python -m seiyaku.laws.reference``."""

from __future__ import annotations

import sys

from seiyaku.laws.calendars import holiday_years
from seiyaku.laws.countries import country_groups
from seiyaku.laws.load import load_packs
from seiyaku.laws.lookup import CitedFact, Laws
from seiyaku.laws.model import Pack
from seiyaku.laws.resources import pack_ids

_HEAD = """\
# Laws

<!-- Written by `python -m seiyaku.laws.reference` from the packs; a test keeps it in step. -->

Seiyaku keeps the law as data: one *pack* a regime, in `src/seiyaku/laws/packs/`. A policy names
the packs it lives under (`regimes: [jp-appi, jp-telecom-27-12, jp-records]`). Nothing here is
legal advice.

**verified** says *yes* where a public source was read for the fact, often a commentary and often
in part; the text at e-Gov was not compared. *No* means from memory, or our own reading. The
product repeats a *no* wherever it uses the fact.

A fact counts from its first to its last day in force. A fact that is *promulgated* counts from
the latest day the act sets for itself, unless the pack names an earlier one. A *draft* never
counts.
"""


def render(laws: Laws) -> str:
    """The reference page of `laws`, as Markdown."""
    facts = laws.citations()
    parts = [_HEAD, _summary(laws, facts)]
    parts += [_pack(pack, [f for f in facts if f.pack == pack.id]) for pack in laws.packs]
    parts += [_groups(), _holidays()]
    return "\n".join(parts)


def _summary(laws: Laws, facts: tuple[CitedFact, ...]) -> str:
    lines = [
        "| pack | what | status | collected | facts | not verified |",
        "|---|---|---|---|---|---|",
    ]
    for pack in laws.packs:
        own = [f for f in facts if f.pack == pack.id]
        doubted = sum(not f.verified for f in own)
        lines.append(
            f"| `{pack.id}` | {pack.name.ja}, {pack.name.en} | {pack.status} "
            f"| {pack.checked_on} | {len(own)} | {doubted} |"
        )
    return "\n".join(lines) + "\n"


def _pack(pack: Pack, facts: list[CitedFact]) -> str:
    note = [f"{pack.note[:1].upper()}{pack.note[1:]}.", ""] if pack.note else []
    head = [
        "| fact | article | 条 | source | verified | status | days |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([f"## {pack.id}", "", *note, *head, *(_row(f) for f in facts), ""])


def _row(fact: CitedFact) -> str:
    return (
        f"| `{fact.topic}` | {fact.citation} | {fact.citation.get('ja')} | {fact.source} "
        f"| {'yes' if fact.verified else '**no**'} | {fact.status} | {_days(fact)} |"
    )


def _days(fact: CitedFact) -> str:
    if fact.valid_from is None:
        return f"by {fact.in_force_by} at the latest" if fact.in_force_by else "not fixed"
    return f"{fact.valid_from} to {fact.valid_to}" if fact.valid_to else f"from {fact.valid_from}"


def _groups() -> str:
    rows = [
        f"| `{g.code}` | {' '.join(sorted(g.members))} | {g.source} "
        f"| {'yes' if g.verified else '**no**'} |"
        for g in country_groups()
    ]
    head = [
        "## Groups of countries",
        "",
        "| group | members | source | verified |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _holidays() -> str:
    rows = [
        f"| {y.year} | {len(y.days)} | {y.citation} | {y.source} "
        f"| {'yes' if y.verified else '**no**'} |"
        for y in holiday_years()
    ]
    head = ["## Public holidays of Japan", "", "| year | days | article | source | verified |"]
    return "\n".join([*head, "|---|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(render(load_packs(pack_ids())))
