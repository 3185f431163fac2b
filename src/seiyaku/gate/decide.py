"""The gate as it runs: the same answers as the definition, by look-up.

`Gate` compiles the policy once. A decision looks the question's words up in the book of the
moment and walks only through what this one person said. The steps are those of
`seiyaku.gate.model`; each answers with its reasons or lets the question pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from seiyaku.assurance.model import Assurances
from seiyaku.gate.ask import Asking, Vocabulary
from seiyaku.gate.book import Excuse, Receiver
from seiyaku.gate.consents import consents_missing
from seiyaku.gate.facts import Facts
from seiyaku.gate.masks import ANY, TRAIN_MODEL
from seiyaku.gate.matter import DECLARED, KIND, OPENED, Matter
from seiyaku.gate.model import Case, Decision, OutcomeOfGate, Question, Reason, ReasonCode
from seiyaku.gate.rulebook import compile
from seiyaku.laws import Laws
from seiyaku.policy.history import History
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Scope, Standing

Found = list[Reason]
Step = Callable[[Matter], Decision | None]
_NO_POLICY = Decision("undecided", (Reason("no_policy_in_force"),), "", 0)


class Gate(Asking):
    """Answers questions under every version of one policy.

    Args:
        history: the versions of the policy. laws: the packs it names, undated.
    """

    def __init__(self, history: History, laws: Laws) -> None:
        self._rulebook = compile(history, laws)
        self._filed: tuple[Assurances, Facts] | None = None

    def decide(self, standing: Standing, assurances: Assurances, question: Question) -> Decision:
        """What the order of precedence answers; see `seiyaku.gate.model`.

        Args:
            standing: the person of the question, as of its moment.
            assurances: every dated fact and membership on record.
        """
        matter = self.matter(standing, assurances, question)
        if matter is None:
            return _NO_POLICY
        for step in STEPS:
            decision = step(matter)
            if decision is not None:
                return decision
        return _granted(matter)

    def matter(
        self, standing: Standing, assurances: Assurances, question: Question
    ) -> Matter | None:
        """The question with its words resolved; None where no version is in force."""
        book = self._rulebook.at(question.at)
        return Matter(book, self._facts(assurances), standing, question) if book else None

    @property
    def turns(self) -> tuple[datetime, ...]:
        """The moments at which a version or an entry of the law begins or ends, in order."""
        return self._rulebook.moments

    def _facts(self, assurances: Assurances) -> Facts:
        """The facts filed; the last ones are kept, as they change far less often."""
        filed = self._filed
        if filed is None or filed[0] is not assurances:
            filed = self._filed = (assurances, Facts(assurances))
        return filed[1]

    def vocabulary(self, version: str) -> Vocabulary:
        """The words of a version, by what they name; empty for a version never in force."""
        for book in self._rulebook.books:
            if book is not None and book.version == version:
                return {
                    "unknown_item": frozenset(book.things),
                    "unknown_purpose": frozenset(book.aims) | {LEGAL_RETENTION},
                    "unknown_source": book.sources,
                    "unknown_recipient": frozenset(book.receivers) | frozenset(book.kinds),
                    "unknown_context": book.contexts,
                }
        return {}

    def declared_items(self, at: datetime) -> tuple[str, ...]:
        """The items of the version in force at `at`, in written order."""
        book = self._rulebook.at(at)
        return tuple(book.things) if book is not None else ()


def _answer(
    matter: Matter, outcome: OutcomeOfGate, reasons: Sequence[Reason], step: int
) -> Decision:
    found = tuple(reasons) if len(reasons) == 1 else tuple(sorted(set(reasons)))
    return Decision(outcome, found, matter.book.version, step)


# -- 1: never ----------------------------------------------------------------------------


def never(m: Matter) -> Decision | None:
    q, book = m.q, m.book
    found: Found = []
    item = q.item if m.thing is not None else ANY
    if book.bans:
        found += book.bans.get((q.act, item), ())
        if q.purpose == TRAIN_MODEL:
            found += book.bans.get(("train", item), ())
    if q.purpose is not None and m.thing is not None and book.outside:
        cites = book.outside.get((q.item, m.source_key(), m.purpose_key()), ())
        found += [Reason("outside_only", cite, q.purpose) for cite in cites]
    if m.thing is not None and m.thing.special_care and q.act == "send" and not m.carried:
        found += _shut_to_special_care(m)
    return _answer(m, "refused", found, 1) if found else None


def _shut_to_special_care(m: Matter) -> Iterator[Reason]:
    grounds = [r.ground for r in m.receivers] or [m.ground]
    for ground in grounds:
        if ground is not None and ground.shut:
            yield Reason("never", ground.cite, "special_care")


# -- 2: undecided ------------------------------------------------------------------------


def gaps(m: Matter) -> Decision | None:
    q = m.q
    found = [*_unknown_words(m)]
    if q.purpose is not None and q.source is None and m.book.unstated:
        sources = m.book.unstated.get((q.item, m.purpose_key()), ())
        found += [Reason("source_unstated", cite, source) for source, cite in sources]
    if q.act == "send" and q.recipient is None and not (m.carried and _of_person(q.case)):
        found.append(Reason("recipient_unstated"))
    if not m.carried:
        found += _unstated(m)
    return _answer(m, "undecided", found, 2) if found else None


def _of_person(case: Case | None) -> bool:
    return case is not None and case.kind == "own_request"


def _unknown_words(m: Matter) -> Found:
    q, book = m.q, m.book
    found: Found = []
    if m.thing is None:
        found.append(Reason("unknown_item", "", q.item))
    if (
        q.purpose is not None
        and m.aim is None
        and not m.opened_aim
        and q.purpose != LEGAL_RETENTION
    ):
        found.append(Reason("unknown_purpose", "", q.purpose))
    if q.source is not None and q.source not in book.sources:
        found.append(Reason("unknown_source", "", q.source))
    if q.recipient is not None and not m.resolved:
        found.append(Reason("unknown_recipient", "", q.recipient))
    if (
        q.country is not None
        and q.country not in m.countries
        and not book.laws.known_country(q.country)
    ):
        found.append(Reason("unknown_country", "", q.country))
    if q.contexts and not q.contexts <= book.contexts:
        found += [Reason("unknown_context", "", word) for word in q.contexts - book.contexts]
    return found


def _unstated(m: Matter) -> Found:
    q, book = m.q, m.book
    found: Found = []
    if q.purpose is None and q.act in ("use", "send"):
        found.append(Reason("purpose_unstated"))
    if m.aim is not None and m.aim.empty:
        found.append(Reason("empty_list", m.aim.cite, f"items:{q.purpose}"))
    if book.disputes:
        found += _open_disputes(m)
    if q.act == "send" and q.recipient is not None:
        found += _recipient_gaps(m, q.recipient)
    return found


def _open_disputes(m: Matter) -> Iterator[Reason]:
    for dispute in m.disputes():
        if not dispute.settled and m.reading(dispute) is None:
            for cite in dispute.sides.values():
                yield Reason("open_contradiction", cite, dispute.word)


def _recipient_gaps(m: Matter, word: str) -> Found:
    if m.resolved == OPENED:
        return _opened_gaps(m, word)
    if m.resolved == DECLARED and m.receivers[0].register is not None:
        return _class_gaps(m, m.receivers[0], m.receivers[0].register)
    if len(m.receivers) > 1:
        return [Reason("member_unstated", receiver.cite, word) for receiver in m.receivers]
    return _receiver_gaps(m, m.receivers[0], word) if m.receivers else []


def _opened_gaps(m: Matter, word: str) -> Found:
    cite = m.book.opens_recipients or ""
    found = [Reason("basis_unstated", cite, word)] if m.ground is None else []
    return found if m.q.country is not None else found + _country_gaps(m, cite, word)


def _class_gaps(m: Matter, receiver: Receiver, register: str) -> Found:
    found = [Reason("member_unstated", receiver.cite, receiver.word)]
    if not m.facts.has_members(register, m.q.at):
        found.append(Reason("empty_list", receiver.cite, f"members:{receiver.word}"))
    return found


def _country_gaps(m: Matter, cite: str, word: str) -> Found:
    if not m.countries:
        return [Reason("empty_list", cite, f"countries:{word}")]
    return [Reason("country_unstated", cite, word)] if m.country is None else []


def _receiver_gaps(m: Matter, receiver: Receiver, word: str) -> Found:
    ground = receiver.ground
    found = [Reason("empty_list", receiver.cite, gap) for gap in receiver.gaps]
    found += _country_gaps(m, receiver.cite, word)
    found += _assurance_gaps(m, receiver.requires, receiver.cite, word, None)
    if ground is None:
        return [*found, Reason("basis_unstated", receiver.cite, word)]
    found += _assurance_gaps(m, ground.requires, ground.cite, word, None)
    if m.within and m.abroad:
        way = m.way
        if way is None:
            found.append(Reason("route_unstated", receiver.cite, f"{word}:{m.country}"))
        else:
            found += _assurance_gaps(m, way.requires, way.cite, word, m.country)
    return found


def _assurance_gaps(
    m: Matter, kinds: tuple[str, ...], cite: str, word: str, country: str | None
) -> Iterator[Reason]:
    for kind in kinds:
        gap = m.facts.gap(kind, word, country, m.q.at)
        if gap is not None:
            code: ReasonCode = "assurance_missing" if gap == "missing" else "assurance_lapsed"
            yield Reason(code, cite, ":".join(filter(None, (kind, word, country))))


# -- 3: the case -------------------------------------------------------------------------


def _case(m: Matter) -> Decision | None:
    case = m.q.case
    if case is None or not m.carried:
        return None
    if case.kind == "own_request":
        return _own_request(m, case.code)
    excuse = m.book.excuses.get((m.q.act == "send", case.code)) or Excuse(case.code)
    found = [*_not_excused(m, case, excuse)]
    if found or excuse.law is None:
        return _answer(m, "refused", found, 3)
    cites = (excuse.law, *excuse.clauses)
    return _answer(m, "permitted", [Reason(case.kind, cite, case.code) for cite in cites], 3)


def _own_request(m: Matter, code: str) -> Decision:
    reasons = m.book.requests.get(code)
    if reasons is None:
        return _answer(m, "refused", [Reason("no_such_exception", "", code)], 3)
    return _answer(m, "permitted", reasons, 3)


def _not_excused(m: Matter, case: Case, excuse: Excuse) -> Iterator[Reason]:
    recorded = case.recorded()
    if excuse.law is None:
        yield Reason("no_such_exception", excuse.clause, case.code)
        return
    if case.kind == "legal_demand" and "document" not in recorded:
        yield Reason("condition_missing", excuse.law, "document")
    for condition, cite in excuse.conditions:
        if condition not in recorded:
            yield Reason("condition_missing", cite, condition)
    if m.q.act == "send" and m.q.recipient is not None:
        yield from _no_authority(m, case, excuse, m.q.recipient)


def _no_authority(m: Matter, case: Case, excuse: Excuse, word: str) -> Iterator[Reason]:
    cite, may_invoke = m.book.kinds.get(word, ("", None))
    if may_invoke is None:
        if case.kind == "legal_demand":
            yield Reason("not_an_authority", "", word)
    elif excuse.code not in may_invoke:
        yield Reason("not_an_authority", cite, word)


# -- 4, 5: what the law holds; who may not be handled at all --------------------------------


def _held(m: Matter) -> Decision | None:
    thing, status = m.thing, m.standing.status
    if thing is None or not thing.held:
        return None
    gone = status in ("closed", "erased") or (m.q.act != "collect" and bool(m.periods_over()))
    if not gone and status != "frozen":
        return None
    kept = m.q.act == "keep" and m.q.purpose in (None, LEGAL_RETENTION)
    if kept or (m.q.act == "use" and m.q.purpose == LEGAL_RETENTION):
        return _answer(m, "permitted", thing.held, 4)
    return _answer(m, "refused", thing.only_held, 4) if gone else None


def _person(m: Matter) -> Decision | None:
    found: Found = []
    if m.standing.status != "active":
        found.append(Reason(m.standing.status))
    if m.book.ages is not None:
        found += _minor(m)
    return _answer(m, "refused", found, 5) if found else None


def _minor(m: Matter) -> Iterator[Reason]:
    ages, known = m.book.ages, m.standing
    if ages is None:
        return
    no_band = known.at_least is None and known.below is None
    if ages.minimum is not None and known.below is not None and known.below <= ages.minimum:
        yield Reason("under_age", ages.cite, str(ages.minimum))
    if (
        ages.guardian_below is not None
        and not (no_band or known.guardian)
        and (known.at_least is None or known.at_least < ages.guardian_below)
    ):
        yield Reason("guardian_missing", ages.cite, str(ages.guardian_below))
    if m.q.act == "collect" and m.q.item != ages.attestation:
        if ages.minimum is not None:
            if known.at_least is None or known.at_least < ages.minimum:
                yield Reason("age_not_attested", ages.cite, str(ages.minimum))
        elif no_band and ages.guardian_below is not None:
            yield Reason("age_not_attested", ages.cite, str(ages.guardian_below))


# -- 6: stops ----------------------------------------------------------------------------


def _stopped(m: Matter) -> Decision | None:
    standing = m.standing
    if m.q.act == "keep" or not (standing.suspensions or standing.opt_outs):
        return None
    found = [
        Reason("suspended", m.book.suspends, _written(scope))
        for scope in standing.suspensions
        if stops(m, scope)
    ]
    for scope in standing.opt_outs:
        if stops(m, scope):
            cites = [*_opt_out_cites(m, scope)] or [""]
            found += [Reason("opted_out", cite, _written(scope)) for cite in cites]
    return _answer(m, "refused", found, 6) if found else None


def stops(m: Matter, scope: Scope) -> bool:
    return (
        (not scope.items or m.q.item in scope.items)
        and (not scope.purposes or m.q.purpose in scope.purposes)
        and (not scope.recipients or m.named_in(scope))
    )


def _opt_out_cites(m: Matter, scope: Scope) -> Iterator[str]:
    if m.aim is not None and m.aim.opt_out and scope.purposes:
        yield m.aim.opt_out
    for receiver in m.receivers:
        if receiver.opt_out and scope.recipients:
            yield receiver.opt_out


def _written(scope: Scope) -> str:
    return ",".join(sorted((*scope.items, *scope.purposes, *scope.recipients))) or "all"


# -- 7: words not declared together --------------------------------------------------------


def apart(m: Matter) -> Decision | None:
    thing = m.thing
    if thing is None:
        return None
    found: Found = []
    kind = m.standing.kind
    if kind not in m.book.people:
        found.append(Reason("other_people", "", kind))
    else:
        if thing.people and kind not in thing.people:
            found.append(Reason("other_people", thing.cite, kind))
        if m.aim is not None and m.aim.people and kind not in m.aim.people:
            found.append(Reason("other_people", m.aim.cite, kind))
    if m.q.source is not None and m.q.source not in thing.sources:
        found.append(Reason("source_not_declared", thing.cite, m.q.source))
    if m.q.act == "collect":
        found += _not_in_context(m)
    elif thing.windows and m.q.data_at is not None:
        found += [Reason("period_over", cite, rule) for rule, cite in m.periods_over()]
    if m.q.purpose is not None:
        found += _not_for_purpose(m)
    if m.q.act == "send" and m.q.recipient is not None:
        found += _not_for_recipient(m, m.q.recipient)
    return _answer(m, "refused", found, 7) if found else None


def _not_in_context(m: Matter) -> Iterator[Reason]:
    gathering = m.thing.gathering if m.thing else None
    if gathering is None or not gathering.contexts or gathering.contexts & m.q.contexts:
        return
    if not m.lifted(gathering.cite):
        yield Reason("context_missing", gathering.cite, ",".join(sorted(gathering.contexts)))


def _not_for_purpose(m: Matter) -> Iterator[Reason]:
    q, aim, thing = m.q, m.aim, m.thing
    if aim is None or thing is None:
        if thing is not None and q.purpose == LEGAL_RETENTION and not thing.held:
            yield Reason("item_not_for_purpose", thing.cite, q.item)
        return
    if q.item in aim.items:
        return
    contexts = aim.whens.get(q.item)
    if contexts is None:
        yield Reason("item_not_for_purpose", aim.cite, q.item)
    elif not contexts & q.contexts:
        yield Reason("context_missing", aim.cite, ",".join(sorted(contexts)))


def _not_for_recipient(m: Matter, word: str) -> Iterator[Reason]:
    if m.resolved == KIND:
        yield Reason("kind_needs_case", m.book.kinds[word][0], word)
    elif m.resolved == OPENED:
        cite = m.book.opens_recipients or ""
        if not m.within and m.country not in m.book.homes:
            yield Reason("country_not_declared", cite, m.country or "")
        elif m.abroad:
            yield from _shut_way(m)
    elif m.receivers:
        yield from _not_for_receiver(m, m.receivers[0], word)


def _not_for_receiver(m: Matter, receiver: Receiver, word: str) -> Iterator[Reason]:
    q, cite = m.q, receiver.cite
    if receiver.by_exception:
        yield Reason("kind_needs_case", cite, word)
        return
    contexts = None if q.item in receiver.items else receiver.whens.get(q.item)
    if contexts is not None and not contexts & q.contexts:
        yield Reason("context_missing", cite, ",".join(sorted(contexts)))
    if q.purpose not in receiver.purposes:
        yield Reason("purpose_not_for_recipient", cite, q.purpose or "")
    if contexts is None and q.item not in receiver.items:
        yield Reason("item_not_for_recipient", cite, q.item)
    if receiver.relation is not None and q.relation != receiver.relation:
        yield Reason("relation_missing", cite, receiver.relation)
    if not m.within:
        yield Reason("country_not_declared", cite, m.country or "")
    elif m.abroad:
        if q.route is not None and (m.way is None or q.route != m.way.code):
            yield Reason("route_not_declared", cite, q.route)
        yield from _shut_way(m)


def _shut_way(m: Matter) -> Iterator[Reason]:
    way = m.way
    if way is not None and not way.open:
        yield Reason("route_not_open", way.cite, f"{way.code}:{m.country}")


# -- 8, 9 --------------------------------------------------------------------------------


def _consents(m: Matter) -> Decision | None:
    found = consents_missing(m)
    return _answer(m, "refused", found, 8) if found else None


def _granted(m: Matter) -> Decision:
    act, thing = m.q.act, m.thing
    if thing is None:  # pragma: no cover - step 2 has answered
        raise AssertionError("an unknown item passed step 2")
    if act == "collect":
        return _permitted(m.book.version, (thing.cite,))
    if act == "keep":
        return _permitted(m.book.version, thing.kept)
    if act == "use":
        narrow = thing.narrow.get(m.q.source or ANY)
        return _permitted(m.book.version, (*_purpose_cites(m), *((narrow,) if narrow else ())))
    return _permitted(m.book.version, (*_purpose_cites(m), *_recipient_cites(m)))


def _purpose_cites(m: Matter) -> tuple[str, ...]:
    if m.aim is not None:
        return (m.aim.cite,)
    if m.opened_aim:
        return (m.book.opens_purposes or "",)
    return m.thing.holders if m.thing else ()


def _recipient_cites(m: Matter) -> Iterator[str]:
    yield m.receivers[0].cite if m.receivers else m.book.opens_recipients or ""
    if m.ground is not None:
        yield m.ground.cite
    if m.abroad and m.way is not None:
        yield m.way.cite


@lru_cache(maxsize=4096)
def _permitted(version: str, cites: tuple[str, ...]) -> Decision:
    reasons = tuple(sorted({Reason("granted", cite) for cite in cites}))
    return Decision("permitted", reasons, version, 9)


STEPS: tuple[Step, ...] = (never, gaps, _case, _held, _person, _stopped, apart, _consents)
"""Steps 1 to 8, in their order; the first that answers decides."""
