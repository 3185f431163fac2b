"""One kind of plan for all who act: what will be done, to how many rows, and why the rest stays.

The promise served: what a person may ask (APPI 32 to 39) is carried out whole or not at all,
and only what a second reading showed is claimed. What the law keeps stays with its clause and
last day, what lies in an immutable system is said to be impossible.

Life cycle of a `Plan`: made from a survey (pure), bound by an `Approval` of a named actor to
its digest, run system by system (intent, act, look, tell), concluded in a `RunResult`. A
changed digest asks again; a run twice changes nothing more; unreachable, pending and by hand
keep it open.
"""

from seiyaku.plans.digest import values_digest
from seiyaku.plans.model import Approval, Group, ItemOutcome, Plan, RunResult, RunState

__all__ = ["Approval", "Group", "ItemOutcome", "Plan", "RunResult", "RunState", "values_digest"]
