"""Plays the demo from an empty folder to its summary."""

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
from demo.stage import free_port, prepare_folder, set_stage
from protocol.messages import Text
from protocol.settings import SettingsError


def play(asked: argparse.Namespace) -> int:
    """Play until Ctrl-C or ``--duration``; what is wrong is one sentence and exit code 1."""
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
