"""Run the benchmarks, print a table, and write ``build/bench/NAME.json``.

usage: python -m benchmarks [NAME ...]      (evidence, gate, requests, check; all by default)
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import NotRequired, TypedDict

import benchmarks

OUT = Path("build/bench")


class Line(TypedDict):
    """One measurement: `ratio` is ours / reference; `target` is what it should come to."""

    name: str
    unit: str
    ours: float
    reference: float | None
    ratio: float | None
    target: NotRequired[str]


def names() -> list[str]:
    """Names of all benchmark modules, without their prefix."""
    found = (m.name for m in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(n.removeprefix("bench_") for n in found if n.startswith("bench_"))


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def main(chosen: list[str]) -> None:
    """Measure and write."""
    OUT.mkdir(parents=True, exist_ok=True)
    print(f"{'what':<52}{'unit':<11}{'ours':>10}{'reference':>11}{'ratio':>8}  target")
    for name in chosen or names():
        lines: list[Line] = importlib.import_module(f"benchmarks.bench_{name}").run()
        for line in lines:
            shown = "".join(f"{_show(line[k]):>{w}}" for k, w in _WIDTHS)
            target = line.get("target", "")
            print(f"{line['name']:<52}{line['unit']:<11}{shown}  {target}".rstrip(), flush=True)
        (OUT / f"{name}.json").write_text(json.dumps(lines, indent=1) + "\n", "utf-8")


_WIDTHS: tuple[tuple[str, int], ...] = (("ours", 10), ("reference", 11), ("ratio", 8))

if __name__ == "__main__":
    main(sys.argv[1:])
