"""The demo's folder is made anew unless it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.faults import DemoFault
from demo.setup.folders import prepare_folder
from demo.setup.settings_files import toml
from protocol.settings import BrokerAddress, load_settings


def test_a_fresh_folder_is_empty_and_a_kept_one_goes_on(tmp_path: Path) -> None:
    prepare_folder(tmp_path, keep=False)
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "hall.sqlite").write_text("the journal")

    prepare_folder(tmp_path, keep=True)
    assert (tmp_path / "hub" / "hall.sqlite").read_text() == "the journal"

    prepare_folder(tmp_path, keep=False)
    assert [path.name for path in tmp_path.iterdir()] == ["jiaohao-demo"]


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")

    for keep in (False, True):
        with pytest.raises(DemoFault, match="holds other files; choose another folder with --folder"):
            prepare_folder(tmp_path, keep=keep)
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_a_settings_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    values = {"host": 'a "quoted" \\ 大厅', "port": 1883, "keepalive_s": 5}

    (tmp_path / "broker.toml").write_text(toml(values), encoding="utf-8")

    assert load_settings(BrokerAddress, tmp_path / "broker.toml") == BrokerAddress.model_validate(values)
