"""Packs and tables as package data, read where the package lies (also inside a zip)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import BaseModel

from seiyaku.kernel.document import Document, check_model, parse_document

M = TypeVar("M", bound=BaseModel)


def pack_ids() -> tuple[str, ...]:
    """Ids of the packs that come with the package, sorted."""
    names = (entry.name for entry in files("seiyaku.laws").joinpath("packs").iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


def pack_source(pack_id: str) -> bytes:
    """Bytes of a pack; `pack_id` is one of `pack_ids`."""
    return files("seiyaku.laws").joinpath("packs", f"{pack_id}.yaml").read_bytes()


@cache
def read_table(name: str, model: type[M]) -> M:
    """A table all packs share (instruments, countries), checked against `model`.

    Raises:
        InvalidDocument: the table has faults.
    """
    source = files("seiyaku.laws").joinpath("tables", f"{name}.yaml").read_bytes()
    document: Document = parse_document(source, f"tables/{name}.yaml")
    return check_model(document, model)
