"""Names of things, one type each, so that they cannot be mixed up.

The words are those of the field (see docs/reference/words.md): a *person* is whose
data it is (本人), an *item* what is collected, a *purpose* why, a *recipient* who receives.
"""

from __future__ import annotations

from typing import NewType

PersonId = NewType("PersonId", str)
"""The service's own key of a person, as text (``"42"``). Personal data: never logged."""

ClauseId = NewType("ClauseId", str)
ItemId = NewType("ItemId", str)
PurposeId = NewType("PurposeId", str)
RecipientId = NewType("RecipientId", str)
VersionId = NewType("VersionId", str)
SystemId = NewType("SystemId", str)
DatasetId = NewType("DatasetId", str)
"""``system.dataset``, e.g. ``app.orders``."""

RequestId = NewType("RequestId", str)
PlanId = NewType("PlanId", str)
RunId = NewType("RunId", str)
