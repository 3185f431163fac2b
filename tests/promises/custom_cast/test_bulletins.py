"""Articles 2.3 and 2.9: mail of the company's own accord is what its purpose says."""

from __future__ import annotations

import pytest

from seiyaku.kernel import InvalidInput, NotPermitted
from seiyaku.letters import Bulletin, read_bulletin
from seiyaku.testing.promises import promise

from ..homes import Copies, used
from ..mailbox import mailing, running
from .conftest import by_letter

_HEAD = "---\npurpose: {}\n{}subject: {{ja: {}, en: News}}\n---\n{}\n"


def _mail(purpose: str, text: str, promotes: str = "", subject: str = "お知らせ") -> Bulletin:
    whose = f"promotes: {promotes}\n" if promotes else ""
    return read_bulletin(_HEAD.format(purpose, whose, subject, text).encode(), "mail.txt")


@promise("CAST-2.3")
def test_promotions_reach_nobody_who_had_them_stopped_and_say_whose_they_are(
    opened: Copies,
) -> None:
    """Given customers, one of whom had promotions stopped by letter; the address serves promotional
    mail, by 2.3 and under this version. A promotion of ours goes to the others once, however
    often it is sent, and not to the one; one of another company says so at the head of its
    subject. One that does not say whose goods it promotes is not sent.
    """
    with running() as mailbox:
        mine = opened(mailing("custom-cast", "app.customers", mailbox.url))
        aki, ben = (mine.world.person(short) for short in ("aki", "ben"))
        assert "CAST-2.3" in used(mine.home, ben.id, "promo_mail", ("email",))
        by_letter(mine, "suspension", aki.id, purposes=("promo_mail",))
        ours = _mail("promo_mail", "新機能のセールです。", "ours")
        for _ in range(2):
            sent = mine.home.bulletins.send(ours, [aki.id, ben.id])
            assert sent.left_out == {"suspended": 1}
        assert [to for to, _ in mailbox.taken] == [ben.email]
        assert "お知らせ" in mailbox.told(ben.email)[0]
        assert "広告" not in mailbox.told(ben.email)[0]
        theirs = _mail("promo_mail", "提携先のクーポンです。", "others")
        mine.home.bulletins.send(theirs, [aki.id, ben.id])
        assert mailbox.told(ben.email)[-1].startswith("【他社の広告】 お知らせ")
        assert mailbox.told(aki.email) == []
        with pytest.raises(NotPermitted) as silent:
            mine.home.bulletins.send(_mail("promo_mail", "セールです。"), [ben.id])
        assert silent.value.code == "SY214"
        assert len(mailbox.taken) == 2
        log = mine.home.parts.log_reader()
        entry = log.entry(log.checkpoint().size - 1)
        assert (entry.clauses, entry.counts) == (("CAST-2.3",), {"sent": 1, "left_out": 1})


@promise("CAST-2.9")
def test_an_important_message_promotes_nothing(opened: Copies) -> None:
    """Given an important message; the address serves it, by 2.9 and under this version, also of
    somebody who had promotions stopped. A template that promotes, by its own head or by its
    words, is rejected under this purpose and goes to nobody; so is one that says of itself
    nothing at all.
    """
    with running() as mailbox:
        mine = opened(mailing("custom-cast", "app.customers", mailbox.url))
        ben = mine.world.person("ben")
        assert "CAST-2.9" in used(mine.home, ben.id, "important_notice", ("email",))
        by_letter(mine, "suspension", ben.id, purposes=("promo_mail",))
        before = len(mailbox.taken)
        for text, whose, subject in (
            ("新しい機能です。", "ours", "お知らせ"),
            ("今だけ 20% OFF です。", "", "お知らせ"),
            ("保守のお知らせです。", "", "夏のキャンペーン"),
        ):
            with pytest.raises(NotPermitted) as rejected:
                mine.home.bulletins.send(_mail("important_notice", text, whose, subject), [ben.id])
            assert rejected.value.code == "SY214"
        with pytest.raises(InvalidInput):
            read_bulletin("保守のお知らせです。".encode(), "mail.txt")
        assert len(mailbox.taken) == before
        notice = _mail("important_notice", "12月1日の夜に保守をします。")
        assert mine.home.bulletins.send(notice, [ben.id]).sent == 1
        assert "保守をします" in mailbox.told(ben.email)[-1]
