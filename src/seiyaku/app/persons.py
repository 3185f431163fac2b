"""From a person's id to their handles, and from an e-mail address to their id.

People of the data map's first kind are known by the service's own key (``42``); those of
other kinds by kind and key (``seller:42``), so that two people never share an id.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from seiyaku.app.wiring import Parts
from seiyaku.datamap.find import Surfaces, find_people, first_handles
from seiyaku.datamap.system import Handles
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId, PersonId
from seiyaku.standing.model import Scope

EMAIL = "pd:EmailAddress"


def kinds(parts: Parts) -> tuple[str, ...]:
    """Kinds of people with rows, in the order of the data map."""
    return tuple(dict.fromkeys(d.person for _, d in parts.datamap.persons() if d.person))


def kind_of(parts: Parts, person: PersonId) -> str:
    """The kind a person's id belongs to."""
    prefix, colon, _ = str(person).partition(":")
    return prefix if colon and prefix in kinds(parts) else kinds(parts)[0]


def one_kind(parts: Parts, people: Sequence[PersonId]) -> str:
    """The kind all these people are of.

    Raises:
        InvalidInput: SY180 nobody is named, or they are of several kinds.
    """
    found = {kind_of(parts, p) for p in people}
    if len(found) != 1:
        raise InvalidInput(
            "a request is about people of one kind",
            code="SY180",
            hint="name at least one person, and make one request for each kind",
        )
    return found.pop()


def roots(parts: Parts, kind: str, people: Sequence[PersonId], surfaces: Surfaces) -> Handles:
    """The keys of the people's own rows, as the systems type them."""
    bare = [PersonId(str(p).removeprefix(f"{kind}:")) for p in people]
    return first_handles(parts.datamap, kind, bare, surfaces)


def by_email(parts: Parts, kind: str, email: str) -> tuple[PersonId, ...]:
    """Ids of the people whose own row holds this address; empty when we know nobody."""
    return having(parts, kind, EMAIL, email)


def having(parts: Parts, kind: str, concept: str, value: str) -> tuple[PersonId, ...]:
    """Ids of the people whose own row holds `value` in an item of this concept.

    Args:
        concept: of DPV, as items name it: ``pd:Name``.
    """
    systems = {s: parts.system(s) for s in parts.read_systems()}
    prefix = "" if kind == kinds(parts)[0] else f"{kind}:"
    found: set[PersonId] = set()
    for word, item in parts.policy().items.items():
        if item.personal == concept:
            found |= find_people(systems, parts.datamap, kind, word, value)
    return tuple(sorted(PersonId(f"{prefix}{p}") for p in found))


def mark_of(parts: Parts, person: PersonId) -> str:
    """What stands for a person where no id may: the same for the same person, here only."""
    key = parts.repositories.store.secret("digests")
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:16]


def scope_of_rows(parts: Parts, kind: str, where: str | None) -> Scope:
    """What a deletion of single rows is about: the items their dataset holds.

    Raises:
        InvalidInput: SY189 another kind of request, or no dataset whose rows hold items.
    """
    held = {i: d for i, d in parts.datamap.datasets() if not (d.person or d.shared)}
    items = {f.item for f in held[DatasetId(where)].fields.values()} if where in held else set()
    named = tuple(sorted(i for i in items if i))
    if kind != "deletion" or not named:
        raise InvalidInput(
            "rows are named in a deletion, with the dataset they stand in",
            code="SY189",
            hint="give `where`, such as `app.posts`; `seiyaku map` lists the datasets",
        )
    return Scope(items=named)
