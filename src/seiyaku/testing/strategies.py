"""Hypothesis strategies: small worlds for the gate, and questions drawn from their policies.

A random question mostly ends in "nobody declared that". So a world is made the other way
round: draw a policy and its versions, draw a question the policy could permit, let the
person and the assurances meet every condition, and then disturb the whole in at most three
ways, each aimed at one step of the order of precedence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Literal

from hypothesis import strategies as st

from seiyaku.assurance.model import Assurance, Assurances, Membership
from seiyaku.gate.model import Case, Question
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import Laws, load_packs
from seiyaku.policy.history import History
from seiyaku.policy.model import (
    LEGAL_RETENTION,
    Act,
    ConsentNeed,
    ForeignConsent,
    Item,
    Minors,
    Policy,
    Purpose,
    Recipient,
    Version,
)
from seiyaku.standing.fold import fold
from seiyaku.standing.model import (
    Acceptance,
    Acknowledged,
    AgeBand,
    Closure,
    Consent,
    Erasure,
    Event,
    Freeze,
    Guardian,
    OptIn,
    OptOut,
    Resumption,
    Scope,
    Standing,
    Suspension,
    Withdrawal,
)

World = tuple[History, Laws, Standing, Assurances, Question]

START = datetime(2026, 3, 1, tzinfo=UTC)
PERSON = PersonId("7")
ITEMS = ("email", "address", "location", "orders")
PURPOSES = ("serve", "ship", "newsletter")
SOURCES = ("person", "login")
CONTEXTS = ("ordering", "asking")
PEOPLE = ("user", "applicant")
RECIPIENTS = ("printer", "agency", "partners", "group")
CLASSES = ("partners", "group")
MEMBERS = ("shop_a", "shop_b")
COUNTRIES = ("JP", "US", "DE", "CN")
ROUTES = ("adequacy", "equivalent_measures", "consent")
BASES = ("entrust", "consent", "joint_use", "succession", "opt_out", "exception", "none")
CLAUSES = tuple(f"{a}.{n}" for a in (3, 4, 6) for n in range(1, 5))
KNOWS = "knows_chain"
_ACTS: tuple[Act, ...] = ("collect", "use", "send", "keep")


def day(n: float) -> datetime:
    """The moment `n` days after the first version was published."""
    return START + timedelta(days=n)


_seldom = st.integers(0, 5).map(lambda n: n == 5)


@cache
def laws() -> Laws:
    """The packs the generated policies name."""
    return load_packs(["jp-appi", "jp-records"])


# -- policies ---------------------------------------------------------------------------
#
# Every part of a policy is one of `VARIANTS` made from a seed, so that a whole policy is a
# handful of small integers: quick to draw, and it shrinks towards the plain variant 0.

VARIANTS = 40
_seeds = st.integers(0, VARIANTS)


class _Dice:
    """Choices that depend on a name and a seed alone; seed 0 always chooses the first."""

    def __init__(self, name: str, seed: int) -> None:
        self._random = Random(f"{name}:{seed}") if seed else None  # noqa: S311 - no secret

    def any(self, *choices: Any) -> Any:
        """One of `choices`, each as likely as the next."""
        return self._random.choice(choices) if self._random else choices[0]

    def mostly(self, usual: Any, *others: Any) -> Any:
        """`usual` in seven cases of eight."""
        seldom = self._random is not None and self._random.random() < 1 / 8
        return self.any(*others) if seldom else usual

    def some(self, words: Sequence[str]) -> list[str]:
        """At least one of `words`, in their order; more likely many."""
        if self._random is None:
            return list(words)
        kept = [word for word in words if self._random.random() < 0.7]
        return kept or [self._random.choice(words)]


def _text(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


@cache
def _item(word: str, seed: int) -> Item:
    dice, clause = _Dice(word, seed), f"3.{ITEMS.index(word) + 1}"
    narrow = {"clause": f"{clause}s", "only": ["serve"]}
    collect = {"clause": f"{clause}c"}
    asked = ({"contexts": ["ordering"]}, {"consent": True}, {"acknowledgement": KNOWS})
    return Item.model_validate(
        {
            "clause": clause,
            "name": _text(word),
            "personal": "none",
            "sources": dice.mostly(
                {"person": {}, "login": {}}, {}, {"person": {}, "login": narrow}, {"login": narrow}
            ),
            "never": dice.mostly({}, *({act: f"{clause}n"} for act in (*_ACTS, "train"))),
            "only": dice.mostly(None, {"clause": f"{clause}o", "purposes": ["serve", "ship"]}),
            "collect": dice.any(None, None, *(collect | more for more in asked)),
            "people": dice.mostly([], ["user"]),
            "special_care": dice.mostly(None, "medical_history"),
        }
    )


def _having(dice: _Dice) -> dict[str, Any]:
    """Items a purpose or recipient has outright, and those it has in a context."""
    when = dice.any({}, {}, {"ordering": ["address"]}, {"asking": ["email", "address"]})
    moved = {word for words in when.values() for word in words}
    return {"items": [w for w in dice.some(ITEMS) if w not in moved], "items_when": when}


@cache
def _purpose(word: str, seed: int) -> Purpose:
    dice, clause = _Dice(word, seed), f"4.{PURPOSES.index(word) + 1}"
    return Purpose.model_validate(
        {
            "clause": clause,
            "name": _text(word),
            **_having(dice),
            "consent": dice.any(None, None, {"clause": f"{clause}c"}),
            "acknowledgement": dice.mostly(None, KNOWS),
            "people": dice.mostly([], ["user"]),
            "opt_out": dice.any(None, f"{clause}x"),
        }
    )


@cache
def _recipient(word: str, seed: int) -> Recipient:
    dice, clause = _Dice(word, seed), f"6.{RECIPIENTS.index(word) + 1}"
    wide = {"US": "equivalent_measures", "EU": "adequacy"}
    odd: tuple[dict[str, str], ...]
    odd = {"US": "consent", "EU": "consent"}, {"US": "adequacy", "EU": "adequacy"}, {}
    return Recipient.model_validate(
        {
            "clause": clause,
            "name": _text(word),
            "basis": dice.any("entrust", "entrust", "consent", "consent", *BASES),
            "register": f"{word}_register" if word in CLASSES else None,
            "relation": dice.any(None, "buyer_of"),
            "countries": dice.any(["JP"], ["US"], ["JP", "US", "DE"], ["US", "EU"]),
            "routes": dice.any(wide, wide, wide, *odd),
            "purposes": dice.some(PURPOSES),
            **_having(dice),
            "requires": dice.mostly([], ["training_opt_out"]),
            "opt_out": dice.any(None, f"{clause}x"),
        }
    )


@cache
def _frame(seed: int) -> Policy:
    """All of a policy but items, purposes and recipients."""
    dice = _Dice("frame", seed)
    safety = {"law": "life_body_property", "conditions": ["police_report"]}
    return Policy.model_validate(
        {
            "seiyaku": 1,
            "service": "small",
            "prefix": "SMALL",
            "service_name": _text("small"),
            "version": {"id": "v1", "enacted_on": START.date()},
            "source": {
                "url": "none",
                "retrieved_on": "unknown",
                "sha256": "0" * 64,
                "language": "en",
            },
            "controller": {"name": _text("small")},
            "regimes": ["jp-appi", "jp-records"],
            "clauses": {},
            "people": {word: {"name": _text(word)} for word in PEOPLE},
            "sources": {word: {"name": _text(word)} for word in SOURCES},
            "contexts": {word: {"name": _text(word)} for word in CONTEXTS},
            "acknowledgements": {KNOWS: {"clause": "7.1", "name": _text("chain")}},
            "items": {},
            "purposes": {},
            "exceptions": {
                "safety": {"clause": "6.8", "name": _text("safety"), **safety},
                "own_rights": {"clause": "6.9", "name": _text("own rights"), "law": None},
            },
            "never": dice.mostly({}, {"train": "5.1"}, {"send": "5.2"}),
            "opened_by_consent": dice.any(None, {"purposes": "5.3", "recipients": "5.4"}),
            "foreign_consent": dice.mostly(None, *_FOREIGN),
            "minors": dice.any(None, None, None, *_MINORS),
            "retention": _retention(dice),
            "rights": {"disclosure": {"clause": "11.1"}, "complaint": {"clause": "11.2"}},
            "contradictions": _contradictions(dice),
        }
    )


_FOREIGN = tuple({"clause": "6.7", "deemed": deemed} for deemed in (False, True))
_MINORS = (
    {"clause": "10.1", "minimum_age": 13, "attestation": "orders"},
    {"clause": "10.1", "minimum_age": 13, "guardian_below": 18, "attestation": "orders"},
    {"clause": "10.1", "guardian_below": 18},
)


def _retention(dice: _Dice) -> dict[str, Any]:
    held = dice.any(["orders"], ["orders", "address"], list(ITEMS))
    law = dice.mostly("jp-records.books", "jp-records.unheard_of")
    logs = dice.any(["location"], ["location", "orders"])
    return {
        "books": {"clause": "9.2", "items": held, "after": "ordered", "law": law},
        "logs": {"clause": "9.1", "items": logs, "after": "collected", "days": 30},
    }


def _contradictions(dice: _Dice) -> dict[str, Any]:
    collect = {"clauses": ["3.3", "3.3c"], "items": ["location"]}
    purpose = {"clauses": ["4.3", "4.3c"], "purposes": ["newsletter"]}
    settled = {
        "gathering": collect | {"stricter": "3.3c"},
        "asking": purpose | {"stricter": "4.3c"},
    }
    everything = {"all": {"clauses": ["3.3", "4.3"]}}
    return dict(dice.mostly(settled, {"gathering": collect}, {"asking": purpose}, everything))


_PARTS: dict[str, tuple[Sequence[str], Callable[[str, int], Any]]] = {
    "items": (ITEMS, _item),
    "purposes": (PURPOSES, _purpose),
    "recipients": (RECIPIENTS, _recipient),
}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """One small policy, not yet published."""
    parts = {
        part: {word: make(word, draw(_seeds)) for word in words}
        for part, (words, make) in _PARTS.items()
    }
    return _frame(draw(_seeds)).model_copy(update=parts)


@st.composite
def _revised(draw: st.DrawFn, policy: Policy) -> Policy:
    """`policy` with one or two parts drawn anew or left out: wider here, narrower there."""
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(sorted(_PARTS)))
        words, make = _PARTS[part]
        word = draw(st.sampled_from(words))
        changed = {key: value for key, value in getattr(policy, part).items() if key != word}
        if draw(st.booleans()):
            changed[word] = make(word, draw(_seeds))
        policy = policy.model_copy(update={part: changed})
    return policy


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One to three versions of a policy, published thirty days apart; at times a draft last."""
    pledges = [draw(policies())]
    for _ in range(draw(st.sampled_from((1, 2, 0)))):
        pledges.append(draw(_revised(pledges[-1])))
    draft = len(pledges) > 1 and draw(_seldom)
    last = len(pledges) - 1
    return History(
        tuple(
            pledge.model_copy(update={"version": _version(n, draft and n == last, draw(_seeds))})
            for n, pledge in enumerate(pledges)
        )
    )


