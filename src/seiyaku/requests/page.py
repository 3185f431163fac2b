"""The page of a package: everything held, item by item, in Japanese or English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from seiyaku.datamap.system import Value
from seiyaku.kernel.text import Language, Text
from seiyaku.requests.shown import Shown

if TYPE_CHECKING:
    from jinja2 import Template

MAX_ROWS = 500
"""Rows of one dataset shown on the page; all of them are in the other files."""


@dataclass(frozen=True)
class ItemNotice:
    """What the policy says of an item held. Law: APPI 32(1), 33.

    Args:
        purposes, recipients, sources: names. retention: how long, in words.
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


def page_html(page: Page, shown: Sequence[Shown], language: Language) -> str:
    """The page as HTML; readable without script, style inside."""
    return _template().render(
        page=page,
        shown=shown,
        lang=language,
        t={key: text.get(language) for key, text in _WORDS.items()},
        outcome={key: text.get(language) for key, text in _OUTCOMES.items()},
        say=lambda text: text.get(language),
        value=_shown_value,
        limit=MAX_ROWS,
    )


def _shown_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_PAGE)


_WORDS: dict[str, Text] = {
    "title": Text(ja="保有個人データの開示", en="Disclosure of personal data"),
    "intro": Text(
        ja="あなたについて保有しているものをすべて示します。型を保った値は data.json にあります。",
        en="This is everything we hold about you. data.json has the values with their types.",
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

_PAGE = """<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ t.title }} - {{ say(page.service) }}</title>
<style>
body { font: 16px/1.7 system-ui, "Noto Sans JP", sans-serif; color: #1a1a1c; margin: 0 auto;
  max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.8rem; } h2 { font-size: 1.3rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { border: 1px solid #949497; padding: .4rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f2f2f2; } caption { text-align: left; font-weight: bold; padding: .5rem 0; }
dt { font-weight: bold; } dd { margin: 0 0 .5rem; }
</style>
</head>
<body>
<main>
<h1>{{ t.title }}</h1>
<dl>
<dt>{{ say(page.service) }}</dt><dd>{{ t.intro if shown else t.nothing }}</dd>
<dt>{{ t.request }}</dt><dd>{{ page.request }}</dd>
<dt>{{ t.made_at }}</dt><dd>{{ value(page.made_at) }}</dd>
<dt>{{ t.version }}</dt><dd>{{ page.version }}</dd>
</dl>
{% if page.items %}
<h2>{{ t["items"] }}</h2>
<div class="scroll"><table>
<tr><th scope="col">{{ t.item }}</th><th scope="col">{{ t.purposes }}</th>
<th scope="col">{{ t.recipients }}</th><th scope="col">{{ t.sources }}</th>
<th scope="col">{{ t.clause }}</th></tr>
{% for item in page["items"] %}
<tr><th scope="row">{{ say(item.name) }}</th>
{% for words in (item.purposes, item.recipients, item.sources) %}
<td>{% for w in words %}{{ say(w) }}{{ "" if loop.last else " / " }}
{% else %}{{ t.unstated }}{% endfor %}</td>
{% endfor %}
<td>{{ item.cite }}</td></tr>
{% endfor %}
</table></div>
{% endif %}
{% if shown %}
<h2>{{ t.data }}</h2>
{% for one in shown %}
<div class="scroll"><table>
<caption>{{ say(one.title) }} ({{ one.rows | length }})</caption>
<tr>{% for column in one.columns %}<th scope="col">{{ say(column.title) }}</th>{% endfor %}</tr>
{% for row in one.rows[:limit] %}
<tr>{% for cell in row %}<td>{{ value(cell) }}</td>{% endfor %}</tr>
{% endfor %}
</table></div>
{% if one.rows | length > limit %}<p>{{ t.more }}</p>{% endif %}
{% endfor %}
{% endif %}
{% if page.elsewhere %}
<h2>{{ t.elsewhere }}</h2>
<ul>
{% for place in page.elsewhere %}
<li>{{ say(place.name) }}
{% if place["items"] %}
({% for i in place["items"] %}{{ say(i) }}{{ "" if loop.last else ", " }}{% endfor %})
{% endif %}
: {{ outcome.get(place.outcome, place.outcome) }}
{% if place.cite %}[{{ place.cite }}]{% endif %}
</li>
{% endfor %}
</ul>
{% endif %}
</main>
</body>
</html>
"""
