"""What a request cannot have, with the reason and the clause or article that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seiyaku.kernel.errors import InvalidInput
from seiyaku.laws import Laws
from seiyaku.policy.model import Policy, RequestKind
from seiyaku.standing.model import Scope


@dataclass(frozen=True)
class Refusal:
    """Why a request is not carried out.

    Args:
        reason: word for the reader: ``essential_item``, ``item_not_declared``.
        cite: clause or article.
        about: items concerned, sorted.
        instead: kind of request that reaches what was wanted, if there is one.
    """

    reason: str
    cite: str
    about: tuple[str, ...] = ()
    instead: RequestKind | None = None


def judge(policy: Policy, laws: Laws, kind: RequestKind, scope: Scope) -> Refusal | None:
    """The refusal of a request, or None when it is to be carried out. Pure.

    Raises:
        InvalidInput: SY198 a word of the scope is not declared by the policy.
    """
    if kind == "addition":
        return _undeclared(policy, laws, scope.items)
    _require_known(policy, scope)
    if kind in ("deletion", "suspension"):
        return _essential(policy, scope.items)
    return None


def _essential(policy: Policy, items: Iterable[str]) -> Refusal | None:
    """An item without which the service cannot run stops with closure only."""
    found = sorted(i for i in items if policy.items[i].essential)
    if not found:
        return None
    clause = policy.items[found[0]].essential or ""
    return Refusal("essential_item", policy.cite(clause), tuple(found), instead="closure")


def _undeclared(policy: Policy, laws: Laws, items: Iterable[str]) -> Refusal | None:
    """What the policy does not declare is not collected, also at the person's own wish."""
    found = tuple(sorted(i for i in items if i not in policy.items))
    if not found:
        return None
    right, rule = policy.rights.get("addition"), laws.request("addition")
    cite = policy.cite(right.clause) if right else str(rule.citation) if rule else ""
    return Refusal("item_not_declared", cite, found)


def _require_known(policy: Policy, scope: Scope) -> None:
    unknown = sorted(_unknown(policy, scope))
    if unknown:
        raise InvalidInput(
            "the request names words the policy does not declare: "
            + ", ".join(f"`{w}`" for w in unknown),
            code="SY198",
            hint="take the words of the policy file",
        )


def _unknown(policy: Policy, scope: Scope) -> Iterator[str]:
    yield from (w for w in scope.items if w not in policy.items)
    yield from (w for w in scope.purposes if w not in policy.purposes)
    yield from (w for w in scope.recipients if w not in policy.recipients)
