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
from demo.narration import Narrator
from demo.people.demo_hall import PeoplePace
from demo.run_county import DemoCounty
from demo.setup.county_setup import CableCut, set_up_county
from demo.setup.descriptions import BRANCHES, MAIN_HALL, description
from demo.setup.folders import free_port, need_port, prepare_folder
from demo.setup.site_setup import DemoFolder
from protocol.settings import SettingsError
from protocol.vocabulary import Text


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
    alone = asked.one_hall or asked.hall is not None
    if alone and asked.cut:
        raise DemoFault(
            Text(
                zh="--cut 要演示全县，请去掉 --one-hall 和 --hall",
                en="--cut needs the county: leave --one-hall and --hall out",
            )
        )
    need_room(asked.folder, needed=ROOM_TO_BEGIN)
    port = free_port(asked.host) if asked.port is None else need_port(asked.host, asked.port)
    narrator = Narrator()
    with _only_one(asked.folder), tempfile.TemporaryDirectory(prefix="jiaohao-") as sockets:
        prepare_folder(asked.folder, keep=asked.keep)
        ground = DemoFolder(folder=asked.folder, sockets=Path(sockets), host=asked.host)
        for part in (ground.logs, ground.pictures):
            part.mkdir(exist_ok=True)
        logging.basicConfig(filename=ground.logs / "demo.log", level=logging.WARNING)
        if alone:
            narrator.say("正在准备大厅 …", "the hall is getting ready …")
        else:
            narrator.say(
                "正在准备主大厅、六个分中心和县平台 …", "the main hall, six branches and the county are getting ready …"
            )
        cut = CableCut(site=asked.cut, port=free_port(), for_s=asked.cut_for) if asked.cut else None
        stage = set_up_county(ground, descriptions=_sites(asked), port=port, cut=cut)
        seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
        manner = PeoplePace(on_screen=_has_screen() and not asked.offscreen, speed=asked.speed, seed=seed)
        with DemoCounty(stage, manner=manner, narrator=narrator, ended=ended) as county:
            county.play(duration_s=asked.duration)
        narrator.summary(seconds=time.monotonic() - began)


def _sites(asked: argparse.Namespace) -> list[Path]:
    """Return the descriptions of the sites to play, the hall one looks at first."""
    if asked.hall is not None:
        return [asked.hall]
    branches = () if asked.one_hall else BRANCHES
    return [description(site) for site in (MAIN_HALL, *branches)]


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