@cache
def _version(n: int, draft: bool, seed: int) -> Version:
    dice, published = _Dice("version", seed), day(30 * n)
    later = {"effective": "on_date", "effective_on": published.date() + timedelta(days=5)}
    return Version.model_validate(
        {
            "id": f"v{n + 1}",
            "enacted_on": published.date(),
            "published_at": None if draft else published,
            "related_changes": dice.mostly([], list(CLAUSES), ["3.1", "4.1", "6.1"]),
            **dice.mostly({}, later),
        }
    )


# -- questions --------------------------------------------------------------------------


@st.composite
def questions(draw: st.DrawFn, policy: Policy, at: datetime = START) -> Question:
    """A question the policy could permit: its words are drawn together from `policy`.

    Where the policy puts nothing together, the words are declared ones all the same.
    """
    act = draw(st.sampled_from((*_ACTS, "send")))
    purpose = draw(st.sampled_from(sorted(policy.purposes) or PURPOSES))
    recipient = draw(st.sampled_from(sorted(policy.recipients) or RECIPIENTS))
    if act == "send" and recipient in policy.recipients:
        purpose = draw(st.sampled_from(policy.recipients[recipient].purposes or (purpose,)))
    had = [_had(policy.purposes.get(purpose))] if act != "collect" else []
    had += [_had(policy.recipients.get(recipient))] if act == "send" else []
    together = set(policy.items).intersection(*had) or set(policy.items) or set(ITEMS)
    item = draw(st.sampled_from(sorted(together)))
    sources = policy.items[item].sources if item in policy.items else {}
    fits = [s for s, d in sources.items() if d.only is None or purpose in d.only]
    named = act in ("use", "send") or draw(_seldom)
    return Question(
        act=act,
        person=PERSON,
        item=item,
        at=at,
        purpose=purpose if named else None,
        source=draw(st.sampled_from([*fits, *fits, None])),
        recipient=_asked(recipient) if act == "send" else None,
        relation="buyer_of",
        country=draw(st.sampled_from(_where(policy, recipient))) if act == "send" else None,
        contexts=frozenset(CONTEXTS),
        data_at=at if draw(st.booleans()) else None,
    )


