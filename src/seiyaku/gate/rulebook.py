"""Compiling a policy: every clause filed under the words by which it is asked for.

`compile` turns the versions of a policy and the laws into one `Book` for each stretch of
time in which neither changes, so that deciding never walks through the policy.

Law: APPI 17, 18, 27, 28, as the law packs have them on the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from seiyaku.gate.book import (
    Ages,
    Aim,
    Book,
    Dispute,
    Excuse,
    Gathering,
    Ground,
    Receiver,
    Rulebook,
    Thing,
    Way,
    Whens,
)
from seiyaku.gate.masks import (
    ANY,
    UNLISTED,
    bans_of,
    closed_words,
    expand,
    held_by,
    lineage,
    masks_of,
    narrowing,
    outside,
    scopes_asked,
)
from seiyaku.gate.model import Reason, ReasonCode
from seiyaku.laws import Fact, Laws
from seiyaku.laws.calendars import TOKYO, tokyo_day
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.model import LEGAL_RETENTION, Item, Policy, Purpose, Recipient

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
    receivers = {word: _receiver(policy, word, laws) for word in policy.recipients}
    opened, minors = policy.opened_by_consent, policy.minors
    opens_recipients = _cite(policy, opened.recipients if opened else None)
    foreign = policy.foreign_consent
    return Book(
        version=policy.version.id,
        rank=history.rank(policy.version.id),
        ids=ids,
        ranks={word: index for index, word in reversed(list(enumerate(ids)))},
        things={word: _thing(policy, word, laws) for word in policy.items},
        aims={word: _aim(policy, purpose) for word, purpose in policy.purposes.items()},
        receivers=receivers,
        classes=_classes(receivers.values()),
        sources=frozenset(policy.sources),
        contexts=frozenset(policy.contexts),
        people=frozenset(policy.people),
        bans=_bans(policy),
        outside=dict(_outside(policy, held, listed)),
        unstated=dict(_unstated(policy, held, listed)),
        listed=listed,
        disputes=_disputes(policy),
        excuses=_excuses(policy, laws),
        kinds={
            code: (str(kind.citation), frozenset(kind.exceptions))
            for code, kind in laws.recipient_kinds.items()
        },
        requests=_requests(policy, laws),
        suspends=_suspends(policy, laws),
        acknowledgements={w: policy.cite(a.clause) for w, a in policy.acknowledgements.items()},
        ages=Ages(
            policy.cite(minors.clause),
            minors.minimum_age,
            minors.guardian_below,
            minors.attestation,
        )
        if minors
        else None,
        opens_purposes=_cite(policy, opened.purposes if opened else None),
        opens_recipients=opens_recipients,
        transfer=_cite(policy, foreign.clause if foreign else None),
        transfer_deemed=bool(foreign and foreign.deemed),
        deemed_opens=laws.deemed_consent_opens_foreign_transfer,
        consent_ground=_ground("consent", laws),
        consent_way=_way("consent", "", opens_recipients or "", laws),
        homes=frozenset(pack.home for pack in laws.packs),
        masks=masks_of((policy, *history.before(policy)), laws, listed),
        laws=laws,
    )


def _cite(policy: Policy, clause: str | None) -> str | None:
    return policy.cite(clause) if clause else None


# -- items ---------------------------------------------------------------------------


def _thing(policy: Policy, word: str, laws: Laws) -> Thing:
    item = policy.items[word]
    rules = {name: rule for name, rule in policy.retention.items() if word in rule.items}
    holding = {
        name: (policy.cite(rule.clause), str(law.citation))
        for name, rule in rules.items()
        if rule.law and (law := laws.keeping(rule.law))
    }
    cite = policy.cite(item.clause)
    return Thing(
        cite=cite,
        sources=frozenset(item.sources),
        narrow={
            name: policy.cite(source.clause or item.clause)
            for name, source in item.sources.items()
            if source.only is not None
        },
        scopes=dict(_scopes(policy, item)),
        gathering=_gathering(policy, item),
        people=frozenset(item.people),
        special_care=item.special_care is not None,
        held=_holding("legal_retention", holding),
        only_held=_holding("legal_retention_only", holding),
        holders=tuple(clause for clause, _ in holding.values()),
        windows=tuple(
            (name, policy.cite(rule.clause), timedelta(days=rule.days))
            for name, rule in rules.items()
            if rule.law is None and rule.after == "collected" and rule.days is not None
        ),
        kept=tuple(policy.cite(rule.clause) for rule in rules.values()) or (cite,),
    )


def _holding(code: ReasonCode, holding: Mapping[str, tuple[str, str]]) -> tuple[Reason, ...]:
    reasons = {Reason(code, cite, rule) for rule, cites in holding.items() for cite in cites}
    return tuple(sorted(reasons))


def _gathering(policy: Policy, item: Item) -> Gathering | None:
    if item.collect is None:
        return None
    return Gathering(
        policy.cite(item.collect.clause),
        frozenset(item.collect.contexts),
        item.collect.consent,
        item.collect.acknowledgement,
    )


def _scopes(policy: Policy, item: Item) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    for source in (ANY, *item.sources):
        if asked := scopes_asked(item, source):
            yield source, {s: tuple(map(policy.cite, clauses)) for s, clauses in asked.items()}


def _bans(policy: Policy) -> dict[tuple[str, str], tuple[Reason, ...]]:
    return {
        (act, word): tuple(Reason("never", policy.cite(clause), act) for clause in clauses)
        for word in (ANY, *policy.items)
        for act, clauses in bans_of(policy, word).items()
    }


def _outside(
    policy: Policy, held: frozenset[str], listed: frozenset[str]
) -> Iterator[tuple[tuple[str, str, str], tuple[str, ...]]]:
    """Closed lists, for every source and purpose; only where one shuts the purpose out."""
    for word, item in policy.items.items():
        if not any(policy.items[one].only for one in lineage(policy, word)) and all(
            source.only is None for source in item.sources.values()
        ):
            continue
        for purpose in (ANY, *listed):
            if purpose == LEGAL_RETENTION and word in held:
                continue
            for source in (ANY, UNLISTED, *item.sources):
                if clauses := outside(policy, word, source, purpose):
                    yield (word, source, purpose), tuple(map(policy.cite, clauses))


def _unstated(
    policy: Policy, held: frozenset[str], listed: frozenset[str]
) -> Iterator[tuple[tuple[str, str], tuple[tuple[str, str], ...]]]:
    for word, item in policy.items.items():
        for purpose in (ANY, *listed):
            shut = narrowing(item, purpose)
            free = purpose == LEGAL_RETENTION and word in held
            if shut and not free and len(shut) < len(item.sources):
                yield (word, purpose), tuple((s, policy.cite(c)) for s, c in shut.items())


# -- purposes and recipients -----------------------------------------------------------


def _aim(policy: Policy, purpose: Purpose) -> Aim:
    return Aim(
        clause=purpose.clause,
        cite=policy.cite(purpose.clause),
        items=frozenset(purpose.items),
        whens=_whens(purpose.items_when),
        consent=_cite(policy, purpose.consent.clause if purpose.consent else None),
        acknowledgement=purpose.acknowledgement,
        people=frozenset(purpose.people),
        opt_out=_cite(policy, purpose.opt_out),
        empty=not purpose.items and not any(purpose.items_when.values()),
    )


def _whens(items_when: Mapping[str, Sequence[str]]) -> Whens:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for context, items in items_when.items():
        for item in items:
            found[item].add(context)
    return {item: frozenset(contexts) for item, contexts in found.items()}


def _receiver(policy: Policy, word: str, laws: Laws) -> Receiver:
    recipient = policy.recipients[word]
    cite = policy.cite(recipient.clause)
    return Receiver(
        word=word,
        cite=cite,
        register=recipient.register_name,
        relation=recipient.relation,
        ground=_ground(recipient.basis, laws),
        by_exception=recipient.basis == "exception",
        purposes=frozenset(recipient.purposes),
        items=frozenset(recipient.items),
        whens=_whens(recipient.items_when),
        countries=expand(recipient.countries, laws),
        ways=_ways(recipient, cite, laws),
        requires=recipient.requires,
        opt_out=_cite(policy, recipient.opt_out),
        gaps=tuple(_gaps(policy, word, laws)),
        reference=recipient.reference,
        masked=_cite(policy, recipient.masked),
    )


def _gaps(policy: Policy, word: str, laws: Laws) -> Iterator[str]:
    recipient = policy.recipients[word]
    if recipient.basis == "exception":
        return
    basis = laws.basis(recipient.basis)
    for element in missing_elements(policy.controller, recipient, basis):
        if element not in ("items", "purposes_of_users"):
            yield f"{element}:{word}"
    if not recipient.items and not any(recipient.items_when.values()):
        yield f"items:{word}"
    if not recipient.purposes:
        yield f"purposes:{word}"


def _ground(basis: str, laws: Laws) -> Ground | None:
    found = laws.basis(basis)
    if found is None:
        return None
    return Ground(
        str(found.citation),
        found.requires,
        found.needs_consent,
        found.escapes_foreign_rule,
        "special_care" in found.never_for,
    )


def _ways(recipient: Recipient, cite: str, laws: Laws) -> dict[str, Way]:
    """The way to each country: its own where declared, else the first group's that holds it."""
    ways = {c: _way(r, c, cite, laws) for c, r in recipient.routes.items() if laws.known_country(c)}
    for group, route in recipient.routes.items():
        for country in laws.expand_country(group):
            ways.setdefault(country, _way(route, country, cite, laws))
    return ways


