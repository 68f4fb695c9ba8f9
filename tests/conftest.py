"""Settings for every test: hypothesis without deadlines, and a run in which skipping is a failure."""

from __future__ import annotations

import os
import re

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
    parser.addoption(
        "--forbid-skips-for",
        metavar="REGEX",
        help="fail if a test was skipped with a reason that matches: what it needs is here",
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turns a run with skipped tests into a failed one, if that was asked for."""
    config = session.config
    wanted = "" if config.getoption("--forbid-skips") else config.getoption("--forbid-skips-for")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if wanted is None or reporter is None:
        return
    reasons = {str(report.longrepr[-1]) for report in reporter.stats.get("skipped", ())}
    forbidden = sorted(reason for reason in reasons if re.search(wanted, reason, re.IGNORECASE))
    if forbidden:
        reporter.ensure_newline()
        for reason in forbidden:
            reporter.write_line(f"skipped, and that was forbidden: {reason}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
