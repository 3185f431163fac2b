"""`@promise("CLOSM-9.2a")` and the pytest plugin that records what was kept.

The decorator marks a test that acts only through a public door and carries out the
clause's given/when/then. The plugin writes the report of a *full* run; a run of a part
(a path, ``-k``) leaves the last report as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from seiyaku.app.promises import Witness, report
from seiyaku.kernel.document import check_model, read_document
from seiyaku.policy.model import Policy

F = TypeVar("F", bound=Callable[..., object])
_KEY = "seiyaku_promise"


def promise(*clauses: str, template: str = "", by_hand: bool = False) -> Callable[[F], F]:
    """Mark a test as carrying out the given/when/then of `clauses`.

    Args:
        clauses: cited ids, ``CLOSM-9.2a``.
        template: the template the test was made from, so that it is counted apart.
        by_hand: the test shows a tracked task with evidence.
    """

    def mark(test: F) -> F:
        marked: F = pytest.mark.promise(*clauses, template=template, by_hand=by_hand)(test)
        return marked

    return mark


class PromiseRecorder:
    """Collects witnesses from every worker and writes the report at the end of a full run."""

    def __init__(self, config: pytest.Config, policies: tuple[Path, ...], out: Path) -> None:
        self._config = config
        self._policies = policies
        self._out = out
        self._ended: dict[str, tuple[list[dict[str, Any]], bool]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for mark in item.iter_markers("promise"):
            for clause in mark.args:
                item.user_properties.append((_KEY, {"clause": clause, **mark.kwargs}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        carried: list[dict[str, Any]] = [v for k, v in report.user_properties if k == _KEY]  # type: ignore[misc]
        if not carried:
            return
        earlier = self._ended.get(report.nodeid)
        passed = report.passed and (earlier is None or earlier[1])
        self._ended[report.nodeid] = (carried, passed)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self._config, "workerinput") or not self._full_run():
            return
        policies = [check_model(read_document(p), Policy) for p in self._policies]
        found = report(policies, self._witnesses())
        self._out.parent.mkdir(parents=True, exist_ok=True)
        self._out.write_text(json.dumps(found.to_json(), indent=1) + "\n", "utf-8")

    def _witnesses(self) -> list[Witness]:
        return [
            Witness(value["clause"], nodeid, passed, value["by_hand"], value["template"])
            for nodeid, (carried, passed) in self._ended.items()
            for value in carried
        ]

    def _full_run(self) -> bool:
        option = self._config.option
        return not (
            option.keyword
            or option.collectonly
            or getattr(option, "lf", False)
            or option.markexpr not in ("", "not slow")
            or self._config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        )
