"""What is held and may be right no longer: people are asked, once, and warned, never blocked.

The data map tells when somebody last said that their data is right (``times: {confirmed: ...}``
of a dataset of people), and of what people are to be told (``times: {used: ..., told: ...}``).
An address from which two mails came back is doubtful too. Law: APPI 22 (an endeavour).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from seiyaku.app import persons
from seiyaku.app.addresses import address_on_file
from seiyaku.app.found import Found
from seiyaku.app.letter_facts import place_of
from seiyaku.app.mailing import post_of
from seiyaku.app.self_map import prefix_of
from seiyaku.app.wiring import Parts
from seiyaku.datamap.model import Dataset, system_of
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import DatasetId, PersonId, SystemId
from seiyaku.kernel.text import Text
from seiyaku.laws import tokyo_day
from seiyaku.letters import Facts, Message, render
from seiyaku.plans.survey import items_of
from seiyaku.policy.model import Policy
from seiyaku.requests.line import Line
from seiyaku.store.stale import Stale

if TYPE_CHECKING:
    from seiyaku.systems.mail import MailSystem

CONFIRMED: Final = "confirmed"
USED: Final = "used"
TOLD: Final = "told"
STALE: Final = "data-stale"
UNTOLD: Final = "use-untold"
TWICE: Final = 2
"""Mails that must have come back before an address is doubted."""


class Accuracy:
    """How current the data of one installation is."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._r = parts.repositories

    def stale(self) -> tuple[Stale, ...]:
        """Everything doubtful that the last look found."""
        return self._r.stale.all()

    def look(self) -> tuple[Stale, ...]:
        """Look what is doubtful now, and remind each person of it once."""
        now = self._parts.clock.now()
        found = [*self._unconfirmed(now), *self._bounced(now)]
        kept = self._r.stale.replace(found)
        for one in kept:
            if one.why == "unconfirmed" and one.reminded_at is None and self._remind(one):
                self._r.stale.reminded(one, now)
        return self.stale()

    def warnings(self, person: str, purpose: str) -> tuple[Line, ...]:
        """What to show a person before their stale data is used; nothing is blocked by it."""
        policy = self._parts.policy()
        needed = set(policy.purposes[purpose].items)
        return tuple(
            self._warning(policy, one, item)
            for one in self._r.stale.of(PersonId(person))
            for item in policy.items
            if item in needed and item in self._items(one)
        )

    def untold(self) -> dict[DatasetId, tuple[str, ...]]:
        """Keys of rows people should have been told of, by dataset, after the days aimed at."""
        return untold_rows(self._parts, self._parts.clock.now())

    # -- inside ----------------------------------------------------------------------

    def _unconfirmed(self, now: datetime) -> Iterator[Stale]:
        before = now - timedelta(days=self._parts.settings.aims.confirm_days)
        for dataset, entry in self._parts.datamap.persons():
            if CONFIRMED in entry.times:
                prefix = prefix_of(self._parts.datamap, dataset)
                for key, at in _moments(self._parts, dataset, entry, CONFIRMED):
                    if at < before:
                        yield Stale(PersonId(prefix + key), dataset, "unconfirmed", at)

    def _bounced(self, now: datetime) -> Iterator[Stale]:
        kind = persons.kinds(self._parts)[0]
        items = [w for w, i in self._parts.policy().items.items() if i.personal == persons.EMAIL]
        for address, since_at in _came_back(self._parts, now):
            for person in persons.by_email(self._parts, kind, address):
                yield from (Stale(person, item, "bounced", since_at) for item in items[:1])

    def _items(self, one: Stale) -> tuple[str, ...]:
        if one.why == "bounced":
            return (one.subject,)
        return items_of(self._parts.datamap.dataset(one.subject))

    def _warning(self, policy: Policy, one: Stale, item: str) -> Line:
        name, day = policy.items[item].name, tokyo_day(one.since_at)
        place = place_of(policy)
        where = place.web or place.email or (place.post.ja if place.post else "")
        where_en = place.web or place.email or (place.post.en if place.post else "")
        why = _WHY[one.why]
        text = Text(
            ja=f"{name.ja}: {day}から{why.ja}。更新はこちらへ: {where}",
            en=f"{name.en}: {why.en} since {day}. To update it: {where_en}",
        )
        return Line(text, _cite(policy), item)

    def _remind(self, one: Stale) -> bool:
        """Ask the person whether their data is right; False while nobody carries letters."""
        post, policy = post_of(self._parts), self._parts.policy()
        address = address_on_file(self._parts, one.person) if post else None
        if post is None or address is None:
            return False
        facts = Facts(
            service=policy.service_name,
            place=place_of(policy),
            request=f"confirm-{tokyo_day(one.since_at)}",
            asked=Text(ja="登録内容の確認", en="looking at what we hold"),
            received_on=tokyo_day(one.since_at),
            language="ja",
            lines=tuple(
                (policy.items[i].name, policy.cite(policy.items[i].clause))
                for i in self._items(one)
                if i in policy.items
            ),
        )
        folder = self._parts.home / "letters"
        letter = render("confirm", facts, folder if folder.is_dir() else None)
        mark = persons.mark_of(self._parts, one.person)
        try:
            key = f"confirm.{mark}.{one.since_at:%Y%m%d}"
            post.send(Message(address, letter, key, owed=False))
        except SystemUnavailable:
            return False
        return True


