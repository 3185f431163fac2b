"""Rules on recipients: who receives, where, and on which basis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seiyaku.policy.addresses import domain_of, host_of
from seiyaku.policy.elements import missing_elements
from seiyaku.policy.lint.context import Context, Found, article_of, items_of, listed, paragraph_of
from seiyaku.policy.model import Contact, Recipient

_EVIDENCE: Final = re.compile(r"contract|clause|scc|certif|iso|soc|pci|cbpr|dpf|audit|契約|認証")


def empty_list(context: Context) -> Iterator[Found]:
    """A list the policy announces is empty: the gate is undecided wherever it is needed."""
    for word, recipient in context.policy.recipients.items():
        missing = _empty_lists(recipient)
        if missing:
            yield Found(
                ("recipients", word),
                f"`{word}` lists no {' and no '.join(missing)}",
                "fill the list, or drop the recipient",
                recipient.clause,
                at_key=True,
            )
    for index, transmission in enumerate(context.policy.transmissions):
        if not transmission.items:
            yield Found(
                ("transmissions", index),
                f"what is sent to `{transmission.recipient}` lists no items",
                "list the items that leave the browser or app",
                transmission.clause,
            )


def _empty_lists(recipient: Recipient) -> list[str]:
    lists = {"items": items_of(recipient), "purposes": recipient.purposes}
    return [name for name, values in lists.items() if not values]


def reference_to_empty_list(context: Context) -> Iterator[Found]:
    """A clause leans on a recipient whose own lists are empty."""
    recipients = context.policy.recipients
    empty = {w for w, r in recipients.items() if len(_empty_lists(r)) == 2}
    for index, transmission in enumerate(context.policy.transmissions):
        if transmission.recipient in empty:
            yield _leans(("transmissions", index), transmission.recipient, transmission.clause)
    for word, source in context.policy.sources.items():
        if source.recipient in empty:
            yield _leans(("sources", word), source.recipient or "", source.clause or "")
    for word, recipient in recipients.items():
        away = [c for c in recipient.also if article_of(c) != article_of(recipient.clause)]
        if away and _empty_lists(recipient):
            yield _leans(("recipients", word, "also"), word, away[0])


def _leans(loc: tuple[str | int, ...], recipient: str, clause: str) -> Found:
    return Found(
        loc,
        f"clause `{clause}` leans on `{recipient}`, whose list is empty",
        "fill the recipient's lists",
        clause,
    )


def basis_unstated(context: Context) -> Iterator[Found]:
    """A recipient receives on no basis the law knows: nothing may be sent to it."""
    for word, recipient in context.policy.recipients.items():
        if recipient.basis == "none" or context.laws.basis(recipient.basis) is None:
            yield Found(
                ("recipients", word, "basis"),
                f"`{word}` receives on no basis of the law",
                "entrust it, ask consent, or name the basis that holds",
                recipient.clause,
            )


def country_unstated(context: Context) -> Iterator[Found]:
    """A recipient has no country: nobody can tell whether data leaves the country."""
    for word, recipient in context.policy.recipients.items():
        if not recipient.countries:
            yield Found(
                ("recipients", word),
                f"`{word}` states no country",
                "list the countries where it handles the data",
                recipient.clause,
                at_key=True,
            )


def country_not_a_country(context: Context) -> Iterator[Found]:
    """A group stands where a country is meant: the law wants the country's name."""
    for word, recipient in context.policy.recipients.items():
        for index, code in enumerate(recipient.countries):
            if not context.laws.known_country(code):
                yield Found(
                    ("recipients", word, "countries", index),
                    f"`{code}` is a group of countries",
                    "name the countries themselves",
                    recipient.clause,
                )


def country_note_missing(context: Context) -> Iterator[Found]:
    """Data goes to a country abroad and the notice tells nothing about its regime."""
    told = {c for c, note in context.policy.countries.items() if note.regime is not None}
    seen: set[str] = set()
    for word, recipient in context.policy.recipients.items():
        for code in context.abroad(recipient):
            if code in told or code in seen:
                continue
            seen.add(code)
            yield Found(
                ("recipients", word, "countries", recipient.countries.index(code)),
                f"nothing is told about the regime of `{code}`",
                f"describe it under `countries.{code}.regime`",
                recipient.clause,
            )


def route_unstated(context: Context) -> Iterator[Found]:
    """A recipient abroad has no route: the law needs one for each country."""
    for word, recipient in context.policy.recipients.items():
        missing = [code for code in context.abroad(recipient) if code not in recipient.routes]
        if missing:
            yield Found(
                ("recipients", word, "countries"),
                f"`{word}` has no route to {listed(missing)}",
                "say under `routes` how data may go there",
                recipient.clause,
            )


def route_not_open(context: Context) -> Iterator[Found]:
    """A route leads to a country for which the law does not open it."""
    for word, recipient in context.policy.recipients.items():
        for code, name in recipient.routes.items():
            route = context.laws.route(name)
            closed = route is None or (
                route.countries and not context.laws.expand_country(code) <= route.countries
            )
            if closed:
                yield Found(
                    ("recipients", word, "routes", code),
                    f"the route `{name}` does not lead to `{code}`",
                    "take another route, or ask consent",
                    recipient.clause,
                )


