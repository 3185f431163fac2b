"""Sections on the data itself: what is collected, why, how long it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seiyaku.kernel.text import Text
from seiyaku.policy.labels import label
from seiyaku.policy.model import LEGAL_RETENTION, Item, Purpose, Retention
from seiyaku.policy.notice.page import Block, Cell, Points, Section, Table
from seiyaku.policy.notice.writer import Writer


def collected(w: Writer) -> Section:
    """Items by source. Law: APPI 21; ISO/IEC 29184 5.3.5-7."""
    groups = [
        (w.say(f"{w.text(source.name)}から", f"From: {w.text(source.name)}"), word)
        for word, source in w.policy.sources.items()
    ]
    tables = [_items_from(w, caption, word) for caption, word in groups]
    without = [word for word in _collected(w) if not w.policy.items[word].sources]
    if without:
        caption = w.say("取得元の明示がないもの", "From a source the policy does not state")
        tables.append(_items(w, caption, [(word, None) for word in without]))
    return Section(
        "collected",
        w.say("取得する情報", "What is collected"),
        w.say("取得元ごとに示します。", "Listed by where it comes from."),
        (*(t for t in tables if t.rows), *_bans(w)),
    )


def _items_from(w: Writer, caption: str, source: str) -> Table:
    found = [(word, source) for word in _collected(w) if source in w.policy.items[word].sources]
    return _items(w, caption, found)


def _collected(w: Writer) -> list[str]:
    """Items that may be collected at all."""
    return [word for word in w.policy.items if w.policy.ban(word, "collect") is None]


def _items(w: Writer, caption: str, words: Sequence[tuple[str, str | None]]) -> Table:
    columns = (
        w.say("情報", "Information"),
        w.say("利用目的", "Used for"),
        w.say("取得の条件", "Collected when"),
    )
    rows = tuple(_item_row(w, word, source) for word, source in words)
    return Table(caption, columns, rows)


def _item_row(w: Writer, word: str, source: str | None) -> tuple[Cell, ...]:
    item = w.policy.items[word]
    closed = _closed(w, word, source)
    purposes = closed if closed is not None else _purposes_of(w, word)
    closing = w.say("この目的に限ります", "for nothing else") if closed is not None else ""
    cites = (item.clause, *item.also, item.sources[source].clause if source else None)
    return (
        w.cell(w.text(item.name), *cites, item.essential, notes=_item_notes(w, item)),
        w.cell(w.purposes(purposes), item.only.clause if item.only else None, notes=[closing]),
        _when(w, item, item.sources[source].scope if source else None),
    )


def _closed(w: Writer, word: str, source: str | None) -> list[str] | None:
    """Purposes in every closed list over the item; None where there is no such list."""
    lists = [of.only.purposes for of in w.policy.lineage(word) if of.only]
    only = w.policy.items[word].sources[source].only if source else None
    lists = [only, *lists] if only is not None else lists
    return [p for p in lists[0] if all(p in other for other in lists)] if lists else None


def _purposes_of(w: Writer, item: str) -> list[str]:
    return [
        word
        for word, purpose in w.policy.purposes.items()
        if item in purpose.items or any(item in items for items in purpose.items_when.values())
    ]


def _item_notes(w: Writer, item: Item) -> Iterator[str]:
    if item.derived_from:
        made_of = w.items(item.derived_from)
        yield w.say(
            f"{made_of}から作られ、同じ制限を受けます",
            f"made of {made_of}, and bound by the same bans",
        )
    if item.people:
        yield w.say(f"対象：{w.people(item.people)}", f"of: {w.people(item.people)}")
    if item.special_care:
        yield w.say("要配慮個人情報", "special-care information")
    if item.essential:
        yield w.say("退会するまで停止できません", "cannot be stopped before leaving the service")
    if item.open_ended:
        yield w.say("例示", "an example")


def _when(w: Writer, item: Item, scope: str | None) -> Cell:
    collect = item.collect
    parts = (
        [w.say("連携時に許可された範囲", "as far as you let the linked service")] if scope else []
    )
    if collect is None:
        return Cell(w.join(parts) if parts else "—")
    if collect.contexts:
        parts.append(w.contexts(collect.contexts))
    if collect.consent:
        parts.append(w.say("事前の同意", "with consent given before"))
    if collect.acknowledgement:
        parts.append(w.acknowledged(collect.acknowledgement))
    return w.cell(w.join(parts), collect.clause)


def _bans(w: Writer) -> Iterator[Points]:
    cells = [
        w.cell(_ban(w, w.say("すべての情報", "nothing"), act), clause)
        for act, clause in w.policy.never.items()
    ]
    cells += [
        w.cell(_ban(w, w.text(item.name), act), clause)
        for item in w.policy.items.values()
        for act, clause in item.never.items()
    ]
    if cells:
        yield Points(tuple(cells))


def _ban(w: Writer, name: str, act: str) -> str:
    done = label(act, w.language)
    subject = name if name == "nothing" else f"{name}: never"
    return w.say(f"{name}：{done}は行いません。", f"{subject} {done}.")


def purposes(w: Writer) -> Section:
    """Why. Law: APPI 17, 21, 32(1)(ii)."""
    columns = (
        w.say("利用目的", "Purpose"),
        w.say("使う情報", "Information used"),
        w.say("条件とやめ方", "Conditions, and how to say no"),
    )
    rows = tuple(_purpose_row(w, purpose) for purpose in w.policy.purposes.values())
    table = Table(w.say("利用目的", "Purposes of use"), columns, rows)
    blocks: tuple[Block, ...] = (table, *_opened(w))
    lead = w.say(
        "これ以外の目的には、同意または法令によらずに使いません。",
        "Any other use needs your consent or a case of the law.",
    )
    return Section("purposes", w.say("利用目的", "What it is used for"), lead, blocks)


def _purpose_row(w: Writer, purpose: Purpose) -> tuple[Cell, ...]:
    when = [
        w.say(f"{w.contexts([c])}の場合：{w.items(items)}", f"{w.contexts([c])}: {w.items(items)}")
        for c, items in purpose.items_when.items()
    ]
    return (
        w.cell(w.text(purpose.name), purpose.clause, *purpose.also),
        w.cell(w.items(purpose.items) if purpose.items or not when else "—", notes=when),
        _conditions(w, purpose),
    )


def _conditions(w: Writer, purpose: Purpose) -> Cell:
    parts, cites = [], []
    if purpose.people:
        parts.append(w.people(purpose.people))
    if purpose.consent:
        parts.append(w.say("同意が必要", "only with consent"))
        cites.append(purpose.consent.clause)
    if purpose.acknowledgement:
        parts.append(w.acknowledged(purpose.acknowledgement))
        cites.append(w.policy.acknowledgements[purpose.acknowledgement].clause)
    if purpose.opt_out:
        parts.append(w.say("停止を求められます", "can be refused"))
        cites.append(purpose.opt_out)
    return w.cell(w.join(parts) if parts else "—", *cites)


def _opened(w: Writer) -> Iterator[Points]:
    opened = w.policy.opened_by_consent
    if opened and opened.purposes:
        said = w.say(
            "これ以外の目的に使うときは、あらかじめ同意をいただきます。",
            "Any other purpose asks for consent first.",
        )
        yield Points((w.cell(said, opened.purposes),))


def kept(w: Writer) -> Section:
    """How long. Law: APPI 22; ISO/IEC 29184 5.3.11."""
    columns = (
        w.say("情報", "Information"),
        w.say("期間", "Period"),
        w.say("根拠", "Because"),
    )
    rows = tuple(_retention_row(w, rule) for rule in w.policy.retention.values())
    table = Table(w.say("保存期間", "Periods of keeping"), columns, rows)
    lead = w.say("期間が終わると消去します。", "It is erased when its time ends.")
    if not rows:
        lead = w.say("保存期間は明示されていません。", "No period of keeping is stated.")
    title = w.say("保存期間", "How long it is kept")
    blocks = ((table,) if rows else ()) + tuple(_backups(w))
    return Section("kept", title, lead, blocks)


def backups_text(days: int, *, erased_again: bool) -> Text:
    """What is told of backups kept for at most `days`, and of whom a restore brings back."""
    ja = f"バックアップは最長{days}日間保管します。"
    en = f"Backups are kept for at most {days} days."
    if not erased_again:
        return Text(ja=ja, en=en)
    return Text(
        ja=f"{ja}消去した方の情報がバックアップから復元されたときに再び消去するため、"
        "鍵付きハッシュのみを同じ期間保管し、復元時以外には利用しません。",
        en=f"{en} So that data of people who were erased is erased again if a backup is restored, "
        "we keep keyed hashes of their identifiers for the same time and use them for nothing "
        "else.",
    )


def _backups(w: Writer) -> Iterator[Points]:
    rule = w.policy.backups
    if rule is not None:
        said = backups_text(rule.days, erased_again=rule.erased_again)
        yield Points((w.cell(w.text(said), rule.clause),))


def _retention_row(w: Writer, rule: Retention) -> tuple[Cell, ...]:
    notes = []
    if not rule.stated:
        notes.append(
            w.say(
                "方針に期間の明示がなく、当社が定めた期間",
                "the policy names no period; the controller set this one",
            )
        )
    if rule.ends_early:
        early = label(rule.ends_early, w.language)
        notes.append(w.say(f"{early}により早く終わることがあります", f"ends earlier with {early}"))
    return (
        w.cell(w.items(rule.items), rule.clause),
        w.cell(_period(w, rule), notes=notes),
        _because(w, rule),
    )


def _period(w: Writer, rule: Retention) -> str:
    event = label(rule.after, w.language)
    if rule.law:
        keeping = w.laws.keeping(rule.law)
        if keeping is None:
            return w.unstated
        return w.say(
            f"{event}のあった事業年度の決算から{keeping.years}年",
            f"{keeping.years} years from the closing of the business year of {event}",
        )
    if rule.days is None:
        return w.say(f"{event}の後、期間の明示なし", f"after {event}, for a time not stated")
    return w.say(f"{event}から{w.days(rule.days)}", f"{w.days(rule.days)} from {event}")


def _because(w: Writer, rule: Retention) -> Cell:
    keeping = w.laws.keeping(rule.law) if rule.law else None
    if keeping is None:
        return Cell(w.say("当社の方針", "this policy"))
    limit = w.say(
        f"{label(LEGAL_RETENTION, 'ja')}以外には使いません", "used for nothing else meanwhile"
    )
    return w.cell(w.cite(keeping), notes=[limit])
