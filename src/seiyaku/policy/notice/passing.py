"""Sections on passing data on: recipients, abroad, exceptions, what the browser sends out."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.policy.labels import label
from seiyaku.policy.model import ExternalTransmission, ProvisionException, Recipient
from seiyaku.policy.notice.page import Block, Cell, Facts, Points, Section, Table
from seiyaku.policy.notice.writer import Writer


def recipients(w: Writer) -> Section:
    """Who receives. Law: APPI 27, 28; ISO/IEC 29184 5.3.9-10."""
    columns = (
        w.say("提供先", "Recipient"),
        w.say("根拠", "On which basis"),
        w.say("国と安全管理", "Where, and with which safeguards"),
        w.say("利用目的と情報", "For what, and which information"),
    )
    rows = tuple(_recipient_row(w, r) for r in w.policy.recipients.values())
    table = Table(w.say("提供先と委託先", "Recipients"), columns, rows)
    lead = w.say(
        "これ以外への提供は、同意または法令によります。",
        "Passing it to anyone else needs your consent or a case of the law.",
    )
    blocks: tuple[Block, ...] = (table,) if rows else ()
    title = w.say("第三者提供・委託・外国への提供", "Who receives it, and where")
    return Section("recipients", title, lead, (*blocks, *_abroad(w), *_exceptions(w)))


def _recipient_row(w: Writer, recipient: Recipient) -> tuple[Cell, ...]:
    opt_out = w.say("提供の停止を求められます", "can be refused") if recipient.opt_out else ""
    return (
        w.cell(
            w.text(recipient.name),
            recipient.clause,
            *recipient.also,
            recipient.opt_out,
            notes=(*_who(w, recipient), opt_out),
        ),
        _basis(w, recipient),
        _where(w, recipient),
        w.cell(w.purposes(recipient.purposes), recipient.masked, notes=_what(w, recipient)),
    )


def _who(w: Writer, recipient: Recipient) -> Iterator[str]:
    if recipient.operator and recipient.operator != w.text(recipient.name):
        yield recipient.operator
    if recipient.register_name:
        yield w.say("種類のみの記載", "named by kind only")
    if recipient.relation:
        kind = label(recipient.relation, w.language)
        yield w.say(f"関係のある相手に限ります（{kind}）", f"only those related ({kind})")
    if recipient.reference:
        yield w.say(
            "どの目的を指すか決まるまで提供しません", "nothing before it is settled what for"
        )
    if recipient.own_policy:
        yield w.say("相手方の方針が適用されます", "its own policy applies")
    if recipient.policy_url:
        yield recipient.policy_url


def _basis(w: Writer, recipient: Recipient) -> Cell:
    basis = w.laws.basis(recipient.basis)
    if basis is None:
        return Cell(w.unstated)
    return w.cell(basis.name.get(w.language), notes=[w.cite(basis)])


def _where(w: Writer, recipient: Recipient) -> Cell:
    notes = [_route(w, code, name) for code, name in recipient.routes.items()]
    if recipient.safeguards:
        notes.append(w.words(recipient.safeguards))
    return w.cell(w.join(w.country(c) for c in recipient.countries), notes=notes)


def _route(w: Writer, code: str, name: str) -> str:
    route = w.laws.route(name)
    said = route.name.get(w.language) if route else name
    cite = f" ({w.cite(route)})" if route else ""
    return w.say(f"{w.country(code)}：{said}{cite}", f"{w.country(code)}: {said}{cite}")


def _what(w: Writer, recipient: Recipient) -> Iterator[str]:
    if recipient.masked:
        yield w.say("個人が分かる部分は伏せます", "with whatever tells who you are masked")
    if recipient.items or not recipient.items_when:
        yield w.items(recipient.items)
    for context, items in recipient.items_when.items():
        yield w.say(
            f"{w.contexts([context])}の場合：{w.items(items)}",
            f"{w.contexts([context])}: {w.items(items)}",
        )


def _abroad(w: Writer) -> Iterator[Block]:
    notes = [
        (note.name.get(w.language), w.cell(w.text(note.regime), note.clause))
        for note in w.policy.countries.values()
    ]
    if notes:
        yield Facts(tuple(notes))
    consent = w.policy.foreign_consent
    if consent:
        said = w.say(
            "外国への提供には同意をいただき、国が増えるときは改めて伺います。",
            "Sending abroad asks for consent, anew when the countries grow.",
        )
        deemed = w.say("利用をもって同意とみなします", "using the service counts as consent")
        yield Points((w.cell(said, consent.clause, notes=[deemed] if consent.deemed else ()),))


def _exceptions(w: Writer) -> Iterator[Table]:
    columns = (
        w.say("場合", "Case"),
        w.say("法令", "Law"),
    )
    rows = tuple(_exception_row(w, e) for e in w.policy.exceptions.values())
    if rows:
        caption = w.say("同意なく提供できる場合", "When it may be passed on without consent")
        yield Table(caption, columns, rows)


def _exception_row(w: Writer, exception: ProvisionException) -> tuple[Cell, ...]:
    law = w.laws.exception(exception.law)
    if law is None:
        said = w.say("法に定めがなく、適用しません", "the law has no such case: never applied")
        return (w.cell(w.text(exception.name), exception.clause), Cell(said))
    note = w.say(
        "法の定める条件をすべて満たす場合に限ります", "only with every condition of the law"
    )
    return (
        w.cell(w.text(exception.name), exception.clause),
        w.cell(w.cite(law), notes=[note]),
    )


def transmissions(w: Writer) -> Section:
    """What the browser or app sends out, one row per destination.

    Law: TBA 27-12, TBA Rule 22-2-29.
    """
    columns = (
        w.say("送信先", "Destination"),
        w.say("送信する情報", "Information sent"),
        w.say("当社の利用目的", "Our purpose"),
        w.say("送信先の利用目的", "The destination's purpose"),
        w.say("送信先の方針", "Its policy"),
        w.say("停止の方法", "How to stop it"),
    )
    rows = tuple(_transmission_row(w, t) for t in w.policy.transmissions)
    caption = w.say("外部送信の一覧", "External transmissions")
    lead = w.say(
        "ブラウザやアプリから次の送信先へ情報が送られます。",
        "Browsers and apps send this information to these destinations.",
    )
    if not rows:
        lead = w.say("外部への送信の記載はありません。", "No external transmission is stated.")
    blocks = (Table(caption, columns, rows),) if rows else ()
    return Section(
        "transmissions", w.say("外部送信", "What your browser or app sends out"), lead, blocks
    )


def _transmission_row(w: Writer, sent: ExternalTransmission) -> tuple[Cell, ...]:
    recipient = w.policy.recipients[sent.recipient]
    url = sent.policy_url or recipient.policy_url
    ours = w.text(sent.purpose_text) if sent.purpose_text else w.purpose(sent.purpose)
    stop = w.link(sent.opt_out_url, w.say("停止する", "stop it"))
    if not sent.opt_out_url and recipient.opt_out:
        stop = w.cell(w.say("条項のとおり", "as the clause says"), recipient.opt_out)
    return (
        w.cell(w.text(recipient.name), sent.clause, notes=[recipient.operator or ""]),
        Cell(w.text(sent.information)),
        Cell(ours),
        Cell(w.text(sent.destination_purpose)),
        w.link(url, w.say("方針を読む", "read it")),
        stop,
    )
