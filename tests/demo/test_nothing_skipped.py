"""A test that is skipped or expected to fail counts as failed, so that a green run has tried everything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import real_hall

CONFTEST = """
import pytest
from nothing_skipped import fail_when_skipped

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return fail_when_skipped((yield))

@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return fail_when_skipped((yield))
"""
TESTS = """
import pytest

def test_skips_itself():
    pytest.skip("no printer here")

@pytest.mark.skipif(True, reason="not on this machine")
def test_is_marked():
    raise AssertionError

@pytest.mark.xfail(reason="known to be broken")
def test_is_expected_to_fail():
    raise AssertionError

def test_passes():
    pass
"""


def test_skipped_and_expected_failures_count_as_failed(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(TESTS)

    ran = run_pytest(tmp_path)

    assert ran.returncode == 1
    assert "1 passed" in ran.stdout
    assert sorted(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+) - nothing may be skipped", ran.stdout, re.MULTILINE)) == [
        "test_is_expected_to_fail",
        "test_is_marked",
        "test_skips_itself",
    ]


def test_a_file_that_skips_itself_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")

    ran = run_pytest(tmp_path)

    assert ran.returncode == 2
    assert "nothing may be skipped" in ran.stdout


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env={"PYTHONPATH": str(Path(real_hall.__file__).parent), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
