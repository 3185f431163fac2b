"""The tables of the control plane, in SQL that SQLite and PostgreSQL both speak.

Moments are ISO 8601 text in UTC, so that they sort and keep their zone everywhere. Columns
that say something of a person are named in `app/self_map.yaml`; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """An aware moment, stored as ISO 8601 in UTC to the microsecond."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without zone is not stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def _table(name: str, *columns: sa.Column[Any], **options: Any) -> sa.Table:
    return sa.Table(name, METADATA, *columns, **options)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=options.pop("nullable", False), **options)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=nullable)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=options.pop("nullable", False), **options)


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=nullable)


secrets = _table("secrets", _text("name", primary_key=True), _text("value"))
"""Keys of the store itself, such as the one of `people_digest`."""

standing_events = _table(
    "standing_events",
    _text("person", primary_key=True),
    _number("seq", primary_key=True),
    _at("at"),
    _json("event"),
)
gone = _table("gone", _text("person_key", primary_key=True), _text("status"), _at("at"))
"""Erased people by keyed digest, so that their status outlives their record."""

changes = _table(
    "changes",
    _number("id", primary_key=True),
    _text("person", nullable=True, index=True),
    sqlite_autoincrement=True,  # a number is never given twice, though an erasure takes lines out
)
"""One line for everything said or recorded, so that doors keep up; no person: it concerns all."""

assurances = _table("assurances", _number("id", primary_key=True), _json("fact"))
memberships = _table("memberships", _number("id", primary_key=True), _json("member"))

requests = _table(
    "requests",
    _text("id", primary_key=True),
    _text("kind"),
    _text("person_kind"),
    _at("received_at"),
    _text("version"),
    _text("state", index=True),
    _number("people"),
    _text("channel"),
    _text("language"),
    _json("scope"),
    _number("fee_jpy"),
    _text("plan", nullable=True),
    _at("ended_at", nullable=True),
    _text("reason"),
    _text("cite"),
)
request_people = _table(
    "request_people",
    _text("request", primary_key=True),
    _text("person", primary_key=True, index=True),
)
request_details = _table(
    "request_details",
    _text("request", primary_key=True),
    _text("name", primary_key=True),
    _text("person", nullable=True, index=True),
    _json("value"),
)
"""What a request carries of the person: address for the answer, new values, notes."""
request_steps = _table(
    "request_steps",
    _number("id", primary_key=True),
    _text("request", index=True),
    _at("at"),
    _text("actor"),
    _text("what"),
    _json("facts"),
)
handles = _table(
    "handles",
    _text("plan", primary_key=True),
    _text("dataset", primary_key=True),
    _text("columns", primary_key=True),
    _text("person", nullable=True, index=True),
    _json("rows"),
)
"""Old values by which rows are found; purged when the request ends."""

plans = _table(
    "plans",
    _text("id", primary_key=True),
    _text("request", index=True),
    _text("digest"),
    _json("plan"),
)
approvals = _table(
    "approvals",
    _text("plan", primary_key=True),
    _text("digest", primary_key=True),
    _text("actor", primary_key=True),
    _at("at"),
)
runs = _table(
    "runs",
    _text("plan", primary_key=True),
    _number("attempt", primary_key=True),
    _text("kind"),
    _number("people"),
    _text("state"),
    _at("began_at"),
    _at("ended_at", nullable=True),
    _json("outcomes", nullable=True),
    _json("evidence", nullable=True),
    _number("people_from", nullable=True),
)
tasks = _table(
    "tasks",
    _text("id", primary_key=True),
    _text("request", index=True),
    _text("system"),
    _json("items"),
    _at("opened_at"),
    _at("done_at", nullable=True),
    _text("actor"),
    _text("evidence_sha256"),
)
nonces = _table(
    "nonces",
    _text("act_id", primary_key=True),
    _text("person", primary_key=True, index=True),
    _text("request", index=True),
    _text("nonce"),
)
"""What opens the commitments of entries; destroyed with the person's record."""
asked = _table(
    "asked",
    _number("id", primary_key=True),
    _text("person", index=True),
    _at("at"),
    _text("item"),
    _json("question"),
    _text("outcome"),
    _json("reasons"),
    _text("version"),
)
halts = _table(
    "halts",
    _number("id", primary_key=True),
    _at("at"),
    _text("actor"),
    _at("lifted_at", nullable=True),
    _text("lifted_by"),
)
packages = _table(
    "packages",
    _text("request", primary_key=True),
    _text("name", primary_key=True),
    _text("person", nullable=True, index=True),
    _text("sha256"),
    _at("made_at"),
    _at("ends_at", nullable=True),
)
"""Files made for a person; they lie in the home's ``outbox`` until handed over."""
releases = _table(
    "releases",
    _text("id", primary_key=True),
    _text("direction"),
    _text("person", index=True),
    _text("recipient"),
    _json("items"),
    _text("purpose", nullable=True),
    _text("basis"),
    _text("route", nullable=True),
    _text("country", nullable=True),
    _text("version"),
    _json("cites"),
    _at("at"),
    _text("state", index=True),
    _at("ended_at", nullable=True),
    _json("record"),
    _number("required"),
    _text("manner"),
    _text("means", nullable=True),
    _text("kept_until"),
    _text("held_until"),
    _text("reference", nullable=True),
    _number("told", index=True),
)
"""What was given to whom, or received. `held_until` is the last day a law wants it kept, the
first of all days where none does, so that an erasure tells the rows apart by this column;
`told` says whether the evidence is known to hold the state."""
parties = _table(
    "parties",
    _text("word", primary_key=True),
    _text("name"),
    _text("address"),
    _text("representative"),
)
"""Who a recipient or giver is: what a record must tell of it. No person of a service."""
tokens = _table(
    "tokens",
    _text("name", primary_key=True),
    _text("sha256"),
    _text("actor"),
    _text("role"),
    _at("made_at"),
    _at("ends_at", nullable=True),
)
"""Who may ask through the doors that take tokens, by the digest of a secret."""
incidents = _table(
    "incidents",
    _text("id", primary_key=True),
    _text("kind"),
    _at("known_at"),
    _text("due_to"),
    _json("datasets"),
    _json("triggers"),
    _number("counts"),
    _text("content"),
    _number("people"),
    _json("reports"),
    _text("statement_sha256"),
    _text("substitute"),
    _at("ended_at", nullable=True),
)
"""Leaks and what looks like them: words, ids and digests."""
incident_people = _table(
    "incident_people",
    _text("incident", primary_key=True),
    _text("person", primary_key=True, index=True),
    _text("state"),
    _at("told_at", nullable=True),
)
"""Whose data leaked, and whether they could be told."""
stale = _table(
    "stale",
    _text("person", primary_key=True),
    _text("subject", primary_key=True),
    _text("why", primary_key=True),
    _at("since_at"),
    _at("reminded_at", nullable=True),
)
"""What is held of people and may be right no longer."""
duties = _table(
    "duties",
    _text("id", primary_key=True),
    _text("code"),
    _text("subject", index=True),
    _text("cite"),
    _text("owner"),
    _at("since_at", nullable=True),
    _at("opened_at"),
    _at("done_at", nullable=True),
    _text("actor"),
    _text("evidence_sha256"),
)
"""What somebody of the controller has to see to. No person of a service: words and ids."""

turns = _table("turns", _text("system", primary_key=True), sa.Column("free_at", sa.Double))
"""From when on a vendor may be called, in seconds of the server's clock."""
