"""Registers and facts that are missing, over, or at odds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance, Membership
from seiyaku.testing.strategies.draft import Draft, send
from seiyaku.testing.strategies.vocabulary import CLASSES, MEMBERS, day


def members(draw: st.DrawFn, w: Draft) -> None:
    """Registers: empty, gone, in both classes, without country."""
    choice = draw(st.sampled_from(("none", "ended", "both", "nowhere")))
    if choice == "none":
        w.members.clear()
    if choice == "ended":
        w.members[:] = [replace(m, until_at=w.at) for m in w.members]
    if choice == "both":
        w.members += [Membership(f"{c}_register", m, day(-9)) for c in CLASSES for m in MEMBERS]
    if choice == "nowhere":
        w.members[:] = [replace(m, countries=()) for m in w.members]
    if draw(st.booleans()):
        w.ask(act="send", recipient=draw(st.sampled_from((*CLASSES, *MEMBERS))), country=None)


def facts(draw: st.DrawFn, w: Draft) -> None:
    """A fact is missing or has lapsed."""
    if draw(st.booleans()):
        send(draw, w)
    kind = draw(st.sampled_from(sorted({fact.kind for fact in w.facts} or {"none"})))
    kept = [fact for fact in w.facts if fact.kind != kind]
    if draw(st.booleans()):
        kept += [replace(f, until_at=w.at) for f in w.facts if f.kind == kind]
    w.facts[:] = kept


def reading(draw: st.DrawFn, w: Draft) -> None:
    word = draw(st.sampled_from(sorted(w.policy.contradictions) or ["none"]))
    clause = draw(st.sampled_from(("3.3", "3.3c", "4.3", "4.3c", None)))
    w.facts.append(Assurance("reading", word, day(-1), "minutes", about=clause, by="sato"))
