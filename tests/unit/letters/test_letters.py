"""Letters: every stage in both languages, in the company's own words where it has any."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.text import Language, Text
from seiyaku.letters import STAGES, Facts, Kept, Place, Stage, Waits, render

FACTS = Facts(
    service=Text(ja="茶屋", en="Teahouse"),
    place=Place(
        Text(ja="茶屋株式会社", en="Teahouse Inc."),
        Text(ja="個人情報窓口", en="Privacy desk"),
        Text(ja="〒104-0061 東京都中央区", en="Chuo-ku, Tokyo 104-0061"),
        "privacy@teahouse.example",
    ),
    request="request-1",
    asked=Text(ja="消去", en="deletion"),
    received_on=date(2026, 11, 20),
    language="ja",
    proofs=("passport", "drivers_licence"),
    until=date(2026, 12, 4),
    reason="item_not_declared",
    cite="APPI 34(2)",
    kept=(Kept(Text(ja="注文", en="orders"), "T-9.2", date(2033, 3, 31)),),
    waits=(Waits(Text(ja="決済会社", en="payment company"), date(2027, 2, 1)),),
    lines=((Text(ja="配送のため", en="to ship <b>"), "T-4.1"),),
    missing=("details", "address"),
)
SAYS: dict[Stage, dict[Language, tuple[str, ...]]] = {
    "details_wanted": {"ja": ("求める内容", "ご住所"), "en": ("what you ask", "your address")},
    "confirm": {"ja": ("確認をいただいて", "配送のため"), "en": ("still right", "to ship <b>")},
    "leaked": {"ja": ("漏えい等", "配送のため"), "en": ("part of a leak", "to ship <b>")},
    "received": {"ja": ("2026年11月20日", "消去"), "en": ("20 November 2026", "deletion")},
    "identity_wanted": {"ja": ("旅券", "運転免許証"), "en": ("passport", "driving licence")},
    "extended": {"ja": ("2026年12月4日",), "en": ("4 December 2026",)},
    "pending": {"ja": ("決済会社(2027年2月1日以降",), "en": ("payment company (carried on",)},
    "done": {"ja": ("配送のため [T-4.1]",), "en": ("to ship <b> [T-4.1]",)},
    "refused": {"ja": ("にない項目", "APPI 34(2)"), "en": ("does not declare", "APPI 34(2)")},
    "kept_by_law": {
        "ja": ("注文 [T-9.2] 2033年3月31日まで",),
        "en": ("orders [T-9.2] until 31 March 2033",),
    },
    "package_ready": {"ja": ("2026年12月4日",), "en": ("4 December 2026",)},
}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lang, self.found = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.lang = dict(attrs)["lang"] or ""

    def handle_data(self, data: str) -> None:
        self.found += data


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_letter_says_what_its_stage_is_about_as_text_and_as_page(
    stage: Stage, language: Language
) -> None:
    letter = render(stage, replace(FACTS, language=language))
    page = _Words()
    page.feed(letter.html)
    assert page.lang == language
    for said in SAYS[stage][language]:
        assert said in letter.text
        assert said in page.found
    block = ("〒104-0061 東京都中央区", "個人情報窓口") if language == "ja" else ("Privacy desk",)
    for line in (*block, "privacy@teahouse.example"):
        assert line in letter.text
        assert line in page.found
    assert "request-1" in letter.subject
    assert letter.subject in page.found
    assert "<b>" not in letter.html
    assert "{" not in letter.text


def test_the_words_of_the_company_take_the_place_of_ours_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "done.ja.txt").write_text("できました {{ facts.request }}\n\n以上です。", "utf-8")
    own = render("done", FACTS, tmp_path)
    assert own.subject == "できました request-1"
    assert own.text.startswith("以上です。")
    assert render("refused", FACTS, tmp_path) == render("refused", FACTS)


@pytest.mark.parametrize(
    "broken",
    ["{{ facts.person_email }}", "{{ nobody }}", "{% if %}", "{{ facts.__class__.__mro__ }}"],
)
def test_a_template_that_speaks_of_what_a_letter_does_not_know_is_said_to(
    broken: str, tmp_path: Path
) -> None:
    (tmp_path / "done.ja.txt").write_text(f"subject\n\n{broken}", "utf-8")
    with pytest.raises(InvalidInput) as caught:
        render("done", FACTS, tmp_path)
    assert caught.value.code == "SY117"
    assert "done.ja.txt" in str(caught.value)
