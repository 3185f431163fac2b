"""The page of a package: everything held, item by item, in Japanese or English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape

from seiyaku.datamap.system import Content, Row, Value
from seiyaku.kernel.text import Language, Text
from seiyaku.requests.shown import Sample

MAX_ROWS = 500
"""Rows of one dataset shown on the page; all of them are in the other files."""


@dataclass(frozen=True)
class ItemNotice:
    """What the policy says of an item held. Law: APPI 32(1), 33.

    Args:
        purposes, recipients, sources: names, in the order of the policy.
    """

    name: Text
    purposes: tuple[Text, ...] = ()
    recipients: tuple[Text, ...] = ()
    sources: tuple[Text, ...] = ()
    cite: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A place whose data is not in the package."""

    name: Text
    items: tuple[Text, ...]
    outcome: str
    cite: str


@dataclass(frozen=True)
class Page:
    """What stands on the page beside the rows."""

    service: Text
    request: str
    made_at: datetime
    version: str
    items: tuple[ItemNotice, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = field(default=())


def page_html(page: Page, shown: Sequence[Sample], language: Language) -> str:
    """The page as HTML; readable without script, style inside."""
    from seiyaku.kernel.templates import environment  # Jinja is loaded by who renders only

    return (
        environment("seiyaku.requests")
        .get_template("package.html")
        .render(
            page=page,
            shown=shown,
            lang=language,
            t={key: text.get(language) for key, text in _WORDS.items()},
            outcome={key: text.get(language) for key, text in _OUTCOMES.items()},
            say=lambda text: text.get(language),
            value=_shown_value,
            comma="、" if language == "ja" else ", ",
        )
    )


def row_html(row: Row) -> str:
    """One row of a table of the page."""
    cells = "".join([f"<td>{escape(_shown_value(value))}</td>" for value in row])
    return f"<tr>{cells}</tr>\n"


def _shown_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, Content):
        return f"({value.size} bytes)"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


_WORDS: dict[str, Text] = {
    "title": Text(ja="保有個人データの開示", en="Disclosure of personal data"),
    "intro": Text(
        ja="システムから読み取った、あなたについての保有内容です。含まれないものは末尾に示します。",
        en="This is what our systems hold about you. What is not in here stands at the end.",
    ),
    "nothing": Text(
        ja="あなたの個人情報は保有していません。", en="We hold no personal data about you."
    ),
    "items": Text(ja="項目と利用目的", en="Items and what they are used for"),
    "item": Text(ja="項目", en="Item"),
    "purposes": Text(ja="利用目的", en="Purposes"),
    "recipients": Text(ja="提供先・委託先", en="Recipients"),
    "sources": Text(ja="取得元", en="Sources"),
    "clause": Text(ja="条項", en="Clause"),
    "data": Text(ja="データ", en="Data"),
    "more": Text(ja="残りは csv にあります。", en="The rest is in the csv folder."),
    "elsewhere": Text(ja="ここに含まれないもの", en="What is not in here"),
    "request": Text(ja="受付番号", en="Request"),
    "made_at": Text(ja="作成日時", en="Made at"),
    "version": Text(ja="ポリシーの版", en="Version of the policy"),
    "unstated": Text(ja="記載なし", en="not stated"),
}
_OUTCOMES: dict[str, Text] = {
    "impossible": Text(
        ja="変更できない仕組みにあり、当社は読み取りません",
        en="in a system that cannot be changed; we do not read it",
    ),
    "by_hand": Text(ja="担当者が別途お送りします", en="a person will send it to you"),
    "nothing_found": Text(ja="ありません", en="nothing there"),
    "unreachable": Text(ja="応答がありません", en="did not answer"),
}