def _way(code: str, country: str, cite: str, laws: Laws) -> Way:
    route = laws.route(code)
    if route is None:
        return Way(code, cite, False, (), False, frozenset())
    leads = not route.countries or country in route.countries
    return Way(
        code,
        str(route.citation),
        leads,
        route.requires,
        route.needs_consent,
        frozenset(route.elements),
    )


def _classes(receivers: Iterable[Receiver]) -> dict[str, tuple[Receiver, ...]]:
    found: defaultdict[str, list[Receiver]] = defaultdict(list)
    for receiver in receivers:
        if receiver.register is not None:
            found[receiver.register].append(receiver)
    return {register: tuple(classes) for register, classes in found.items()}


# -- contradictions, exceptions, requests -----------------------------------------------


def _disputes(policy: Policy) -> dict[str, tuple[Dispute, ...]]:
    every = [
        Dispute(
            word,
            {clause: policy.cite(clause) for clause in found.clauses},
            found.stricter is not None,
            frozenset(found.items),
            frozenset(found.purposes),
        )
        for word, found in policy.contradictions.items()
    ]
    if not every:
        return {}
    return {
        item: tuple(d for d in every if not d.items or item in d.items)
        for item in (ANY, *policy.items, *(word for d in every for word in d.items))
    }


def _excuses(policy: Policy, laws: Laws) -> dict[tuple[bool, str], Excuse]:
    codes = {e.code for pack in laws.packs for e in (*pack.exceptions, *pack.purpose_exceptions)}
    codes |= {found.law for found in policy.exceptions.values() if found.law}
    found = {(to, c): _excuse(policy, laws, to, c) for c in codes for to in (False, True)}
    for word in policy.exceptions:
        for sending in (False, True):
            found[sending, word] = _excuse(policy, laws, sending, word)
    return found


