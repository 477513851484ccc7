"""A wrong panel file is one sentence for the technician."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.panel.buttons import PanelKey
from hardware.panel.window_settings import WindowSettings
from protocol.settings import SettingsError, load_settings

PANEL = """
site = "main-hall"
window = "window-3"
[hub]
device = "window-3"
key = "secret"
[keys]
call = 17
pause = 23
[lamp]
red = 5
green = 6
blue = 13
"""


def test_a_panel_may_have_fewer_keys(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text(PANEL, encoding="utf-8")

    settings = load_settings(WindowSettings, path)

    assert settings.keys.by_key() == {PanelKey.CALL: 17, PanelKey.PAUSE: 23}


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("call = 17", "call = 5", "pin 5 is used twice"),
        (
            "call = 17",
            "call = 40",
            "不对：应不大于 27 / keys.call = 40 is not allowed: must be at most 27",
        ),
        ("call = 17", "bell = 17", "没有 keys.bell 这一项 / there is no setting keys.bell"),
        ("red = 5", "", "缺少 lamp.red / lamp.red is missing"),
    ],
)
def test_a_wrong_pin_is_one_sentence(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    path = tmp_path / "window.toml"
    path.write_text(PANEL.replace(right, wrong), encoding="utf-8")

    with pytest.raises(SettingsError) as raised:
        load_settings(WindowSettings, path)

    assert sentence in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_machine_without_pins_is_one_sentence_that_states_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text(PANEL, encoding="utf-8")
    (tmp_path / "lgpio.py").write_text('raise ImportError("no lgpio on this machine")', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LG_WD": str(tmp_path)}

    ended = subprocess.run(
        [Path(sys.executable).with_name("jiaohao-window"), "--settings", path],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "jiaohao-window: 这台机器没有可用的 GPIO：请在树莓派上运行，或加 --twin 使用模拟按键板 / "
        "no GPIO can be used on this machine: run on a Pi, or with --twin for a simulated panel "
        "(no lgpio on this machine)"
    )
