"""What the tests cost: CPU seconds, their processes' included, for time on the wall depends on who else is busy."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest

BEGUN = pytest.StashKey[float]()
LONG_RUN = 30.0
"""CPU seconds; of less nothing is said."""
DEAREST = 15
ELSEWHERE: list[float] = []
"""Seconds of processes that are nobody's of ours (``tests/doubles/warm_start.py``)."""


def spent() -> float:
    """By this process, and by those it has seen the end of."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + sum(ELSEWHERE)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[BEGUN] = spent()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "teardown":
        report.user_properties.append(("cpu", spent() - item.stash[BEGUN]))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tests: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            tests[getattr(report, "nodeid", "")] += dict(getattr(report, "user_properties", ())).get("cpu", 0.0)
    files: Counter[str] = Counter()
    for name, seconds in tests.items():
        files[name.partition("::")[0]] += seconds
    if files.total() > LONG_RUN:
        terminalreporter.section(f"{files.total():.0f} CPU seconds; the dearest files and tests")
        for name, seconds in (*files.most_common(DEAREST), *tests.most_common(DEAREST)):
            terminalreporter.write_line(f"{seconds:7.1f}  {name}")
