"""A world as the forks need it: copied for each trial, looked at whole, and thrown away."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dumps
import psycopg


class InFiles:
    """Everything lies in the home's folder."""

    def copy(self, world: Path, home: Path) -> None:
        """Make `home` like `world`."""
        shutil.copytree(world, home)

    def state(self, home: Path) -> dict[str, Any]:
        """Everything a run may touch."""
        return dumps.state(home)

    def drop(self, home: Path) -> None:
        """Throw it away."""
        shutil.rmtree(home)


@dataclass
class OnServer:
    """The company's rows and the control plane lie in databases of one PostgreSQL.

    Args:
        root: address of a database that is neither. names: of those two in the world's settings.
    """

    root: str
    names: tuple[str, str]

    def copy(self, world: Path, home: Path) -> None:
        """A copy of the folder, and of both databases, under names of its own."""
        shutil.copytree(world, home)
        settings = (home / "seiyaku.yaml").read_text("utf-8")
        for name in self.names:
            self._run(f"CREATE DATABASE {_copy(name, home)} TEMPLATE {name}")
            settings = settings.replace(f"/{name}?", f"/{_copy(name, home)}?")
        (home / "seiyaku.yaml").write_text(settings, "utf-8")

    def state(self, home: Path) -> dict[str, Any]:
        """Every row of both databases, and the evidence."""
        app, store = (self._rows(_copy(name, home)) for name in self.names)
        counted = {n: str(len(rows)) for n, rows in store.items() if n in dumps.RANDOM}
        kept = {n: dumps.digest("\n".join(r)) for n, r in store.items() if n not in dumps.RANDOM}
        entries = dumps.entries(home)
        return {"app": app, "seiyaku": kept | counted, "entries": entries}

    def drop(self, home: Path) -> None:
        """Both databases go, whoever is still connected."""
        shutil.rmtree(home)
        for name in self.names:
            self._run(f"DROP DATABASE {_copy(name, home)} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.root, autocommit=True) as db:
            db.execute(statement.encode())

    def _rows(self, database: str) -> dict[str, list[str]]:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        address = self.root.replace("/postgres?", f"/{database}?")
        with psycopg.connect(address) as db:
            names = [n for (n,) in db.execute(tables)]
            query = 'SELECT t::text FROM "{}" t'
            return {n: sorted(r for (r,) in db.execute(query.format(n).encode())) for n in names}


def _copy(name: str, home: Path) -> str:
    return f"{name}_{home.name}".lower()


World = InFiles | OnServer


def world_of(environment: dict[str, str] | None = None) -> World:
    """The kind of world that the environment names: ``TRIALS_ON=ROOT NAME NAME``."""
    said = (environment or dict(os.environ)).get("TRIALS_ON")
    if not said:
        return InFiles()
    root, app, store = said.split()
    return OnServer(root, (app, store))
