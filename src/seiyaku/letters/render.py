"""Turn a stage and its facts into a letter, by templates that a company may replace."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.text import Language, Text
from seiyaku.letters.model import Facts, Letter, Stage
from seiyaku.policy.labels import label

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def render(stage: Stage, facts: Facts, folder: Path | None = None) -> Letter:
    """Write the letter of `stage`.

    Args:
        folder: templates of the company, ``STAGE.LANGUAGE.txt`` and ``letter.html``; what is
            not there is taken from the package. The first line of a text is its subject.

    Raises:
        InvalidInput: SY117 a template cannot be read, or speaks of what a letter does not know.
    """
    name = f"{stage}.{facts.language}.txt"
    written = _filled(name, facts, folder)
    subject, _, text = written.strip().partition("\n")
    text = f"{text.strip()}\n\n{_signature(facts)}"
    paragraphs = [p.splitlines() for p in text.split("\n\n")]
    html = _filled("letter.html", facts, folder, subject=subject, paragraphs=paragraphs)
    return Letter(stage, facts.language, subject, text, html)


def _filled(name: str, facts: Facts, folder: Path | None, **more: object) -> str:
    from jinja2 import TemplateError  # Jinja is loaded by who renders only

    language = facts.language
    try:
        template = _environment(folder).get_template(name)
        return template.render(
            facts=facts,
            lang=language,
            say=lambda text: text.get(language),
            day=lambda day: _day(day, language),
            word=lambda word: _word(word, language),
            **more,
        )
    except (TemplateError, UnicodeError, OSError) as error:
        raise InvalidInput(
            f"the template `{name}` cannot be filled: {type(error).__name__}",
            code="SY117",
            hint="a letter knows `facts`, `say`, `day`, `word` and `lang`; compare with the "
            "template of the package",
        ) from None


def _environment(folder: Path | None) -> SandboxedEnvironment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
    from jinja2 import select_autoescape as escaping
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    own = [FileSystemLoader(folder)] if folder is not None else []
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*own, PackageLoader("seiyaku.letters", "templates")]),
        autoescape=escaping(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _signature(facts: Facts) -> str:
    place, language = facts.place, facts.language
    texts = (facts.service, place.controller, place.section, place.post)
    lines = [t.get(language) for t in texts if t is not None]
    return "\n".join(dict.fromkeys([*lines, *(w for w in (place.email, place.web) if w)]))


def _day(day: date, language: Language) -> str:
    """A day as it is written in letters.

    Examples:
        >>> _day(date(2026, 12, 4), "ja")
        '2026年12月4日'
    """
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B} {day.year}"


def _word(word: str, language: Language) -> str:
    return _WORDS[word].get(language) if word in _WORDS else label(word, language)


_WORDS: dict[str, Text] = {
    "item_not_declared": Text(
        ja="当社のプライバシーポリシーにない項目です", en="our policy does not declare this item"
    ),
    "essential_item": Text(
        ja="サービスの提供に欠かせない項目です", en="the service cannot run without this item"
    ),
    "identity_not_shown": Text(
        ja="ご本人であることを確認できませんでした", en="we could not confirm who you are"
    ),
    "mandate_missing": Text(
        ja="代理権を確認できる書類がありませんでした",
        en="no document showed the authority to act for the person",
    ),
    "details": Text(
        ja="求める内容（確認したいこと、訂正の内容など）",
        en="what you ask for (confirmation, the content of a correction ...)",
    ),
    "delivery": Text(
        ja="ご回答の時期と方法、又は情報を提供された時期と方法",
        en="when and how you wish the answer, or when and how you gave us the data",
    ),
    "name": Text(ja="お名前", en="your name"),
    "address": Text(ja="ご住所", en="your address"),
    "person": Text(
        ja="ご登録を特定できるもの（登録時の住所、会員番号など）",
        en="what tells your account from others (the address on file, your number ...)",
    ),
    "harms_third_person": Text(
        ja="本人又は第三者の権利利益を害するおそれがあります",
        en="it could harm the rights of the person or of somebody else",
    ),
}
"""Reasons; a proof is called as in the notice."""
