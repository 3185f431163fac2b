"""What earlier versions said of a grant, as masks of versions.

Bit 0 is the version in force, bit *k* the one *k* versions before. A grant goes back as far
as the run of ones from bit 0 over the conjunction of its parts.

Law: APPI 17(2): a change of purpose beyond what a person could expect asks them again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from seiyaku.laws import Laws
from seiyaku.policy.model import LEGAL_RETENTION, Item, Policy

TRAIN_MODEL = "train_model"
ANY = ""
"""Stands for every word that has no entry of its own."""
UNLISTED = "?"
"""Stands for a source the item does not have."""


class Table(dict[tuple[str, ...], int]):
    """Masks by words; a word that is missing is known to no version."""

    def __missing__(self, key: tuple[str, ...]) -> int:
        return 0


def run_of_ones(mask: int) -> int:
    """How many ones follow each other from bit 0.

    Examples:
        >>> run_of_ones(0b1011), run_of_ones(0b0110)
        (2, 0)
    """
    return (~mask & (mask + 1)).bit_length() - 1


@dataclass(slots=True)
class Masks:
    """Masks by words; a word that has none is known to no version.

    Args:
        shut: (item, act) banned, (item, source, purpose) outside a closed list.
        items: (item,) known, (item, source) with that source.
        gathered: (item,) collecting asks no more than now; (item, source) nor more scopes.
        aims: (purpose,) asks no more than now, (purpose, item, context) has the item there.
        receivers: (recipient,) on the same basis and register; (recipient, "to", purpose),
            (recipient, "in", country), (recipient, item, context).
        related: (kind, word) the clause stands among the related changes of its version.
    """

    shut: Table = field(default_factory=Table)
    items: Table = field(default_factory=Table)
    gathered: Table = field(default_factory=Table)
    aims: Table = field(default_factory=Table)
    receivers: Table = field(default_factory=Table)
    related: Table = field(default_factory=Table)


def masks_of(chain: Sequence[Policy], laws: Laws, listed: frozenset[str]) -> Masks:
    """The masks of `chain`, newest version first, for the words of the newest.

    Args:
        listed: every purpose some closed list names, and legal retention.
    """
    masks = Masks()
    for k, policy in enumerate(chain):
        bit = 1 << k
        _shut(masks, bit, policy, chain[0], laws, listed)
        _items(masks, bit, policy, chain[0])
        _aims(masks, bit, policy, chain[0])
        _receivers(masks, bit, policy, chain[0], laws)
        _related(masks, bit, policy)
    return masks


def bans_of(policy: Policy, word: str) -> dict[str, set[str]]:
    """Bans on an item, its own, its ancestors' and the policy's, with their clauses.

    Args:
        word: `ANY` asks for the bans of the policy alone.
    """
    found: dict[str, set[str]] = {}
    every = [policy.items[one].never for one in lineage(policy, word)] if word != ANY else []
    for bans in (*every, policy.never):
        for ban, clause in bans.items():
            found.setdefault(ban, set()).add(clause)
    return found


def held_by(policy: Policy, laws: Laws) -> frozenset[str]:
    """Items that a keeping rule the laws know holds."""
    rules = (rule for _, rule in policy.legal_holds() if rule.law and laws.keeping(rule.law))
    return frozenset(item for rule in rules for item in rule.items)


def narrowing(item: Item, purpose: str) -> dict[str, str]:
    """Sources of the item whose closed list lacks the purpose, with the clause."""
    return {
        word: source.clause or item.clause
        for word, source in item.sources.items()
        if source.only is not None and purpose not in source.only
    }


def lineage(policy: Policy, word: str) -> tuple[str, ...]:
    """The item and, after it, the declared items it is derived from, at any remove.

    Ancestors are reached through declared items only.
    """
    found = [word]
    for one in found:  # grows while it is walked
        made_of = policy.items[one].derived_from
        found += [w for w in dict.fromkeys(made_of) if w in policy.items and w not in found]
    return tuple(found)


def scopes_asked(item: Item, source: str) -> dict[str, set[str]]:
    """Scopes that collecting the item wants, each with the clauses that ask for it.

    Args:
        source: `ANY` where none is named: then each source has to ask for one.
    """
    sources = [found for name, found in item.sources.items() if source in (ANY, name)]
    asked: dict[str, set[str]] = {}
    if all(one.scope is not None for one in sources):
        for one in sources:
            asked.setdefault(one.scope or "", set()).add(one.clause or item.clause)
    return asked


def outside(policy: Policy, word: str, source: str, purpose: str) -> tuple[str, ...]:
    """Clauses of the closed lists that lack the purpose.

    Args:
        source: a source of the item, `ANY` where none is named, else `UNLISTED`.
    """
    item = policy.items[word]
    shut = narrowing(item, purpose)
    lists = (policy.items[one].only for one in lineage(policy, word))
    clauses = [only.clause for only in lists if only and purpose not in only.purposes]
    if source in shut:
        clauses.append(shut[source])
    if source == ANY and shut and len(shut) == len(item.sources):
        clauses.extend(shut.values())
    return tuple(clauses)


def closed_words(policy: Policy) -> frozenset[str]:
    """Every purpose that some closed list names."""
    words: set[str] = set()
    for item in policy.items.values():
        words.update(item.only.purposes if item.only else ())
        for source in item.sources.values():
            words.update(source.only or ())
    return frozenset(words)


def _shut(
    masks: Masks, bit: int, policy: Policy, now: Policy, laws: Laws, listed: frozenset[str]
) -> None:
    held = held_by(policy, laws)
    for word, item in policy.items.items():
        for act in bans_of(policy, word):
            masks.shut[word, act] |= bit
        today = now.items[word].sources if word in now.items else ()
        for source, purpose in product({ANY, *item.sources, *today}, (ANY, *listed)):
            free = purpose == LEGAL_RETENTION and word in held
            if not free and outside(policy, word, source, purpose):
                masks.shut[word, source, purpose] |= bit


def _items(masks: Masks, bit: int, policy: Policy, now: Policy) -> None:
    for word, item in policy.items.items():
        masks.items[(word,)] |= bit
        for source in item.sources:
            masks.items[word, source] |= bit
        if word in now.items:
            _gathered(masks, bit, word, item, now.items[word])


def _gathered(masks: Masks, bit: int, word: str, then: Item, now: Item) -> None:
    if _gathers_no_more(then, now):
        masks.gathered[(word,)] |= bit
    for source in (ANY, *now.sources):
        before, today = scopes_asked(then, source).keys(), scopes_asked(now, source).keys()
        if not before or (today and today <= before):
            masks.gathered[word, source] |= bit


def _gathers_no_more(then: Item, now: Item) -> bool:
    before, today = then.collect, now.collect
    if before is None:
        return True
    if today is None:
        return not (before.consent or before.acknowledgement or before.contexts)
    consent = today.consent or not before.consent
    known = before.acknowledgement in (None, today.acknowledgement)
    here = not before.contexts or (today.contexts and {*today.contexts} <= {*before.contexts})
    return bool(consent and known and here)


def _aims(masks: Masks, bit: int, policy: Policy, now: Policy) -> None:
    for word, purpose in policy.purposes.items():
        for context, items in ((ANY, purpose.items), *purpose.items_when.items()):
            for item in items:
                masks.aims[word, item, context] |= bit
        today = now.purposes.get(word)
        if (
            today is not None
            and (today.consent or not purpose.consent)
            and purpose.acknowledgement in (None, today.acknowledgement)
        ):
            masks.aims[(word,)] |= bit


def _receivers(masks: Masks, bit: int, policy: Policy, now: Policy, laws: Laws) -> None:
    for word, recipient in policy.recipients.items():
        today = now.recipients.get(word)
        if today is None or today.basis != recipient.basis:
            continue
        if recipient.masked and not today.masked:
            continue
        if recipient.reference not in ((), today.reference):
            continue
        if today.register_name in (None, recipient.register_name):
            masks.receivers[(word,)] |= bit
        for purpose in recipient.purposes:
            masks.receivers[word, "to", purpose] |= bit
        for country in expand(recipient.countries, laws):
            masks.receivers[word, "in", country] |= bit
        for context, items in ((ANY, recipient.items), *recipient.items_when.items()):
            for item in items:
                masks.receivers[word, item, context] |= bit


def _related(masks: Masks, bit: int, policy: Policy) -> None:
    related = policy.version.related_changes
    named: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("item", policy.items),
        ("purpose", policy.purposes),
        ("recipient", policy.recipients),
    )
    for kind, parts in named:
        for word, part in parts.items():
            if getattr(part, "clause", None) in related:
                masks.related[kind, word] |= bit


def expand(countries: Sequence[str], laws: Laws) -> frozenset[str]:
    """Countries with their groups written out."""
    return frozenset(c for code in countries for c in laws.expand_country(code))
