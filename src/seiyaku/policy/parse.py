"""Read a policy file: every fault at once, each with line, column and what to do.

1. The text is read as YAML (`kernel.document`); files over 2 MB are refused.
2. Keys and shapes are checked against the model.
3. Words and clauses referred to must be declared (`references`).
4. Values that the law packs know (regimes, countries, exceptions, keeping rules) must be
   known, and dates, addresses and line numbers must make sense.

Steps 2 to 4 all run, whatever the others find: nobody wants to fix a file one fault at a time.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.document import Document, check_model, parse_document, read_document
from seiyaku.kernel.errors import InvalidDocument
from seiyaku.kernel.faults import Fault
from seiyaku.laws import Laws, load_packs, pack_ids
from seiyaku.policy.addresses import is_email, is_placeholder
from seiyaku.policy.model import Policy
from seiyaku.policy.references import select, undeclared_clauses, undeclared_words

_VERSION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy that holds together, with the document it was read from.

    Args:
        policy: the checked policy.
        document: its text with places, for findings and for hashing.
    """

    policy: Policy
    document: Document

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes, hex: what a published version is known by."""
        return sha256_hex(self.document.source)

    @cached_property
    def laws(self) -> Laws:
        """The law packs the policy names, undated."""
        return load_packs(self.policy.regimes)


def parse_policy(path: Path) -> ParsedPolicy:
    """Read the policy file at `path`.

    Raises:
        InvalidInput: SY102 it cannot be read, SY103 it is over 2 MB.
        InvalidDocument: every fault of the file at once.
    """
    return check_policy(read_document(path))


def parse_policy_bytes(source: bytes, file: str) -> ParsedPolicy:
    """Read a policy from bytes; `file` is the name shown in faults. Raises as `parse_policy`."""
    return check_policy(parse_document(source, file))


def check_policy(document: Document) -> ParsedPolicy:
    """Check a document that was read already.

    Raises:
        InvalidDocument: every fault at once, in the order of the file.
    """
    faults: set[Fault] = set()
    policy: Policy | None = None
    try:
        policy = check_model(document, Policy)
    except InvalidDocument as error:
        faults.update(error.faults)
    for check in _CHECKS:
        faults.update(check(document))
    if policy is None or faults:
        raise InvalidDocument(sorted(faults))
    return ParsedPolicy(policy, document)


def _regimes(document: Document) -> Iterator[Fault]:
    """Every regime is a law pack that comes with the package."""
    yield from _unknown(document, "regimes.*", pack_ids(), "unknown-regime", "law pack")


def _countries(document: Document) -> Iterator[Fault]:
    """Every country is an ISO code or a group the packs know."""
    laws = _laws(document)
    for text in ("recipients.*.countries.*", "recipients.*.routes.~", "countries.~"):
        for loc, code in select(document.data, text):
            if not laws.expand_country(code):
                place = document.key_place(loc) if text.endswith("~") else document.place(loc)
                yield Fault(
                    place,
                    "unknown-country",
                    f"`{code}` is neither a country nor a group of countries",
                    hint="use ISO 3166-1 alpha-2 (`US`), `EU` or `EEA`",
                )


def _legal_words(document: Document) -> Iterator[Fault]:
    """Exceptions and classes are ones a law pack knows, keeping rules ones of a pack named.

    An exception of a pack the policy does not name is no fault: it never opens, and lint says so.
    """
    laws = _laws(document)
    every = load_packs(pack_ids())
    exceptions = [e.code for pack in every.packs for e in pack.exceptions]
    keeping = [f"{pack.id}.{k.code}" for pack in laws.packs for k in pack.keeping]
    classes = [e.code for e in every.special_care]
    yield from _unknown(document, "exceptions.*.law", exceptions, "unknown-exception", "exception")
    yield from _unknown(
        document, "retention.*.law", keeping, "unknown-keeping-rule", "keeping rule"
    )
    yield from _unknown(
        document, "items.*.special_care", classes, "unknown-class", "special-care class"
    )


def _unknown(
    document: Document, text: str, known: Collection[str], rule: str, what: str
) -> Iterator[Fault]:
    for loc, word in select(document.data, text):
        if word not in known:
            near = difflib.get_close_matches(word, list(known), n=1)
            listed = f"known: {', '.join(known)}" if known else "name a law pack under `regimes`"
            yield Fault(
                document.place(loc),
                rule,
                f"`{word}` is no {what} of the law packs named",
                hint=f"did you mean `{near[0]}`?" if near else listed,
            )


def _addresses(document: Document) -> Iterator[Fault]:
    """An e-mail address is one; a placeholder passes here and is a finding of lint."""
    for loc, email in select(document.data, "contacts.*.email"):
        if not is_email(email) and not is_placeholder(email):
            yield Fault(
                document.place(loc),
                "broken-address",
                "this is no e-mail address",
                hint="write it as `name@domain`; a plus tag may stay",
            )


def _lines(document: Document) -> Iterator[Fault]:
    """A clause stands on lines of the published text, first to last, counted from 1."""
    for clause, part in _entries(document, "clauses"):
        lines = _two_numbers(part.get("lines"))
        if lines and not 1 <= lines[0] <= lines[1]:
            yield Fault(
                document.place(("clauses", clause, "lines")),
                "wrong-lines",
                f"lines {lines[0]} to {lines[1]} are no range of lines",
                hint="write first and last line, counted from 1",
                clause=clause,
            )


def _version(document: Document) -> Iterator[Fault]:
    """A version says when it counts, and its id can name a file."""
    version = document.data.get("version") if isinstance(document.data, dict) else None
    if not isinstance(version, dict):
        return
    name = version.get("id")
    if isinstance(name, str) and not _VERSION_ID.fullmatch(name):
        yield Fault(
            document.place(("version", "id")),
            "odd-version-id",
            f"`{name}` cannot name a file",
            hint="use letters, digits, `.`, `_` and `-`, such as `2026-02-16`",
        )
    if version.get("effective") == "on_date" and version.get("effective_on") is None:
        yield Fault(
            document.place(("version", "effective")),
            "missing-date",
            "a version effective on a date names no date",
            hint="add `effective_on`",
        )


def _periods(document: Document) -> Iterator[Fault]:
    """A retention rule has one length: days, or what the law says."""
    for word, part in _entries(document, "retention"):
        if part.get("days") is not None and part.get("law") is not None:
            yield Fault(
                document.place(("retention", word)),
                "two-periods",
                f"`{word}` names days and a law",
                hint="keep one of `days` and `law`",
            )


def _derived(document: Document) -> Iterator[Fault]:
    """No item is made of itself, at any remove."""
    parents = {w: _words(part.get("derived_from")) for w, part in _entries(document, "items")}
    for word in parents:
        found, queue = set[str](), list(parents[word])
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                queue.extend(parents.get(name, ()))
        if word in found:
            yield Fault(
                document.place(("items", word, "derived_from")),
                "derived-from-itself",
                f"`{word}` is derived from itself",
                hint="an item names only what it is made of",
            )


def _words(value: Any) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _routes(document: Document) -> Iterator[Fault]:
    """A route leads to a country the recipient handles data in."""
    for word, part in _entries(document, "recipients"):
        routes, countries = part.get("routes"), part.get("countries") or []
        for country in routes if isinstance(routes, dict) else ():
            if country not in countries:
                yield Fault(
                    document.key_place(("recipients", word, "routes", country)),
                    "route-without-country",
                    f"`{word}` has a route to `{country}` but does not list that country",
                    hint="add it to `countries`",
                )


def _entries(document: Document, part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    found = document.data.get(part) if isinstance(document.data, dict) else None
    for key, value in (found if isinstance(found, dict) else {}).items():
        if isinstance(value, dict):
            yield key, value


def _two_numbers(value: Any) -> tuple[int, int] | None:
    two = isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value)
    return (value[0], value[1]) if two else None


def _laws(document: Document) -> Laws:
    named = [word for _, word in select(document.data, "regimes.*")]
    return load_packs([word for word in named if word in pack_ids()])


_CHECKS = (
    undeclared_words,
    undeclared_clauses,
    _regimes,
    _countries,
    _legal_words,
    _addresses,
    _lines,
    _version,
    _periods,
    _routes,
    _derived,
)
