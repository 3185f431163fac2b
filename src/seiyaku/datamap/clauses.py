"""Which clause of a policy a finding about data touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from seiyaku.policy.model import Policy


@dataclass(frozen=True)
class Clauses:
    """Chooses clauses of one policy for data that lies where the policy does not put it."""

    policy: Policy

    @cached_property
    def of_list(self) -> str:
        """The clause that opens the list of collected items.

        It is the lead of the article most items stand in (``3.0``, or ``3``); where there is
        none, an item that leaves the list open, or the first item.
        """
        ordered = sorted(self.policy.items.values(), key=lambda i: not i.open_ended)
        return self._lead([i.clause for i in ordered])

    @cached_property
    def of_recipients(self) -> str:
        """The clause that opens the list of recipients, found in the same way."""
        return self._lead([r.clause for r in self.policy.recipients.values()]) or self.of_list

    def _lead(self, clauses: Sequence[str]) -> str:
        articles = Counter(c.split(".")[0] for c in clauses)
        if not articles:
            return ""
        article = articles.most_common(1)[0][0]
        for lead in (f"{article}.0", article):
            if lead in self.policy.clauses:
                return lead
        return next(c for c in clauses if c.split(".")[0] == article)

    def nearest(self, concepts: Sequence[str]) -> str:
        """The clause of the item that comes nearest to what a name suggests; empty if none."""
        for concept in concepts:
            for item in self.policy.items.values():
                if item.personal == concept:
                    return item.clause
        return ""

    def of_items(self, items: Sequence[str]) -> str:
        """The clause of the first declared item among `items`, else of the list."""
        found = (self.policy.items[i].clause for i in items if i in self.policy.items)
        return next(found, self.of_list)

    def of_disposal(self, items: Sequence[str]) -> str:
        """The clause that says these items go when their time is over, or on request."""
        for rule in self.policy.retention.values():
            if rule.law is None and set(rule.items) & set(items):
                return rule.clause
        for kind in ("deletion", "closure"):
            right = self.policy.rights.get(kind)
            if right is not None:
                return right.clause
        return self.of_items(items)
