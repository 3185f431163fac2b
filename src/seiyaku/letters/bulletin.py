"""Mail a company writes of its own accord: for one purpose, and only what that purpose is.

A template begins with what it is, between two lines of dashes:

    ---
    purpose: promo_mail
    promotes: others        # ours, others; left out where it promotes nothing
    subject: {ja: ..., en: ...}
    ---
    The text.

Law: Act on Specified Electronic Mail 3, 4 (advertising mail says what it is).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from seiyaku.kernel.document import check_model, parse_document
from seiyaku.kernel.errors import InvalidInput, NotPermitted
from seiyaku.kernel.text import Language, Text
from seiyaku.policy.model import Part, Policy, Word

_LABEL: Final = Text(ja="【他社の広告】", en="[Advertisement of another company]")
_PROMOTES: Final = re.compile(
    r"キャンペーン|セール|割引|クーポン|お得|プレゼント|特典|\d+\s*[%％]\s*(?:off|オフ)"
    r"|\b(?:campaign|sale|discount|coupon|special offer|bargain|promo(?:tion)?)\b",
    re.IGNORECASE,
)


class _Head(Part):
    purpose: Word
    promotes: Literal["ours", "others"] | None = None
    subject: Text


@dataclass(frozen=True)
class Bulletin:
    """One mail to many.

    Args:
        promotes: whose goods it advertises; None where it advertises nothing.
    """

    purpose: str
    promotes: Literal["ours", "others"] | None
    subject: Text
    text: str

    def headed(self, language: Language) -> str:
        """The subject; advertising of others says so before anything else."""
        subject = self.subject.get(language)
        return f"{_LABEL.get(language)} {subject}" if self.promotes == "others" else subject


def read_bulletin(source: bytes, file: str) -> Bulletin:
    """Read a template.

    Raises:
        InvalidInput: SY156 it does not begin with what it is.
        InvalidDocument: what it says of itself has faults.
    """
    parts = source.decode("utf-8").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise InvalidInput(
            "the template does not begin with what it is",
            code="SY156",
            hint="begin with `---`, purpose, subject, `---`",
        )
    head = check_model(parse_document(parts[1].encode(), file), _Head)
    return Bulletin(head.purpose, head.promotes, head.subject, parts[2].strip())


def require_fitting(policy: Policy, bulletin: Bulletin) -> None:
    """Let a template be sent only for what it is.

    Raises:
        InvalidInput: SY198 its purpose is not declared.
        NotPermitted: SY214 it promotes, or its words do, and its purpose does not; or its words
            do and it does not say for whom.
    """
    purpose = policy.purposes.get(bulletin.purpose)
    if purpose is None:
        raise InvalidInput(f"`{bulletin.purpose}` is no purpose of the policy", code="SY198")
    told = _PROMOTES.search(f"{bulletin.subject.ja} {bulletin.subject.en}\n{bulletin.text}")
    if (bulletin.promotes or told) and not purpose.promotes:
        raise NotPermitted(
            f"the mail promotes, and `{bulletin.purpose}` does not ({policy.cite(purpose.clause)})",
            code="SY214",
            hint="send it for a purpose that does, to those it may go to",
        )
    if told and bulletin.promotes is None:
        raise NotPermitted(
            "the mail promotes and does not say whose goods",
            code="SY214",
            hint="write `promotes: ours` or `promotes: others` at its head",
        )
