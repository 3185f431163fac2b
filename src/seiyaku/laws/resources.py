"""Packs and tables as package data, read where the package lies (also inside a zip)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import BaseModel

from seiyaku.kernel.document import check_model, parse_document

M = TypeVar("M", bound=BaseModel)


def pack_ids() -> tuple[str, ...]:
    """Ids of the packs that come with the package, sorted."""
    names = (entry.name for entry in files("seiyaku.laws").joinpath("packs").iterdir())
    return tuple(sorted(n.removesuffix(".yaml") for n in names if n.endswith(".yaml")))


def pack_source(pack_id: str) -> bytes:
    """Bytes of a pack; `pack_id` is one of `pack_ids`."""
    return files("seiyaku.laws").joinpath("packs", f"{pack_id}.yaml").read_bytes()


def read_table(name: str, model: type[M]) -> M:
    """A table all packs share (instruments, countries), checked against `model`; read once.

    Raises:
        InvalidDocument: the table has faults.
    """
    table = _read_table(name, model)
    if not isinstance(table, model):
        raise TypeError(f"table `{name}` is no {model.__name__}")
    return table


@cache
def _read_table(name: str, model: type[BaseModel]) -> BaseModel:
    source = files("seiyaku.laws").joinpath("tables", f"{name}.yaml").read_bytes()
    return check_model(parse_document(source, f"tables/{name}.yaml"), model)
