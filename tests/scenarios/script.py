"""The form of a scenario file: a generated world, what is done in it, what must hold then.

Words are those of `seiyaku.app.Home`; people are called by the short names of the generated
world; staff is written ``sato (approver)``. Unknown keys are refused, so that no expectation
is passed over because it was misspelt.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of the file; frozen, and every key known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rows(Part):
    """Rows left in a table of the service's own database, counted beside the product.

    Args:
        table: ``SYSTEM.TABLE``. where: column → value; a person's short name is their key.
        count: a number, ``some``, or ``as_before`` (as many as the untouched world has).
    """

    table: str
    where: dict[str, Any] = Field(default_factory=dict)
    count: int | Literal["some", "as_before"]


class Then(Part):
    """What must hold right after a step; what is not named is not looked at.

    Args:
        error: the step is refused with this code, and nothing of it happens.
        state, reason, cite, fee_jpy, instead: of the request.
        run: state of the run. outcomes: ``DATASET or SYSTEM`` → ``outcome citation``.
        words: the outcomes that occur at all, apart from those of Seiyaku's own store.
        until: last day of what the law keeps.
        tasks: systems in which somebody has something left to do.
        decision, because, cites: of the gate, reasons by code.
        answer, says: outcome of an answer, and texts that stand in it (in English).
        package, not_in_package: datasets with rows in it; people of whom nothing is in it.
        status: standing of the person the request is about.
        history: everything that happened to the request, in order.
        evidence, evidence_cites: kinds of entries so far; clauses that are named in them.
    """

    error: str | None = None
    state: str | None = None
    reason: str | None = None
    cite: str | None = None
    fee_jpy: int | None = None
    instead: str | None = None
    run: str | None = None
    outcomes: dict[str, str | list[str]] = Field(default_factory=dict)
    words: list[str] | None = None
    until: dict[str, date] = Field(default_factory=dict)
    tasks: list[str] | None = None
    decision: Literal["permitted", "refused", "undecided"] | None = None
    because: list[str] | None = None
    cites: list[str] | None = None
    answer: str | None = None
    says: list[str] = Field(default_factory=list)
    package: list[str] | None = None
    not_in_package: list[str] = Field(default_factory=list)
    status: str | None = None
    rows: list[Rows] = Field(default_factory=list)
    history: list[str] | None = None
    evidence: list[str] | None = None
    evidence_cites: list[str] = Field(default_factory=list)


class _Step(Part):
    """Args: request: which request it is about, by the name `receive` gave it."""

    request: str = "it"
    then: Then = Then()


class About(Part):
    """Items, purposes and recipients something is limited to; empty means everything."""

    items: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


class Receive(_Step):
    """Somebody asks."""

    do: Literal["receive"]
    kind: str
    of: str | None = None
    everybody_of: list[str] = Field(default_factory=list)
    email: str | None = None
    about: About = About()
    value: str | None = None
    where: str | None = None
    channel: Literal["email", "web", "post", "settings"] = "web"


class Proxy(Part):
    """Somebody asks for the person, with a mandate that covers these kinds."""

    covers: tuple[str, ...]
    proven_by: str


class Identity(_Step):
    """It is shown who asks."""

    do: Literal["identity"]
    proof: str = "signed_in"
    proxy: Proxy | None = None


class Plain(_Step):
    """A step without more to say than its name."""

    do: Literal["plan", "run", "answer", "package", "hand_over"]
    note: str | None = None


class ByStaff(_Step):
    """A named member of the staff does something."""

    do: Literal["approve", "refuse", "investigate", "task", "halt", "resume"]
    by: str
    system: str | None = None
    evidence: str = ""
    note: str = ""
    reason: str = ""
    cite: str = ""


class Said(_Step):
    """Something a person said, or that came to be known of them."""

    do: Literal["said"]
    what: Literal[
        "Consent",
        "Withdrawal",
        "Acceptance",
        "Resumption",
        "OptOut",
        "OptIn",
        "AgeBand",
        "Guardian",
        "Freeze",
    ]
    of: str
    about: About | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


class OnFile(_Step):
    """A company is entered in a register, or a fact about it is put on file.

    Args:
        kind: the register, or the kind of fact. about: the company.
    """

    do: Literal["enrol", "assure"]
    kind: str
    about: str
    countries: tuple[str, ...] = ()
    document: str = "file"


class Ask(_Step):
    """The gate is asked, now."""

    do: Literal["ask"]
    act: Literal["collect", "use", "send", "keep"]
    of: str
    item: str
    words: dict[str, str] = Field(default_factory=dict)


class Advance(_Step):
    """Time goes by."""

    do: Literal["advance"]
    days: int = 0
    hours: int = 0


Step = Annotated[
    Receive | Identity | Plain | ByStaff | Said | OnFile | Ask | Advance, Field(discriminator="do")
]


class Script(Part):
    """One scenario.

    Args:
        scenario: what it shows, in a sentence. clauses: what it carries out.
        settings: of the installation, beside the usual ones.
    """

    scenario: str
    clauses: tuple[str, ...]
    service: str
    settings: dict[str, int] = Field(default_factory=dict)
    story: tuple[Step, ...]


def read_script(path: Path) -> Script:
    """The scenario of a file."""
    return Script.model_validate(yaml.safe_load(path.read_text("utf-8")))