def _had(part: Any) -> set[str]:
    if part is None:
        return set(ITEMS)
    return {*part.items, *(w for words in part.items_when.values() for w in words)}


def _asked(recipient: str) -> str:
    return MEMBERS[0] if recipient in CLASSES else recipient


def _where(policy: Policy, recipient: str) -> Sequence[str | None]:
    """A country the recipient is in; none needs saying where it is in one only."""
    if recipient in CLASSES:
        return (None, "US")
    declared = policy.recipients[recipient].countries if recipient in policy.recipients else ()
    named = [c for code in declared for c in COUNTRIES if c in laws().expand_country(code)]
    return named + ([None] if len(declared) == 1 else []) or [None]


# -- worlds -----------------------------------------------------------------------------

Disturbance = Callable[[st.DrawFn, "_Draft"], None]
"""One way in which a world goes wrong."""


@dataclass
class _Draft:
    """A world in the making: everything needed is there, then something is disturbed."""

    history: History
    at: datetime
    q: Question
    kind: str = "user"
    events: list[Event] = field(default_factory=list)
    facts: list[Assurance] = field(default_factory=list)
    members: list[Membership] = field(default_factory=list)

    @property
    def policy(self) -> Policy:
        return self.history.in_force(self.at) or self.history.versions[0]

    def revise(self, **parts: Any) -> None:
        """Put other parts into the version in force."""
        new = self.policy.model_copy(update=parts)
        versions = (new if p is self.policy else p for p in self.history.versions)
        self.history = History(tuple(versions))

    def ask(self, **parts: Any) -> None:
        self.q = replace(self.q, **parts)

    def finished(self) -> World:
        standing = fold(PERSON, self.kind, self.events, self.at)
        assurances = Assurances(tuple(self.facts), tuple(self.members))
        return self.history, laws(), standing, assurances, self.q


