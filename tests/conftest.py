"""Shared by all tests: a real hall, fresh for one test or kept for the tests of one file.

Hypothesis tries the same examples in every run of the same tests, because it also uses constants of the modules that
are loaded; ``--hypothesis-profile=long`` tries many more, and others each time.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from nothing_skipped import fail_when_skipped
from playwright.sync_api import Browser, expect, sync_playwright
from real_hall import SMALL_HALL, RealHall
from real_postgres import RealPostgres

from hardware.fonts import boxes
from protocol.settings import load_settings
from server.domain.model.catalogue import Catalogue

settings.register_profile("short", deadline=None, max_examples=60, derandomize=True, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=3000, stateful_step_count=80, print_blob=True)
settings.load_profile("short")


IS_ROOT = os.geteuid() == 0
collect_ignore = [] if IS_ROOT else ["boot"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what only root can run."""
    if not IS_ROOT:
        terminalreporter.write_line("没有运行，需要 root / not run, needs root: tests/boot, which boots a container")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Nothing is skipped: what a test needs is installed by ``make test``."""
    report = yield
    return fail_when_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Nothing is skipped, whole files neither."""
    report = yield
    return fail_when_skipped(report)


@pytest.fixture(autouse=True)
def _no_boxes_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device notes what it drew as boxes until it ends; here many devices are one process."""
    monkeypatch.setattr(boxes, "_drawn", {})


@pytest.fixture
def real_hall(tmp_path: Path) -> Iterator[RealHall]:
    """A hall of this test's own, with broker and hub running."""
    with RealHall(tmp_path) as hall:
        yield hall


@pytest.fixture(scope="module")
def shared_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    """A hall that the tests of one file share: nothing in it may be counted on but what a test did itself."""
    with RealHall(tmp_path_factory.mktemp("hall")) as hall:
        yield hall


@pytest.fixture(scope="session")
def postgres() -> Iterator[RealPostgres]:
    """A PostgreSQL for all tests, with a database of its own for each county."""
    with RealPostgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def small_catalogue() -> Catalogue:
    """The description of the small hall."""
    return load_settings(Catalogue, SMALL_HALL)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser without a window; gone after a file, for no event loop runs in the test process beside its own."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()
