"""Lint: what a policy file says that will not hold, though the file itself is in order.

A rule is a plain function over the checked policy and the law it names; it yields what it
found, with the place in the file and what to do. The rules are general: they know no service.
`RULES` is the whole list, flat, in the order of a policy; ids are stable and documented in
docs/reference/lint-rules.md. Findings never stop a policy from being used: the gate is
undecided where they leave a gap, and `seiyaku check` fails from a severity of one's choice.
"""

from __future__ import annotations

from typing import Final

from seiyaku.kernel.document import Document
from seiyaku.kernel.faults import Fault
from seiyaku.laws import Laws
from seiyaku.policy.lint import (
    exceptions,
    exports,
    items,
    notice,
    purposes,
    recipients,
    rights,
    transmissions,
)
from seiyaku.policy.lint.context import Context, Found, Rule
from seiyaku.policy.model import Policy

RULES: Final[tuple[Rule, ...]] = (
    Rule("legal-overlay-off", "medium", "", notice.legal_overlay_off),
    Rule("controller-particulars", "medium", "APPI 32(1)(i)", notice.controller_particulars),
    Rule("missing-clause", "medium", "APPI 32(1)", notice.missing_clause),
    Rule("missing-contact", "high", "APPI Order 10", notice.missing_contact),
    Rule("contact-placeholder", "high", "APPI Order 10", notice.contact_placeholder),
    Rule("contact-incomplete", "low", "APPI Order 10", notice.contact_incomplete),
    Rule("version-without-history", "low", "", notice.version_without_history),
    Rule("source-unknown", "info", "", notice.source_unknown),
    Rule("clause-stands-alone", "info", "", notice.clause_stands_alone),
    Rule("unused-word", "info", "", notice.unused_word),
    Rule("item-without-purpose", "high", "APPI 17(1)", items.item_without_purpose),
    Rule("item-missing-for-purpose", "medium", "APPI 17(1)", items.item_missing_for_purpose),
    Rule("source-unstated", "low", "", items.source_unstated),
    Rule("catch-all-item", "medium", "APPI 17(1)", items.catch_all_item),
    Rule("open-list", "low", "APPI 17(1)", items.open_list),
    Rule("duplicate-item", "info", "", items.duplicate_item),
    Rule("card-number-held", "high", "APPI 23", items.card_number_held),
    Rule("scope-without-consent", "medium", "APPI 20(1)", exports.scope_without_consent),
    Rule("special-care-without-consent", "high", "APPI 20(2)", items.special_care_without_consent),
    Rule("catch-all-purpose", "medium", "APPI 17(1)", purposes.catch_all_purpose),
    Rule("overlapping-purposes", "low", "", purposes.overlapping_purposes),
    Rule("missing-opt-out", "medium", "", purposes.missing_opt_out),
    Rule("training-ban-under-tension", "medium", "", purposes.training_ban_under_tension),
    Rule("minors-without-age-item", "high", "", items.minors_without_age_item),
    Rule("minors-without-guardian", "medium", "PPC Q&A 1-62", rights.minors_without_guardian),
    Rule("empty-list", "high", "", recipients.empty_list),
    Rule("reference-to-empty-list", "high", "", recipients.reference_to_empty_list),
    Rule("basis-unstated", "high", "APPI 27(1)", recipients.basis_unstated),
    Rule("unnamed-recipients", "medium", "", recipients.unnamed_recipients),
    Rule("undeclared-recipient", "medium", "APPI 27(1)", recipients.undeclared_recipient),
    Rule("country-unstated", "medium", "APPI 28(1)", recipients.country_unstated),
    Rule("country-not-a-country", "medium", "APPI 28(2)", recipients.country_not_a_country),
    Rule("country-note-missing", "medium", "APPI 28(2)", recipients.country_note_missing),
    Rule("route-unstated", "high", "APPI 28(1)", recipients.route_unstated),
    Rule("route-not-open", "high", "APPI 28(1)", recipients.route_not_open),
    Rule("weak-safeguard", "low", "APPI 28(3)", recipients.weak_safeguard),
    Rule("joint-use-incomplete", "high", "APPI 27(5)(iii)", recipients.joint_use_incomplete),
    Rule("role-conflict", "medium", "APPI 27(5)(i)", recipients.role_conflict),
    Rule("external-policy-without-link", "low", "", recipients.external_policy_without_link),
    Rule("ban-not-passed-on", "high", "", recipients.ban_not_passed_on),
    Rule("duplicate-clause", "low", "", recipients.duplicate_clause),
    Rule("transmission-incomplete", "medium", "TBA 27-12", transmissions.transmission_incomplete),
    Rule("recipient-not-in-both-tables", "medium", "", transmissions.recipient_not_in_both_tables),
    Rule("inconsistent-description", "low", "", transmissions.inconsistent_description),
    Rule("opt-out-too-coarse", "medium", "TBA 27-12", transmissions.opt_out_too_coarse),
    Rule("export-identifies", "high", "APPI 2(1)", exports.export_identifies),
    Rule("export-of-banned-item", "high", "", exports.export_of_banned_item),
    Rule("export-lists", "medium", "", exports.export_lists),
    Rule("exception-not-in-law", "high", "APPI 27(1)", exceptions.exception_not_in_law),
    Rule("exception-broader-than-law", "high", "APPI 27(1)", exceptions.exception_broader_than_law),
    Rule("missing-exceptions", "high", "APPI 27(1)", exceptions.missing_exceptions),
    Rule("contradiction", "high", "", exceptions.contradiction),
    Rule("unresolved-reference", "high", "", exceptions.unresolved_reference),
    Rule("wrong-reference", "high", "", exceptions.reference_of_a_limit),
    Rule("consent-vs-unilateral-change", "high", "", exceptions.consent_vs_unilateral_change),
    Rule("deemed-consent", "high", "APPI 28(2)", exceptions.deemed_consent),
    Rule("unverified-law-fact", "info", "", exceptions.unverified_law_fact),
    Rule("vague-period", "high", "APPI 22", rights.vague_period),
    Rule("promised-value-missing", "high", "APPI 22", rights.promised_value_missing),
    Rule("vague-trigger", "medium", "APPI 22", rights.vague_trigger),
    Rule("deletion-scope-gap", "medium", "APPI 22", rights.deletion_scope_gap),
    Rule("rights-without-procedure", "medium", "APPI 37(1)", rights.rights_without_procedure),
    Rule("missing-procedure", "low", "", rights.missing_procedure),
    Rule("fee-on-free-right", "high", "APPI 38(1)", rights.fee_on_free_right),
    Rule("review-period-unset", "medium", "APPI 23", rights.review_period_unset),
    Rule("revision-unannounced", "medium", "APPI 21(3)", rights.revision_unannounced),
)
"""Every rule: id, severity, what of the law it rests on, and the function that finds."""


def lint(policy: Policy, laws: Laws, document: Document | None = None) -> tuple[Fault, ...]:
    """Everything the rules find, in the order of the file.

    Args:
        policy: a checked policy.
        laws: the packs it names, dated or not.
        document: the text it was read from; without it every fault stands at line 1.

    Examples:
        >>> from pathlib import Path
        >>> from seiyaku.policy import parse_policy
        >>> shop = parse_policy(Path("tests/policies/teashop.yaml"))
        >>> lint(shop.policy, shop.laws, shop.document)
        ()
    """
    context = Context(policy, laws, document)
    return tuple(sorted({fault for rule in RULES for fault in rule.run(context)}))


__all__ = ["RULES", "Context", "Found", "Rule", "lint"]