@st.composite
def worlds(draw: st.DrawFn, first: Disturbance | None = None) -> World:
    """A history, the laws, a standing, assurances, and a question about all of them.

    Args:
        first: a disturbance that is always there; a test that takes one of `DISTURBANCES`
            after the other gives every step its fair share.
    """
    history = draw(histories())
    at = day(draw(st.sampled_from((75, 40, 20, 100))))
    policy = history.in_force(at) or history.versions[0]
    draft = _Draft(history, at, draw(questions(policy, at)))
    draft.events += _satisfied(draft.q)
    draft.facts += _assured()
    draft.members += _registered(draw)
    if first is not None:
        first(draw, draft)
    for _ in range(draw(st.sampled_from((1, 2, 0, 2)))):
        draw(st.sampled_from(DISTURBANCES))(draw, draft)
    return draft.finished()


def _satisfied(q: Question) -> list[Event]:
    """Everything a person can say that a permission may need."""
    named = Scope(
        items=ITEMS, purposes=PURPOSES, recipients=(*RECIPIENTS, *MEMBERS, q.recipient or "printer")
    )
    consent = Consent(
        PERSON,
        day(-2),
        named,
        "v1",
        presented_at=day(-3),
        countries=("JP", "US", "EU"),
        informed=("country_name", "country_system", "recipient_measures"),
    )
    newest: list[Event] = [Acceptance(PERSON, day(1 + 30 * n), f"v{n + 1}") for n in range(3)]
    return [
        consent,
        Acknowledged(PERSON, day(-2), KNOWS, "v1"),
        AgeBand(PERSON, day(-2), at_least=20),
        *newest,
    ]


