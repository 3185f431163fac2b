"""Break each rule in turn: the tests of the clauses that rest on it must fail.

Each mutant of tools/mutants.d names a file, a piece of its text and what it becomes, and
the clauses whose promise tests must notice. A copy of the sources is broken, the tests run
against the copy, and a mutant that survives fails the run.

usage: python tools/mutants.py [NAME ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mutant:
    """One planted fault."""

    name: str
    file: str
    old: str
    new: str
    clauses: tuple[str, ...]


def read_mutants(path: Path) -> tuple[Mutant, ...]:
    """The mutants of the list; a piece of text that is not there exactly once is refused."""
    listed = [
        m
        for p in sorted(path.glob("*.toml"))
        for m in tomllib.loads(p.read_text("utf-8"))["mutant"]
    ]
    mutants = tuple(Mutant(**{**m, "clauses": tuple(m["clauses"])}) for m in listed)
    for mutant in mutants:
        if (ROOT / mutant.file).read_text("utf-8").count(mutant.old) != 1:
            sys.exit(f"{mutant.name}: its text does not stand exactly once in {mutant.file}")
    return mutants


def tests_of(clauses: tuple[str, ...]) -> list[str]:
    """Files of the promise tests that name one of the clauses."""
    return sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests" / "promises").glob("**/test_*.py")
        if any(f'"{clause}"' in path.read_text("utf-8") for clause in clauses)
    )


def survives(mutant: Mutant) -> str:
    """Run the tests against the broken copy; the clauses nobody missed, or an empty text."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        broken = Path(folder) / mutant.file
        broken.write_text(broken.read_text("utf-8").replace(mutant.old, mutant.new), "utf-8")
        return ", ".join(c for c in mutant.clauses if _passes(c, source))


def _passes(clause: str, source: Path) -> bool:
    files = tests_of((clause,)) or ["tests/promises"]  # named by a template's table
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--promise", clause, *files]
    env = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    return ended.returncode != 1  # INVARIANT: only failed tests kill a mutant, not a broken run


def main(names: list[str]) -> int:
    """Run the named mutants, or all; the number that survived."""
    alive = 0
    for mutant in read_mutants(ROOT / "tools" / "mutants.d"):
        if names and mutant.name not in names:
            continue
        unnoticed = survives(mutant)
        alive += bool(unnoticed)
        verdict = f"SURVIVES: unnoticed by {unnoticed}" if unnoticed else "killed"
        print(f"{mutant.name:<40} {verdict}", flush=True)
    print(f"{alive} survived")
    return min(alive, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
