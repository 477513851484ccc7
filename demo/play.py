"""Plays the demo from an empty folder to its summary."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from demo.county_run import DemoCounty
from demo.faults import SPACE_TO_START_BYTES, DemoFault, disk_fault, require_disk_space
from demo.narration import Narrator
from demo.people.site_people import PlayOptions
from demo.setup.county_setup import CablePlan, set_up_county
from demo.setup.descriptions import BRANCHES, MAIN_HALL, description
from demo.setup.folders import free_port, prepare_folder, require_port, short_folder
from demo.setup.site_setup import DemoFolder
from protocol.settings import SettingsError
from runtime.run_command import DONE, FAILED, WRONG_SETTINGS


def play(options: argparse.Namespace) -> int:
    """Play until Ctrl-C or ``--duration``; a fault is one sentence on stderr and exit code 1, in settings 78."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        _play(options, ended=ended)
    except SettingsError as error:
        print(f"✗ {error}", file=sys.stderr)
        return WRONG_SETTINGS
    except DemoFault as fault:
        print(f"✗ {fault}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"✗ {disk_fault(error)}", file=sys.stderr)
        return FAILED
    return DONE


def _play(options: argparse.Namespace, *, ended: threading.Event) -> None:
    """Set the county up and run it. Raises DemoFault, SettingsError, OSError."""
    began = time.monotonic()
    alone = options.one_hall or options.hall is not None
    if alone and options.cut:
        raise DemoFault(
            zh="--cut 要演示全县，请去掉 --one-hall 和 --hall",
            en="--cut needs the county: leave --one-hall and --hall out",
        )
    require_disk_space(options.folder, needed=SPACE_TO_START_BYTES)
    port = free_port(options.host) if options.port is None else require_port(options.host, options.port)
    narrator = Narrator()
    with _only_one(options.folder), ExitStack() as ending:
        prepare_folder(options.folder, keep=options.keep)
        sockets = ending.enter_context(short_folder(options.folder))
        demo_folder = DemoFolder(root=options.folder, sockets=sockets, host=options.host)
        for folder in (demo_folder.logs, demo_folder.pictures):
            folder.mkdir(exist_ok=True)
        logging.basicConfig(filename=demo_folder.logs / "demo.log", level=options.log_level.upper())
        if alone:
            narrator.report("正在准备大厅 …", "the hall is getting ready …")
        else:
            narrator.report(
                "正在准备主大厅、六个分中心和县平台 …", "the main hall, six branches and the county are getting ready …"
            )
        cut = CablePlan(site=options.cut, port=free_port(), for_s=options.cut_for) if options.cut else None
        setup = set_up_county(demo_folder, descriptions=_sites(options), port=port, cut=cut)
        seed = secrets.randbelow(10**6) if options.seed is None else options.seed
        on_screen = _has_screen() and not options.offscreen
        play_options = PlayOptions(on_screen=on_screen, speed=options.speed, seed=seed)
        with DemoCounty(setup, options=play_options, narrator=narrator, ended=ended) as county:
            county.play(duration_s=options.duration)
        narrator.summary(seconds=time.monotonic() - began)


def _sites(options: argparse.Namespace) -> list[Path]:
    """Return the descriptions of the sites of this run, the shown hall first."""
    if options.hall is not None:
        return [options.hall]
    branches = () if options.one_hall else BRANCHES
    return [description(site) for site in (MAIN_HALL, *branches)]


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Lock the folder for this demo. Raises DemoFault while another demo holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DemoFault(
            zh=f"另一个演示正在使用 {folder}，请先结束它或用 --folder 换一个文件夹",
            en=f"another demo plays in {folder}; end it or choose another folder with --folder",
        ) from error
    finally:
        os.close(descriptor)