def _assured() -> list[Assurance]:
    kinds = ("trustee_record", "supervision", "opt_out_filing", "training_opt_out")
    facts = [Assurance(k, r, day(-5), "file") for k in kinds for r in (*RECIPIENTS, *MEMBERS)]
    facts += [
        Assurance("equivalent_measures", r, day(-5), "file", about=c)
        for r in (*RECIPIENTS, *MEMBERS)
        for c in ("US", "DE")
    ]
    return facts


def _registered(draw: st.DrawFn) -> list[Membership]:
    countries = draw(st.sampled_from([("US",), ("JP",), ("JP", "US")]))
    word = draw(st.sampled_from(CLASSES))
    return [Membership(f"{word}_register", "shop_a", day(-5), countries=countries)]


# -- disturbances -----------------------------------------------------------------------


def _asking(*choices: Mapping[str, Any]) -> Disturbance:
    """The question says something else."""

    def disturb(draw: st.DrawFn, w: _Draft) -> None:
        w.ask(**draw(st.sampled_from(choices)))

    return disturb


def _saying(*events: Event) -> Disturbance:
    """The person said one of these besides."""

    def disturb(draw: st.DrawFn, w: _Draft) -> None:
        w.events.append(draw(st.sampled_from(events)))

    return disturb


def _early(draw: st.DrawFn, w: _Draft) -> None:
    w.at = day(draw(st.sampled_from((-1, 2))))
    w.ask(at=w.at, data_at=None)


def _unknown_word(draw: st.DrawFn, w: _Draft) -> None:
    part = draw(st.sampled_from(("item", "purpose", "source", "recipient", "country", "contexts")))
    word = {"country": "XX", "contexts": frozenset({"nowhere", "ordering"})}.get(part, "stranger")
    w.ask(**{part: word})


def _other_word(draw: st.DrawFn, w: _Draft) -> None:
    """A declared word, but perhaps not beside the others."""
    words: dict[str, Sequence[Any]] = {
        "item": ITEMS,
        "purpose": (*PURPOSES, LEGAL_RETENTION, "train_model"),
        "source": (*SOURCES, None),
        "recipient": (*RECIPIENTS, *MEMBERS, "police"),
        "country": (*COUNTRIES, None),
        "route": ROUTES,
        "act": _ACTS,
    }
    part = draw(st.sampled_from(sorted(words)))
    w.ask(**{part: draw(st.sampled_from(words[part]))})


def _hollow(draw: st.DrawFn, w: _Draft) -> None:
    """A list of the policy is empty, a basis or route is not stated."""
    purpose = w.policy.purposes.get(w.q.purpose or "")
    if purpose and draw(_seldom):
        hollow = purpose.model_copy(update={"items": (), "items_when": {}})
        w.revise(purposes={**w.policy.purposes, w.q.purpose: hollow})
    lists: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"items": (), "items_when": {}},
                {"purposes": ()},
                {"countries": ()},
                {"basis": "none"},
                {"basis": "exception"},
                {"basis": "related_info"},
                {"routes": {}},
                {"routes": {"US": "adequacy"}},
                {"routes": {"US": "consent"}},
            ]
        )
    )
    w.revise(recipients={k: r.model_copy(update=lists) for k, r in w.policy.recipients.items()})


