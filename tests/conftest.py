"""What all tests share: the recorder of promises, and where the repository lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from seiyaku.services import available, path
from seiyaku.testing.promises import PromiseRecorder

pytest_plugins = ("servers", "vendors")
ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promise", help="run only the tests that carry this clause")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    clause = config.getoption("--promise")
    if clause:
        items[:] = [i for i in items if any(clause in m.args for m in i.iter_markers("promise"))]


def pytest_configure(config: pytest.Config) -> None:
    policies = tuple(path(service) / "policy.yaml" for service in available())
    recorder = PromiseRecorder(config, policies, ROOT / "build" / "promises.json")
    config.pluginmanager.register(recorder, "promises")
    config.pluginmanager.register(_NoSilentSkips(), "no-silent-skips")


class _NoSilentSkips:
    """A skipped test counts as a failure, except where what it marks as needed is missing."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if (
            report.skipped
            and not {"reference", "mysql"} & set(report.keywords)
            and not hasattr(report, "wasxfail")
        ):
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for nodeid in self.skipped:
            terminalreporter.write_line(f"skipped, which counts as a failure: {nodeid}", red=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """The reference folder beside the repository; its tests skip, saying so, without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference folder is not beside the repository")
    return folder
