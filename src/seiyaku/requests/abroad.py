"""What a person is told of their data abroad: who has it, where, under which law and measures.

Law: APPI 28(3). A recipient whose releases are recorded is told only where something of this
person went there, with the days and items; one nobody keeps a book on is told as the policy says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seiyaku.kernel.text import Text
from seiyaku.laws import Laws, tokyo_day
from seiyaku.policy.model import Policy, Recipient
from seiyaku.releases import Release
from seiyaku.requests.line import Line


def abroad(
    policy: Policy, laws: Laws, given: Sequence[Release], recorded_for: frozenset[str]
) -> Iterator[Line]:
    """A line for each recipient and country abroad, in the order of the policy."""
    for word, recipient in policy.recipients.items():
        for country in (c for c in recipient.countries if not laws.is_domestic(c)):
            went = [r for r in given if _went(r, word, laws.expand_country(country))]
            if went or word not in recorded_for:
                text = _with(policy, _about(policy, recipient, country), went)
                yield Line(text, policy.cite(recipient.clause), word)


def _went(release: Release, word: str, countries: frozenset[str]) -> bool:
    """Whether something went, or may have gone, there; a country nobody noted is any."""
    there = release.country is None or release.country in countries
    given = release.direction == "provided" and release.state != "failed"
    return release.recipient == word and given and there


def _about(policy: Policy, recipient: Recipient, country: str) -> Text:
    known = policy.countries.get(country)
    regime = known.regime if known else None
    safeguards = ", ".join(recipient.safeguards)
    said = {
        "ja": f"{recipient.name.ja} ({known.name.ja if known else country}): ",
        "en": f"{recipient.name.en} ({known.name.en if known else country}): ",
    }
    return Text(
        ja=said["ja"]
        + (regime.ja if regime else "制度の記載はありません。")
        + (f" 措置: {safeguards}" if safeguards else " 措置の記録はまだありません。"),
        en=said["en"]
        + (regime.en if regime else "The policy says nothing of its law.")
        + (f" Measures: {safeguards}" if safeguards else " No measures are recorded yet."),
    )


def _with(policy: Policy, text: Text, went: Sequence[Release]) -> Text:
    """The text with the days on which something went, and what."""
    told = [(tokyo_day(r.at).isoformat(), [_name(policy, i) for i in r.items]) for r in went]
    ja = "".join(f" ({day} 提供: {'、'.join(i.ja for i in items)})" for day, items in told)
    en = "".join(f" (sent on {day}: {', '.join(i.en for i in items)})" for day, items in told)
    return Text(ja=text.ja + ja, en=text.en + en)


def _name(policy: Policy, item: str) -> Text:
    declared = policy.items.get(item)
    return declared.name if declared else Text(ja=item, en=item)
