"""``jiaohao-simulate``: compares policies on simulated days of a county."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from protocol.settings import SettingsError
from protocol.vocabulary import Text
from runtime.run_command import CommandFailed, add_check_option, command_parser, report_sound, run_command
from server.simulation import campaign
from server.simulation.progress_bar import ProgressBar
from server.simulation.results import report
from server.simulation.results.comparison import compare
from server.simulation.scenario.policies import COMPARED, POLICIES, Policy
from server.simulation.scenario.scenario import load_scenario

STOPPED = 130
"""Exit code after Ctrl-C."""
LEAST_RHO, MOST_RHO = 0.05, 2.0
"""Bounds of the utilisation."""
MOST_SEEDS = 10_000

RangedNumber = TypeVar("RangedNumber", int, float)


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and print a table; an error is one sentence on standard error and exit code 1."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell ignore Ctrl-C
    try:
        return run_command(_parser(), _simulate, arguments)
    except KeyboardInterrupt:
        sys.stderr.write("\n已中断 / stopped\n")
        return STOPPED


def _simulate(options: argparse.Namespace) -> int:
    try:
        scenario = load_scenario(options.scenario)
    except SettingsError as error:
        if options.check:
            raise
        # a scenario is the command's input: 1, not the exit code of wrong settings
        raise CommandFailed(report=str(error)) from error
    if options.check:
        return report_sound(options.scenario)
    if options.json is not None:
        _write(options.json, "", mode="a")  # fail now, not after an hour of simulation
    policies: list[Policy] = list({p.name: p for p in options.policy or COMPARED}.values())
    seeds = range(1, options.seeds + 1)
    tasks = [
        campaign.Task(scenario=scenario, policy=p, rho=options.rho, seed=s, history=options.history)
        for s in seeds
        for p in policies
    ]
    with ProgressBar() as bar:
        (days,) = campaign.run_campaign([tasks], jobs=options.jobs, done=bar.show)
    figures = compare(days)
    sys.stdout.write(
        f"{scenario.name}: ρ {options.rho:g}, {options.seeds} 天 / days, "
        f"之前学习 {options.history} 天 / learned on {options.history} before\n"
    )
    sys.stdout.write(report.format_table(figures))
    if options.json is not None:
        document = report.format_json(
            scenario.name, rho=options.rho, history=options.history, days=days, figures=figures
        )
        _write(options.json, document)
    return 0


def _write(path: Path, text: str, *, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = error.strerror
        raise CommandFailed(Text(zh=f"写不了 {path}：{reason}", en=f"cannot write {path}: {reason}")) from error


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "jiaohao-simulate",
        description="模拟一个县的一天，比较不同的排队办法 / days of a county under several policies, compared",
        epilog="jiaohao-simulate demo/scenarios/county_weekday.json --policy status_quo --policy balanced --seeds 4",
    )
    add_check_option(parser)
    add = parser.add_argument
    add("scenario", type=Path, help="场景文件 / the scenario, JSON (demo/scenarios)")
    add(
        "--policy",
        type=_policy,
        action="append",
        help=f"{', '.join(POLICIES)}; 可重复 / may be repeated (the first four)",
    )
    add("--rho", type=_rho, default=0.85, help="忙碌程度 / work offered over open window minutes (0.85)")
    add("--seeds", type=_seeds, default=30, help="天数 / how many days (30)")
    add("--history", type=_days, default=campaign.HISTORY_DAYS, help="之前的天数 / days learned from before (10)")
    add("--json", type=Path, metavar="OUT", help="结果文件 / also write the figures here")
    add("--jobs", type=_jobs, default=os.cpu_count() or 1, help="进程数 / how many at once (one a core)")
    return parser


def _policy(text: str) -> Policy:
    if text not in POLICIES:
        raise argparse.ArgumentTypeError(f"{text!r}: 只能是 / choose one of {', '.join(POLICIES)}")
    return POLICIES[text]


def _rho(text: str) -> float:
    return _between(text, LEAST_RHO, MOST_RHO, kind=float)


def _seeds(text: str) -> int:
    return _between(text, 1, MOST_SEEDS, kind=int)


def _days(text: str) -> int:
    return _between(text, 0, 365, kind=int)


def _jobs(text: str) -> int:
    return _between(text, 1, 256, kind=int)


def _between(text: str, least: RangedNumber, most: RangedNumber, *, kind: type[RangedNumber]) -> RangedNumber:
    try:
        value = kind(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r}: 应在 {least:g} 到 {most:g} 之间 / must be {least:g} to {most:g}")
    return value


if __name__ == "__main__":
    sys.exit(main())
