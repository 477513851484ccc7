"""The screen as a process: how it starts, which status it publishes, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_hall import Process

from protocol import topics
from protocol.clients.mqtt_client import MqttClient
from protocol.vocabulary import DeviceKind, Presence

SITE = "main-hall"


def run_display(folder: Path, settings: str, *, offscreen: bool = True, **environment: str) -> tuple[int, str]:
    """Run a screen that cannot start; return its exit code and output."""
    file = folder / "display.toml"
    file.write_text(settings, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "display.main", "--settings", str(file), *(["--offscreen"] if offscreen else [])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stderr


USUAL = 'site = "main-hall"\ndevice = "screen-1"\nkey = "secret"\n'


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('site = "main-hall"\ndevice = "screen-1"\n', "display.toml: 缺少 key / key is missing"),
        (USUAL + 'layout = "sign"\n', 'layout = "sign" 还需要 window / layout = "sign" needs window'),
        (USUAL + 'time_zone = "Asia/Zhuxi"\n', "time_zone = 'Asia/Zhuxi'"),
        (
            USUAL + '[voice]\nkind = "clips"\nfolder = "/no/such/folder"\n',
            "[voice]: 没有文件夹 /no/such/folder / there is no folder /no/such/folder",
        ),
        (USUAL + 'pictures = { folder = "/dev/null/pictures" }\n', "cannot write into the pictures folder /dev/null"),
        (USUAL + "highlight = 4\n", "没有 highlight 这一项 / there is no setting highlight"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, settings: str, sentence: str) -> None:
    code, output = run_display(tmp_path, settings)
    assert code == 78
    assert sentence in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("library", "package"), [("libEGL.so.1", "libegl1"), ("libGL.so.1", "libgl1"), ("libgbm.so.1", "libgbm1")]
)
def test_a_missing_system_library_is_named_with_its_package(tmp_path: Path, library: str, package: str) -> None:
    (tmp_path / library).write_bytes(b"")
    code, output = run_display(tmp_path, USUAL, LD_LIBRARY_PATH=str(tmp_path))
    assert code == 1
    assert f"sudo apt install {package}" in output


def test_a_normal_start_logs_nothing_also_without_a_touch_library_that_kivy_tries(
    tmp_path: Path, mosquitto: Any, until: Callable[..., Any]
) -> None:
    (tmp_path / "libmtdev.so.1").write_bytes(b"")
    file, log = tmp_path / "display.toml", tmp_path / "display.log"
    broker = f'[broker]\nhost = "127.0.0.1"\nport = {mosquitto.address.port}\n'
    file.write_text(f'{USUAL}{broker}[voice]\nkind = "silence"\n', encoding="utf-8")
    published: list[bytes] = []
    listener = MqttClient(mosquitto.address)
    listener.subscribe(topics.device_status(SITE, "screen-1"), lambda _, payload, __: published.append(payload))
    listener.start()
    command = [sys.executable, "-m", "display.main", "--settings", str(file), "--offscreen"]
    with Process(command, log=log, environment={"LD_LIBRARY_PATH": str(tmp_path)}) as screen:
        until(lambda: published or not screen.running, within_s=60)
        assert screen.stop() == 0
    listener.stop()
    assert published
    assert log.read_text(encoding="utf-8") == ""


def test_without_any_screen_the_sentence_names_what_to_check(tmp_path: Path) -> None:
    code, output = run_display(tmp_path, USUAL, offscreen=False, SDL_VIDEODRIVER="x11", DISPLAY=":63999")
    assert code == 1
    assert "没有可用的屏幕" in output
    assert "--offscreen" in output


def test_a_screen_waits_for_a_broker_that_is_away_and_publishes_its_status(
    until: Callable[..., Any], mosquitto: Any, start_screen: Callable[..., Any]
) -> None:
    mosquitto.stop()
    screen = start_screen(width="640", height="360")
    screen.painted(lambda view: view["connecting"], within_s=30)

    mosquitto.start()
    statuses: list[dict[str, Any]] = []
    listener = MqttClient(mosquitto.address)
    listener.subscribe(
        topics.device_status(SITE, "screen-1"), lambda _t, payload, _r: statuses.append(json.loads(payload))
    )
    listener.start()
    first = until(lambda: statuses and statuses[0])
    assert (first["device"], first["kind"], first["presence"], first["faults"]) == (
        "screen-1",
        DeviceKind.DISPLAY,
        Presence.ONLINE,
        [],
    )
    assert screen.stop() == 0
    farewell = until(lambda: statuses[-1]["presence"] != Presence.ONLINE and statuses[-1])
    assert (farewell["presence"], farewell["boot"]) == (Presence.OFFLINE, first["boot"])

    killed = start_screen(width="640", height="360")
    started = until(lambda: statuses[-1]["boot"] != first["boot"] and statuses[-1], within_s=30)
    killed.process.send_signal(signal.SIGKILL)
    lost = until(lambda: statuses[-1]["presence"] != Presence.ONLINE and statuses[-1], within_s=30)
    assert (lost["presence"], lost["boot"]) == (Presence.LOST, started["boot"])
    listener.stop()


def test_ctrl_c_is_a_clean_end(start_screen: Callable[..., Any]) -> None:
    screen = start_screen(width="640", height="360")
    screen.painted(lambda view: view["connecting"], within_s=30)
    screen.process.send_signal(signal.SIGINT)
    assert screen.process.wait(timeout=15) == 0


def test_a_voice_fault_is_published_and_the_captions_go_on(
    until: Callable[..., Any], hub: Any, start_screen: Callable[..., Any]
) -> None:
    screen = start_screen(
        width="640", height="360", highlight_s="1.0", voice='{ player = ["no-such-player", "{file}"] }'
    )
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    hub.call("A017", "3")
    hub.call("A018", "4")
    hub.publish_board()
    for number in ("A017", "A018"):
        screen.painted(lambda view, n=number: view["caption"] and n in view["caption"]["zh"])
    until(lambda: hub.devices["screen-1"].faults)
    assert "没有安装 no-such-player" in hub.devices["screen-1"].faults[0].zh
    assert hub.devices["screen-1"].announced == []


def test_a_screen_without_settings_of_its_voice_speaks_a_call(
    until: Callable[..., Any], hub: Any, start_screen: Callable[..., Any], tmp_path: Path
) -> None:
    spoken = tmp_path / "spoken.wav"
    screen = start_screen(width="640", height="360", voice=f'{{ player = ["cp", "{{file}}", "{spoken}"] }}')
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    hub.call("A017", "3")
    hub.publish_board()
    screen.painted(lambda view: view["calling"])
    until(spoken.exists)
    until(lambda: [call.call_seq for call in hub.devices["screen-1"].announced] == [1])
    assert hub.devices["screen-1"].faults == []


def test_a_silent_screen_reports_no_announcement(
    until: Callable[..., Any], hub: Any, start_screen: Callable[..., Any]
) -> None:
    screen = start_screen(width="640", height="360", highlight_s="1.0")
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    hub.call("A017", "3")
    hub.publish_board()
    screen.painted(lambda view: view["calling"])
    screen.painted(lambda view: view["rows"] and not view["calling"])
    until(lambda: "screen-1" in hub.devices)
    assert hub.devices["screen-1"].announced == []


def test_messages_that_make_no_sense_are_skipped(
    until: Callable[..., Any], mosquitto: Any, hub: Any, start_screen: Callable[..., Any]
) -> None:
    screen = start_screen(width="640", height="360")
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    stranger = MqttClient(mosquitto.address)
    stranger.start()
    for topic in (topics.board(SITE), topics.notice(SITE), topics.hub_status(SITE)):
        for payload in (b"", b"{}", b"\xff\xfe", b"[1, 2", b'{"seq": "many"}'):
            stranger.publish_retained(topic, payload)
    until(lambda: "was not understood" in screen.log.read_text())
    hub.call("A017", "3")
    hub.publish_board()
    line = screen.painted(lambda view: view["rows"] and view["stale_since"] is None)
    assert line["view"]["rows"][0]["number"] == "A017"
    stranger.stop()
