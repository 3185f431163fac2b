"""``seiyaku init``: start a home folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seiyaku.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from seiyaku.datamap.system import TableSurface


@click.command("init")
@click.argument("home", type=click.Path(path_type=Path))
@click.option("--service", help="Start from a packaged service, e.g. closm-i.")
@click.option(
    "--db",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Draft the data map from this SQLite database.",
)
@click.option("--name", default="my-service", show_default=True, help="Id of your service.")
def command(home: Path, service: str | None, db: Path | None, name: str) -> None:
    """Start HOME: settings, a policy and a data map to make your own.

    With --service the files of a packaged service are copied. With --db the tables and
    foreign keys of your database become a draft data map: every column is there, and you say
    which item it holds. Nothing that exists is overwritten.
    """
    if (home / "seiyaku.yaml").exists():
        raise InvalidInput(
            f"`{home / 'seiyaku.yaml'}` exists already", code="SY114", hint="choose another folder"
        )
    home.mkdir(parents=True, exist_ok=True)
    if service is not None:
        _copy(home, service)
    else:
        _draft(home, name, db)
    for path in sorted(home.iterdir()):
        click.echo(f"  {path}")
    click.echo(f"next: seiyaku check --home {home}")


def _copy(home: Path, service: str) -> None:
    from seiyaku.app import Settings
    from seiyaku.app.settings import write_settings
    from seiyaku.datamap.model import DataMap
    from seiyaku.kernel.document import check_model, read_document
    from seiyaku.services import path

    packaged = path(service)
    datamap = check_model(read_document(packaged / "datamap.yaml"), DataMap)
    for name in ("policy.yaml", "datamap.yaml"):
        shutil.copyfile(packaged / name, home / name)
    for schema in packaged.glob("schema*.sql"):
        shutil.copyfile(schema, home / schema.name)
    databases = {n: f"{n}.db" for n, s in datamap.systems.items() if s.kind == "sqlite"}
    files = ("folder", "jsonl", "access_log")
    folders = {n: n for n, s in datamap.systems.items() if s.kind in files}
    write_settings(
        home,
        Settings(
            seiyaku_home=1,
            service=service,
            policies=("policy.yaml",),
            datamap="datamap.yaml",
            systems={**databases, **folders},
        ),
    )


def _draft(home: Path, name: str, db: Path | None) -> None:
    from seiyaku.app import Settings
    from seiyaku.app.settings import write_settings
    from seiyaku.datamap.draft import draft_datamap
    from seiyaku.policy.draft import draft_policy

    tables = _tables(db) if db is not None else ()
    (home / "policy.yaml").write_text(draft_policy(name), "utf-8")
    (home / "datamap.yaml").write_text(draft_datamap(name, "app", tables), "utf-8")
    systems = {"app": str(db.resolve())} if db is not None else {"app": "app.db"}
    write_settings(
        home,
        Settings(
            seiyaku_home=1,
            service=name,
            policies=("policy.yaml",),
            datamap="datamap.yaml",
            systems=systems,
        ),
    )


def _tables(db: Path) -> tuple[TableSurface, ...]:
    from seiyaku.datamap.model import SystemEntry
    from seiyaku.kernel.text import Text
    from seiyaku.systems.sqlite import SqliteSystem

    entry = SystemEntry(kind="sqlite", name=Text(ja="アプリ", en="application"))
    system = SqliteSystem("app", entry, db)
    try:
        return system.surface()
    finally:
        system.close()
