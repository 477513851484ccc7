"""``jiaohao-demo``: one hall of the example county on this machine, with simulated hardware and people."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.faults import ROOM_TO_BEGIN, DemoFault, disk_fault, need_room
from demo.hall import DemoHall, Manner
from demo.narration import Narrator
from demo.stage import LOCAL, free_port, prepare_folder, set_stage
from protocol.messages import Text
from protocol.settings import SettingsError

MAIN_HALL = Path(__file__).parent / "county" / "main-hall.toml"


def main() -> int:
    """Play until Ctrl-C or ``--duration``; what is wrong is one sentence and exit code 1."""
    asked = _arguments().parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        _play(asked, ended=ended)
    except (DemoFault, SettingsError) as fault:
        print(f"✗ {fault}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"✗ {disk_fault(error)}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jiaohao-demo", description=__doc__, epilog='make demo ARGS="--speed 20 --offscreen"'
    )
    add = parser.add_argument
    add("--speed", type=_speed, default=10.0, help="模拟的快慢 / how many times faster than life (10)")
    add("--seed", type=int, default=None, help="同样的数字，同样的访客 / the same number brings the same people")
    add("--duration", type=float, default=float("inf"), metavar="SECONDS", help="到时自动结束 / end after so long")
    add("--offscreen", action="store_true", help="不开窗口，只存图片 / open no windows, save pictures")
    add("--host", default=LOCAL, help="网页地址; 用手机扫码时填本机地址 / address of the pages (127.0.0.1)")
    add("--port", type=int, default=None, help="网页端口，不写则自动选择 / port of the pages (a free one)")
    add("--folder", type=Path, default=Path("demo-data"), help="存放数据和图片 / for data and pictures (./demo-data)")
    add("--keep", action="store_true", help="接着上次的数据 / go on with the data of the last run")
    add("--hall", type=Path, default=MAIN_HALL, help="场所说明文件 / description of another hall, TOML")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.5 <= speed <= 100:
        raise argparse.ArgumentTypeError("0.5 … 100")
    return speed


def _play(asked: argparse.Namespace, *, ended: threading.Event) -> None:
    """Build the hall and play. Raises DemoFault, SettingsError, OSError."""
    began = time.monotonic()
    need_room(asked.folder, needed=ROOM_TO_BEGIN)
    port = free_port(asked.host, wanted=asked.port)
    narrator = Narrator()
    with _only_one(asked.folder), tempfile.TemporaryDirectory(prefix="jiaohao-") as sockets:
        prepare_folder(asked.folder, keep=asked.keep)
        narrator.say("正在准备大厅 …", "the hall is getting ready …")
        stage = set_stage(
            folder=asked.folder, sockets=Path(sockets), description=asked.hall, host=asked.host, port=port
        )
        logging.basicConfig(filename=stage.logs / "demo.log", level=logging.WARNING)
        seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
        manner = Manner(on_screen=_has_screen() and not asked.offscreen, speed=asked.speed, seed=seed)
        with DemoHall(stage, manner=manner, narrator=narrator, ended=ended) as hall:
            hall.play(duration_s=asked.duration)
        narrator.summary(seconds=time.monotonic() - began)


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this demo alone. Raises DemoFault while another demo plays there."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DemoFault(
            Text(
                zh=f"另一个演示正在使用 {folder}，请先结束它或用 --folder 换一个文件夹",
                en=f"another demo plays in {folder}; end it or choose another folder with --folder",
            )
        ) from error
    finally:
        os.close(held)


if __name__ == "__main__":
    sys.exit(main())