def doubts(parts: Parts, stale: tuple[Stale, ...], now: datetime) -> Iterator[Found]:
    """What is doubtful and what people were not told of, without naming anybody."""
    policy = parts.policy()
    for subject in sorted({one.subject for one in stale}):
        yield Found(STALE, subject, _cite(policy))
    for dataset in untold_rows(parts, now):
        items = items_of(parts.datamap.dataset(dataset))
        purposes = [p for p in policy.purposes.values() if p.tells in items]
        cite = policy.cite(purposes[0].clause) if purposes else ""
        yield Found(UNTOLD, dataset, cite)


def untold_rows(parts: Parts, now: datetime) -> dict[DatasetId, tuple[str, ...]]:
    """Keys of rows used long ago of which nobody was told, by dataset."""
    before = now - timedelta(days=parts.settings.aims.notice_days)
    found = dict[DatasetId, tuple[str, ...]]()
    for dataset, entry in parts.datamap.datasets():
        if USED in entry.times and TOLD in entry.times:
            told = {key for key, _ in _moments(parts, dataset, entry, TOLD)}
            used = _moments(parts, dataset, entry, USED)
            late = tuple(sorted(k for k, at in used if at < before and k not in told))
            found |= {dataset: late} if late else {}
    return found


def _moments(
    parts: Parts, dataset: DatasetId, entry: Dataset, event: str
) -> Iterator[tuple[str, datetime]]:
    table = entry.table or dataset.partition(".")[2]
    for key, text in parts.system(system_of(dataset)).texts(table, entry.times[event]):
        at = _moment(text)
        if at is not None:
            yield key, at


def _moment(text: str) -> datetime | None:
    from seiyaku.policy.history import JST

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=JST)


def _came_back(parts: Parts, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Addresses from which as many mails came back as make one doubtful."""
    for name, entry in parts.datamap.systems.items():
        if entry.kind == "mail" and name in parts.settings.systems:
            system: MailSystem = parts.system(SystemId(name))  # type: ignore[assignment]
            counts = Counter(address for address, _ in system.book.bounces())
            last = dict(system.book.bounces())
            yield from ((a, last[a]) for a, n in counts.items() if n >= TWICE)


def _cite(policy: Policy) -> str:
    measure = policy.measures.get("accuracy")
    if measure is None:
        return ""
    return policy.cite(measure.warns or measure.clause)


_WHY: Final = {
    "unconfirmed": Text(ja="確認されていません", en="not confirmed"),
    "bounced": Text(ja="メールが届いていません", en="mail does not arrive"),
}
