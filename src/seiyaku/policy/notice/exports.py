"""Section on files in which nobody is recognised: statistics, research, publications."""

from __future__ import annotations

from typing import Final

from seiyaku.policy.model import Export
from seiyaku.policy.notice.page import Cell, Section, Table
from seiyaku.policy.notice.writer import Writer

_KINDS: Final = {
    "statistics": ("統計", "statistics"),
    "research": ("識別子を除いた研究データ", "research data without identifiers"),
    "publication": ("公表", "publication"),
}


def exports(w: Writer) -> Section | None:
    """What leaves without anybody being recognised in it; nothing where nothing does."""
    if not w.policy.exports:
        return None
    columns = (
        w.say("内容", "What"),
        w.say("もとになる情報", "Made of"),
        w.say("提供先", "Who gets it"),
        w.say("まとめる人数", "People behind each figure"),
    )
    rows = tuple(_row(w, export) for export in w.policy.exports.values())
    return Section(
        "exports",
        w.say("統計と研究", "Statistics and research"),
        w.say(
            "書き出すたびに、個人が分からないことを確かめます。",
            "Each file is checked before it leaves.",
        ),
        (Table(_caption(w), columns, rows),),
    )


def _caption(w: Writer) -> str:
    return w.say("個人を識別できない情報", "Files in which nobody is recognised")


def _row(w: Writer, export: Export) -> tuple[Cell, ...]:
    kind = w.say(*_KINDS[export.kind])
    return (
        w.cell(w.text(export.name), export.clause, *export.also, notes=[kind]),
        w.cell(w.items(export.items)),
        w.cell(_who(w, export)),
        w.cell(
            w.say(f"{export.k}人以上", f"{export.k} or more"),
            notes=() if export.stated else (w.say("当社の定め", "set by us"),),
        ),
    )


def _who(w: Writer, export: Export) -> str:
    if export.kind == "publication":
        return w.say("どなたでも", "everyone")
    names = [w.text(w.policy.recipients[word].name) for word in export.recipients]
    return w.join(names) if names else w.say("社外には出しません", "nobody outside")
