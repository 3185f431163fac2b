"""The notice says everything the policy says, safely, in both languages."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, Literal

import pytest
from edits import teashop

from seiyaku.policy.notice import notice_page, render_notice

LANGUAGES: tuple[Literal["ja", "en"], ...] = ("ja", "en")


class Outline(HTMLParser):
    """Ids, links, addresses loaded and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.language = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {k: v or "" for k, v in attrs}
        self.tags.append(tag)
        self.language = named.get("lang", self.language)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named["href"]] if tag == "a" else []
        self.loaded += [named[k] for k in ("src", "data", "srcset") if k in named]
        self.loaded += [named["href"]] if tag == "link" else []
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_named_in_its_language_and_loads_nothing(
    language: Literal["ja", "en"],
) -> None:
    parsed = teashop()
    html = render_notice(parsed.policy, parsed.laws, language, "html")
    page = Outline(html)
    assert page.open == []
    assert page.language == language
    assert page.loaded == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert page.tags.count("h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clause_has_one_anchor_and_every_link_within_the_page_leads_somewhere(
    language: Literal["ja", "en"],
) -> None:
    parsed = teashop()
    page = Outline(render_notice(parsed.policy, parsed.laws, language, "html"))
    assert len(page.ids) == len(set(page.ids))
    assert {f"c-{clause}" for clause in parsed.policy.clauses} <= set(page.ids)
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert inside
    assert set(inside) <= set(page.ids)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fmt", ["md", "html"])
def test_everything_with_a_name_is_said(
    language: Literal["ja", "en"], fmt: Literal["md", "html"]
) -> None:
    parsed = teashop()
    policy = parsed.policy
    said = render_notice(policy, parsed.laws, language, fmt).replace("\\", "")
    named = [
        policy.service_name,
        policy.controller.name,
        policy.controller.address,
        policy.controller.representative,
        *(item.name for item in policy.items.values()),
        *(purpose.name for purpose in policy.purposes.values()),
        *(recipient.name for recipient in policy.recipients.values()),
        *(source.name for source in policy.sources.values()),
        *(exception.name for exception in policy.exceptions.values()),
        *(measure.name for measure in policy.measures.values()),
        *(clause.says for clause in policy.clauses.values()),
        *(line.summary for line in policy.version.history),
        *(sent.information for sent in policy.transmissions),
        *(sent.destination_purpose for sent in policy.transmissions),
        *(note.regime for note in policy.countries.values()),
    ]
    for text in named:
        assert text is not None
        shown = text.get(language).replace("'", "&#39;") if fmt == "html" else text.get(language)
        assert shown in said
    for address in ("privacy+tea@teashop.jp", "https://metrics.example.com/opt-out"):
        assert address in said


def test_the_table_of_external_transmissions_has_the_six_columns_of_the_law_and_of_use() -> None:
    parsed = teashop()
    page = notice_page(parsed.policy, parsed.laws, "ja")
    table = next(s for s in page.sections if s.id == "transmissions").blocks[0]
    rule = parsed.laws.transmission
    assert rule is not None
    assert len(table.columns) == len(rule.required.codes) + len(rule.recommended.codes)
    assert len(table.rows) == len(parsed.policy.transmissions)


def test_the_japanese_notice_says_that_it_is_a_paraphrase() -> None:
    parsed = teashop({"/source/language": "en"})
    page = notice_page(parsed.policy, parsed.laws, "ja")
    assert "言い換え" in page.origin
    assert "英語" in page.origin


def test_a_placeholder_is_never_printed_as_an_address() -> None:
    parsed = teashop({"/contacts/0/email": "[email protected]"})
    for language in LANGUAGES:
        html = render_notice(parsed.policy, parsed.laws, language, "html")
        assert "mailto:" not in html
        assert "protected" not in html


def test_what_the_policy_does_not_state_is_said_to_be_not_stated() -> None:
    parsed = teashop(
        {"/retention/account/stated": False, "/recipients/carrier/countries": [], "/contacts": []}
    )
    said = render_notice(parsed.policy, parsed.laws, "en", "md")
    assert "the policy names no period" in said
    assert "not stated" in said
    assert "No contact is stated." in said


