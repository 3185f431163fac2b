"""A tenant at Auth0 with two people, and what a home's data map says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row, System
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.bad_days import Between
from seiyaku.testing.fakes.auth0 import Auth0Fake
from seiyaku.testing.system_suite import Bench, Correction, Holdings

NAME = {"ja": "系", "en": "system"}
MEI, KEN = "auth0|mei", "auth0|ken"
AT = "2026-02-16T09:00:00.000Z"
MOMENT = datetime(2026, 2, 16, 9, tzinfo=UTC)
FAST = {"calls_a_minute": "600000", "patience_s": "0.01"}
OWN = {"by": "user_id", "to": "users", "columns": "user_id"}
AUTH0: dict[str, Any] = {
    "sessions": {
        "key": "id",
        "links": [OWN],
        "fields": {"id": None, "user_id": None, "created_at": "session", "expires_at": None},
    },
    "refresh_tokens": {
        "key": "id",
        "links": [OWN],
        "fields": {"id": "token", "user_id": None, "client_id": None, "created_at": None},
    },
    "users": {
        "key": "user_id",
        "links": [
            {"by": "user_id", "to": "app.users", "columns": "auth0_sub"},
            {"by": "user_id", "to": "identities", "columns": "account"},
        ],
        "fields": {
            "user_id": "login",
            "email": "email",
            "email_verified": None,
            "nickname": "name",
            "family_name": "name",
            "logins_count": None,
            "created_at": None,
            "user_metadata": "profile",
            "blocked": None,
        },
    },
    "identities": {
        "key": "account",
        "links": [{"by": "user_id", "to": "users", "columns": "user_id"}],
        "fields": {"account": "login", "user_id": None, "provider": None, "is_social": None},
    },
}


def datamap(kind: str, datasets: Mapping[str, Any], **columns: str | None) -> DataMap:
    """The vendor's system, and the app whose users' columns lead to it."""
    users = {"person": "user", "key": "id", "fields": {"id": None, **columns}}
    systems = {
        "own": {"kind": kind, "name": NAME, "datasets": datasets},
        "app": {"kind": "sqlite", "name": NAME, "datasets": {"users": users}},
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": systems})


def known(column: str, *values: str) -> Handles:
    """Somebody's values in a column of the app."""
    place = HandleColumn(DatasetId("app.users"), (column,))
    return Handles({place: frozenset((v,) for v in values)})


def opener(declared: DataMap, memory: Path, url: str, **options: str) -> Callable[[], System]:
    """Opens the vendor's system at `url` as a home would."""
    settings = SystemSettings(
        url=None if "domain" in options else url,
        secret=options.pop("secret", "vendor-token"),
        options=options,
        memory=memory,
        timeout_s=2,
    )
    return lambda: open_system("own", declared.systems["own"], settings)


def tenant() -> Auth0Fake:
    """Mei with a linked Google account, three sessions and two tokens; Ken with one of each."""
    fake = Auth0Fake()
    for account, nick, links in ((MEI, "Mei-mark", ("google-oauth2|mei-g",)), (KEN, "Ken", ())):
        fake.users[account] = _user(account, nick, (account, *links))
    for number, owner in enumerate((MEI, MEI, MEI, KEN)):
        record = {"id": f"s{number}", "user_id": owner, "created_at": AT, "expires_at": AT}
        fake.sessions[record["id"]] = record
    for number, owner in enumerate((MEI, MEI, KEN)):
        record = {"id": f"t{number}", "user_id": owner, "client_id": "web", "created_at": AT}
        fake.tokens[record["id"]] = record
    return fake


def _user(account: str, nick: str, accounts: tuple[str, ...]) -> dict[str, Any]:
    identities = [
        {
            "provider": a.partition("|")[0],
            "user_id": a.partition("|")[2],
            "connection": "c",
            "isSocial": not a.startswith("auth0"),
        }
        for a in accounts
    ]
    return {
        "user_id": account,
        "email": f"{nick.lower()}@mail.example",
        "email_verified": True,
        "nickname": nick,
        "logins_count": 7,
        "created_at": AT,
        "user_metadata": {"colour": "青"},
        "blocked": False,
        "identities": identities,
    }


def holdings(fake: Auth0Fake) -> Holdings:
    """Every record of the tenant, read without the driver."""
    with fake.guard:
        users = list(fake.users.values())
        identities = [(u, i) for u in users for i in u["identities"]]
        rows: dict[str, list[Row]] = {
            "sessions": [(s["id"], s["user_id"], MOMENT, MOMENT) for s in fake.sessions.values()],
            "refresh_tokens": [
                (t["id"], t["user_id"], t["client_id"], MOMENT) for t in fake.tokens.values()
            ],
            "users": [_shown(u) for u in users],
            "identities": [
                (f"{i['provider']}|{i['user_id']}", u["user_id"], i["provider"], i["isSocial"])
                for u, i in identities
            ],
        }
    return {DatasetId(f"own.{n}"): r for n, r in rows.items()}


def _shown(user: Mapping[str, Any]) -> Row:
    plain = [user[k] for k in ("user_id", "email", "email_verified", "nickname")]
    rest = (user.get("family_name"), user["logins_count"], MOMENT)
    return (*plain, *rest, '{"colour": "青"}', user["blocked"])


def held_by(rows: Holdings, account: str) -> Holdings:
    """The rows of one user."""
    place = {"own.users": 0}
    return {d: [r for r in many if r[place.get(d, 1)] == account] for d, many in rows.items()}


def auth0_bench(fake: Auth0Fake, vendor: Between, memory: Path) -> Bench:
    """Mei's world, through a proxy that can have bad days."""
    declared = datamap("auth0", AUTH0, auth0_sub=None)
    options = {"domain": vendor.url, "application": "seiyaku", "secret": "client-secret", **FAST}
    rows = holdings(fake)
    held = held_by(rows, MEI)
    return Bench(
        system=SystemId("own"),
        datamap=declared,
        open=opener(declared, memory, vendor.url, **options),
        person=known("auth0_sub", MEI),
        absent=known("auth0_sub", "auth0|nobody"),
        held=held,
        referring={},
        look=lambda: holdings(fake),
        cut_off=lambda: spoiled(vendor, "silent"),
        spoil=lambda: spoiled(vendor, "failing", "DELETE"),
        markers=("Mei-mark", "mei-mark@mail.example"),
        correction=Correction(DatasetId("own.users"), "nickname", "Mei-new"),
        addition=Correction(DatasetId("own.users"), "family_name", "佐藤"),
        suspension=Correction(DatasetId("own.users"), "blocked", value=True),
        throttle=lambda: spoiled(vendor, "throttled"),
    )


@contextmanager
def spoiled(vendor: Between, day: Any, method: str = "") -> Iterator[None]:
    """Every call, or every one of a method, has a bad day."""
    vendor.spoil(*[day] * 500, when=lambda call: not method or call.method == method)
    try:
        yield
    finally:
        vendor.heal()