def _guarded(draw: st.DrawFn, w: _Draft) -> None:
    """Conditions stand before the item and the purpose."""
    more: dict[str, Any] = draw(
        st.sampled_from([{"consent": ConsentNeed(clause="4.3c")}, {"acknowledgement": KNOWS}])
    )
    w.revise(purposes={k: p.model_copy(update=more) for k, p in w.policy.purposes.items()})


def _members(draw: st.DrawFn, w: _Draft) -> None:
    """Registers: empty, gone, in both classes, without country."""
    choice = draw(st.sampled_from(("none", "ended", "both", "nowhere")))
    if choice == "none":
        w.members.clear()
    if choice == "ended":
        w.members[:] = [replace(m, until_at=w.at) for m in w.members]
    if choice == "both":
        w.members += [Membership(f"{c}_register", m, day(-9)) for c in CLASSES for m in MEMBERS]
    if choice == "nowhere":
        w.members[:] = [replace(m, countries=()) for m in w.members]
    if draw(st.booleans()):
        w.ask(act="send", recipient=draw(st.sampled_from((*CLASSES, *MEMBERS))), country=None)


def _facts(draw: st.DrawFn, w: _Draft) -> None:
    """A fact is missing or has lapsed."""
    kind = draw(st.sampled_from(sorted({fact.kind for fact in w.facts} or {"none"})))
    kept = [fact for fact in w.facts if fact.kind != kind]
    if draw(st.booleans()):
        kept += [replace(f, until_at=w.at) for f in w.facts if f.kind == kind]
    w.facts[:] = kept


def _reading(draw: st.DrawFn, w: _Draft) -> None:
    word = draw(st.sampled_from(sorted(w.policy.contradictions) or ["none"]))
    clause = draw(st.sampled_from(("3.3", "3.3c", "4.3", "4.3c", None)))
    w.facts.append(Assurance("reading", word, day(-1), "minutes", about=clause, by="sato"))


def _request(draw: st.DrawFn, w: _Draft) -> None:
    code = draw(st.sampled_from(("disclosure", "correction", "complaint", "closure", "wish")))
    w.ask(case=Case("own_request", code))
    if not draw(_seldom):
        w.ask(purpose=None, recipient=None)


def _demand(draw: st.DrawFn, w: _Draft) -> None:
    """An authority, or a danger; with and without what it takes."""
    whole: tuple[tuple[Literal["legal_demand", "exception"], str, str], ...] = (
        ("legal_demand", "law", "police"),
        ("exception", "life_body_property", "hospital"),
        ("exception", "safety", "printer"),
    )
    kind, code, recipient = draw(st.sampled_from(whole))
    needed = ("legal_basis", "danger", "consent_impractical", "police_report")
    made = Case(kind, code, frozenset(needed), "kato", "d1")
    flaws: tuple[dict[str, Any], ...] = (
        {"conditions": frozenset(needed[:3])},
        {"conditions": frozenset(needed[1:])},
        {"approver": None},
        {"document": None},
        {"code": draw(st.sampled_from(("own_rights", "whim", "state_cooperation")))},
        {"kind": "legal_demand"},
    )
    if draw(st.booleans()):
        made = replace(made, **draw(st.sampled_from(flaws)))
    w.ask(
        case=made,
        purpose=draw(st.sampled_from((None, w.q.purpose))),
        recipient=draw(st.sampled_from((recipient, recipient, recipient, "school", None))),
        act=draw(st.sampled_from(("send", "send", "use"))),
    )


def _status(draw: st.DrawFn, w: _Draft) -> None:
    ended: Any = draw(st.sampled_from((Freeze, Closure, Erasure)))
    w.events.append(ended(PERSON, w.at))
    if draw(st.booleans()):
        _legally(draw, w)


