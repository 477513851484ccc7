"""The demo's folder is made anew unless it is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit

from demo.faults import DemoFault
from demo.setup.folders import prepare_folder, short_folder
from protocol.settings import Port, Settings, load_settings


def test_a_fresh_folder_is_empty_and_a_kept_one_goes_on(tmp_path: Path) -> None:
    prepare_folder(tmp_path, keep=False)
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "hall.sqlite").write_text("the journal")

    prepare_folder(tmp_path, keep=True)
    assert (tmp_path / "hub" / "hall.sqlite").read_text() == "the journal"

    prepare_folder(tmp_path, keep=False)
    assert [path.name for path in tmp_path.iterdir()] == ["jiaohao-demo"]


KILLED = """
import os, sys
from pathlib import Path
from demo.setup.folders import short_folder
with short_folder(Path(sys.argv[1])):
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_demo_has_left_for_its_sockets_goes_with_the_next_one(tmp_path: Path) -> None:
    folder, temporary = tmp_path / "demo", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    prepare_folder(folder, keep=False)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=environment, check=False)
    assert len(list(temporary.iterdir())) == 1
    prepare_folder(folder, keep=True)
    assert list(temporary.iterdir()) == []
    with short_folder(folder) as sockets:
        assert sockets.is_dir()
    assert [path.name for path in folder.iterdir()] == ["jiaohao-demo"]


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")

    for keep in (False, True):
        with pytest.raises(DemoFault, match="holds other files; choose another folder with --folder"):
            prepare_folder(tmp_path, keep=keep)
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_a_settings_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    class Place(Settings):
        name: str
        port: Port

    values = {"name": 'a "quoted" \\ 大厅', "port": 1883}

    (tmp_path / "place.toml").write_text(tomlkit.dumps(values), encoding="utf-8")

    assert load_settings(Place, tmp_path / "place.toml") == Place.model_validate(values)
