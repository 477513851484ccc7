"""``jiaohao-simulate`` as people run it: a process of its own."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"
WEEKDAY = str(SCENARIOS / "county_weekday.json")
COMMAND = (sys.executable, "-m", "server.simulation.command")


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_it_prints_a_table_and_writes_the_same_figures_as_json(tmp_path: Path) -> None:
    options = ("--policy", "status_quo", "--policy", "bound", "--rho", "0.4", "--seeds", "2")
    done = simulate(WEEKDAY, *options, "--json", str(tmp_path / "out.json"))
    assert (done.returncode, done.stderr) == (0, "")
    heading, *lines = done.stdout.splitlines()
    assert heading == "county_weekday: ρ 0.4, 2 天 / days, 之前学习 10 天 / learned on 10 before"
    table = {line.split()[0]: line for line in lines}
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (document["scenario"], document["rho"], document["history_days"]) == ("county_weekday", 0.4, 10)
    for policy in ("status_quo", "bound"):
        for name, value in document["policies"][policy].items():
            assert name in table
            assert value["value"] is None or value["low"] <= value["value"] <= value["high"]
    assert len(document["days"]["bound"]) == 2
    assert document["policies"]["bound"]["gap_closed"]["value"] == 1
    again = simulate(WEEKDAY, *options, "--jobs", "1")
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nowhere.json",), 1, "nowhere.json: 读不到：No such file or directory / cannot be read: No such"),
        ((WEEKDAY, "--policy", "wish"), 2, "choose one of status_quo, pooled, balanced, bound"),
        ((WEEKDAY, "--rho", "7"), 2, "must be 0.05 to 2"),
        ((WEEKDAY, "--seeds", "none"), 2, "must be 1 to 10000"),
        ((WEEKDAY, "--seeds", "1.5"), 2, "must be 1 to 10000"),
        ((WEEKDAY, "--seeds", "10000", "--json", "/nowhere/x"), 1, "cannot write"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: tuple[str, ...], code: int, message: str) -> None:
    done = simulate(*arguments)
    assert (done.returncode, message in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr


def test_a_terminal_sees_how_far_it_is_and_ctrl_c_ends_it_cleanly() -> None:
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [*COMMAND, WEEKDAY, "--policy", "status_quo", "--seeds", "500"], stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    output = ""
    while "left" not in output:
        output += os.read(ours, 1000).decode(errors="replace")
    run.send_signal(signal.SIGINT)
    while select.select([ours], [], [], 0)[0] or run.poll() is None:
        try:
            output += os.read(ours, 1000).decode(errors="replace")
        except OSError:  # the terminal is gone with the last process that wrote to it
            break
    os.close(ours)
    assert run.wait() == 130
    assert "stopped" in output
    assert "Traceback" not in output
