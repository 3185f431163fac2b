"""May this be done? One question, three answers, every one with its clause.

The gate keeps the promise every policy rests on: personal data is collected, used, sent and kept
only as published, as the law allows, and as the person said (Law: APPI 17-22, 27-28, 31, 35).
A `Question` about one item of one person goes in, a `Decision` comes out: permitted, refused, or
undecided where the configuration has a gap. Nothing is permitted by silence.
`model` says the order of precedence in words, `spec` is its meaning as code, `Gate` the fast
engine held to it, with the verbs `may_*` and `require_*`. All of it is pure: no I/O, no clock.
Files with nobody in them are a question of their own, `may_release`.
Life of a question: asked at a moment, judged by the version, standing and facts of that moment,
and answered the same whenever it is asked again.
"""

from seiyaku.gate.ask import HandlingNotPermitted, PayloadDecision
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Case, Decision, Question, Reason
from seiyaku.gate.release import (
    ExportDecision,
    ExportQuestion,
    ExportReason,
    may_release,
    require_release,
)

__all__ = [
    "Case",
    "Decision",
    "ExportDecision",
    "ExportQuestion",
    "ExportReason",
    "Gate",
    "HandlingNotPermitted",
    "PayloadDecision",
    "Question",
    "Reason",
    "may_release",
    "require_release",
]