def _legally(draw: st.DrawFn, w: _Draft) -> None:
    """Kept, or used, for the law alone."""
    purpose, act = draw(
        st.sampled_from(((LEGAL_RETENTION, "use"), (LEGAL_RETENTION, "keep"), (None, "keep")))
    )
    w.ask(item="orders", purpose=purpose, act=act, source=None)


def _old(draw: st.DrawFn, w: _Draft) -> None:
    """Data whose time is over."""
    w.ask(
        data_at=w.at - timedelta(days=draw(st.sampled_from((29, 30, 31)))),
        item=draw(st.sampled_from(("location", "orders", w.q.item))),
    )


def _young(draw: st.DrawFn, w: _Draft) -> None:
    bands: tuple[dict[str, int], ...] = (
        {"below": 13},
        {"below": 16},
        {"at_least": 13},
        {"at_least": 13, "below": 18},
        {},
    )
    w.events[:] = [e for e in w.events if not isinstance(e, AgeBand)]
    w.events.append(AgeBand(PERSON, day(-1), **draw(st.sampled_from(bands))))
    if draw(_seldom):
        w.events.append(Guardian(PERSON, day(-1)))
    w.revise(minors=Minors.model_validate(draw(st.sampled_from(_MINORS))))


def scopes() -> st.SearchStrategy[Scope]:
    """Scopes over the small vocabulary; every part may be empty."""
    part = st.lists(st.sampled_from(ITEMS), max_size=2, unique=True)
    why = st.lists(st.sampled_from(PURPOSES), max_size=2, unique=True)
    who = st.lists(st.sampled_from((*RECIPIENTS, *MEMBERS)), max_size=2, unique=True)
    return st.builds(lambda a, b, c: Scope(tuple(a), tuple(b), tuple(c)), part, why, who)


def events() -> st.SearchStrategy[list[Event]]:
    """What one person might say, in any order and at times that all differ."""
    one = st.one_of(
        st.builds(
            Consent,
            st.just(PERSON),
            st.just(START),
            scopes(),
            st.sampled_from(("v1", "v2")),
            st.sampled_from((None, day(-1))),
            st.sampled_from(((), ("US",))),
            st.sampled_from(("explicit", "deemed")),
        ),
        *(
            st.builds(kind, st.just(PERSON), st.just(START), scopes())
            for kind in (Withdrawal, Suspension, Resumption, OptOut, OptIn)
        ),
        st.builds(Acceptance, st.just(PERSON), st.just(START), st.sampled_from(("v1", "v2"))),
        st.builds(AgeBand, st.just(PERSON), st.just(START), st.none() | st.integers(10, 20)),
        st.sampled_from([kind(PERSON, START) for kind in (Guardian, Freeze, Closure, Erasure)]),
        st.just(Acknowledged(PERSON, START, KNOWS, "v1")),
    )
    said = st.lists(st.tuples(st.integers(0, 99), one), max_size=8, unique_by=lambda pair: pair[0])
    return said.map(lambda pairs: [replace(event, at=day(n)) for n, event in pairs])


@st.composite
def _aimed(draw: st.DrawFn, q: Question) -> Scope:
    """A scope that names some of the question's own words."""
    parts = [[w] if w and draw(st.booleans()) else [] for w in (q.item, q.purpose, q.recipient)]
    return Scope(*(tuple(part) for part in parts))


def _stop(draw: st.DrawFn, w: _Draft) -> None:
    make: Any = draw(st.sampled_from((Suspension, OptOut)))
    lift: Any = Resumption if make is Suspension else OptIn
    w.events.append(make(PERSON, w.at, draw(_aimed(w.q) | scopes())))
    if draw(_seldom):
        w.events.append(lift(PERSON, w.at, draw(scopes())))