def weak_safeguard(context: Context) -> Iterator[Found]:
    """A recipient abroad shows no contract and no certificate, only a claim or nothing."""
    for word, recipient in context.policy.recipients.items():
        needy = [c for c in context.abroad(recipient) if recipient.routes.get(c) != "adequacy"]
        if needy and not any(_EVIDENCE.search(s.lower()) for s in recipient.safeguards):
            yield Found(
                ("recipients", word),
                f"`{word}` shows no evidence of its safeguards in {listed(needy)}",
                "name a contract or a certificate under `safeguards`, and record it",
                recipient.clause,
                at_key=True,
            )


def unnamed_recipients(context: Context) -> Iterator[Found]:
    """Recipients are named by kind only: nobody can look up who they are."""
    for word, recipient in context.policy.recipients.items():
        if recipient.register_name or (recipient.operator is None and not recipient.countries):
            yield Found(
                ("recipients", word),
                f"`{word}` names no one in particular",
                "publish who they are, with country and purpose",
                recipient.clause,
                at_key=True,
            )


def joint_use_incomplete(context: Context) -> Iterator[Found]:
    """Joint use lacks a value that must be told beforehand."""
    basis = context.laws.basis("joint_use")
    for word, recipient in context.policy.recipients.items():
        missing = missing_elements(context.policy.controller, recipient, basis)
        if missing:
            yield Found(
                ("recipients", word),
                f"joint use by `{word}` lacks {listed(missing)}",
                "state every value; headings are not enough",
                recipient.clause,
                at_key=True,
            )


def role_conflict(context: Context) -> Iterator[Found]:
    """A recipient is entrusted, and yet its own policy governs the data."""
    for word, recipient in context.policy.recipients.items():
        if recipient.basis == "entrust" and recipient.own_policy:
            yield Found(
                ("recipients", word, "own_policy"),
                f"`{word}` is entrusted under `{recipient.clause}` and follows its own policy "
                f"under `{recipient.own_policy}`",
                "decide whether it acts for the controller or for itself",
                recipient.own_policy,
            )


def external_policy_without_link(context: Context) -> Iterator[Found]:
    """Another's policy is said to govern, and nothing tells where it is."""
    for word, recipient in context.policy.recipients.items():
        if recipient.own_policy and not host_of(recipient.policy_url or ""):
            yield Found(
                ("recipients", word),
                f"the policy of `{word}` governs, and there is no link to it",
                "add `policy_url`",
                recipient.own_policy,
                at_key=True,
            )


def ban_not_passed_on(context: Context) -> Iterator[Found]:
    """Training is banned, while a recipient uses the data under its own policy."""
    ban = context.policy.never.get("train")
    for word, recipient in context.policy.recipients.items():
        free = recipient.own_policy and recipient.basis != "entrust"
        if ban and free and "training_opt_out" not in recipient.requires:
            yield Found(
                ("recipients", word),
                f"clause `{ban}` bans training, but `{word}` follows its own policy",
                "bind it by contract: `requires: [training_opt_out]`",
                recipient.clause,
                at_key=True,
            )


def undeclared_recipient(context: Context) -> Iterator[Found]:
    """Somebody receives data and stands in no list of recipients."""
    for index, contact in enumerate(context.policy.contacts):
        host = host_of(contact.web or "")
        if host and _outsider(context, contact, host):
            yield Found(
                ("contacts", index, "web"),
                f"the contact form runs at `{host}`, which is no recipient",
                "declare who runs it under `recipients`, with this clause",
                contact.clause,
            )
    yield from _irreversible_without_recipient(context)


def _outsider(context: Context, contact: Contact, host: str) -> bool:
    """Whether `host` is not the controller's and no recipient stands on the contact's clause."""
    homes = {host_of(context.policy.source.url)}
    homes |= {domain_of(c.email or "") for c in context.policy.contacts}
    if any(home and _same_site(host, home) for home in homes):
        return False
    named = (c for r in context.policy.recipients.values() for c in (r.clause, *r.also))
    return contact.clause not in named


def _same_site(host: str, home: str) -> bool:
    home = home.removeprefix("www.")
    return host == home or host.endswith(f".{home}") or home.endswith(f".{host}")


def _irreversible_without_recipient(context: Context) -> Iterator[Found]:
    """An act that cannot be undone leaves the house, so somebody receives it."""
    served = {p for r in context.policy.recipients.values() for p in r.purposes}
    for word, purpose in context.policy.purposes.items():
        if purpose.acknowledgement and word not in served:
            yield Found(
                ("purposes", word),
                f"`{word}` cannot be undone, and nobody is named who receives it",
                "name the chain or service and who runs it under `recipients`",
                purpose.clause,
                at_key=True,
            )


def duplicate_clause(context: Context) -> Iterator[Found]:
    """Two clauses permit the same provision: their conditions may differ."""
    for word, recipient in context.policy.recipients.items():
        permits = [
            clause
            for clause in (recipient.clause, *recipient.also)
            if context.policy.clauses[clause].force == "may"
        ]
        if len({paragraph_of(clause) for clause in permits}) > 1:
            yield Found(
                ("recipients", word, "also"),
                f"{listed(permits)} permit the same to `{word}`",
                "say it once, with its conditions",
                recipient.clause,
            )