def test_text_of_a_policy_cannot_write_markup_into_the_page() -> None:
    evil = "<script>alert(1)</script> & <b>x</b>"
    edits = {
        "/items/email/name": {"ja": evil, "en": evil},
        "/service_name": {"ja": evil, "en": evil},
    }
    parsed = teashop(edits)
    for language in LANGUAGES:
        assert "<script" not in render_notice(parsed.policy, parsed.laws, language, "html")
        assert "<script" not in render_notice(parsed.policy, parsed.laws, language, "md")


def test_an_address_that_is_no_web_address_is_never_a_link() -> None:
    parsed = teashop(
        {
            "/contacts/0/web": "javascript:alert(1)",
            "/transmissions/0/policy_url": "javascript:alert(2)",
            "/transmissions/0/opt_out_url": "data:text/html,x",
        }
    )
    page = Outline(render_notice(parsed.policy, parsed.laws, "en", "html"))
    assert not [a for a in page.links if a.startswith(("javascript:", "data:"))]


def test_a_bar_in_a_name_does_not_break_a_table_of_markdown() -> None:
    parsed = teashop({"/items/email/name": {"ja": "a|b", "en": "a|b"}})
    said = render_notice(parsed.policy, parsed.laws, "en", "md")
    row = next(line for line in said.splitlines() if line.startswith("| a\\|b"))
    assert row.replace("\\|", "").count("|") == 4


def test_an_item_that_is_never_collected_stands_only_among_what_never_happens() -> None:
    parsed = teashop({"/items/card_number/never": {"collect": "1.4", "keep": "1.4"}})
    page = notice_page(parsed.policy, parsed.laws, "en")
    collected = next(s for s in page.sections if s.id == "collected")
    rows = [row[0].text for b in collected.blocks if hasattr(b, "rows") for row in b.rows]
    assert "card number" not in rows
    said = [cell.text for b in collected.blocks if hasattr(b, "cells") for cell in b.cells]
    assert "card number: never collected." in said


def _said(edits: dict[str, Any], section: str) -> str:
    """Everything a section says in English."""
    parsed = teashop(edits)
    page = notice_page(parsed.policy, parsed.laws, "en")
    return str(next((s for s in page.sections if s.id == section), ""))


def test_what_limits_an_item_or_a_recipient_is_said() -> None:
    made = _said({"/items/order/derived_from": ["card_number"]}, "collected")
    assert "made of card number, and bound by the same bans" in made
    linked = _said({"/items/email/sources/person/scope": "mail"}, "collected")
    assert "as far as you let the linked service" in linked
    masked = _said({"/recipients/carrier/masked": "3.1"}, "recipients")
    assert "with whatever tells who you are masked" in masked
    referring = _said({"/recipients/carrier/reference": ["2.1", "2.2"]}, "recipients")
    assert "nothing before it is settled what for" in referring


def test_an_item_is_used_for_what_every_closed_list_over_it_holds() -> None:
    edits = {
        "/items/name/only": {"clause": "1.1", "purposes": ["payment"]},
        "/items/order/derived_from": ["name"],
    }
    parsed = teashop(edits)
    collected = next(
        s for s in notice_page(parsed.policy, parsed.laws, "en").sections if s.id == "collected"
    )
    rows = {row[0].text: row for b in collected.blocks if hasattr(b, "rows") for row in b.rows}
    assert rows["order"][1].text == "processing payments"
    assert rows["order"][1].notes == ("for nothing else",)


def test_files_in_which_nobody_is_recognised_have_a_section_where_there_are_any() -> None:
    assert _said({}, "exports") == ""
    counts = {
        "clause": "2.4",
        "name": {"ja": "統計", "en": "counts"},
        "kind": "statistics",
        "items": ["order"],
    }
    inside = _said({"/exports": {"counts": counts}}, "exports")
    for words in ("counts", "statistics", "order", "nobody outside", "5 or more", "set by us"):
        assert words in inside
    given = {**counts, "recipients": ["carrier"], "stated": True}
    passed = _said({"/exports": {"counts": given}}, "exports")
    assert "Uji Carriers" in passed
    assert "set by us" not in passed
    public = _said({"/exports": {"counts": {**counts, "kind": "publication"}}}, "exports")
    assert "everyone" in public
