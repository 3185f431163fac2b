"""The notice: everything the policy says, in Japanese or English, as one readable page.

It is generated from the policy file and so cannot drift from it: controller, items by
source, purposes, recipients with countries and safeguards, external transmissions, statistics
and research, periods, rights and how to use them, security measures, minors, changes, contact,
and every clause with an anchor of its own (``#c-6.2c``). The words are the product's own, at
most a sentence a clause; the published text they stand for is named with its SHA-256.

Law: APPI 21, 32(1); APPI Order 10; TBA 27-12. Source: ISO/IEC 29184:2020, 5.2 and 5.3.
"""

from __future__ import annotations

from typing import Literal

from seiyaku.kernel.text import Language
from seiyaku.laws import Laws
from seiyaku.policy.labels import label
from seiyaku.policy.model import Policy
from seiyaku.policy.notice import data, exports, passing, people
from seiyaku.policy.notice.data import backups_text
from seiyaku.policy.notice.page import ClauseLine, Facts, Page
from seiyaku.policy.notice.writer import Writer

Format = Literal["md", "html"]


def render_notice(policy: Policy, laws: Laws, language: Language, fmt: Format) -> str:
    """The notice of `policy` as one file: HTML without external resources, or Markdown.

    Args:
        laws: packs the policy names; give `laws.at(day)` for a notice of a day.
    """
    from seiyaku.kernel.templates import environment  # Jinja is loaded by who renders only

    template = environment("seiyaku.policy").get_template(f"notice.{fmt}")
    return template.render(page=notice_page(policy, laws, language))


def notice_page(policy: Policy, laws: Laws, language: Language) -> Page:
    """The notice as plain values, section by section."""
    w = Writer(policy, laws, language)
    sections = (
        people.controller(w),
        data.collected(w),
        data.purposes(w),
        passing.recipients(w),
        passing.transmissions(w),
        exports.exports(w),
        data.kept(w),
        people.rights(w),
        people.safety(w),
        people.minors(w),
        people.changes(w),
        people.contact(w),
    )
    return Page(
        language=language,
        title=w.say(
            f"{w.text(policy.service_name)} プライバシーポリシー",
            f"{w.text(policy.service_name)}: privacy notice",
        ),
        subtitle=people.subtitle(w),
        origin=_origin(w),
        at_a_glance=_glance(w),
        sections=tuple(section for section in sections if section),
        clauses=tuple(_clause(w, clause) for clause in policy.clauses),
        labels=_labels(w),
    )


def _origin(w: Writer) -> str:
    source = w.policy.source
    original = w.say(
        {"ja": "日本語", "en": "英語"}[source.language],
        {"ja": "Japanese", "en": "English"}[source.language],
    )
    where = source.url if source.url != "unknown" else w.say("掲載先不明", "address unknown")
    return w.say(
        f"この日本語は、公表された方針（{original}、{where}）を当社の言葉で言い換えたものです。",
        f"These words paraphrase the published policy ({original}, {where}); "
        "so does the Japanese edition.",
    )


def _glance(w: Writer) -> Facts:
    policy = w.policy
    abroad = sorted(
        {c for r in policy.recipients.values() for c in r.countries if not w.laws.is_domestic(c)}
    )
    return Facts(
        (
            (
                w.say("取得する情報", "Items collected"),
                w.cell(str(len([w for w in policy.items if policy.ban(w, "collect") is None]))),
            ),
            (w.say("利用目的", "Purposes"), w.cell(str(len(policy.purposes)))),
            (w.say("提供先", "Recipients"), w.cell(str(len(policy.recipients)))),
            (
                w.say("外国", "Abroad"),
                w.cell(w.join(map(w.country, abroad)) if abroad else w.say("なし", "none")),
            ),
        )
    )


def _clause(w: Writer, clause: str) -> ClauseLine:
    text = w.policy.clauses[clause]
    first, last = text.lines
    lines = str(first) if first == last else f"{first}–{last}"
    return ClauseLine(clause, text.says.get(w.language), label(text.force, w.language), lines)


def _labels(w: Writer) -> dict[str, str]:
    policy = w.policy
    return {
        "skip": w.say("本文へ", "Skip to the text"),
        "contents": w.say("目次", "Contents"),
        "clauses": w.say("条項", "The clauses"),
        "clauses_lead": w.say(
            "各条項を一文で示し、公表された文の行番号を添えます。",
            "Each clause in a sentence, with its lines in the published text.",
        ),
        "clause": w.say("条項", "clause"),
        "lines": w.say("行", "lines"),
        "glance": w.say("あらまし", "At a glance"),
        "digest": w.say("公表された文のSHA-256", "SHA-256 of the published text"),
        "sha256": policy.source.sha256,
        "prefix": policy.prefix,
        "made": w.say("この通知は方針のファイルから作られました。", "Made from the policy file."),
    }


__all__ = ["Format", "Page", "backups_text", "notice_page", "render_notice"]