def _excuse(policy: Policy, laws: Laws, sending: bool, word: str) -> Excuse:
    """The exception a code means: a word of the policy, else a code of the law."""
    named = policy.exceptions.get(word)
    code = named.law if named else word
    law = (laws.exception if sending else laws.purpose_exception)(code)
    concerned = [named] if named else [e for e in policy.exceptions.values() if e.law == word]
    conditions = [(c, str(law.citation)) for c in law.conditions] if law else []
    conditions += [(c, policy.cite(e.clause)) for e in concerned for c in e.conditions]
    return Excuse(
        code=code,
        law=str(law.citation) if law else None,
        clauses=tuple(policy.cite(e.clause) for e in concerned),
        clause=policy.cite(named.clause) if named else "",
        conditions=tuple(conditions),
    )


def _requests(policy: Policy, laws: Laws) -> dict[str, tuple[Reason, ...]]:
    found: defaultdict[str, set[Reason]] = defaultdict(set)
    for kind, right in policy.rights.items():
        found[kind].add(Reason("own_request", policy.cite(right.clause), kind))
    for kind in {rule.kind for pack in laws.packs for rule in pack.requests}:
        if rule := laws.request(kind):
            found[kind].add(Reason("own_request", str(rule.citation), kind))
    return {kind: tuple(sorted(reasons)) for kind, reasons in found.items()}


def _suspends(policy: Policy, laws: Laws) -> str:
    right, law = policy.rights.get("suspension"), laws.request("suspension")
    if right is not None:
        return policy.cite(right.clause)
    return str(law.citation) if law is not None else ""
