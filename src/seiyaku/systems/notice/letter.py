"""The letters to a holder of our data, in Japanese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seiyaku.kernel.errors import Conflict
from seiyaku.systems.mail.post import Letter, State
from seiyaku.systems.notice.system import Send, Told

_WORDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("delete", "ja"): (
        "個人データの削除のお願い（{order}）",
        "本人からの請求により、下記の本人の個人データを削除し、再提供先にも同じ依頼をしてください。\n"
        "\n{about}\n\n完了しましたら、この番号を添えて書面でご回答ください: {order}\n",
    ),
    ("delete", "en"): (
        "Order to delete personal data ({order})",
        "At the person's own request, delete the personal data of the person below and tell "
        "those you gave it to.\n\n{about}\n\n"
        "Confirm in writing when it is done, quoting: {order}\n",
    ),
    ("contract_end", "ja"): (
        "契約終了に伴う個人データの返還・消去のお願い（{order}）",
        "契約が終了しました。お預けした個人データをすべて返還または消去し、"
        "消去証明書をこの番号を添えてお送りください: {order}\n",
    ),
    ("contract_end", "en"): (
        "End of contract: return or erase personal data ({order})",
        "Our contract has ended. Return or erase all personal data we entrusted to you and send "
        "a certificate of erasure, quoting: {order}\n",
    ),
}


def by_mail(
    send: Callable[[Letter], State], to: str | Mapping[str, str], language: str | None = None
) -> Send:
    """A way to send orders: one letter each, which goes once.

    Args:
        to: address of the holder, or of each of several.
    """

    def told(order: Told) -> None:
        address = to if isinstance(to, str) else to[order.holder]
        if send(letter(order, address, language or "ja")) != "accepted":
            raise Conflict(
                "an order was not taken at the holder's address",
                code="SY512",
                hint="set the option `to` to an address the holder reads, then run again",
            )

    return told


def letter(told: Told, to: str, language: str) -> Letter:
    """The letter of an order."""
    subject, text = _WORDS[told.kind, language]
    about = "\n".join(f"{column}: {value}" for column, value in told.about)
    return Letter(
        to,
        subject.format(order=told.order),
        text.format(order=told.order, about=about),
        kind=f"notice_{told.kind}",
        once=told.order,
        language=language,
        essential=True,
    )
