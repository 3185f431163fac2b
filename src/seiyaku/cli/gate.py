"""``seiyaku gate``: ask one question."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from seiyaku.cli._output import FINDINGS, print_json
from seiyaku.kernel.clock import parse_at
from seiyaku.policy.model import Act

if TYPE_CHECKING:
    from seiyaku.gate.model import Decision, Question


class At(click.ParamType[datetime]):
    """A moment with time zone, ISO 8601."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_at(str(value))
        except ValueError as error:
            self.fail(f"{value!r}: {error}; write 2026-02-16T09:00:00+09:00", param, ctx)


@click.command("gate")
@click.argument("act", type=click.Choice(get_args(Act)))
@click.argument("item")
@click.option("--purpose", help="Why: a purpose of the policy.")
@click.option("--person", help="The service's key of the person; a new, active person without.")
@click.option("--source", help="Where this value came from.")
@click.option("--recipient", help="Who would receive it.")
@click.option("--relation", help="Relation of the person to the recipient.")
@click.option("--country", help="Where it would go, as ISO code.")
@click.option("--context", "contexts", multiple=True, help="A circumstance present; repeatable.")
@click.option("--at", type=At(), help="The moment of the act; now without.")
@click.option("--data-at", type=At(), help="When the data arose.")
@click.option("--home", type=click.Path(path_type=Path), help="Home folder with seiyaku.yaml.")
@click.option("--policy", type=click.Path(path_type=Path), help="Ask a policy file alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(
    act: Act,
    item: str,
    purpose: str | None,
    person: str | None,
    source: str | None,
    recipient: str | None,
    relation: str | None,
    country: str | None,
    contexts: tuple[str, ...],
    at: datetime | None,
    data_at: datetime | None,
    home: Path | None,
    policy: Path | None,
    as_json: bool,
) -> None:
    """Ask whether ITEM may be collected, used, sent or kept.

    Exit 0 when permitted; 1 when refused or undecided, with every reason and its clause.

    \b
    seiyaku gate use postal_address --purpose ship_goods --policy policy.yaml
    seiyaku gate send email --purpose billing --recipient stripe --country US --home .
    """
    from seiyaku.cli._plans import show_decision
    from seiyaku.gate.model import Question
    from seiyaku.kernel.ids import PersonId

    question = Question(
        act=act,
        person=PersonId(person or "nobody-in-particular"),
        item=item,
        at=at or datetime.now(UTC),
        purpose=purpose,
        source=source,
        recipient=recipient,
        relation=relation,
        country=country,
        contexts=frozenset(contexts),
        data_at=data_at,
    )
    decision, hint = _ask(question, home, policy, known=person is not None)
    if as_json:
        print_json({**asdict(decision), "hint": hint})
    else:
        click.echo(show_decision(" ".join(filter(None, [act, item, purpose, recipient])), decision))
        if hint:
            click.echo(f"    {hint}")
    if not decision.permitted:
        sys.exit(FINDINGS)


def _ask(
    question: Question, home: Path | None, policy: Path | None, *, known: bool
) -> tuple[Decision, str]:
    from seiyaku.assurance.model import Assurances
    from seiyaku.gate.decide import Gate
    from seiyaku.policy import History, parse_policy
    from seiyaku.standing.model import Standing

    if policy is None:
        from seiyaku.app import open_home

        with open_home(home or Path()) as opened:
            gate = opened.parts.gate
            if known:
                decision = opened.ask(question)
                return decision, gate.hint(decision)
            assurances = opened.assurances()
            kind = next(iter(opened.parts.policy().people))
    else:
        parsed = parse_policy(policy)
        gate = Gate(History((parsed.policy,)), parsed.laws)
        assurances, kind = Assurances(), next(iter(parsed.policy.people))
    standing = Standing(question.person, kind, question.at)
    decision = gate.decide(standing, assurances, question)
    return decision, gate.hint(decision)
