"""What the name of a column suggests, in Japanese, English and romaji, as DPV concepts.

A suggestion only chooses which clause a finding cites; it never decides that data is or is
not personal: a column nobody declared is a finding whatever it is called.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"birth|\bdob\b|born|seinengappi|生年月日|誕生日", ("pd:BirthDate", "pd:AgeRange", "pd:Age")),
    (r"\bage\b|nenrei|年齢", ("pd:Age", "pd:AgeRange", "pd:BirthDate")),
    (r"e?mail|メール", ("pd:EmailAddress",)),
    (r"phone|\btel\b|mobile|denwa|電話", ("pd:TelephoneNumber",)),
    (r"address|street|postal|\bzip\b|jusho|住所|郵便", ("pd:PhysicalAddress",)),
    (r"card|カード", ("pd:PaymentCardNumber", "pd:PaymentCard")),
    (r"bank|account_number|kouza|口座", ("pd:BankAccount", "pd:FinancialAccount")),
    (r"gender|\bsex\b|seibetsu|性別", ("pd:Gender",)),
    (r"\bip\b|ip_addr", ("pd:IPAddress",)),
    (r"user_agent|browser", ("pd:UserAgent", "pd:DeviceSoftware")),
    (r"\blat\b|\blon\b|\blng\b|location|位置", ("pd:Location",)),
    (r"cookie|client_id", ("pd:Tracking", "pd:UID")),
    (r"name|shimei|氏名|名前|kana|カナ", ("pd:Name", "pd:Username")),
)
_CREDENTIAL: Final = re.compile(
    r"passw(or)?d|passphrase|password_(hash|digest)|encrypted_password|secret_(question|answer)"
    r"|pin_code|パスワード|暗証番号",
    re.IGNORECASE,
)
CREDENTIAL_CONCEPTS: Final = frozenset({"pd:Password", "pd:PINCode", "pd:SecretText"})


def suggested(column: str) -> tuple[str, ...]:
    """Concepts that the name of a column suggests, the likeliest first; empty when it says none.

    Examples:
        >>> suggested("birth_date")
        ('pd:BirthDate', 'pd:AgeRange', 'pd:Age')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()
    loose = spaced.replace("_", " ")
    for pattern, concepts in _NAMES:
        if re.search(pattern, loose) or re.search(pattern, spaced):
            return concepts
    return ()


def names_credential(column: str) -> bool:
    """Whether a column is called like something a person logs in with."""
    return _CREDENTIAL.search(column) is not None
