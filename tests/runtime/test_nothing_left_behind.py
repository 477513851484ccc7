"""A device that is killed leaves nothing in the folder for temporary files; on a Pi that would be its SD card."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.owned_files import replace_file

WINDOW = """
from display import kivy_window
kivy_window.prepare(size=(320, 240), fullscreen=False, offscreen=True, title="killed")
kivy_window.open_window()
"""
PRINTER = """
from hardware.printer.open_printer import open_printer
from hardware.printer.printer_settings import NetworkPrinter
open_printer(NetworkPrinter(driver="network", host="127.0.0.1"))
"""
VOICE = """
from hardware.voice.sound import make_chime
from hardware.voice.voice import Player
kill_me = Player(command=("sh", "-c", "test -s {file} && kill -9 $PPID"))
kill_me.play(make_chime(rate=22050), meanwhile=lambda: None)
"""
WRITER = """
import os, sys
from pathlib import Path
from runtime.owned_files import replace_file
os.fsync = lambda _: os.kill(os.getpid(), 9)
replace_file(Path(sys.argv[1]), "lost")
"""
KILLED = "\nimport os\nos.kill(os.getpid(), 9)\n"


@pytest.mark.parametrize("program", [WINDOW, PRINTER, VOICE])
def test_a_killed_program_leaves_no_temporary_file(tmp_path: Path, program: str) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", program + KILLED], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_has_left_goes_with_the_next_write(tmp_path: Path) -> None:
    file = tmp_path / "access.json"
    replace_file(file, "old")
    subprocess.run([sys.executable, "-c", WRITER, str(file)], check=False)
    assert file.read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 2
    replace_file(file, "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("access.json", "new")]
