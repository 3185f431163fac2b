"""What a request costs: only where the law lets a fee be taken, by the version at receipt."""

from __future__ import annotations

from seiyaku.laws import Laws
from seiyaku.policy.model import Policy, RequestKind


def fee_jpy(policy: Policy, laws: Laws, kind: RequestKind) -> int:
    """Yen due for a request of `kind` under `policy`, 0 where none may be taken.

    Law: APPI 38, as the packs have it on the day of receipt.

    Args:
        policy: the version in force when the request arrived.
        laws: of that day.
    """
    right, rule = policy.rights.get(kind), laws.request(kind)
    if right is None or right.fee_jpy is None or rule is None or rule.fee != "allowed":
        return 0
    return right.fee_jpy
