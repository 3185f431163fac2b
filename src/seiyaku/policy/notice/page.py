"""A notice as a page of plain values: what a template lays out, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from seiyaku.kernel.text import Language


@dataclass(frozen=True)
class Cell:
    """One statement.

    Args:
        text: what is said. notes: shorter lines under it.
        cites: clauses it rests on; each is an anchor of the page.
        href: address the text leads to; empty when none.
    """

    text: str
    notes: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first cell of a row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Facts:
    """Names and what they stand for."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Points:
    """A list of statements."""

    cells: tuple[Cell, ...]


Block = Table | Facts | Points


@dataclass(frozen=True)
class Section:
    """A part of the notice; `lead` is one sentence under its heading."""

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ClauseLine:
    """One clause: its sentence in the product's own words, and where it was published."""

    id: str
    says: str
    force: str
    lines: str


@dataclass(frozen=True)
class Page:
    """The whole notice.

    Args:
        subtitle: version and days. origin: what the wording is, and of which text.
        at_a_glance: a few facts for readers in a hurry.
        labels: fixed words of the page (``contents``, ``skip``, ``clauses`` ...).
    """

    language: Language
    title: str
    subtitle: str
    origin: str
    at_a_glance: Facts
    sections: tuple[Section, ...]
    clauses: tuple[ClauseLine, ...]
    labels: dict[str, str]
