"""``jiaohao-demo``: the example county on this machine, with simulated hardware and people.

Imports only the standard library before it knows that every package is installed, so that a missing one is reported
in one sentence.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from demo.setup.descriptions import BRANCHES

STOPPED = 130
"""Exit code of a program that Ctrl-C ended (128 + SIGINT)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until Ctrl-C or ``--duration``; return the exit code (see ``runtime.run_command``).

    Ctrl-C before the demo has started ends it at once with exit code STOPPED.
    """
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGINT, lambda *_: os._exit(STOPPED))  # nothing has started: there is nothing to end in order
    try:
        from demo.play import play  # noqa: PLC0415 - a package that is missing is reported in one sentence
    except ModuleNotFoundError as missing:
        print(
            f"✗ 缺少软件包 {missing.name}，请运行 make demo / the package {missing.name} is missing, run: make demo",
            file=sys.stderr,
        )
        return 1
    return play(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jiaohao-demo",
        description="演示一个县的政务大厅 / the halls of the example county, with simulated hardware and people",
        epilog='make demo ARGS="--speed 20 --offscreen"',
    )
    add = parser.add_argument
    add("--version", action="version", version=f"jiaohao-demo {version('jiaohao')}")
    add(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="warning",
        help="日志详细程度 / how much goes to logs/demo.log (warning)",
    )
    add("--speed", type=_speed, default=10.0, help="模拟的快慢 / how many times faster than life (10)")
    add("--seed", type=int, default=None, help="同样的数字，同样的访客 / the same number brings the same people")
    add("--duration", type=float, default=float("inf"), metavar="SECONDS", help="到时自动结束 / end after so long")
    add("--offscreen", action="store_true", help="不开窗口，只存图片 / open no windows, save pictures")
    add("--host", default="127.0.0.1", help="网页地址；用手机扫码时填本机地址 / address of the pages (127.0.0.1)")
    add("--port", type=int, default=None, help="网页端口，不写则自动选择 / port of the pages (a free one)")
    add("--folder", type=Path, default=Path("demo-data"), help="存放数据和图片 / for data and pictures (./demo-data)")
    add("--keep", action="store_true", help="接着上次的数据 / go on with the data of the last run")
    add("--one-hall", action="store_true", help="只演示主大厅 / the main hall alone, without branches and county")
    add("--cut", choices=BRANCHES, help="断开一个分中心到县里的线 / cut this branch's cable to the county for a while")
    add("--cut-for", type=float, default=75.0, metavar="SECONDS", help="断多久 / for how long (75)")
    add("--hall", type=Path, default=None, help="只演示这个场所说明文件 / this hall alone, by its description in TOML")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.5 <= speed <= 100:
        raise argparse.ArgumentTypeError("0.5 … 100")
    return speed


if __name__ == "__main__":
    sys.exit(main())
