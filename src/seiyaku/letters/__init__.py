"""Letters: what a person is told at each stage of a request, in Japanese or English.

`render` makes a `Letter` of a stage and of `Facts`: a subject, a text, and the same as a page to
print or to mail. The words stand in templates, one file a stage and language; a company that
wants other words puts a file of the same name into ``letters/`` of its home. A letter speaks of
the request in words, days and clauses, never in values of the person's data.

The promise served: whoever asks is told what becomes of it, and why where nothing does
(APPI 32(3), 33(3), 34(3), 35(7), 36). `Post` is who carries letters; `seiyaku.app` knows one.
"""

from seiyaku.letters.bulletin import Bulletin, read_bulletin
from seiyaku.letters.model import (
    FINAL,
    STAGES,
    Facts,
    Kept,
    Letter,
    Message,
    Place,
    Post,
    Stage,
    Waits,
)
from seiyaku.letters.render import render

__all__ = [
    "FINAL",
    "STAGES",
    "Bulletin",
    "Facts",
    "Kept",
    "Letter",
    "Message",
    "Place",
    "Post",
    "Stage",
    "Waits",
    "read_bulletin",
    "render",
]
