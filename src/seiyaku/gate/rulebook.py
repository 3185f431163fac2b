"""Compiling a policy: every clause filed under the words by which it is asked for.

`compile` turns the versions of a policy and the laws into one `Book` for each stretch of
time in which neither changes, so that deciding never walks through the policy.

Law: APPI 17, 18, 27, 28, as the law packs have them on the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from seiyaku.gate.book import Ages, Book, Rulebook
from seiyaku.gate.filing.cases import (
    file_contradictions,
    file_exceptions,
    file_requests,
    suspension_cite,
)
from seiyaku.gate.filing.items import (
    file_bans,
    file_closed_lists,
    file_item,
    file_unstated_sources,
)
from seiyaku.gate.filing.recipients import (
    cited,
    file_basis,
    file_classes,
    file_purpose,
    file_recipient,
    file_route,
)
from seiyaku.gate.masks import closed_words, held_by, masks_of
from seiyaku.laws import Fact, Laws
from seiyaku.laws.calendars import TOKYO, tokyo_day
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.model import LEGAL_RETENTION, Policy

_DAY = timedelta(days=1)


def compile(history: History, laws: Laws) -> Rulebook:
    """File every version under every stretch of law it lives through. Pure.

    Args:
        history: the versions of one policy; drafts never count.
        laws: the packs, undated; each day is asked for itself.
    """
    starts = [effective_at(policy) for policy in history.versions]
    began = sorted(start for start in starts if start is not None)
    if not began:
        return Rulebook((), ())
    turns = (turn for turn in _turns(laws) if turn > began[0])
    moments = sorted({*began, *turns})
    days: dict[date, Laws] = {}
    listed = frozenset({LEGAL_RETENTION}).union(*map(closed_words, history.versions))
    return Rulebook(
        tuple(moments),
        tuple(_book_at(history, laws, moment, listed, days) for moment in moments),
    )


def _turns(laws: Laws) -> set[datetime]:
    """The moments at which some entry of the law begins or has ended."""
    days: set[date] = set()
    for fact in _entries(laws):
        days.update({fact.first_day} if fact.first_day else ())
        days.update({fact.valid_to + _DAY} if fact.valid_to else ())
    return {datetime.combine(day, time.min, TOKYO).astimezone(UTC) for day in days}


def _entries(laws: Laws) -> Iterator[Fact]:
    for pack in laws.packs:
        for table in type(pack).model_fields:
            value = getattr(pack, table)
            if isinstance(value, tuple):
                yield from (entry for entry in value if isinstance(entry, Fact))


def _book_at(
    history: History,
    laws: Laws,
    moment: datetime,
    listed: frozenset[str],
    days: dict[date, Laws],
) -> Book | None:
    policy = history.in_force(moment)
    if policy is None:
        return None
    day = tokyo_day(moment)
    return _book(history, policy, days.setdefault(day, laws.at(day)), listed)


def _book(history: History, policy: Policy, laws: Laws, listed: frozenset[str]) -> Book:
    ids = tuple(version.version.id for version in history.versions)
    held = held_by(policy, laws)
    receivers = {word: file_recipient(policy, word, laws) for word in policy.recipients}
    opened, minors = policy.opened_by_consent, policy.minors
    opens_recipients = cited(policy, opened.recipients if opened else None)
    foreign = policy.foreign_consent
    return Book(
        version=policy.version.id,
        rank=history.rank(policy.version.id),
        ids=ids,
        ranks={word: index for index, word in reversed(list(enumerate(ids)))},
        things={word: file_item(policy, word, laws) for word in policy.items},
        aims={word: file_purpose(policy, purpose) for word, purpose in policy.purposes.items()},
        receivers=receivers,
        classes=file_classes(receivers.values()),
        sources=frozenset(policy.sources),
        contexts=frozenset(policy.contexts),
        people=frozenset(policy.people),
        bans=file_bans(policy),
        outside=dict(file_closed_lists(policy, held, listed)),
        unstated=dict(file_unstated_sources(policy, held, listed)),
        listed=listed,
        disputes=file_contradictions(policy),
        excuses=file_exceptions(policy, laws),
        kinds={
            code: (str(kind.citation), frozenset(kind.exceptions))
            for code, kind in laws.recipient_kinds.items()
        },
        requests=file_requests(policy, laws),
        suspends=suspension_cite(policy, laws),
        acknowledgements={w: policy.cite(a.clause) for w, a in policy.acknowledgements.items()},
        ages=Ages(
            policy.cite(minors.clause),
            minors.minimum_age,
            minors.guardian_below,
            minors.attestation,
        )
        if minors
        else None,
        opens_purposes=cited(policy, opened.purposes if opened else None),
        opens_recipients=opens_recipients,
        transfer=cited(policy, foreign.clause if foreign else None),
        transfer_deemed=bool(foreign and foreign.deemed),
        deemed_opens=laws.deemed_consent_opens_foreign_transfer,
        consent_ground=file_basis("consent", laws),
        consent_way=file_route("consent", "", opens_recipients or "", laws),
        homes=frozenset(pack.home for pack in laws.packs),
        masks=masks_of((policy, *history.before(policy)), laws, listed),
        laws=laws,
    )
