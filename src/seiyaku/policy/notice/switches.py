"""What stands beside each switch by which a person says no, in the settings of a service.

Whoever renders the settings page puts this beside the control: what the switch is about, what
the policy says of it, and whom it reaches. A class of recipients shows its members, or that
none is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from seiyaku.kernel.text import Language, Text
from seiyaku.policy.model import Policy

_REACHES = Text(ja="対象", en="Reaches")
_NONE = Text(ja="現在の一覧にはありません", en="none listed")


@dataclass(frozen=True)
class Switch:
    """One switch.

    Args:
        word: of the purpose or recipient it stops. says: sentences of the policy with their
            clauses. reaches: who is concerned; None where it is about a purpose of our own.
    """

    word: str
    name: Text
    says: tuple[tuple[Text, str], ...]
    reaches: tuple[str, ...] | None = None


def switches(policy: Policy, members: Mapping[str, Sequence[str]]) -> Iterator[Switch]:
    """Every purpose and recipient that a clause lets the person say no to. Pure.

    Args:
        members: of each register, by its word.
    """
    for word, purpose in policy.purposes.items():
        if purpose.opt_out:
            clauses = (purpose.opt_out, purpose.clause, *purpose.also)
            yield Switch(word, purpose.name, _said(policy, clauses))
    for word, recipient in policy.recipients.items():
        if recipient.opt_out:
            clauses = (recipient.opt_out, *recipient.also)
            reaches: tuple[str, ...] = (recipient.operator or recipient.name.en,)
            if recipient.register_name:
                reaches = tuple(members.get(recipient.register_name, ()))
            yield Switch(word, recipient.name, _said(policy, clauses), reaches)


def render_switches(
    policy: Policy, members: Mapping[str, Sequence[str]], language: Language
) -> str:
    """The switches as HTML, one ``section`` each, without the controls themselves."""
    return "\n".join(_html(s, language) for s in switches(policy, members))


def _said(policy: Policy, clauses: Sequence[str]) -> tuple[tuple[Text, str], ...]:
    return tuple((policy.clauses[c].says, policy.cite(c)) for c in dict.fromkeys(clauses))


def _html(switch: Switch, language: Language) -> str:
    lines = [f'<section class="switch" id="{switch.word}" lang="{language}">']
    lines.append(f"<h3>{escape(switch.name.get(language))}</h3>")
    lines += [f"<p>{escape(t.get(language))} <cite>{c}</cite></p>" for t, c in switch.says]
    if switch.reaches is not None:
        who = ", ".join(switch.reaches) or _NONE.get(language)
        lines.append(f"<p>{_REACHES.get(language)}: {escape(who)}</p>")
    return "\n".join((*lines, "</section>"))
