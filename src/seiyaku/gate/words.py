"""Every reason of the gate in Japanese and English, as a person may read it."""

from __future__ import annotations

from collections.abc import Mapping

from seiyaku.gate.model import OutcomeOfGate, Reason, ReasonCode
from seiyaku.kernel.text import Language, Text

OUTCOMES: Mapping[OutcomeOfGate, Text] = {
    "permitted": Text(ja="許可", en="permitted"),
    "refused": Text(ja="不許可", en="refused"),
    "undecided": Text(ja="判断できません", en="undecided"),
}

WORDS: Mapping[ReasonCode, Text] = {
    "no_policy_in_force": Text(ja="施行中の方針がない", en="no policy was in force"),
    "never": Text(ja="行わないと定めている", en="the policy says never"),
    "outside_only": Text(ja="限定された利用目的の外", en="outside the closed list of purposes"),
    "unknown_item": Text(ja="定めのない項目", en="nobody declared this item"),
    "unknown_purpose": Text(ja="定めのない利用目的", en="nobody declared this purpose"),
    "unknown_source": Text(ja="定めのない取得元", en="nobody declared this source"),
    "unknown_recipient": Text(ja="定めのない提供先", en="nobody declared this recipient"),
    "unknown_country": Text(ja="国名コードではない", en="this is no country"),
    "unknown_context": Text(ja="定めのない状況", en="nobody declared this circumstance"),
    "unknown_person": Text(ja="登録のない本人", en="nobody knows this person"),
    "purpose_unstated": Text(ja="利用目的が示されていない", en="no purpose was named"),
    "source_unstated": Text(ja="取得元が示されていない", en="the source decides and was not named"),
    "recipient_unstated": Text(ja="提供先が示されていない", en="no recipient was named"),
    "country_unstated": Text(ja="国が示されていない", en="the country was not named"),
    "member_unstated": Text(ja="どの提供先か特定されていない", en="which member was not named"),
    "empty_list": Text(ja="一覧が空", en="the list is empty"),
    "basis_unstated": Text(ja="提供の根拠が示されていない", en="no basis of the law is stated"),
    "unresolved_reference": Text(
        ja="どの条項を指すのか決まっていない",
        en="nobody decided which clause its reference means",
    ),
    "route_unstated": Text(ja="外国への提供の根拠が示されていない", en="no route abroad is stated"),
    "open_contradiction": Text(ja="矛盾が未解決", en="the clauses contradict each other"),
    "assurance_missing": Text(ja="裏づけの記録がない", en="an assurance is missing"),
    "assurance_lapsed": Text(ja="裏づけの記録が期限切れ", en="an assurance has lapsed"),
    "own_request": Text(ja="本人の請求", en="the person's own request"),
    "legal_demand": Text(ja="法令に基づく要求", en="a demand that the law makes compulsory"),
    "exception": Text(ja="法令上の例外", en="an exception of the law, all conditions met"),
    "condition_missing": Text(ja="条件の記録がない", en="a condition is not recorded"),
    "not_an_authority": Text(
        ja="その例外を使える機関ではない", en="it may not invoke this exception"
    ),
    "no_such_exception": Text(ja="法令にない例外", en="the law has no such exception"),
    "legal_retention": Text(ja="法令に基づく保存", en="kept because the law demands it"),
    "legal_retention_only": Text(
        ja="法令に基づく保存のみ可", en="only legal retention may touch it"
    ),
    "frozen": Text(ja="アカウントが凍結中", en="the account is frozen"),
    "closed": Text(ja="退会済み", en="the person left the service"),
    "erased": Text(ja="消去済み", en="the person was erased"),
    "under_age": Text(ja="対象年齢に満たない", en="below the minimum age"),
    "guardian_missing": Text(ja="保護者の同意がない", en="no guardian acts"),
    "age_not_attested": Text(ja="年齢の申告がない", en="the age was not attested"),
    "suspended": Text(ja="利用停止中", en="the person had it suspended"),
    "opted_out": Text(ja="本人が停止を求めた", en="the person opted out"),
    "other_people": Text(ja="対象の方が異なる", en="it is about other people"),
    "source_not_declared": Text(ja="この取得元からは取得しない", en="not from this source"),
    "scope_not_granted": Text(
        ja="連携時に許可された範囲にない",
        en="the person did not let the linked service give it",
    ),
    "not_masked": Text(ja="識別情報が伏せられていない", en="what identifies people is not masked"),
    "item_not_for_purpose": Text(ja="この利用目的の項目ではない", en="not an item of this purpose"),
    "context_missing": Text(ja="必要な状況にない", en="the circumstance it needs is absent"),
    "purpose_not_for_recipient": Text(
        ja="この提供先の利用目的ではない", en="not a purpose of this recipient"
    ),
    "item_not_for_recipient": Text(
        ja="この提供先の項目ではない", en="not an item of this recipient"
    ),
    "relation_missing": Text(ja="必要な関係がない", en="the relation it needs is absent"),
    "country_not_declared": Text(ja="定めのない国", en="the recipient states no such country"),
    "route_not_declared": Text(ja="定めのない根拠", en="another route is declared"),
    "route_not_open": Text(ja="法令上使えない根拠", en="the law does not open this route"),
    "kind_needs_case": Text(ja="要求や例外の記録が必要", en="it needs a demand or an exception"),
    "period_over": Text(ja="保存期間の経過", en="its period is over"),
    "consent_missing": Text(ja="同意がない", en="consent is missing"),
    "consent_withdrawn": Text(ja="同意が撤回された", en="consent was withdrawn"),
    "consent_too_late": Text(ja="同意がデータより後", en="consent came after the data"),
    "consent_not_informed": Text(
        ja="事前の提示がない", en="not told beforehand what was agreed to"
    ),
    "transfer_consent_missing": Text(
        ja="その国への提供の同意がない", en="no consent to this country"
    ),
    "acknowledgement_missing": Text(ja="事前の確認がない", en="not acknowledged beforehand"),
    "version_not_accepted": Text(
        ja="変更後の方針に同意していない", en="the change was not accepted by this person"
    ),
    "granted": Text(ja="方針の定めによる", en="the policy says so"),
}
"""One entry for each reason code; `Reason.about` and `Reason.cite` stand beside it."""


def say(reason: Reason, language: Language) -> str:
    """One reason in words: ``consent was withdrawn: newsletter (CLOSM-6.1)``."""
    about = f": {reason.about}" if reason.about else ""
    cite = f" ({reason.cite})" if reason.cite else ""
    return WORDS[reason.code].get(language) + about + cite
