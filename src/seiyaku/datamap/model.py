"""Where data lies: System → Dataset → Field, and how a row belongs to a person.

The data map is the second file a company writes. It names every column of every
table (a column nobody named is a finding, not a guess), the item each one holds,
and the links by which a row is found from a person: directly, over several hops,
or by a shared value such as an e-mail address without a foreign key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field as PydanticField
from pydantic import StringConstraints, field_validator, model_validator

from seiyaku.datamap.payload import Calls, Intake
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.kernel.text import Text
from seiyaku.policy.model import ClauseRef, Part, Word

Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]
SystemKind = Literal[
    "sqlite",
    "postgres",
    "mariadb",
    "mysql",
    "objects",
    "folder",
    "jsonl",
    "access_log",
    "lake",
    "forms_export",
    "http",
    "auth0",
    "stripe",
    "google_analytics",
    "printful",
    "cloudflare_images",
    "openai",
    "mail",
    "ad_partner",
    "notice",
    "own_store",
    "chain",
    "by_hand",
]
IMMUTABLE_KINDS: Final = frozenset({"chain"})
"""Kinds whose drivers declare that nothing can be removed; no data map makes another so."""


class Field(Part):
    """One column, key or capture of a dataset.

    Args:
        item: the item it holds; None for a technical value that says nothing of a person.
        source: the item's source, where every row has the same.
        source_column: column of the row that names the source instead.
        subject: role of the person it is about, where a row belongs to two.
        blank: value written where the column may not be null and must be emptied.
        item_class: class of items of the policy that the item must be in (``class`` in YAML).
    """

    item: Word | None = None
    source: Word | None = None
    source_column: Column | None = None
    subject: Word | None = None
    blank: str | None = None
    item_class: Word | None = PydanticField(default=None, alias="class")


class Link(Part):
    """One way a row hangs on another row.

    Args:
        by: columns of this dataset.
        to: dataset they point at: ``users``, or ``app.users`` in another system.
        columns: columns of that dataset holding the same values (its key by default).
        role: which person of the row this is, where there are two (``follower``).
        owns: the row is that person's data. False for a mere reference to another
            person's row (a stranger's favourite of my post).
        on_erase: what a mere reference does when the row it points at goes.
    """

    by: tuple[Column, ...]
    to: str
    columns: tuple[Column, ...] = ()
    role: Word | None = None
    owns: bool = True
    on_erase: Literal["delete", "unlink"] = "delete"

    @field_validator("by", "columns", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class EraseRule(Part):
    """How rows of a dataset are erased when they need not be kept.

    Args:
        how: ``delete`` the row; ``blank`` every item field and cut its links;
            ``unlink`` only cuts the links to the person and leaves the rest.
        when: ``last_reference``: rows of several people may hold one row of this dataset (a
            picture stored once), and it goes with the last of them.
        clause: needed for ``unlink``: the clause that says why the rest may stay.
    """

    how: Literal["delete", "blank", "unlink"] = "delete"
    when: Literal["asked", "last_reference"] = "asked"
    clause: ClauseRef | None = None


class Suspend(Part):
    """How rows say in the system itself that a person's data is not used for a while.

    Args:
        to: value of each column while it is suspended. back: of the same when it is lifted.
        purposes: a suspension of one of these reaches it; one of everything does anyway.
    """

    to: dict[Column, str | int | bool]
    back: dict[Column, str | int | bool]
    purposes: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _leads_back(self) -> Suspend:
        if not self.to or set(self.to) != set(self.back):
            raise ValueError("`to` and `back` name the same columns")
        return self


class Dataset(Part):
    """A table, folder or log: rows of one shape.

    Args:
        table: its name in the system; the key in the data map by default.
        person: kind of people whose rows these *are* (the row is the person).
        key: columns that identify a row.
        links: how a row belongs to people or hangs on other rows.
        fields: every column, with the item it holds. In YAML a bare word is the item and
            ``~`` a technical column.
        times: event → column that dates it (``ordered: ordered_at``), or
            ``parent.column`` in a dataset this one links to.
        suspend: columns that stop the use of a person's data there (``blocked``).
        shared: rows concern nobody in particular (products, plans).
        service: which of the services it is of; its system's by default.
    """

    table: str | None = None
    person: Word | None = None
    key: tuple[Column, ...]
    links: tuple[Link, ...] = ()
    fields: dict[Column, Field]
    times: dict[Word, str] = PydanticField(default_factory=dict)
    erase: EraseRule = EraseRule()
    suspend: Suspend | None = None
    shared: bool = False
    service: Word | None = None

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("fields", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: _short_field(v) for k, v in value.items()}


def _short_field(value: Any) -> Any:
    if value is None:
        return {}
    return {"item": value} if isinstance(value, str) else value


class SystemEntry(Part):
    """One place where data lies.

    Args:
        kind: which driver reads it; ``by_hand`` is a task for a person with evidence,
            ``chain`` a public ledger that is never read.
        immutable: nothing can be removed here; `clause` says where the policy tells so.
        recipient: the policy's recipient that runs it, where it is not ours.
        countries: where it lies; empty means Japan.
        holds: items lying there, for systems without datasets of ours.
        found_by: dataset columns whose values find a person there (``app.users.auth0_sub``).
        service: which of the services it is of, where there are several.
    """

    kind: SystemKind
    name: Text
    immutable: bool = False
    clause: ClauseRef | None = None
    recipient: Word | None = None
    countries: tuple[str, ...] = ()
    holds: tuple[Word, ...] = ()
    found_by: tuple[str, ...] = ()
    service: Word | None = None
    datasets: dict[Word, Dataset] = PydanticField(default_factory=dict)

    @model_validator(mode="after")
    def _immutable_names_its_clause(self) -> SystemEntry:
        if self.immutable and self.clause is None:
            raise ValueError("an immutable system names the clause that says so")
        if self.immutable and self.kind not in IMMUTABLE_KINDS:
            raise ValueError(f"a {self.kind} is not immutable: its driver can remove rows")
        return self


class Cookie(Part):
    """One cookie a page may leave in a browser.

    Args:
        purpose: what it serves; needed: the service cannot run without it.
    """

    purpose: Word | None = None
    needed: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Cookie:
        if (self.purpose is None) == (not self.needed):
            raise ValueError("a cookie names its purpose, or is `needed`")
        return self


class DataMap(Part):
    """All systems of one service.

    Args:
        seiyaku_datamap: version of the file language.
        services: the services this data is of, where one policy covers several.
        calls: what goes out to recipients; intake: what comes in from outside.
        cookies: what pages leave in a browser, by name.
    """

    seiyaku_datamap: Literal[1]
    service: str
    services: dict[Word, Text] = PydanticField(default_factory=dict)
    systems: dict[Word, SystemEntry]
    calls: dict[Word, Calls] = PydanticField(default_factory=dict)
    intake: dict[Word, Intake] = PydanticField(default_factory=dict)
    cookies: dict[str, Cookie] = PydanticField(default_factory=dict)

    def datasets(self) -> Iterator[tuple[DatasetId, Dataset]]:
        """Every dataset with its full name ``system.dataset``, in written order."""
        for system, entry in self.systems.items():
            for name, dataset in entry.datasets.items():
                yield DatasetId(f"{system}.{name}"), dataset

    def dataset(self, dataset_id: str) -> Dataset:
        """The dataset called ``system.dataset``.

        Raises:
            KeyError: there is none.
        """
        system, _, name = dataset_id.partition(".")
        return self.systems[system].datasets[name]

    def target(self, system: str, link: Link) -> DatasetId:
        """Full name of the dataset a link of `system` points at."""
        return DatasetId(link.to if "." in link.to else f"{system}.{link.to}")

    def target_columns(self, system: str, link: Link) -> tuple[str, ...]:
        """Columns the link's values stand in at its target."""
        return link.columns or self.dataset(self.target(system, link)).key

    def persons(self) -> Iterator[tuple[DatasetId, Dataset]]:
        """Datasets whose rows are people."""
        return ((i, d) for i, d in self.datasets() if d.person)


def system_of(dataset_id: str) -> SystemId:
    """The system a dataset lies in."""
    return SystemId(dataset_id.partition(".")[0])
