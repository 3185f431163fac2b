"""Disposal (廃棄): what goes because its time is over, without anybody asking for it."""

from seiyaku.retention.overdue import Overdue, Undecided, overdue_rules

__all__ = ["Overdue", "Undecided", "overdue_rules"]
