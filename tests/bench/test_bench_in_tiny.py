"""Every part of ``make bench`` measures, at sizes that show only that it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench import PARTS
from tables import Line, Spread, against, table

ROOT = Path(__file__).parents[2]
NAMES = {
    "commands": {
        f"{what}, {many}, {share}"
        for what, manys in {
            "issue a ticket": ("1 connection", "8 connections"),
            "press → board received": ("1 screen", "20 screens"),
        }.items()
        for many in manys
        for share in ("p50", "p99")
    },
    "card": {
        f"issue a ticket, {many}, slow disk, {share}"
        for many in ("1 connection", "8 connections")
        for share in ("p50", "p99")
    },
    "frames": {"press → painted frame, p50", "press → painted frame, p99"},
    "history": {f"{what} with 200 old tickets against none, {s}" for what in ("issue", "call") for s in ("p50", "p99")},
    "queues": {f"{what} with 20 waiting against 10, {s}" for what in ("issue", "call") for s in ("p50", "p99")},
    "forecasts": {
        "one simulation run with 69 waiting",
        "a whole forecast with 69 waiting",
        "read one promise of it",
        *(
            f"{what}, {share}"
            for what in ("choice with 20 waiting against 10", "one simulation run with 138 waiting against 69")
            for share in ("p50", "p99")
        ),
    },
    "processes": {
        f"{process}, {what}"
        for process in ("hub", "window agent", "kiosk", "screen")
        for what in ("memory (RSS)", "idle CPU")
    },
    "start": {"hub, start to ready"},
    "county": {
        *(f"60 entries in one push, PostgreSQL {ms} ms away" for ms in (20, 100)),
        *(
            line
            for database in ("SQLite", "PostgreSQL")
            for line in (
                f"60 entries of one site into the county, {database}",
                f"1,000 entries into the county, 7 sites, {database}",
                f"1,000 entries into the county, 50 sites, {database}",
            )
        ),
    },
    "joined": {
        f"{what}, {how} against none, {share}"
        for what in ("issue a ticket", "call next")
        for how in ("another hall without a county", "the county up", "the county slow", "the county away")
        for share in ("p50", "p99")
    },
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_bench_fills_its_lines(part: str) -> None:
    paths = os.pathsep.join(str(ROOT / place) for place in (".", "tests/support", "tests/bench"))
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "bench" / "bench.py"), "--tiny", part],
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, "PYTHONPATH": paths},
        cwd=ROOT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in ran.stdout.splitlines()]
    assert {row[0] for row in rows[2:]} == NAMES[part]
    assert all(row[2] != "–" for row in rows[2:])


def test_a_line_is_judged_by_its_ratio_where_it_has_a_floor_and_by_its_figure_where_not() -> None:
    lines = [
        *against("get", Spread([[0.001], [0.002], [0.003]]), Spread([[0.002], [0.002], [0.009]]), aim=1.3),
        Line(name="memory", ours=100, aim=120, unit="MB"),
        Line(name="idle", ours=2.5, unit="%"),
    ]
    assert table(lines) == "\n".join(
        [
            "| line     | floor | ours   | ratio | aim      |            |",
            "|----------|-------|--------|-------|----------|------------|",
            "| get, p50 | 2 ms  | 2 ms   | 2.00× | ≤ 1.3×   | **missed** |",
            "| get, p99 | 2 ms  | 2 ms   | 2.00× | ≤ 1.3×   | **missed** |",
            "| memory   | –     | 100 MB | –     | ≤ 120 MB | met        |",
            "| idle     | –     | 2.5 %  | –     | –        |            |",
        ]
    )
