"""What a letter is, what it may speak of, and who carries it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol, get_args, runtime_checkable

from seiyaku.kernel.text import Language, Text

Stage = Literal[
    "details_wanted",
    "received",
    "identity_wanted",
    "extended",
    "pending",
    "done",
    "refused",
    "kept_by_law",
    "package_ready",
    "leaked",
    "confirm",
]
STAGES: tuple[Stage, ...] = get_args(Stage)
FINAL: frozenset[Stage] = frozenset({"done", "refused", "kept_by_law", "package_ready"})
"""With one of these a request that is ended is told to its end, and the address destroyed."""


@dataclass(frozen=True)
class Kept:
    """Something a law keeps. `until` is the last day; None where nobody can say."""

    name: Text
    cite: str
    until: date | None = None


@dataclass(frozen=True)
class Waits:
    """A place whose answer is awaited, and until when."""

    name: Text
    until: date | None = None


@dataclass(frozen=True)
class Place:
    """Where the controller is reached: every line of it stands on a letter."""

    controller: Text
    section: Text | None = None
    post: Text | None = None
    email: str | None = None
    web: str | None = None


@dataclass(frozen=True)
class Facts:
    """What the letters of one request may speak of.

    Args:
        asked: name of what was asked (``disclosure``). received_on: when it arrived.
        proofs: kinds of proof that are accepted, as words of the policy.
        until: day of the stage: of an extension, or from which a package is gone.
        reason, cite: why a request is refused, and the clause or article that says so.
        lines: what is answered, where the answer is told in words.
        missing: what a letter should have said and did not.
        withheld: what is refused of what is held, and the article that says so.
        fee_jpy: yen that are due before it goes on, 0 for none.
    """

    service: Text
    place: Place
    request: str
    asked: Text
    received_on: date
    language: Language
    proofs: tuple[str, ...] = ()
    until: date | None = None
    reason: str = ""
    cite: str = ""
    kept: tuple[Kept, ...] = field(default=())
    waits: tuple[Waits, ...] = field(default=())
    lines: tuple[tuple[Text, str], ...] = field(default=())
    missing: tuple[str, ...] = ()
    withheld: tuple[tuple[Text, str], ...] = ()
    fee_jpy: int = 0


@dataclass(frozen=True)
class Letter:
    """One letter, as text and as a page that can be printed."""

    stage: Stage | Literal["bulletin"]
    language: Language
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Message:
    """A letter on its way.

    Args:
        to: address. key: the same for the same letter of the same request: carried twice under
            one key, it is the same message.
        owed: an answer people are owed goes even where the list says no; other mail does not.
    """

    to: str = field(repr=False)
    letter: Letter
    key: str
    erased: bool = False
    owed: bool = True


@runtime_checkable
class Post(Protocol):
    """Who carries letters to an address."""

    def send(self, message: Message) -> bool:
        """Carry one letter.

        Returns:
            False where the address takes no letter, and will take none later.

        Raises:
            SystemUnavailable: it could not be given on; try again later.
        """
        ...
