"""Ask an API for rows by their values, follow its pages, and take no record of somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from seiyaku.datamap.system import Row, Value
from seiyaku.systems._shared.matching import Record
from seiyaku.systems._shared.patience import not_understood
from seiyaku.systems._shared.text import shown
from seiyaku.systems.http.answers import MISSING, at, parsed, records, value_of
from seiyaku.systems.http.client import Answer, Calls
from seiyaku.systems.http.model import PLACEHOLDER, Api, ApiDataset, Find, Page

MAX_PAGES = 10_000
_LINK_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')
_NO_ID = frozenset({"", ".", ".."})


def address(template: str, values: Mapping[str, Value]) -> str:
    """`template` with the values of a row, each one quoted as a whole.

    Examples:
        >>> address("/users/{id}", {"id": "auth0|a/b"})
        '/users/auth0%7Ca%2Fb'
    """
    return PLACEHOLDER.sub(lambda m: quote(shown(values[m[1]]), safe=""), template)


class Reader:
    """Reads what an API shows.

    Raises, in every method, what `Calls.call` raises, and `SystemUnavailable` SY324 for an
    answer that is not as declared or about somebody else.
    """

    def __init__(self, system: str, api: Api, calls: Calls) -> None:
        self._system, self._api, self._calls = system, api, calls

    def fetch(self, dataset: ApiDataset, rule: Find, values: Row) -> Iterator[Record]:
        """The rows that a rule finds by `values`."""
        if any(v is None for v in values) or _NO_ID & {shown(v) for v in values}:
            return  # no vendor has such an id, and the address would mean something else
        asked = dict(zip(rule.by, values, strict=True))
        if rule.get is None:
            yield self._alone(dataset, asked)
        elif rule.probe:
            if self._calls.call("GET", address(rule.get, asked)).status not in self._api.gone:
                yield self._alone(dataset, asked)
        else:
            yield from self._answered(dataset, rule, rule.get, asked)

    def every(self, dataset: ApiDataset) -> Iterator[Record]:
        """Every row, where the API lists them."""
        if dataset.list is not None:
            listing = dataset.list
            for answer in self._pages(listing.get, listing.page, listing.rows):
                for record in records(self._system, answer, listing.row, listing.rows):
                    yield self._row(dataset, record, {})

    def _answered(
        self, dataset: ApiDataset, rule: Find, path: str, asked: Mapping[str, Value]
    ) -> Iterator[Record]:
        for answer in self._pages(address(path, asked), rule.page, rule.rows):
            if rule.echo is not None and not _same(at(answer, rule.echo), asked[rule.by[0]]):
                raise not_understood(self._system)
            for record in records(self._system, answer, rule.row, rule.rows):
                row = self._row(dataset, record, asked)
                if self._theirs(rule, row, asked):
                    yield row

    def _theirs(self, rule: Find, row: Record, asked: Mapping[str, Value]) -> bool:
        """INVARIANT: a record of somebody else is never taken for the one asked for."""
        theirs = all(_same(row.get(c), v) for c, v in asked.items())
        if not theirs and rule.exact:
            raise not_understood(self._system)
        return theirs

    def _alone(self, dataset: ApiDataset, asked: Mapping[str, Value]) -> Record:
        return {c: asked.get(c) for c in dataset.columns}

    def _row(
        self, dataset: ApiDataset, record: Mapping[str, Any], asked: Mapping[str, Value]
    ) -> Record:
        return {
            name: value_of(self._system, name, column, record, asked)
            for name, column in dataset.columns.items()
        }

    # -- pages ---------------------------------------------------------------------------------

    def _pages(self, path: str, page: Page | None, rows: str | None) -> Iterator[Any]:
        """Answers, page after page; pages that go round or never end are no answer."""
        url: str | None = _with(path, _first(page)) if page else path
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) >= MAX_PAGES:
                raise not_understood(self._system)
            seen.add(url)
            answer = self._calls.call("GET", url)
            if answer.status in self._api.gone:
                return
            content = parsed(self._system, self._api, answer.data)
            yield content
            url = self._next(path, page, len(seen), content, answer, rows) if page else None

    def _next(
        self, path: str, page: Page, number: int, content: Any, answer: Answer, rows: str | None
    ) -> str | None:
        if page.how == "link":
            return self._linked(path, answer)
        if page.how == "cursor":
            cursor = at(content, page.next)
            more = cursor not in (MISSING, None, "", False)
            return _with(path, {**_first(page), page.param: cursor}) if more else None
        if len(records(self._system, content, ".", rows)) < page.size:
            return None
        step = 1 if page.how == "number" else page.size
        return _with(path, {**_first(page), page.param: page.first + number * step})

    def _linked(self, path: str, answer: Answer) -> str | None:
        link = _LINK_NEXT.search(answer.headers.get("link", ""))
        if link is None:
            return None
        base = self._api.base.rstrip("/") + path
        url = urljoin(base, link[1])
        if urlsplit(url)[:2] != urlsplit(base)[:2]:
            raise not_understood(self._system)
        return str(url)


def _first(page: Page) -> dict[str, Any]:
    asked: dict[str, Any] = {page.size_param: page.size} if page.size_param else {}
    if page.how in ("number", "offset"):
        asked[page.param] = page.first
    return asked


def _with(path: str, parameters: Mapping[str, Any]) -> str:
    parts = urlsplit(path)
    asked = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **parameters}
    return urlunsplit((*parts[:3], urlencode(asked), ""))


def _same(found: Any, asked: Value) -> bool:
    return found is not MISSING and found is not None and shown(found) == shown(asked)
