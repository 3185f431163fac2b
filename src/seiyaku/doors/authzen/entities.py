"""The entities of the norm as the gate's words: who, what is done, with what, around what.

| the norm | here |
|---|---|
| subject ``type``, ``id`` | kind of people, the person's key |
| resource ``type``, ``id`` | ``item``, its word; or what `Names` says |
| its properties | ``source`` · ``data_at`` · ``masked`` |
| action ``name`` | the purpose; ``collect`` or ``keep`` is that act, for no purpose |
| its properties | ``act`` · ``recipient`` · ``relation`` · ``country`` · ``route`` |
| context | ``time`` (now without) · ``contexts`` · ``scopes`` |

Without ``act`` a purpose means ``use``, and ``send`` where a recipient is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import get_args

from seiyaku.gate.model import Handling
from seiyaku.kernel.ids import PersonId
from seiyaku.policy.model import Act

ITEM = "item"
"""Type of a resource that is a declared item under its own word."""
ACTS: tuple[Act, ...] = get_args(Act)
ALONE: tuple[Act, ...] = ("collect", "keep")
"""Acts that need no purpose, and so are actions by themselves."""
Subject = tuple[str, PersonId]
"""Whose data: kind of people and key."""
_KEPT = 4096


# The same words give the same object, so that comparing and hashing costs nothing where two
# hundred thousand of them come in a second: make them through `resource`, `action`, `context`.


@dataclass(frozen=True, eq=False, slots=True)
class Resource:
    """What is handled.

    Args:
        item: its word in the policy; None where `Names` knows no such resource.
        source: where the value came from. data_at: when it arose.
        masked: whether what identifies people is masked in it.
    """

    item: str | None
    source: str | None = None
    data_at: datetime | None = None
    masked: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Action:
    """What is done and why; the words are those of a `Question`."""

    act: Act
    purpose: str | None = None
    recipient: str | None = None
    relation: str | None = None
    country: str | None = None
    route: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Context:
    """When and under which circumstances; `at` None means now."""

    at: datetime | None = None
    contexts: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


resource = lru_cache(_KEPT)(Resource)
action = lru_cache(_KEPT)(Action)
context = lru_cache(_KEPT)(Context)
NOWHERE = context()


@dataclass(frozen=True)
class Names:
    """What callers call the things of the policy, where they have names of their own.

    Args:
        resources: for each type of resource, ids and the items they stand for.
    """

    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def item(self, kind: str, word: str) -> str | None:
        """The item a resource stands for; None where nobody said so."""
        if kind in self.resources:
            return self.resources[kind].get(word)
        return word if kind == ITEM else None

    def ids(self, kind: str, items: tuple[str, ...]) -> Mapping[str, str]:
        """Every id of this type, and its item."""
        if kind in self.resources:
            return self.resources[kind]
        return {item: item for item in items} if kind == ITEM else {}


@lru_cache(_KEPT)
def handling(action: Action, context: Context, masked: bool) -> Handling:
    """What is being done, without whose and which item."""
    return Handling(
        act=action.act,
        purpose=action.purpose,
        recipient=action.recipient,
        relation=action.relation,
        country=action.country,
        route=action.route,
        contexts=context.contexts,
        scopes=context.scopes,
        masked=masked,
    )
