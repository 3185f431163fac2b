"""``seiyaku guard``: one login role for each purpose inside PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seiyaku.cli._output import FINDINGS, print_json

if TYPE_CHECKING:
    import psycopg

    from seiyaku.doors.permits import Drift, Laid, Layout, Permits, Pushed, WithRows
    from seiyaku.doors.postgres import GuardPlan, Wanted
    from seiyaku.gate.model import Handling
    from seiyaku.policy import Policy


@click.group("guard")
def command() -> None:
    """Guard the tables of a PostgreSQL database: a login role for each purpose, and no other way.

    \b
    seiyaku guard plan    DSN --home . --trusted app_writer
    seiyaku guard install DSN --home . --trusted app_writer
    """


def _options(function: Callable[..., None]) -> Callable[..., None]:
    given = [
        click.argument("dsn", envvar="SEIYAKU_GUARD_DSN"),
        click.option("--home", type=click.Path(path_type=Path), default=Path(), help="Home."),
        click.option("--system", default="app", show_default=True, help="System of the data map."),
        click.option("--purpose", "purposes", multiple=True, help="A use; all purposes without."),
        click.option(
            "--send",
            "sends",
            multiple=True,
            help="PURPOSE:RECIPIENT[:COUNTRY]; repeatable.",
        ),
        click.option("--schema", default="public", show_default=True, help="Where tables lie."),
        click.option("--prefix", default="seiyaku", show_default=True, help="First word of roles."),
        click.option("--trusted", multiple=True, help="Role that reads and writes past the guard."),
        click.option(
            "--refused",
            type=click.Choice(["null", "error"]),
            default="null",
            show_default=True,
            help="What a column is that nobody may see.",
        ),
    ]
    for option in reversed(given):
        function = option(function)
    return function


@command.command("plan")
@_options
def plan(**options: Any) -> None:
    """Print every statement an installation would run; nothing is changed."""
    from seiyaku.doors.postgres import plan_guard, read_present

    with _site(**options) as site:
        planned = plan_guard(site.wanted, read_present(site.connection, site.wanted))
    click.echo(planned.sql, nl=False)
    _warn(planned)


@command.command("install")
@_options
def install(**options: Any) -> None:
    """Lay the permits of everybody and make the roles, views and policies, or nothing at all."""
    from seiyaku.doors.postgres import install, plan_guard, read_present, require_sight

    with _site(**options) as site:
        require_sight(site.connection, site.wanted)
        pushed = site.laid.push(site.permits, site.people)
        planned = plan_guard(site.wanted, read_present(site.connection, site.wanted))
        install(site.connection, planned)
        roles = site.wanted.roles()
    click.echo(f"{pushed.written} people, {len(planned.statements)} statements")
    for role in roles:
        click.echo(f"{role}: give it a password with \\password, and a pool of its own")
    _warn(planned)


@command.command("push")
@_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def push(as_json: bool, **options: Any) -> None:
    """Bring the permits up to what people said; run it often, it writes what differs."""
    from seiyaku.doors.postgres import require_sight

    with _site(**options) as site:
        require_sight(site.connection, site.wanted)
        pushed = site.laid.push(site.permits, site.people)
    if as_json:
        print_json(_plain(pushed))
        return
    until = pushed.epoch.until.isoformat() if pushed.epoch.until else "nothing known ends them"
    click.echo(
        f"{pushed.scope}: {pushed.written} rows written, {pushed.removed} removed in "
        f"{pushed.seconds * 1000:.1f} ms; they hold until {until}"
    )


@command.command("status")
@_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status(as_json: bool, **options: Any) -> None:
    """Say how guard and permits differ from what they should be, and what a push would cost.

    Exit 1 when anything differs.
    """
    from seiyaku.doors.postgres import findings, read_present, require_sight

    with _site(**options) as site:
        require_sight(site.connection, site.wanted)
        found = findings(site.connection, site.wanted, read_present(site.connection, site.wanted))
        drift = site.laid.drift(site.permits)
        laid = drift.epoch is not None
        cost = site.laid.push(site.permits, site.people, keep=False) if laid else None
    if as_json:
        told = [{"code": f.code, "about": f.about} for f in found]
        print_json({"findings": told, "drift": _plain(drift), "push": cost and _plain(cost)})
    else:
        for finding in found:
            click.echo(f"{finding.says.en}: {finding.about} [{finding.code}]")
        _tell_permits(drift, cost)
    if found or not drift.clean:
        sys.exit(FINDINGS)


def _tell_permits(drift: Drift, cost: Pushed | None) -> None:
    rows = f"{drift.missing} missing, {drift.differing} differing, {drift.extra} extra"
    held = f"version {drift.epoch.version}" if drift.epoch else "nothing is laid yet"
    click.echo(f"permits: {rows}; {held}")
    if cost is not None:
        click.echo(
            f"a push now: {cost.scope}, {cost.written + cost.removed} rows, "
            f"{cost.seconds * 1000:.1f} ms (tried and taken back)"
        )


@dataclass(frozen=True)
class _Site:
    """A database with what its guard is made of."""

    connection: psycopg.Connection[Any]
    wanted: Wanted
    laid: Laid
    people: WithRows
    permits: Permits


@contextmanager
def _site(
    dsn: str,
    home: Path,
    system: str,
    purposes: tuple[str, ...],
    sends: tuple[str, ...],
    schema: str,
    **rest: Any,
) -> Iterator[_Site]:
    from seiyaku.app import open_home
    from seiyaku.app.people import HomePeople
    from seiyaku.doors.permits import Laid, Permits, WithRows, layout_of
    from seiyaku.doors.postgres import Wanted, connected
    from seiyaku.gate.traits import Traits

    with open_home(home) as opened, connected(dsn, schema) as connection:
        parts, policy = opened.parts, opened.parts.policy()
        handlings = _handlings(policy, purposes, sends)
        layout: Layout = layout_of(policy, parts.datamap, system, handlings)
        laid = Laid(connection, "postgres", layout)
        people = WithRows(HomePeople(parts, without=(system,)), laid, layout)
        at = parts.clock.now()
        permits = Permits(layout, parts.gate, people, at, Traits())
        wanted = Wanted(policy, parts.datamap, layout, parts.gate, at, schema, **rest)
        yield _Site(connection, wanted, laid, people, permits)


def _handlings(
    policy: Policy, purposes: tuple[str, ...], sends: tuple[str, ...]
) -> Iterator[Handling]:
    from seiyaku.gate.model import Handling

    for purpose in purposes or (() if sends else tuple(policy.purposes)):
        if purpose not in policy.purposes:
            raise click.BadParameter(f"`{purpose}` is no purpose of the policy")
        yield Handling("use", purpose)
    for send in sends:
        purpose, recipient, country = (*send.split(":"), "", "")[:3]
        if purpose not in policy.purposes or not recipient:
            raise click.BadParameter(f"`{send}` is not PURPOSE:RECIPIENT of the policy")
        yield Handling("send", purpose, recipient, country=country or None)


def _warn(planned: GuardPlan) -> None:
    """Say who will miss what, before they do."""
    for dataset, why in planned.closed:
        click.echo(f"closed to every role: {dataset}: {why}", err=True)
    for role in planned.shut_out:
        click.echo(f"`{role}` reads no row any more; if it should: --trusted {role}", err=True)


def _plain(told: Any) -> dict[str, Any]:
    plain = asdict(told)
    if plain.get("epoch"):
        until = plain["epoch"]["until"]
        plain["epoch"]["until"] = until and until.isoformat()
    return plain
