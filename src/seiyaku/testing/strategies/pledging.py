"""Policies that leave something open, ask for more, or were otherwise before."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance
from seiyaku.policy.history import History
from seiyaku.policy.model import ConsentNeed, ForeignConsent, ItemSource, OnlyPurposes, Policy
from seiyaku.standing.model import Acceptance, Acknowledged
from seiyaku.testing.strategies.draft import Draft, send
from seiyaku.testing.strategies.parts import PARTS
from seiyaku.testing.strategies.policies import seeds
from seiyaku.testing.strategies.vocabulary import ITEMS, KNOWS, RECIPIENTS, day, seldom


def hollow(draw: st.DrawFn, w: Draft) -> None:
    """A list of the policy is empty, a basis or route is not stated."""
    purpose = w.policy.purposes.get(w.q.purpose or "")
    if purpose and draw(seldom):
        hollow = purpose.model_copy(update={"items": (), "items_when": {}})
        w.revise(purposes={**w.policy.purposes, w.q.purpose: hollow})
    lists: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"items": (), "items_when": {}},
                {"purposes": ()},
                {"countries": ()},
                {"basis": "none"},
                {"basis": "exception"},
                {"basis": "related_info"},
                {"basis": "joint_use", "operator": None},
                {"routes": {}},
                {"routes": {"US": "adequacy"}},
                {"routes": {"US": "consent"}},
            ]
        )
    )
    w.revise(recipients={k: r.model_copy(update=lists) for k, r in w.policy.recipients.items()})


def guarded(draw: st.DrawFn, w: Draft) -> None:
    """Conditions stand before the item and the purpose."""
    more: dict[str, Any] = draw(
        st.sampled_from([{"consent": ConsentNeed(clause="4.3c")}, {"acknowledgement": KNOWS}])
    )
    w.revise(purposes={k: p.model_copy(update=more) for k, p in w.policy.purposes.items()})


def widened(draw: st.DrawFn, w: Draft) -> None:
    """What the question leans on was otherwise, or was not there, in the versions before."""
    words = {"items": w.q.item, "purposes": w.q.purpose, "recipients": w.q.recipient}
    part = draw(st.sampled_from(sorted(PARTS)))
    known, make = PARTS[part]
    word, seed = words[part] or "", draw(seeds)
    older = list(w.history.before(w.policy))[::-1]
    for n, policy in enumerate(older if word in known else []):
        parts = {key: value for key, value in getattr(policy, part).items() if key != word}
        parts |= {word: make(word, seed)} if seed % 3 else {}
        older[n] = policy.model_copy(update={part: parts})
    w.history = History((*older, *w.history.versions[len(older) :]))
    unaccepted(draw, w)


def unaccepted(draw: st.DrawFn, w: Draft) -> None:
    kept = draw(st.sampled_from(("none", "v1", "v2")))
    w.events[:] = [e for e in w.events if not isinstance(e, Acceptance) or e.version == kept]


def unacknowledged(draw: st.DrawFn, w: Draft) -> None:
    kept = w.policy.purposes
    w.revise(purposes={k: p.model_copy(update={"acknowledgement": KNOWS}) for k, p in kept.items()})
    w.events[:] = [event for event in w.events if not isinstance(event, Acknowledged)]


def deemed(draw: st.DrawFn, w: Draft) -> None:
    """Abroad, under the policy's own consent to it."""
    w.revise(foreign_consent=ForeignConsent(clause="6.7", deemed=draw(st.booleans())))


def untold(draw: st.DrawFn, w: Draft) -> None:
    """Joint use of which something was never told."""
    left = draw(st.sampled_from(("address", "representative", "responsible", "operator")))
    lists: dict[str, Any] = {"basis": "joint_use"}
    lists |= {"operator": None} if left == "operator" else {}
    if left != "operator":
        w.revise(controller=w.policy.controller.model_copy(update={left: None}))
    w.revise(recipients={k: r.model_copy(update=lists) for k, r in w.policy.recipients.items()})
    send(draw, w)


def linked(draw: st.DrawFn, w: Draft) -> None:
    """The item comes from a linked service, which may give what the person let it give."""
    login = ItemSource(clause=draw(st.sampled_from((None, "3.9"))), scope="profile")
    sources = draw(
        st.sampled_from(
            (
                {"login": login},
                {"login": login, "person": ItemSource(scope="mail")},
                {"login": login, "person": ItemSource()},
            )
        )
    )
    _remake_item(w, w.q.item, sources=sources)
    granted = draw(st.sampled_from(((), ("mail",), ("profile",))))
    source = draw(st.sampled_from(("login", None, "person")))
    w.ask(act="collect", purpose=None, source=source, scopes=frozenset(granted))


def derived(draw: st.DrawFn, w: Draft) -> None:
    """The item is made of another, which may be barred from what is asked."""
    of, through = draw(st.permutations([word for word in ITEMS if word != w.q.item]))[:2]
    bars: tuple[dict[str, Any], ...] = (
        {"never": {w.q.act: "3.9n"}},
        {"never": {"train": "3.9n"}},
        {"only": OnlyPurposes(clause="3.9o", purposes=("newsletter",))},
    )
    _remake_item(w, of, derived_from=(), **draw(st.sampled_from(bars)))
    _remake_item(w, through, derived_from=(of,))
    _remake_item(w, w.q.item, derived_from=(draw(st.sampled_from((of, through))),))
    if draw(seldom):
        w.ask(act="use", purpose="train_model")


def masked(draw: st.DrawFn, w: Draft) -> None:
    """Recipients get masked text only; perhaps it was another way before."""
    clause = draw(st.sampled_from(("6.9m", None)))
    before = draw(seldom)
    send(draw, w)
    w.ask(masked=draw(st.booleans()))
    versions = w.history.versions
    w.history = History(
        tuple(_masking(p, clause) if before or p is w.policy else p for p in versions)
    )


def _masking(policy: Policy, clause: str | None) -> Policy:
    recipients = {
        word: r.model_copy(update={"masked": clause}) for word, r in policy.recipients.items()
    }
    return policy.model_copy(update={"recipients": recipients})


def referring(draw: st.DrawFn, w: Draft) -> None:
    """The text sends the reader to a clause it cannot mean; perhaps somebody decided."""
    clauses = draw(st.sampled_from((("4.1", "4.3"), ("4.2",), ("4.1", "4.2", "4.3"))))
    lists = {"reference": clauses}
    w.revise(recipients={k: r.model_copy(update=lists) for k, r in w.policy.recipients.items()})
    send(draw, w)
    w.facts[:] = [fact for fact in w.facts if fact.kind != "reading"]
    for clause in draw(
        st.sampled_from(((), ("4.1",), ("4.2",), ("4.3",), ("4.1", "4.2"), (None,)))
    ):
        w.facts += [Assurance("reading", r, day(-1), "minutes", about=clause) for r in RECIPIENTS]


def _remake_item(w: Draft, word: str, **parts: Any) -> None:
    found = w.policy.items.get(word)
    if found is not None:
        w.revise(items={**w.policy.items, word: found.model_copy(update=parts)})
