"""Rules on items: what is collected, and whether anything needs it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from seiyaku.policy.lint.context import Context, Found, article_of, items_of, listed
from seiyaku.policy.lint.purposes import is_catch_all

_CARD_NUMBERS: Final = frozenset({"pd:CreditCardNumber", "pd:PaymentCardNumber"})
_AGES: Final = frozenset({"pd:Age", "pd:AgeExact", "pd:AgeRange", "pd:BirthDate"})
_SHOWS_OWN_DATA: Final = "dpv:RightsFulfilment"
_CATCH_ALL_ITEM: Final = re.compile(r"^(?:any )?other\b|^その他", re.IGNORECASE)


def item_without_purpose(context: Context) -> Iterator[Found]:
    """An item is collected and no purpose needs it: nobody told the person why."""
    for word, item in context.policy.items.items():
        if context.policy.ban(word, "collect") or _needed(context, word):
            continue
        uses = context.purposes_of_item[word]
        only = f": {listed(uses)} is no reason to collect it beforehand" if uses else ""
        yield Found(
            ("items", word),
            f"no purpose needs `{word}`{only}",
            "name it under a purpose that needs it, or stop collecting it",
            item.clause,
            at_key=True,
        )


def _needed(context: Context, word: str) -> bool:
    """Whether a purpose needs the item whenever it is collected.

    Showing people their own data needs no item of its own, a catch-all names no need, and a use
    in some circumstance needs it only where it is collected in that circumstance.
    """
    item = context.policy.items[word]
    collected_in = set(item.collect.contexts) if item.collect else set()
    for name in context.purposes_of_item[word]:
        purpose = context.policy.purposes[name]
        when = {c for c, items in purpose.items_when.items() if word in items}
        if purpose.dpv == _SHOWS_OWN_DATA or is_catch_all(purpose):
            continue
        if word in purpose.items or (when and collected_in <= when and collected_in):
            return True
    return False


def item_missing_for_purpose(context: Context) -> Iterator[Found]:
    """A purpose needs an item that the list of collected items does not have."""
    yield from _purposes_without_items(context)
    yield from _items_outside_the_list(context)
    yield from _passed_on_beyond_purpose(context)


def _purposes_without_items(context: Context) -> Iterator[Found]:
    for word, purpose in context.policy.purposes.items():
        if not items_of(purpose):
            yield Found(
                ("purposes", word),
                f"`{word}` names no item: the gate is undecided on every use for it",
                "list the items it needs under `items`",
                purpose.clause,
                at_key=True,
            )


def _items_outside_the_list(context: Context) -> Iterator[Found]:
    for word, home in _outside_the_list(context):
        yield Found(
            ("items", word),
            f"`{word}` is not in the list of collected items (article {home})",
            f"add it to article {home} of the published text",
            context.policy.items[word].clause,
            at_key=True,
        )


def _outside_the_list(context: Context) -> Iterator[tuple[str, str]]:
    """Items declared only by the way, outside the article that lists what is collected."""
    home = _article_of_items(context)
    for word, item in context.policy.items.items():
        if home and home not in {article_of(c) for c in (item.clause, *item.also)}:
            yield word, home


def _article_of_items(context: Context) -> str:
    """The article with more than half of the items; empty when no article has."""
    counts = Counter(article_of(item.clause) for item in context.policy.items.values())
    article, count = counts.most_common(1)[0] if counts else ("", 0)
    return article if count * 2 > counts.total() else ""


def _passed_on_beyond_purpose(context: Context) -> Iterator[Found]:
    for word, recipient in context.policy.recipients.items():
        purposes = [context.purpose(p) for p in recipient.purposes]
        usable = {item for purpose in purposes if purpose for item in items_of(purpose)}
        if not usable:
            continue
        for item in items_of(recipient):
            if item not in usable:
                yield Found(
                    ("recipients", word, "items"),
                    f"`{word}` gets `{item}`, which none of its purposes uses",
                    f"add `{item}` to a purpose of `{word}`, or stop sending it",
                    recipient.clause,
                )


def catch_all_item(context: Context) -> Iterator[Found]:
    """An item says "other information": nobody can tell what it holds."""
    for word, item in context.policy.items.items():
        if _CATCH_ALL_ITEM.search(item.name.en) or _CATCH_ALL_ITEM.search(item.name.ja):
            yield Found(
                ("items", word, "name"),
                f"`{word}` names no particular information",
                "say what is collected; bind no column to it until then",
                item.clause,
            )


def open_list(context: Context) -> Iterator[Found]:
    """A list of items ends in "etc.": what it holds beyond its examples is not promised."""
    lists: dict[str, list[str]] = {}
    for word, item in context.policy.items.items():
        if item.open_ended:
            lists.setdefault(item.clause, []).append(word)
    for clause, words in lists.items():
        yield Found(
            ("items", words[0], "open_ended"),
            f"the list of clause `{clause}` ends open; only {listed(words)} is taken from it",
            "close the list in the published text",
            clause,
        )


def duplicate_item(context: Context) -> Iterator[Found]:
    """An item stands twice in the list of collected items."""
    for word, item in context.policy.items.items():
        again = [c for c in item.also if article_of(c) == article_of(item.clause)]
        if again:
            yield Found(
                ("items", word, "also"),
                f"`{word}` is collected under {listed([item.clause, *again])}",
                "keep both where the circumstances differ; else merge them",
                item.clause,
            )
    yield from _same_names(context)


def _same_names(context: Context) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for word, item in context.policy.items.items():
        first = seen.setdefault(item.name.en.casefold(), word)
        if first != word:
            yield Found(
                ("items", word, "name"),
                f"`{word}` has the same name as `{first}`",
                "merge them, or name the difference",
                item.clause,
            )


def card_number_held(context: Context) -> Iterator[Found]:
    """Card numbers are collected and nothing says that they are not kept."""
    for word, item in context.policy.items.items():
        if item.personal in _CARD_NUMBERS and word in context.kept_items:
            yield Found(
                ("items", word),
                f"`{word}` may be kept: nothing forbids it",
                "say `never: {keep: ...}` and hold a token of the payment company only",
                item.clause,
                at_key=True,
            )


def special_care_without_consent(context: Context) -> Iterator[Found]:
    """Special-care data is collected without asking consent first."""
    for word, item in context.policy.items.items():
        if item.special_care and not (item.collect and item.collect.consent):
            yield Found(
                ("items", word),
                f"`{word}` is special-care data (`{item.special_care}`) collected without consent",
                "say `collect: {clause: ..., consent: true}`",
                item.clause,
                at_key=True,
            )


def source_unstated(context: Context) -> Iterator[Found]:
    """Items have no source: nobody can tell where they come from."""
    words = [word for word, item in context.policy.items.items() if not item.sources]
    if words:
        yield Found(
            ("items", words[0]),
            f"no source is stated for {listed(words)}",
            "list the sources of each: the person, a device, a linked service",
            context.policy.items[words[0]].clause,
            at_key=True,
        )


def minors_without_age_item(context: Context) -> Iterator[Found]:
    """The policy sets an age limit, and its list of collected items tells no age."""
    minors = context.policy.minors
    if minors is None or (minors.minimum_age is None and minors.guardian_below is None):
        return
    telling = {w for w, item in context.policy.items.items() if item.personal in _AGES}
    telling |= {minors.attestation} if minors.attestation else set()
    if not telling - {word for word, _ in _outside_the_list(context)}:
        yield Found(
            ("minors",),
            "an age limit is set, but no item in the list of collected items tells the age",
            "list an age band there and name it under `attestation`; keep no birth date",
            minors.clause,
        )
