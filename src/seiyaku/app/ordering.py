"""Orders out to those who hold data of ours, and their confirmations in.

Sellers, group companies and contractors are told by letter, advertising partners and analytics
by API. Whoever only acknowledges has an order that stays open until somebody confirms it, with a
file that proves it. At the end of a contract everything is ordered back; its certificate is then
a dated fact. Law: APPI 25 (supervision of trustees), 34, 35 (correction, erasure).
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, runtime_checkable

from seiyaku.app import said
from seiyaku.app.carrying import open_requests
from seiyaku.app.wiring import Parts
from seiyaku.assurance.model import Assurance
from seiyaku.assurance.review import CERTIFICATE
from seiyaku.datamap.reach import OUTSIDE
from seiyaku.evidence import Entry
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PlanId, RequestId, SystemId
from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.plans.model import ItemOutcome
from seiyaku.systems import Order, Orders


@runtime_checkable
class Asks(Protocol):
    """A system that can only be asked."""

    @property
    def orders(self) -> Orders:
        """What it was asked."""
        ...


@runtime_checkable
class EndsContracts(Protocol):
    """A holder of our data under a contract."""

    def end_contract(self, contract: str, holder: str = "") -> Order:
        """Order everything back."""
        ...


@dataclass(frozen=True)
class Ordered:
    """An order, and whom it went to.

    Args:
        name: of the holder. request: whose run gave it; None at the end of a contract.
    """

    system: SystemId
    name: Text
    order: Order
    request: RequestId | None = None


def all_orders(parts: Parts, *, ended: bool = False) -> tuple[Ordered, ...]:
    """Orders that went out, those first that are due first.

    Args:
        ended: also those that were confirmed.
    """
    found = [
        _ordered(parts, system, order)
        for system, orders in _books(parts)
        for order in (orders.all() if ended else orders.open())
    ]
    return tuple(sorted(found, key=lambda o: (o.order.due_on, o.order.id)))


def one_order(parts: Parts, name: str) -> Ordered:
    """An order by its name.

    Raises:
        InvalidInput: SY133 no such order went out.
    """
    return _found(parts, name)[1]


def confirm(parts: Parts, name: str, evidence: bytes, actor: Actor) -> Ordered:
    """Take in what proves that an order was carried out.

    Its digest goes into the evidence; the run it belongs to is due from now on. The certificate
    at the end of a contract is recorded as a fact about the recipient.

    Raises:
        InvalidInput: SY133 no such order; SY183 the evidence is empty.
    """
    if not evidence:
        raise InvalidInput("an order is confirmed by a file, not by nothing", code="SY183")
    (orders, found), now = _found(parts, name), parts.clock.now()
    if found.order.answer == "confirmed":
        return found
    digest = sha256_hex(evidence)
    entry = replace(_entry(parts, found, actor), kind="outcome", outcome="done")
    parts.log.append(
        [replace(entry, act_id=f"{entry.act_id}:confirmed", digests={"report": digest})]
    )
    if found.order.kind == "contract_end":
        recipient = found.order.holder or parts.datamap.systems[found.system].recipient
        source = f"order {name}"
        said.record_facts(
            parts, [Assurance(CERTIFICATE, recipient or found.system, now, source, by=actor.name)]
        )
    order = orders.answered(name, "confirmed", digest, actor.name, tokyo_day(now))
    let_answered_be_due(parts)
    return replace(found, order=order)


def end_contract(
    parts: Parts, system: str, contract: str, actor: Actor, holder: str = ""
) -> Ordered:
    """Order a holder to give back or erase everything, once for each contract.

    Args:
        holder: which one, where the system is a class of them.

    Raises:
        InvalidInput: SY176 the system is no holder that is told by letter; SY177 it knows no
            such holder.
    """
    known = system in parts.datamap.systems and system in parts.read_systems()
    told = parts.system(SystemId(system)) if known else None
    if not isinstance(told, EndsContracts):
        raise InvalidInput(
            f"`{system}` is no holder that is told by letter",
            code="SY176",
            hint="name a system of kind `notice` that `seiyaku.yaml` says how to reach",
        )
    found = _ordered(parts, SystemId(system), told.end_contract(contract, holder))
    parts.log.append([_entry(parts, found, actor)])
    return found


def let_answered_be_due(parts: Parts) -> None:
    """What waits for answers that have all come is due now, whatever day it would have waited for.

    It can be repeated; a run that ends meanwhile is found by whoever comes next.
    """
    runs, today = parts.repositories.runs, tokyo_day(parts.clock.now())
    for request in open_requests(parts):
        waits = {w.system for w in request.waits if not w.due(today)}
        answered = {s for s in waits if _all_in(parts, s, request.plan)}
        last = runs.of(request.plan)[-1]
        if answered and last.state == "open":
            outcomes = tuple(_due(o, answered, today) for o in last.outcomes)
            runs.end(replace(last, outcomes=outcomes))


def _due(outcome: ItemOutcome, answered: Set[SystemId], today: date) -> ItemOutcome:
    """An outcome that waits for an answer that came waits for nothing but the next attempt."""
    waits = outcome.dataset is not None and outcome.outcome in ("pending", "by_hand")
    if outcome.system not in answered or not waits:
        return outcome
    return replace(outcome, outcome="pending", until=today)


def _all_in(parts: Parts, system: SystemId, plan: PlanId) -> bool:
    """Whether a run gave orders to a system and all of them are confirmed."""
    orders = _orders_of(parts, system)
    mine = [o for o in orders.all() if _plan_of(o) == plan] if orders else []
    return bool(mine) and all(o.answer == "confirmed" for o in mine)


def _books(parts: Parts) -> Iterator[tuple[SystemId, Orders]]:
    for name in parts.read_systems():
        orders = _orders_of(parts, name)
        if orders is not None:
            yield name, orders


def _orders_of(parts: Parts, name: SystemId) -> Orders | None:
    """What a system was asked; nothing is opened where no run was written down."""
    entry = parts.datamap.systems.get(name)
    if entry is None or entry.kind not in OUTSIDE or not parts.paths.memory(name).exists():
        return None
    system = parts.system(name)
    return system.orders if isinstance(system, Asks) else None


def _found(parts: Parts, name: str) -> tuple[Orders, Ordered]:
    for system, orders in _books(parts):
        order = orders.get(name)
        if order is not None:
            return orders, _ordered(parts, system, order)
    raise InvalidInput(
        f"no order `{name}` went out", code="SY133", hint="name an order as it is listed"
    )


def _ordered(parts: Parts, system: SystemId, order: Order) -> Ordered:
    plan = _plan_of(order)
    request = None if plan is None else parts.repositories.plans.request_of(plan)
    return Ordered(system, parts.datamap.systems[system].name, order, request)


def _plan_of(order: Order) -> PlanId | None:
    """The plan of the run an order's name is made from; see `app.steps.run_id`."""
    run, _, _ = order.id.partition(".")
    return PlanId(run.replace("run-", "plan-")) if run.startswith("run-") else None


def _entry(parts: Parts, found: Ordered, actor: Actor) -> Entry:
    entry = parts.datamap.systems[found.system]
    policy = parts.policy()
    recipient = policy.recipients.get(entry.recipient or "")
    clause = entry.clause or (recipient.clause if recipient else "")
    return Entry(
        act_id=f"order:{found.order.id}",
        kind="intent",
        at=parts.clock.now(),
        service=policy.service,
        act=found.order.kind,
        system=found.system,
        actor=actor.name,
        version=policy.version.id,
        clauses=(policy.cite(clause),) if clause else (),
    )
