"""Read a data map: every fault at once, each with line, column and what to do.

1. The text is read as YAML (`kernel.document`); files over 2 MB are refused.
2. Keys and shapes are checked against the model.
3. Sources and clauses of the policy must be declared there.
4. Links, keys, times and `found_by` must point at datasets and columns that are written down,
   and every dataset belongs to somebody, or says that it does not.
5. Payload maps name declared recipients, items, sources and contexts, and no address twice.

An item, a recipient or a kind of people the policy does not declare is no fault of the file:
data lies there all the same, and `gaps.find_gaps` reports it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from seiyaku.datamap.checked import Check
from seiyaku.datamap.model import DataMap, Link
from seiyaku.datamap.payload_rules import callees, payload_words, told_twice
from seiyaku.datamap.tags import class_tags, cookie_words, service_tags
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.document import Document, Loc, check_model, parse_document, read_document
from seiyaku.kernel.errors import InvalidDocument
from seiyaku.kernel.faults import Fault
from seiyaku.policy.model import Policy


@dataclass(frozen=True)
class ParsedDataMap:
    """A data map that holds together, with the document it was read from.

    Args:
        datamap: the checked data map.
        document: its text with places, for findings and for hashing.
    """

    datamap: DataMap
    document: Document

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes, hex."""
        return sha256_hex(self.document.source)


def parse_datamap(path: Path, policy: Policy) -> ParsedDataMap:
    """Read the data map at `path` against the policy it serves.

    Raises:
        InvalidInput: SY102 it cannot be read, SY103 it is over 2 MB.
        InvalidDocument: every fault of the file at once.
    """
    return check_datamap(read_document(path), policy)


def parse_datamap_bytes(source: bytes, file: str, policy: Policy) -> ParsedDataMap:
    """Read a data map from bytes; `file` is the name shown in faults. Raises as `parse_datamap`."""
    return check_datamap(parse_document(source, file), policy)


def check_datamap(document: Document, policy: Policy) -> ParsedDataMap:
    """Check a document that was read already.

    Raises:
        InvalidDocument: every fault at once, in the order of the file.
    """
    datamap = check_model(document, DataMap)
    check = Check(document, datamap, policy)
    faults = [fault for rule in _RULES for fault in rule(check)]
    if faults:
        raise InvalidDocument(sorted(set(faults)))
    return ParsedDataMap(datamap, document)


def _service(check: Check) -> Iterator[Fault]:
    if check.datamap.service != check.policy.service:
        yield check.fault(
            ("service",),
            "other-service",
            f"the data map is of `{check.datamap.service}`, the policy of `{check.policy.service}`",
            "name the service of the policy",
        )


def _system_words(check: Check) -> Iterator[Fault]:
    """Clauses of systems; systems that are not read say what lies there."""
    for loc, name, entry in check.systems():
        yield from _clause(check, (*loc, "clause"), entry.clause)
        if entry.kind == "by_hand" and entry.datasets:
            yield check.fault(
                (*loc, "datasets"),
                "not-read",
                f"`{name}` is not read, so that it has no datasets",
                "list what lies there under `holds`",
            )
        if entry.kind == "chain" and not entry.immutable:
            yield check.fault(
                loc,
                "chain-not-immutable",
                f"`{name}` is a chain and not declared immutable",
                "write `immutable: true` and the `clause` that says so",
            )


def _never_kept(check: Check) -> Iterator[Fault]:
    """What the policy says is never kept has no column of its own."""
    for loc, system, name, dataset in check.datasets():
        for column, field in dataset.fields.items():
            clause = check.policy.ban(field.item, "keep") if field.item else None
            if clause is not None:
                yield check.fault(
                    (*loc, "fields", column),
                    "never-kept",
                    f"`{system}.{name}.{column}` is to hold `{field.item}`, which is never kept"
                    f" ({check.policy.cite(clause)})",
                    "drop the column, or say which other item it holds",
                    clause,
                )


def _found_by(check: Check) -> Iterator[Fault]:
    for loc, _, entry in check.systems():
        for n, place in enumerate(entry.found_by):
            dataset, _, column = place.rpartition(".")
            yield from _column_of(check, (*loc, "found_by", n), dataset, (column,))


def _field_words(check: Check) -> Iterator[Fault]:
    """Sources, source columns and roles of fields."""
    for loc, _, _, dataset in check.datasets():
        roles = {k.role for k in dataset.links if k.role}
        for column, field in dataset.fields.items():
            at = (*loc, "fields", column)
            sources = check.policy.sources
            yield from check.unknown((*at, "source"), field.source, sources, "source")
            yield from check.unknown(
                (*at, "source_column"), field.source_column, dataset.fields, "column"
            )
            yield from check.unknown((*at, "subject"), field.subject, roles, "role")


def _belongs(check: Check) -> Iterator[Fault]:
    """Every dataset is a person, hangs on something, or is shared; and not two of these."""
    for loc, _, name, dataset in check.datasets():
        owning = [k for k in dataset.links if k.owns]
        if not dataset.person and not dataset.links and not dataset.shared:
            yield check.fault(
                loc,
                "belongs-to-nobody",
                f"`{name}` is neither a person, nor linked, nor shared",
                "add `links`, or `shared: true` where its rows concern nobody in particular",
            )
        if dataset.shared and (owning or dataset.person):
            yield check.fault(
                (*loc, "shared"),
                "shared-and-owned",
                f"`{name}` is shared and yet somebody's",
                "drop `shared`, or write `owns: false` at its links",
            )


