"""The home folder of an installation: one file says where everything lies.

```yaml
seiyaku_home: 1
service: closm-i
policies: [policy.yaml]          # published versions, oldest first; default: the packaged one
datamap: datamap.yaml            # default: the packaged one
systems:
  app: app.db                    # where each system of the data map lies
  media: media
  shop: {url: "postgresql://seiyaku@db.internal/shop", secret: "env:SHOP_PASSWORD"}
store: {url: "postgresql://seiyaku@db.internal/seiyaku", secret: "env:STORE_PASSWORD"}
erasures_an_hour: 100
fiscal_year_end_month: 12
```

Without `store` the control plane is a SQLite file in the folder, and one process runs plans.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sqlalchemy.engine import URL, make_url

from seiyaku import services
from seiyaku.kernel.document import check_model, read_document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.model import Part, Word
from seiyaku.systems.open import SystemSettings

FILE = "seiyaku.yaml"


class Place(Part):
    """Where a system lies that is more than a file, and how it is reached.

    Args:
        path: file or folder, relative to the home. url: address, without anything that gives
            power. secret: where the password or key stands, never the thing itself:
            ``env:NAME``, or ``file:PATH`` relative to the home.
        options: what one kind of system needs besides (``bucket``, ``region``).
    """

    path: str | None = None
    url: str | None = None
    secret: Annotated[str, StringConstraints(pattern=r"^(env|file):.+$")] | None = None
    options: dict[str, str] = Field(default_factory=dict)
    timeout_s: Annotated[float, Field(gt=0)] = 5.0


class Restore(Part):
    """What lets a restore from a backup erase again who was erased since.

    Args:
        folder: where the replay list and its key lie, relative to the home; no backup of the
            company's systems may hold it.
        backups_kept_days: how long the oldest backup is kept; what the list holds of a person
            is destroyed that many days after their erasure.
    """

    folder: str
    backups_kept_days: Annotated[int, Field(ge=1)]


class CanarySettings(Part):
    """How synthetic people come in through the front door of the service.

    Args:
        plant: command and arguments, run in the home folder. It gets a person as JSON on
            standard input (``email``, ``phone``, ``name``, ``word``), lets them join as anybody
            would, does with the account what people do, and prints ``{"person": "42"}``.
        mail_domain: domain of their addresses; the company's own, so that no letter strays.
        days: how long each lives before it is erased.
    """

    plant: Annotated[tuple[str, ...], Field(min_length=1)]
    mail_domain: str = "canary.invalid"
    days: Annotated[int, Field(ge=0)] = 7


class Aims(Part):
    """Days the controller sets itself where its policy names none; no law is in them.

    Args:
        answer_days: from the day it is known who asks to the answer.
        proof_days: how long a proof that was asked for may take.
        confirm_days: how old a person's own word that their data is right may grow.
        notice_days: how long after a use of theirs people are told of it.
    """

    answer_days: Annotated[int, Field(ge=1)] = 30
    proof_days: Annotated[int, Field(ge=1)] = 30
    confirm_days: Annotated[int, Field(ge=1)] = 365
    notice_days: Annotated[int, Field(ge=1)] = 30


class Settings(Part):
    """What `seiyaku.yaml` says.

    Args:
        policies, datamap: files, relative to the home.
        systems: where each system lies that is read: a file or folder relative to the home,
            or a `Place`.
        store: a PostgreSQL database for the control plane and the record of runs, so that
            several processes may run plans; a SQLite file in the home by default.
        erasures_an_hour: people who may be erased in an hour on one person's word.
        fiscal_year_end_month: month with which the controller's fiscal year ends, 1-12.
        origin: name of the evidence log, without scheme; published in checkpoints.
        restore: how erasures survive a restore from a backup; None where no backups are kept.
        canaries: synthetic people by whom erasure is measured; None where nobody plants any.
        aims: days the controller sets itself.
        in_charge: staff identifier of who owns what nobody else does.
    """

    seiyaku_home: Literal[1]
    service: str
    policies: tuple[str, ...] = ()
    datamap: str | None = None
    systems: Mapping[Word, str | Place] = Field(default_factory=dict)
    store: Place | None = None
    erasures_an_hour: Annotated[int, Field(ge=1)] = 100
    fiscal_year_end_month: Annotated[int, Field(ge=1, le=12)] = 12
    origin: str | None = None
    restore: Restore | None = None
    canaries: CanarySettings | None = None
    aims: Aims = Field(default_factory=Aims)
    in_charge: Word | None = None


class Paths:
    """Where things lie under one home folder."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self.home = home
        self._settings = settings

    @property
    def store(self) -> Path | URL:
        """The control plane.

        Raises:
            InvalidInput: SY118 its secret is not there; SY119 it is not PostgreSQL.
        """
        place = self._settings.store
        return self.home / "seiyaku.sqlite" if place is None else self._server(place)

    def _server(self, place: Place) -> URL:
        url = None if place.url is None else make_url(place.url)
        if url is None or url.get_backend_name() not in ("postgresql", "postgres"):
            raise InvalidInput(
                f"`store` in `{FILE}` is no address of a PostgreSQL database",
                code="SY119",
                hint='as in `store: {url: "postgresql://seiyaku@db.internal/seiyaku"}`, or '
                "leave it out for a file in the home",
            )
        url = url.set(drivername="postgresql+psycopg")
        return url.set(password=self._secret("store", place.secret)) if place.secret else url

    @property
    def runs(self) -> Path:
        """Progress of durable runs: handles and counts only."""
        return self.home / "runs.sqlite"

    @property
    def evidence(self) -> Path:
        """The evidence log."""
        return self.home / "evidence"

    @property
    def key(self) -> Path:
        """The log's signing key."""
        return self.home / "keys" / "evidence.key"

    @property
    def outbox(self) -> Path:
        """Packages and receipts until they are handed over."""
        return self.home / "outbox"

    @property
    def policies(self) -> tuple[Path, ...]:
        """Published versions, oldest first."""
        if self._settings.policies:
            return tuple(self.home / p for p in self._settings.policies)
        return (services.path(self._settings.service) / "policy.yaml",)

    @property
    def datamap(self) -> Path:
        """The data map."""
        if self._settings.datamap:
            return self.home / self._settings.datamap
        return services.path(self._settings.service) / "datamap.yaml"

    def system(self, name: str) -> SystemSettings:
        """Where a system of the data map lies.

        Raises:
            InvalidInput: SY113 the settings do not say; SY118 its secret is not there.
        """
        place = self._settings.systems.get(name)
        if place is None:
            raise InvalidInput(
                f"`{FILE}` does not say where system `{name}` lies",
                code="SY113",
                hint=f"add it under `systems:`, for instance `{name}: {name}.db`",
            )
        if isinstance(place, str):
            return SystemSettings(self.home / place, memory=self.memory(name))
        return SystemSettings(
            path=self.home / place.path if place.path else None,
            url=place.url,
            secret=self._secret(name, place.secret) if place.secret else None,
            options=place.options,
            timeout_s=place.timeout_s,
            memory=self.memory(name),
        )

    def memory(self, system: str) -> Path:
        """Where runs in a vendor's system are written down: ids, words and counts."""
        return self.home / "vendors" / system

    def _secret(self, system: str, reference: str) -> str:
        """What a reference stands for; it is asked anew each time, so that it can be changed."""
        where, _, name = reference.partition(":")
        found = os.environ.get(name) if where == "env" else _content(self.home / name)
        if not found:
            raise InvalidInput(
                f"the secret of system `{system}` is not at `{reference}`",
                code="SY118",
                hint="set the variable, or put the secret alone into the file, readable by "
                "this user only",
            )
        return found


def _content(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return None


def read_settings(home: Path) -> Settings:
    """Read `seiyaku.yaml` of a home folder.

    Raises:
        InvalidInput: SY102 it cannot be read.
        InvalidDocument: it has faults.
    """
    return check_model(read_document(home / FILE), Settings)


def write_settings(home: Path, settings: Settings) -> None:
    """Write `seiyaku.yaml` into a new home.

    Raises:
        InvalidInput: SY114 there is one already.
    """
    import yaml

    path = home / FILE
    if path.exists():
        raise InvalidInput(f"`{path}` exists already", code="SY114", hint="open it instead")
    home.mkdir(parents=True, exist_ok=True)
    values = settings.model_dump(mode="json", exclude_defaults=True)
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), "utf-8")