def _consents(draw: st.DrawFn, w: _Draft) -> None:
    """Consents are missing, taken back, late, uninformed, narrow or merely deemed."""
    changes: tuple[dict[str, Any] | None, ...] = (
        None,
        {"at": w.at},
        {"presented_at": None},
        {"informed": ("country_name",)},
        {"countries": ("JP",)},
        {"kind": "deemed"},
        {"scope": draw(scopes())},
        {"scope": draw(_aimed(w.q))},
    )
    if draw(st.booleans()):
        _guarded(draw, w)
    change = draw(st.sampled_from(changes))
    given = [event for event in w.events if isinstance(event, Consent)]
    w.events[:] = [event for event in w.events if not isinstance(event, Consent)]
    if change is not None:
        w.events += [replace(consent, **change) for consent in given]


def _withdraw(draw: st.DrawFn, w: _Draft) -> None:
    if draw(st.booleans()):
        _guarded(draw, w)
    w.events.append(Withdrawal(PERSON, day(5), draw(_aimed(w.q) | scopes())))


def _widened(draw: st.DrawFn, w: _Draft) -> None:
    """What the question leans on was otherwise, or was not there, in the versions before."""
    words = {"items": w.q.item, "purposes": w.q.purpose, "recipients": w.q.recipient}
    part = draw(st.sampled_from(sorted(_PARTS)))
    known, make = _PARTS[part]
    word, seed = words[part] or "", draw(_seeds)
    older = list(w.history.before(w.policy))[::-1]
    for n, policy in enumerate(older if word in known else []):
        parts = {key: value for key, value in getattr(policy, part).items() if key != word}
        parts |= {word: make(word, seed)} if seed % 3 else {}
        older[n] = policy.model_copy(update={part: parts})
    w.history = History((*older, *w.history.versions[len(older) :]))
    _unaccepted(draw, w)


def _unaccepted(draw: st.DrawFn, w: _Draft) -> None:
    kept = draw(st.sampled_from(("none", "v1", "v2")))
    w.events[:] = [e for e in w.events if not isinstance(e, Acceptance) or e.version == kept]


def _unacknowledged(draw: st.DrawFn, w: _Draft) -> None:
    kept = w.policy.purposes
    w.revise(purposes={k: p.model_copy(update={"acknowledgement": KNOWS}) for k, p in kept.items()})
    w.events[:] = [event for event in w.events if not isinstance(event, Acknowledged)]


def _applicant(draw: st.DrawFn, w: _Draft) -> None:
    w.kind = draw(st.sampled_from(("applicant", "visitor")))


def _opened(draw: st.DrawFn, w: _Draft) -> None:
    """The person named a purpose or recipient that nobody declared."""
    named = Scope((w.q.item,), (w.q.purpose or "serve", "survey"), ("friend",))
    said = Consent(
        PERSON, day(-1), named, "v1", day(-2), draw(st.sampled_from((("JP",), ("US",), ())))
    )
    w.events.append(said)
    w.ask(**draw(st.sampled_from(({"purpose": "survey"}, {"recipient": "friend", "act": "send"}))))


def _deemed(draw: st.DrawFn, w: _Draft) -> None:
    """Abroad, under the policy's own consent to it."""
    w.revise(foreign_consent=ForeignConsent(clause="6.7", deemed=draw(st.booleans())))


_question_says = _asking(
    {"purpose": None},
    {"recipient": None},
    {"country": None},
    {"relation": None},
    {"contexts": frozenset()},
    {"source": None},
    {"source": None, "purpose": "newsletter"},
    {"route": "adequacy"},
    {"route": "consent"},
)
_person_said = _saying(Suspension(PERSON, START), OptOut(PERSON, START), Withdrawal(PERSON, START))

DISTURBANCES: tuple[Disturbance, ...] = (
    _consents,
    _widened,
    _facts,
    _other_word,
    _unknown_word,
    _question_says,
    _hollow,
    _members,
    _reading,
    _request,
    _demand,
    _status,
    _legally,
    _old,
    _young,
    _stop,
    _person_said,
    _withdraw,
    _guarded,
    _unaccepted,
    _unacknowledged,
    _applicant,
    _opened,
    _deemed,
    _early,
)
"""Every way a drawn world is disturbed; a test holds that together they reach every step."""
