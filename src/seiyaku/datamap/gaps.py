"""What lies in the systems and was never promised, and what was promised and lies nowhere.

`find_gaps` compares the data map and the policy with what exists now: surfaces, and texts that
detectors look into. It is pure; `texts` is the only thing that reads. Findings name table,
column and row key and never a value; each cites the clause that it touches.

| rule | found |
|---|---|
| `undeclared-column`, `undeclared-table` | data nobody declared |
| `missing-column`, `missing-table` | declared data that does not exist |
| `orphan-copy` | an undeclared table with the columns of a declared one |
| `unreachable-dataset` | items that no link connects to a person |
| `link-cycle` | datasets that point at each other (found by repetition; for information) |
| `item-not-declared` | an item that the policy does not declare |
| `recipient-not-declared` | a system run by somebody the policy does not name |
| `subject-out-of-scope` | people, or an item of people, the policy does not speak of |
| `forbidden-item` | an item the policy says is never kept, seen by its detector |
| `credential-held-locally` | a credential where a measure leaves them to someone else |
| `data-in-wrong-field` | an e-mail address in a column declared as something else |
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from seiyaku.datamap.clauses import Clauses
from seiyaku.datamap.concepts import CREDENTIAL_CONCEPTS, names_credential, suggested
from seiyaku.datamap.detectors import (
    EMAIL_CONCEPTS,
    Detector,
    holds_email,
    is_email,
    never_kept,
)
from seiyaku.datamap.graph import Resolution, resolve
from seiyaku.datamap.model import Dataset
from seiyaku.datamap.parse import ParsedDataMap
from seiyaku.datamap.system import ColumnSurface, TableSurface
from seiyaku.kernel.document import Loc
from seiyaku.kernel.faults import Fault, Severity
from seiyaku.kernel.ids import SystemId
from seiyaku.policy.model import Policy

Surfaces = Mapping[SystemId, tuple[TableSurface, ...]]
Texts = Callable[[SystemId, str, str], Iterator[tuple[str, str]]]
"""(system, table, column) to every (row key, text) in it."""

MAX_ROWS_NAMED: Final = 5
_COPY_SHARE: Final = 0.7


def no_texts(_system: SystemId, _table: str, _column: str) -> Iterator[tuple[str, str]]:
    """Look into no column."""
    return iter(())


def find_gaps(
    parsed: ParsedDataMap, policy: Policy, surfaces: Surfaces, texts: Texts = no_texts
) -> tuple[Fault, ...]:
    """Every gap between the pledge, the data map and what exists, in the order of the file.

    Args:
        surfaces: of the systems that answered; systems left out are not compared.
        texts: reads one column; `System.texts` of the systems.
    """
    gaps = _Gaps(parsed, policy, surfaces, texts)
    return tuple(sorted({fault for rule in _RULES for fault in rule(gaps)}))


@dataclass(frozen=True)
class _Place:
    """One table of one system, with the dataset that declares it."""

    system: SystemId
    name: str
    dataset: Dataset | None
    table: TableSurface

    def item(self, column: str) -> str | None:
        """The item a column is declared to hold."""
        field = self.dataset.fields.get(column) if self.dataset else None
        return field.item if field else None

    def items(self) -> list[str]:
        """Every item declared here, in the order of the columns."""
        return [item for c in self.table.columns if (item := self.item(c.name))]


@dataclass(frozen=True)
class _Gaps:
    parsed: ParsedDataMap
    policy: Policy
    surfaces: Surfaces
    texts: Texts

    @cached_property
    def clauses(self) -> Clauses:
        return Clauses(self.policy)

    @cached_property
    def resolution(self) -> Resolution:
        return resolve(self.parsed.datamap)

    def fault(
        self, loc: Loc, rule: str, severity: Severity, message: str, hint: str, clause: str = ""
    ) -> Fault:
        place = self.parsed.document.key_place(loc)
        cited = f" ({self.policy.cite(clause)})" if clause else ""
        return Fault(place, rule, message + cited, severity, hint, clause)

    def declared(self) -> Iterator[tuple[SystemId, str, Dataset, TableSurface | None]]:
        """Datasets of the systems that answered, each with its table where there is one."""
        for system, tables in self.surfaces.items():
            by_name = {t.name: t for t in tables}
            for name, dataset in self.parsed.datamap.systems[system].datasets.items():
                yield system, name, dataset, by_name.get(dataset.table or name)

    def places(self) -> Iterator[_Place]:
        """Every table that exists, declared or not."""
        known = {(s, t.name): (n, d) for s, n, d, t in self.declared() if t is not None}
        for system, tables in self.surfaces.items():
            for table in tables:
                name, dataset = known.get((system, table.name), (table.name, None))
                yield _Place(system, name, dataset, table)

    def loc(self, place: _Place, column: str | None = None) -> Loc:
        """Where the data map speaks of a table, or of a column of it."""
        loc: Loc = ("systems", place.system, "datasets")
        if place.dataset is None:
            return loc
        loc = (*loc, place.name)
        if column is None or column not in place.dataset.fields:
            return loc
        return (*loc, "fields", column)

    def concept(self, item: str | None) -> str:
        """The DPV concept of an item; empty where the policy does not declare it."""
        declared = self.policy.items.get(item) if item else None
        return declared.personal if declared else ""


def _missing(gaps: _Gaps) -> Iterator[Fault]:
    for system, name, dataset, table in gaps.declared():
        loc: Loc = ("systems", system, "datasets", name)
        if table is None:
            yield gaps.fault(
                loc,
                "missing-table",
                "error",
                f"`{system}`: there is no `{dataset.table or name}`",
                "rename the dataset or give its `table`; drop it where the data is gone",
            )
            continue
        existing = {c.name for c in table.columns}
        for column in dataset.fields:
            if column not in existing and not table_is_loose(table):
                near = difflib.get_close_matches(column, existing - set(dataset.fields), n=1)
                yield gaps.fault(
                    (*loc, "fields", column),
                    "missing-column",
                    "error",
                    f"`{system}.{name}`: there is no column `{column}`",
                    f"was it renamed to `{near[0]}`?" if near else "drop it where it is gone",
                )


def table_is_loose(table: TableSurface) -> bool:
    """Whether rows of a table need not have every column (JSON objects)."""
    return bool(table.columns) and all(c.type in ("json", "name", "integer") for c in table.columns)


def _undeclared(gaps: _Gaps) -> Iterator[Fault]:
    for place in gaps.places():
        if place.dataset is None:
            yield from _undeclared_table(gaps, place)
            continue
        for column in place.table.columns:
            if column.name not in place.dataset.fields:
                yield _undeclared_column(gaps, place, column)


def _undeclared_column(gaps: _Gaps, place: _Place, column: ColumnSurface) -> Fault:
    clause, nearest = gaps.clauses.of_list, gaps.clauses.nearest(suggested(column.name))
    near = f", nearest {gaps.policy.cite(nearest)}" if nearest else ""
    return gaps.fault(
        (*gaps.loc(place), "fields"),
        "undeclared-column",
        "high",
        f"`{place.system}.{place.name}.{column.name}` holds data that no clause declares{near}",
        "declare its item (`~` where it says nothing of a person), or drop the column",
        clause,
    )


def _undeclared_table(gaps: _Gaps, place: _Place) -> Iterator[Fault]:
    original = _copied(gaps, place.table)
    if original is not None:
        yield gaps.fault(
            gaps.loc(place),
            "orphan-copy",
            "high",
            f"`{place.system}.{place.table.name}` looks like a copy of `{original.name}`, "
            "and no erasure reaches it",
            "drop it, or declare it with its links",
            gaps.clauses.of_disposal(
                [i for c in original.table.columns if (i := original.item(c.name))]
            ),
        )
        return
    personal = any(suggested(c.name) for c in place.table.columns)
    yield gaps.fault(
        gaps.loc(place),
        "undeclared-table",
        "high" if personal else "medium",
        f"`{place.system}.{place.table.name}` is declared by nobody",
        "declare it with its links, with `shared: true` where it concerns nobody, or drop it",
        gaps.clauses.of_list,
    )


def _copied(gaps: _Gaps, table: TableSurface) -> _Place | None:
    """The declared table whose columns `table` repeats, if there is one."""
    names = {c.name for c in table.columns}
    best: tuple[float, _Place] | None = None
    for place in gaps.places():
        items = {c.name for c in place.table.columns if place.item(c.name)}
        if place.dataset is None or not items & names or place.table.name == table.name:
            continue
        own = {c.name for c in place.table.columns}
        share = len(own & names) / max(len(own | names), 1)
        if share >= _COPY_SHARE and len(own & names) > 1 and (best is None or share > best[0]):
            best = (share, place)
    return best[1] if best else None


def _unreachable(gaps: _Gaps) -> Iterator[Fault]:
    for dataset_id in gaps.resolution.unreachable:
        system, _, name = dataset_id.partition(".")
        dataset = gaps.parsed.datamap.dataset(dataset_id)
        items = [f.item for f in dataset.fields.values() if f.item]
        yield gaps.fault(
            ("systems", system, "datasets", name),
            "unreachable-dataset",
            "high",
            f"`{dataset_id}` holds items and no link connects it to a person",
            "add the link by which its rows belong to people, over several hops or by a value",
            gaps.clauses.of_items(items),
        )


def _cycles(gaps: _Gaps) -> Iterator[Fault]:
    for cycle in gaps.resolution.cycles:
        system, _, name = cycle[0].partition(".")
        names = ", ".join(f"`{d}`" for d in cycle)
        verb = "point at each other" if len(cycle) > 1 else "points at itself"
        yield gaps.fault(
            ("systems", system, "datasets", name),
            "link-cycle",
            "info",
            f"{names} {verb}: rows are found by repetition",
            "nothing to do",
        )


def _items(gaps: _Gaps) -> Iterator[Fault]:
    """Items of fields and systems that the policy does not declare."""
    for loc, item in _item_places(gaps):
        if item in gaps.policy.items:
            continue
        near = difflib.get_close_matches(item, list(gaps.policy.items), n=1)
        yield gaps.fault(
            loc,
            "item-not-declared",
            "high",
            f"`{item}` is held, and no clause of the policy declares it",
            f"did you mean `{near[0]}`?"
            if near
            else "declare it in the policy, or stop holding it",
            gaps.clauses.of_list,
        )


def _item_places(gaps: _Gaps) -> Iterator[tuple[Loc, str]]:
    for system, entry in gaps.parsed.datamap.systems.items():
        for n, item in enumerate(entry.holds):
            yield ("systems", system, "holds", n), item
        for name, dataset in entry.datasets.items():
            for column, field in dataset.fields.items():
                if field.item:
                    yield ("systems", system, "datasets", name, "fields", column), field.item


def _recipients(gaps: _Gaps) -> Iterator[Fault]:
    """Systems run by somebody the policy does not name."""
    for name, entry in gaps.parsed.datamap.systems.items():
        if entry.recipient is None or entry.recipient in gaps.policy.recipients:
            continue
        near = difflib.get_close_matches(entry.recipient, list(gaps.policy.recipients), n=1)
        yield gaps.fault(
            ("systems", name, "recipient"),
            "recipient-not-declared",
            "high",
            f"`{name}` lies with `{entry.recipient}`, whom the policy does not name",
            f"did you mean `{near[0]}`?" if near else "name it in the policy with its basis",
            gaps.clauses.of_recipients,
        )


def _scope(gaps: _Gaps) -> Iterator[Fault]:
    """Kinds of people the policy does not speak of, and items it takes from others only."""
    datamap = gaps.parsed.datamap
    for dataset_id, root in datamap.persons():
        if root.person not in gaps.policy.people:
            system, _, name = dataset_id.partition(".")
            yield gaps.fault(
                ("systems", system, "datasets", name, "person"),
                "subject-out-of-scope",
                "high",
                f"`{dataset_id}` holds people of kind `{root.person}`, of whom the policy says "
                "nothing",
                "name them under `people` in the policy, or stop holding them",
                gaps.clauses.of_list,
            )
    for kind in sorted({d.person for _, d in datamap.persons() if d.person}):
        for step in resolve(datamap, kind).steps:
            if not step.root and not any(p.owns for p in step.paths):
                continue
            dataset = datamap.dataset(step.dataset)
            system, _, name = step.dataset.partition(".")
            for column, field in dataset.fields.items():
                item = gaps.policy.items.get(field.item or "")
                if item and item.people and kind not in item.people:
                    yield gaps.fault(
                        ("systems", system, "datasets", name, "fields", column),
                        "subject-out-of-scope",
                        "high",
                        f"`{field.item}` is declared for {', '.join(item.people)}, "
                        f"not for `{kind}`",
                        "declare the item for these people in the policy, or stop holding it",
                        item.clause,
                    )


def _credentials(gaps: _Gaps) -> Iterator[Fault]:
    """Credentials in systems of ours where a measure leaves them to others."""
    measure = next((m for m in gaps.policy.measures.values() if "credential" in m.forbids), None)
    if measure is None:
        return
    for place in gaps.places():
        if gaps.parsed.datamap.systems[place.system].recipient:
            continue
        for column in place.table.columns:
            concept = gaps.concept(place.item(column.name))
            if names_credential(column.name) or concept in CREDENTIAL_CONCEPTS:
                yield gaps.fault(
                    gaps.loc(place, column.name),
                    "credential-held-locally",
                    "high",
                    f"`{place.system}.{place.name}.{column.name}` holds a credential",
                    "leave logging in to the service the policy names, and drop the column",
                    measure.clause,
                )


def _texts(gaps: _Gaps) -> Iterator[Fault]:
    """What detectors see, each text column read once."""
    banned = never_kept(gaps.policy)
    for place in gaps.places():
        for column in place.table.columns:
            if not column.text:
                continue
            watch = _Watch(gaps, place, column, banned)
            for number, (key, text) in enumerate(
                gaps.texts(place.system, place.table.name, column.name), 1
            ):
                watch.see(number, key, text)
            yield from watch.findings()


class _Watch:
    """What detectors saw in one column."""

    def __init__(
        self, gaps: _Gaps, place: _Place, column: ColumnSurface, banned: Mapping[str, Detector]
    ) -> None:
        self._gaps, self._place, self._column = gaps, place, column.name
        self._banned = banned
        self._hits: dict[str, list[str]] = {word: [] for word in banned}
        self._alike = dict.fromkeys(banned, 0)
        self._mails: list[str] = []
        self._whole = False
        item = place.item(column.name)
        named = EMAIL_CONCEPTS & set(suggested(column.name))
        belongs = gaps.concept(item) in EMAIL_CONCEPTS or place.dataset is None
        self._mail_belongs = belongs or bool(named)

    def see(self, number: int, key: str, text: str) -> None:
        """Look into one text."""
        for word, detector in self._banned.items():
            if detector.resembles(text):
                self._alike[word] += 1
                if detector.holds(text):
                    self._hits[word].append(self._row(number, key))
        if not self._mail_belongs and holds_email(text):
            self._mails.append(self._row(number, key))
            self._whole = self._whole or is_email(text) or text.lstrip()[:1] in ("{", "[")

    def findings(self) -> Iterator[Fault]:
        """One finding for every row with a banned item; one for a column with addresses."""
        name = f"{self._place.system}.{self._place.name}.{self._column}"
        loc = self._gaps.loc(self._place, self._column)
        for word, rows in self._hits.items():
            if not self._taken(word, len(rows)):
                continue
            clause = self._gaps.policy.ban(word, "keep") or ""
            for row in rows:
                yield self._gaps.fault(
                    loc,
                    "forbidden-item",
                    "high",
                    f"`{name}`, {row}: holds a `{word}`, which is never kept",
                    "remove the value and find out what wrote it",
                    clause,
                )
        if self._mails:
            shown = ", ".join(self._mails[:MAX_ROWS_NAMED])
            more = len(self._mails) - MAX_ROWS_NAMED
            item = self._gaps.policy.items.get(self._place.item(self._column) or "")
            yield self._gaps.fault(
                loc,
                "data-in-wrong-field",
                "medium" if self._whole else "low",
                f"`{name}` holds e-mail addresses: {shown}" + (f" and {more} more" * (more > 0)),
                "move them to a column declared as an e-mail address, or remove them",
                item.clause if item else self._gaps.clauses.of_list,
            )

    def _taken(self, word: str, hits: int) -> bool:
        """Whether the column as a whole may be taken to hold the item."""
        detector, alike = self._banned[word], self._alike[word]
        return alike < detector.enough or hits / alike >= detector.share

    def _row(self, number: int, key: str) -> str:
        """The row's key, or its number where the key itself may say who it is."""
        table, dataset = self._place.table, self._place.dataset
        keys = dataset.key if dataset else table.key
        harmless = all(
            self._place.item(k) is None if dataset else re.fullmatch(r"id|.*_id", k) for k in keys
        )
        return f"row `{key}`" if keys and harmless else f"row number {number}"


_RULES: tuple[Callable[[_Gaps], Iterator[Fault]], ...] = (
    _missing,
    _undeclared,
    _unreachable,
    _cycles,
    _items,
    _recipients,
    _scope,
    _credentials,
    _texts,
)
