"""Rules on rights, retention and minors: what a person may ask, and when data ends."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.policy.lint.context import Context, Found, listed


def rights_without_procedure(context: Context) -> Iterator[Found]:
    """Rights are promised and nothing says how they are asked for."""
    lacking = {
        "no channel": [k for k, r in context.policy.rights.items() if not r.channels],
        "no proof of identity": [k for k, r in context.policy.rights.items() if not r.identity],
        "no time aimed at": [k for k, r in context.policy.rights.items() if r.within_days is None],
    }
    for what, kinds in lacking.items():
        if kinds:
            yield Found(
                ("rights", kinds[0]),
                f"{what} is stated for {listed(kinds)}",
                "state channel, proof of identity and time for each",
                context.policy.rights[kinds[0]].clause,
                at_key=True,
            )


def fee_on_free_right(context: Context) -> Iterator[Found]:
    """A fee is taken for a request that the law makes free."""
    for kind, right in context.policy.rights.items():
        rule = context.laws.request(kind)
        if right.fee_jpy and rule is not None and rule.fee == "forbidden":
            yield Found(
                ("rights", kind, "fee_jpy"),
                f"`{kind}` costs {right.fee_jpy} yen, and the law allows no fee for it",
                "drop the fee",
                right.fee_clause or right.clause,
            )


def missing_procedure(context: Context) -> Iterator[Found]:
    """Leaving the service is spoken of and nothing says how."""
    after = any(rule.after == "closure" for rule in context.policy.retention.values())
    right = context.policy.rights.get("closure")
    if (after and right is None) or (right is not None and not right.channels):
        loc = ("rights", "closure") if right else ("retention",)
        yield Found(
            loc,
            "no way of leaving the service is described",
            "declare `rights.closure` with its channels",
            right.clause if right else "",
            at_key=True,
        )


def vague_period(context: Context) -> Iterator[Found]:
    """The policy says "a reasonable period", or nothing, where a number is needed."""
    for word, rule in context.policy.retention.items():
        if not rule.stated:
            length = f"{rule.days} days are the controller's own" if rule.days else "no number"
            yield Found(
                ("retention", word),
                f"the policy names no period for {listed(list(rule.items))}: {length}",
                "publish the number",
                rule.clause,
                at_key=True,
            )


def promised_value_missing(context: Context) -> Iterator[Found]:
    """A period is promised and neither days nor a law is given: nothing can be disposed of."""
    for word, rule in context.policy.retention.items():
        if rule.days is None and rule.law is None:
            yield Found(
                ("retention", word),
                f"`{word}` has neither `days` nor `law`",
                "set one of them",
                rule.clause,
                at_key=True,
            )


def vague_trigger(context: Context) -> Iterator[Found]:
    """Data ends early when its purpose is finished, and no rule says when that is."""
    for word, rule in context.policy.retention.items():
        if rule.ends_early == "purpose_finished":
            yield Found(
                ("retention", word, "ends_early"),
                f"nothing says when the purpose of {listed(list(rule.items))} is finished",
                "name the event that ends it, such as `order_closed`",
                rule.clause,
            )


def deletion_scope_gap(context: Context) -> Iterator[Found]:
    """Some items are under no rule of retention: nothing says when they end."""
    covered = {item for rule in context.policy.retention.values() for item in rule.items}
    left = [word for word in context.policy.items if word in context.kept_items - covered]
    if left:
        yield Found(
            ("retention",) if context.policy.retention else ("items", left[0]),
            f"nothing says when {listed(left)} ends",
            "put every item under a rule of `retention`",
            context.policy.items[left[0]].clause,
            at_key=True,
        )


def minors_without_guardian(context: Context) -> Iterator[Found]:
    """Children may join below the age at which a guardian's consent may be needed."""
    minors = context.policy.minors
    if minors is None or minors.guardian_below is not None:
        return
    youngest = minors.minimum_age or 0
    rules = [r for r in context.laws.minors if r.guardian(youngest) != "not_needed"]
    if rules:
        yield Found(
            ("minors",),
            f"people of {youngest} may join without a guardian ({rules[-1].citation})",
            "set `guardian_below`",
            minors.clause,
        )


def review_period_unset(context: Context) -> Iterator[Found]:
    """A measure is promised and nothing says how often it is looked at."""
    for word, measure in context.policy.measures.items():
        if measure.review_days is None:
            yield Found(
                ("measures", word),
                f"nothing says how often `{word}` is reviewed",
                "set `review_days`",
                measure.clause,
                at_key=True,
            )


def revision_unannounced(context: Context) -> Iterator[Found]:
    """The policy may change and promises nobody to say so."""
    revisions = context.policy.revisions
    if revisions is not None and revisions.announced is None:
        yield Found(
            ("revisions",),
            "the policy may change without anybody being told",
            "promise a notice, and name its clause under `announced`",
            revisions.clause,
            at_key=True,
        )
