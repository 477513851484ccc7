"""A skipped test proves nothing: it counts as failed, and so does one that is expected to fail."""

from __future__ import annotations

from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def fail_when_skipped(report: Report) -> Report:
    """Return the report of a test or file, failed when it was skipped."""
    if report.skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped: {getattr(report, 'wasxfail', why)}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report
