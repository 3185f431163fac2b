"""Sections on people: who promises, what one may ask, minors, safety, changes, contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seiyaku.policy.addresses import is_placeholder
from seiyaku.policy.history import JST, effective_at
from seiyaku.policy.labels import label
from seiyaku.policy.model import Contact, Right
from seiyaku.policy.notice.page import Block, Cell, Facts, Points, Section, Table
from seiyaku.policy.notice.writer import Writer


def controller(w: Writer) -> Section:
    """Who promises. Law: APPI 32(1)(i); ISO/IEC 29184 5.3.4."""
    who = w.policy.controller
    pairs = (
        (w.say("名称", "Name"), w.cell(w.text(who.name), who.clause)),
        (w.say("住所", "Address"), Cell(w.text(who.address))),
        (w.say("代表者", "Representative"), Cell(w.text(who.representative))),
        (w.say("責任者", "Person responsible"), Cell(w.text(who.responsible))),
        (w.say("サービス", "Service"), Cell(w.text(w.policy.service_name))),
        (
            w.say("対象となる方", "People concerned"),
            w.cell(w.people(w.policy.people), *(p.clause for p in w.policy.people.values())),
        ),
    )
    return Section("controller", w.say("事業者", "Who promises this"), "", (Facts(pairs),))


def rights(w: Writer) -> Section:
    """What one may ask, and how. Law: APPI 32(1)(iii), 33-38."""
    columns = (
        w.say("請求", "Request"),
        w.say("方法", "How to ask"),
        w.say("本人確認", "Proof of identity"),
        w.say("手数料", "Fee"),
        w.say("回答の目安", "Answered within"),
    )
    rows = tuple(_right_row(w, kind, right) for kind, right in w.policy.rights.items())
    table = Table(w.say("請求とその方法", "Requests and how to make them"), columns, rows)
    lead = w.say("ご本人または代理人が請求できます。", "You or your representative may ask.")
    if not rows:
        lead = w.say("請求の手続は明示されていません。", "No procedure for requests is stated.")
    blocks: tuple[Block, ...] = (table,) if rows else ()
    return Section("rights", w.say("あなたの権利", "Your rights"), lead, (*blocks, *_limits(w)))


def _right_row(w: Writer, kind: str, right: Right) -> tuple[Cell, ...]:
    rule = w.laws.request(kind)
    cite = w.cite(rule) if rule else ""
    return (
        w.cell(w.request(kind), right.clause, *right.also, notes=[cite]),
        Cell(w.words(right.channels)),
        w.cell(w.words(right.identity), right.identity_clause),
        _fee(w, right),
        Cell(_aim(w, kind, right)),
    )


def _fee(w: Writer, right: Right) -> Cell:
    if not right.fee_jpy:
        return Cell(w.say("無料", "none"))
    fee = w.say(f"1件{right.fee_jpy:,}円", f"{right.fee_jpy:,} yen each")
    return w.cell(fee, right.fee_clause)


def _aim(w: Writer, kind: str, right: Right) -> str:
    if right.within_days is not None:
        return w.days(right.within_days)
    rule = w.laws.request(kind)
    return w.say("遅滞なく", "without delay") if rule else w.unstated


def _limits(w: Writer) -> Iterator[Points]:
    cells = tuple(
        w.cell(_limit(w, kind, exception.systems, exception.ground), exception.clause)
        for kind, right in w.policy.rights.items()
        for exception in right.exceptions
    )
    if cells:
        yield Points(cells)


def _limit(w: Writer, kind: str, systems: str | None, ground: str | None) -> str:
    what = label(ground, w.language) if ground else w.say("一部の記録", "some records")
    if systems == "immutable":
        what = w.say("書き換えられない記録", "records that nobody can change")
    request = w.request(kind)
    return w.say(
        f"{request}は{what}に及びません。", f"{request.capitalize()} does not reach {what}."
    )


def safety(w: Writer) -> Section:
    """Security measures and leaks. Law: APPI 23, 26; APPI Order 10."""
    cells = tuple(
        w.cell(
            w.text(measure.name),
            measure.clause,
            notes=[
                _review(w, measure.review_days),
                w.say("努力目標", "an aim") if measure.endeavour else "",
            ],
        )
        for measure in w.policy.measures.values()
    )
    lead = w.say("次の安全管理措置を講じています。", "These security measures are taken.")
    if not cells:
        lead = w.say("安全管理措置は明示されていません。", "No security measures are stated.")
    blocks = (*((Points(cells),) if cells else ()), *_leaks(w))
    return Section("safety", w.say("安全管理", "How it is kept safe"), lead, blocks)


def _review(w: Writer, days: int | None) -> str:
    if days is None:
        return ""
    return w.say(f"{w.days(days)}ごとに点検", f"reviewed every {w.days(days)}")


def _leaks(w: Writer) -> Iterator[Points]:
    promised = w.policy.incidents
    if promised is None:
        return
    told = (
        (
            w.say("漏えい等を監督機関に報告します。", "Leaks are reported to the authority."),
            promised.authority,
        ),
        (
            w.say("漏えい等をご本人に知らせます。", "The people concerned are told of leaks."),
            promised.persons,
        ),
        (w.say("漏えい等を公表します。", "Leaks are made public."), promised.publication),
    )
    yield Points(tuple(w.cell(said, clause) for said, clause in told if clause))


def minors(w: Writer) -> Section | None:
    """Age bands, where the policy has any."""
    rule = w.policy.minors
    if rule is None:
        return None
    cells = []
    if rule.minimum_age is not None:
        cells.append(
            w.cell(
                w.say(
                    f"{rule.minimum_age}歳未満の方は利用できません。",
                    f"People under {rule.minimum_age} may not use the service.",
                ),
                rule.clause,
            )
        )
    if rule.guardian_below is not None:
        cells.append(
            w.cell(
                w.say(
                    f"{rule.guardian_below}歳未満の方は保護者の同意が必要です。",
                    f"Below {rule.guardian_below} a guardian's consent is needed.",
                ),
                rule.clause,
            )
        )
    return Section("minors", w.say("未成年の方", "Minors"), "", (Points(tuple(cells)),))


def changes(w: Writer) -> Section:
    """How the policy changes, and its history. Law: APPI 21(3)."""
    blocks: list[Block] = list(_revisions(w))
    history = tuple(
        (line.on.isoformat(), w.cell(line.summary.get(w.language), line.clause))
        for line in w.policy.version.history
    )
    blocks.append(Facts(history or _only_version(w)))
    return Section("changes", w.say("改定と履歴", "Changes and history"), "", tuple(blocks))


def _revisions(w: Writer) -> Iterator[Points]:
    rule = w.policy.revisions
    if rule is None:
        return
    cells = [
        w.cell(w.say("この方針は改めることがあります。", "This policy may change."), rule.clause)
    ]
    if rule.announced:
        cells.append(
            w.cell(w.say("改めるときはお知らせします。", "Changes are announced."), rule.announced)
        )
    if rule.material_needs_consent:
        said = w.say("重要な変更には同意をいただきます。", "Material changes ask for consent.")
        cells.append(w.cell(said, rule.material_needs_consent))
    yield Points(tuple(cells))


def _only_version(w: Writer) -> tuple[tuple[str, Cell], ...]:
    version = w.policy.version
    said = w.say(f"第{version.id}版を制定", f"version {version.id} enacted")
    return ((_day(w), Cell(said)),)


def _day(w: Writer) -> str:
    day = w.policy.version.enacted_on
    return w.say("日付不明", "day unknown") if day == "unknown" else str(day)


def subtitle(w: Writer) -> str:
    """Version, enactment, and from when it counts."""
    version, start = w.policy.version, effective_at(w.policy)
    enacted = _day(w)
    said = w.say(f"第{version.id}版・{enacted}制定", f"version {version.id}, enacted {enacted}")
    if start is None:
        return said + w.say("・草案（未公表）", ", draft (not published)")
    day = start.astimezone(JST).date().isoformat()
    return said + w.say(f"・{day}から適用", f", in force from {day}")


def contact(w: Writer) -> Section:
    """How to reach the controller. Law: APPI 32(1), APPI Order 10."""
    blocks = tuple(Facts(tuple(_address(w, c))) for c in w.policy.contacts)
    lead = w.say("お問い合わせ、請求、苦情はこちらへ。", "For questions, requests and complaints.")
    if not blocks:
        lead = w.say("窓口は明示されていません。", "No contact is stated.")
    return Section("contact", w.say("お問い合わせ先", "Contact"), lead, blocks)


def _address(w: Writer, address: Contact) -> Iterator[tuple[str, Cell]]:
    if address.section:
        yield w.say("窓口", "Desk"), w.cell(w.text(address.section), address.clause)
    if address.email:
        yield w.say("電子メール", "E-mail"), _email(w, address)
    if address.web:
        yield (
            w.say("フォーム", "Form"),
            replace(w.link(address.web, address.web), cites=(address.clause,)),
        )
    if address.post:
        yield w.say("郵送", "Post"), w.cell(w.text(address.post), address.clause)


def _email(w: Writer, address: Contact) -> Cell:
    email = address.email or ""
    if is_placeholder(email):
        return w.cell(w.unstated, address.clause)
    return Cell(email, cites=(address.clause,), href=f"mailto:{email}")
