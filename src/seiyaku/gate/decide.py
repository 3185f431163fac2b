"""The gate as it runs: the same answers as the definition, by look-up.

`Gate` compiles the policy once. A decision looks the question's words up in the book of the
moment and walks only through what this one person said. The steps are those of
`seiyaku.gate.model`; each answers with its reasons or lets the question pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from seiyaku.assurance.model import Assurances
from seiyaku.gate.ask import Asking, Vocabulary
from seiyaku.gate.cases import carried
from seiyaku.gate.consents import consents_missing
from seiyaku.gate.facts import Facts
from seiyaku.gate.gaps import gaps, never
from seiyaku.gate.masks import ANY
from seiyaku.gate.matter import Matter
from seiyaku.gate.model import Decision, Question, Reason
from seiyaku.gate.rulebook import compile
from seiyaku.gate.stops import held, person, stopped
from seiyaku.gate.together import apart
from seiyaku.laws import Laws
from seiyaku.policy.history import History
from seiyaku.policy.model import LEGAL_RETENTION
from seiyaku.standing.model import Standing

Step = Callable[[Matter], Decision | None]
_NO_POLICY = Decision("undecided", (Reason("no_policy_in_force"),), "", 0)


class Gate(Asking):
    """Answers questions under every version of one policy.

    Args:
        history: the versions of the policy. laws: the packs it names, undated.
    """

    def __init__(self, history: History, laws: Laws) -> None:
        self.history, self.laws = history, laws
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


def _consents(m: Matter) -> Decision | None:
    found = consents_missing(m)
    return m.answer("refused", found, 8) if found else None


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


STEPS: tuple[Step, ...] = (never, gaps, carried, held, person, stopped, apart, _consents)
"""Steps 1 to 8, in their order; the first that answers decides."""