def _keys(check: Check) -> Iterator[Fault]:
    for loc, _, name, dataset in check.datasets():
        for column in dataset.key:
            if column not in dataset.fields:
                yield check.fault(
                    (*loc, "key"),
                    "unknown-column",
                    f"key column `{column}` is not among the fields of `{name}`",
                    "declare it under `fields`, with `~` where it says nothing of a person",
                )


def _links(check: Check) -> Iterator[Fault]:
    """Links stand on declared columns, at both ends, and as many here as there."""
    for loc, system, _, dataset in check.datasets():
        for n, link in enumerate(dataset.links):
            at = (*loc, "links", n)
            for column in link.by:
                yield from check.unknown((*at, "by"), column, dataset.fields, "column")
            yield from _link_target(check, at, system, link)


def _link_target(check: Check, at: Loc, system: str, link: Link) -> Iterator[Fault]:
    target = link.to if "." in link.to else f"{system}.{link.to}"
    names = {str(i): d for i, d in check.datamap.datasets()}
    if target not in names:
        near = difflib.get_close_matches(target, list(names), n=1)
        yield check.fault(
            (*at, "to"),
            "dangling-link",
            f"there is no dataset `{target}`",
            f"did you mean `{near[0]}`?" if near else "name a dataset of this file",
        )
        return
    yield from _column_of(check, (*at, "columns"), target, link.columns)
    columns = link.columns or names[target].key
    if len(columns) != len(link.by):
        yield check.fault(
            at,
            "uneven-link",
            f"{len(link.by)} columns here, {len(columns)} in `{target}`",
            "name as many `columns` as stand in `by`",
        )


def _column_of(check: Check, at: Loc, target: str, columns: Iterable[str]) -> Iterator[Fault]:
    names = {str(i): d for i, d in check.datamap.datasets()}
    if target not in names:
        yield from check.unknown(at, target, names, "dataset")
        return
    for column in columns:
        yield from check.unknown(at, column, names[target].fields, "column")


def _times(check: Check) -> Iterator[Fault]:
    """Times are columns here, or of a dataset this one links to."""
    for loc, system, name, dataset in check.datasets():
        linked = {k.to.removeprefix(f"{system}.") for k in dataset.links}
        for event, place in dataset.times.items():
            at = (*loc, "times", event)
            parent, _, column = place.rpartition(".")
            if not parent:
                yield from check.unknown(at, column, dataset.fields, "column")
            elif parent.removeprefix(f"{system}.") not in linked:
                yield check.fault(
                    at,
                    "dangling-time",
                    f"`{name}` has no link to `{parent}`",
                    "date rows by a column of their own, or of a dataset they link to",
                )
            else:
                target = parent if "." in parent else f"{system}.{parent}"
                yield from _column_of(check, at, target, (column,))


def _erasing(check: Check) -> Iterator[Fault]:
    """What is not erased says by which clause."""
    for loc, _, name, dataset in check.datasets():
        yield from _clause(check, (*loc, "erase", "clause"), dataset.erase.clause)
        if dataset.erase.how == "unlink" and dataset.erase.clause is None:
            yield check.fault(
                (*loc, "erase"),
                "unlink-without-clause",
                f"rows of `{name}` stay after an erasure, and no clause says why",
                "name the `clause` that lets the rest stay, or `delete` or `blank` the rows",
            )


def _last_references(check: Check) -> Iterator[Fault]:
    """What goes with its last reference is held by rows, in columns that say what they hold."""
    for loc, system, name, dataset in check.datasets():
        if dataset.erase.when == "asked":
            continue
        held = [n for n, k in enumerate(dataset.links) if k.owns]
        if dataset.person or dataset.erase.how != "delete" or not held:
            yield check.fault(
                (*loc, "erase", "when"),
                "nothing-refers",
                f"`{name}` is to go with its last reference, and is no thing that rows hold",
                "`delete` rows of a dataset that owning `links` tie to the rows that hold them",
            )
        for n in held:
            yield from _says_what_it_holds(check, (*loc, "links", n), system, dataset.links[n])


def _says_what_it_holds(check: Check, loc: Loc, system: str, link: Link) -> Iterator[Fault]:
    target = link.to if "." in link.to else f"{system}.{link.to}"
    fields = {str(i): d.fields for i, d in check.datamap.datasets()}.get(target, {})
    for column in link.columns:
        if column in fields and fields[column].item is None:
            yield check.fault(
                loc,
                "holder-without-item",
                f"`{target}.{column}` holds things of people and names no item",
                "declare it with the item of what it holds, so that it is emptied with it",
            )


def _suspending(check: Check) -> Iterator[Fault]:
    """What a suspension sets are columns, and what it is of are purposes of the policy."""
    for loc, _, _, dataset in check.datasets():
        rule = dataset.suspend
        for column in rule.to if rule else ():
            yield from check.unknown((*loc, "suspend", "to"), column, dataset.fields, "column")
        for word in rule.purposes if rule else ():
            at = (*loc, "suspend", "purposes")
            yield from check.unknown(at, word, check.policy.purposes, "purpose")


def _clause(check: Check, loc: Loc, clause: str | None) -> Iterator[Fault]:
    for fault in check.unknown(loc, clause, check.policy.clauses, "clause"):
        yield Fault(fault.place, fault.rule, fault.message, hint=fault.hint, clause=clause or "")


_RULES: tuple[Callable[[Check], Iterator[Fault]], ...] = (
    _service,
    _system_words,
    _never_kept,
    _found_by,
    _field_words,
    _belongs,
    _keys,
    _links,
    _times,
    _erasing,
    _suspending,
    _last_references,
    service_tags,
    class_tags,
    cookie_words,
    callees,
    payload_words,
    told_twice,
)
