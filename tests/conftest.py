"""Settings for every test: hypothesis without deadlines, and a run in which skipping is a failure."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# One power in the standard group takes longer than hypothesis allows an example by default. The
# build server draws the same examples every time, so that a failure there can be repeated.
settings.register_profile("evote", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("evote")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--forbid-skips", action="store_true", help="fail if a test was skipped: what it needs is here"
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turns a run with skipped tests into a failed one, if that was asked for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--forbid-skips") and reporter is not None and reporter.stats.get("skipped"):
        reporter.ensure_newline()
        reporter.write_line("tests were skipped, and --forbid-skips was given", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
