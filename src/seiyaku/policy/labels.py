"""What words of a policy file are called in a notice, where no law pack names them."""

from __future__ import annotations

from typing import Final

from seiyaku.kernel.text import Language, Text


def _t(ja: str, en: str) -> Text:
    return Text(ja=ja, en=en)


LABELS: Final[dict[str, Text]] = {
    "JP": _t("日本", "Japan"),
    "US": _t("アメリカ合衆国", "United States"),
    "EU": _t("欧州連合", "European Union"),
    "EEA": _t("欧州経済領域", "European Economic Area"),
    "GB": _t("英国", "United Kingdom"),
    # acts
    "collect": _t("取得", "collected"),
    "use": _t("利用", "used"),
    "send": _t("提供", "passed on"),
    "keep": _t("保存", "kept"),
    "train": _t("機械学習の訓練への利用", "used to train models"),
    # purpose every policy knows, requests no pack names
    "legal_retention": _t("法令に基づく保存", "keeping what the law demands"),
    "closure": _t("退会", "leaving the service"),
    "complaint": _t("苦情", "complaint"),
    # basis no law knows
    "none": _t("明示されていません", "not stated"),
    # channels
    "email": _t("電子メール", "e-mail"),
    "web": _t("ウェブフォーム", "web form"),
    "post": _t("郵送", "post"),
    "settings": _t("設定画面", "the settings"),
    # events
    "collected": _t("取得", "collection"),
    "decided": _t("決定", "the decision"),
    "ordered": _t("注文", "the order"),
    "billed": _t("請求", "billing"),
    "identity_checked": _t("本人確認の完了", "the end of the identity check"),
    "order_closed": _t("取引の完了", "the end of the order"),
    "purpose_finished": _t("利用目的の達成", "the end of its purpose"),
    # proofs of identity
    "login": _t("ログイン", "being signed in"),
    "licence": _t("運転免許証", "driving licence"),
    "passport": _t("旅券", "passport"),
    "none_needed": _t("不要", "none needed"),
    "drivers_licence": _t("運転免許証", "driving licence"),
    "insurance_card": _t("健康保険証", "health insurance card"),
    # relations between a person and a member of a class
    "buyer_of": _t("その相手からの購入者", "buyers of theirs"),
    "joint_service_member": _t("共同サービスの利用者", "members of the joint service"),
    # safeguards
    "data_processing_contract": _t("データ処理契約", "data processing contract"),
    "standard_contractual_clauses": _t("標準契約条項", "standard contractual clauses"),
    "gdpr": _t("GDPRへの準拠（相手方の表明）", "GDPR compliance (its own claim)"),
    "iso27001": _t("ISO/IEC 27001認証", "ISO/IEC 27001 certificate"),
    "iso_27001": _t("ISO/IEC 27001認証", "ISO/IEC 27001 certificate"),
    "soc2": _t("SOC 2", "SOC 2"),
    "soc2_type2": _t("SOC 2 Type II", "SOC 2 Type II"),
    "pci_dss_level1": _t("PCI DSSレベル1", "PCI DSS Level 1"),
    # grounds
    "technically_impossible": _t("技術的に不可能なもの", "what is technically impossible"),
    "no_legal_duty": _t("法令上の義務がないもの", "what the law does not oblige to"),
    # force of a clause
    "may": _t("することがあります", "may"),
    "must": _t("義務", "must"),
    "must-not": _t("禁止", "must not"),
    "statement": _t("説明", "statement"),
    "endeavour": _t("努力", "aim"),
}


def label(word: str, language: Language) -> str:
    """What `word` is called; the word itself, spaced, where nobody named it.

    Examples:
        >>> label("passport", "ja"), label("order_shipped", "en")
        ('旅券', 'order shipped')
    """
    found = LABELS.get(word)
    return found.get(language) if found else word.replace("_", " ")
