"""The history of canaries as one page: how much of them an erasure really took, and where not.

A chart made here, with the same figures in a table under it. Nothing on the page is personal
data, and nothing is loaded from elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from seiyaku.app.canaries import Trial
from seiyaku.kernel.text import Language, Text

WIDTH: Final = 640
HEIGHT: Final = 160
_SAID: Final[dict[str, Text]] = {
    "title": Text(ja="消去の実測", en="Erasure, measured"),
    "lead": Text(
        ja="実在しない人を利用者と同じ入口から登録し、通常の請求で消去したあと、残った写しを探した結果です。",
        en="People nobody is joined through the front door, were erased by a request like any "
        "other, and were hunted for afterwards.",
    ),
    "recall": Text(ja="消去できた割合", en="Share erased"),
    "copies": Text(ja="写し(消去前)", en="Copies before"),
    "left": Text(ja="残り", en="Left"),
    "day": Text(ja="消去日", en="Erased on"),
    "where": Text(ja="残った場所", en="Where"),
    "state": Text(ja="請求の状態", en="Request"),
    "seconds": Text(ja="秒", en="Seconds"),
    "unsearched": Text(ja="探していない場所", en="Places not searched"),
    "system": Text(ja="システム", en="System"),
    "by_system": Text(ja="システムごと", en="By system"),
    "trials": Text(ja="履歴", en="History"),
    "measured": Text(ja="測った人数", en="Canaries"),
    "never": Text(ja="一度も登録されなかったため測れていない", en="never held one: not measured"),
    "unseen": Text(ja="登録されたが中を探せない", en="held one, cannot be searched"),
    "none": Text(ja="まだ測っていません。", en="Nothing was measured yet."),
    "chart": Text(ja="消去できた割合の推移", en="Share erased, over time"),
    "made": Text(ja="作成", en="Made"),
}


@dataclass(frozen=True)
class Point:
    """One trial in the chart, in units of its picture."""

    x: float
    y: float
    whole: bool


@dataclass(frozen=True)
class Row:
    """The figures of one system over all trials.

    Args:
        why: where there is no measure: ``never`` it held no canary, ``unseen`` it let nobody
            search.
    """

    system: str
    before: int
    left: int
    why: str = ""

    @property
    def share(self) -> str:
        """The share erased, or nothing."""
        return percent(self.before, self.left)


def render_history(trials: Sequence[Trial], language: Language, at: datetime) -> str:
    """The page as HTML.

    Args:
        at: when it is made; shown at its end.
    """
    from seiyaku.kernel.templates import environment

    before, left = sum(t.before for t in trials), sum(t.left for t in trials)
    return (
        environment("seiyaku.app")
        .get_template("canaries.html")
        .render(
            said={word: text.get(language) for word, text in _SAID.items()},
            language=language,
            trials=trials,
            points=points(trials),
            systems=by_system(trials),
            share=percent(before, left) if before else "",
            before=before,
            left=left,
            percent=percent,
            at=at,
            width=WIDTH,
            height=HEIGHT,
        )
    )


def by_system(trials: Sequence[Trial]) -> tuple[Row, ...]:
    """The figures of every system, those without a measure last."""
    before, left = Counter[str](), Counter[str]()
    for trial in trials:
        for name, was, stays in trial.systems:
            before[name], left[name] = before[name] + was, left[name] + stays
    unseen = {name for t in trials for name in t.unseen}
    never = {name for t in trials for name in t.untouched} - unseen - set(before)
    names = sorted({*before, *left, *unseen, *never}, key=lambda n: (not before[n], n))
    why = {**dict.fromkeys(never, "never"), **dict.fromkeys(unseen - set(before), "unseen")}
    return tuple(Row(name, before[name], left[name], why.get(name, "")) for name in names)


def points(trials: Sequence[Trial]) -> tuple[Point, ...]:
    """Every trial from left to right, the higher the more of it went."""
    step = WIDTH / (len(trials) + 1)
    return tuple(
        Point(round(step * n, 1), round(HEIGHT * (1 - t.recall), 1), t.recall == 1)
        for n, t in enumerate(trials, 1)
    )


def percent(before: int, left: int) -> str:
    """The share that is gone; what is not all is never rounded to all.

    Examples:
        >>> percent(3, 1), percent(10_000, 1), percent(5, 0), percent(0, 0)
        ('66.7 %', '99.9 %', '100 %', '')
    """
    if not before:
        return ""
    share = 100 * (1 - left / before)
    return "100 %" if left == 0 else f"{min(share, 99.9):.1f} %"
