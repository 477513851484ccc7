"""``jiaohao-demo`` without a screen: from nothing to a hall full of life, and back to nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from demo_run import DemoRun
from PIL import Image

pytestmark = pytest.mark.timeout(300)  # a small machine takes a while to start a whole hall


@dataclass(frozen=True)
class Played:
    """What one run of the demo left behind."""

    narration: str
    exit_code: int
    ticket_page: str
    """What a visitor's phone was shown."""
    entered: dict[str, bool]
    """Whether the passcode of each role opened its page."""
    pictures: Path
    """One visitor's."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo, until one visitor has gone the whole way from the first touch to the hall screen, then Ctrl-C."""
    with DemoRun(tmp_path_factory.mktemp("demo"), "--speed", "40", "--seed", "7") as demo:
        [_, *_] = demo.wait_for(r"^叫号 ([A-Z]+\d+) → ", times=8)
        [picture, *_] = demo.wait_for(r"on the hall screen: (\S+)")
        [ticket_page, *_] = demo.wait_for(r"its page: (http://\S+)$")
        staff = re.findall(r"(http://\S+)/(clerk|manager) +口令 passcode (\d{6})$", demo.output(), re.MULTILINE)
        phone = urllib3.request("GET", ticket_page, retries=False).data.decode()
        entered = {role: may_enter(hub, role=role, passcode=passcode) for hub, role, passcode in staff}
        demo.send(signal.SIGINT)
        code = demo.end()
        yield Played(
            narration=demo.output(),
            exit_code=code,
            ticket_page=phone,
            entered=entered,
            pictures=Path(picture).parent,
        )


def may_enter(hub: str, *, role: str, passcode: str) -> bool:
    """Log in as a person of the staff would; return whether the page is served."""
    form = f"role={role}&passcode={passcode}"
    answer = urllib3.request("POST", f"{hub}/login", body=form, redirect=False, retries=False)
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    page = urllib3.request("GET", f"{hub}/{role}", headers={"Cookie": cookie}, redirect=False, retries=False)
    return (answer.status, page.status) == (303, 200)


def test_ctrl_c_ends_it_in_good_order_with_a_summary_and_no_process_is_left(played: Played) -> None:
    assert played.exit_code == 0
    summary = re.search(
        r"the demo has ended after \d+ s: (\d+) tickets, (\d+) calls, (\d+) pictures$", played.narration
    )
    assert summary
    tickets, calls, pictures = map(int, summary.groups())
    assert tickets >= calls >= 8
    assert pictures >= tickets


def test_chinese_comes_first_and_english_after_it(played: Played) -> None:
    lines = [line for line in played.narration.splitlines() if "  /  " in line]

    assert len(lines) > 20
    for line in lines:
        chinese, english = line.split("  /  ")
        assert re.search(r"[\u4e00-\u9fff]", chinese), line
        assert not re.search(r"[\u4e00-\u9fff]", english), line


def test_the_last_window_is_left_to_the_person(played: Played) -> None:
    assert "12 号窗口留给您：在窗口页面选它  /  window 12 is yours: choose it on the clerks' page" in played.narration
    called_to = set(re.findall(r"^叫号 [A-Z]+\d+ → (\d+) 号窗口", played.narration, re.MULTILINE))
    assert called_to
    assert called_to <= {str(label) for label in range(1, 12)}


def test_the_pages_it_prints_open_with_the_passcodes_it_prints(played: Played) -> None:
    assert played.entered == {"clerk": True, "manager": True}
    assert "竹溪县政务服务中心" in played.ticket_page


def test_every_step_of_a_visit_has_a_picture_with_something_on_it(played: Played) -> None:
    pictures = sorted(played.pictures.glob("*.png"))
    steps = [picture.stem.split("-", maxsplit=1)[1] for picture in pictures]

    assert [step for step in steps if step != "services"] == [
        "welcome",
        "departments",
        "confirm",
        "number",
        "paper",
        "hall-screen",
    ]
    for picture in pictures:
        with Image.open(picture) as image:
            greys = image.convert("L").histogram()
        assert min(sum(greys[:100]), sum(greys[156:])) > 1000, picture


def test_with_a_screen_the_windows_open_there_and_the_kiosk_is_left_to_the_person(
    tmp_path: Path, x_screen: str
) -> None:
    with DemoRun(tmp_path, "--speed", "40", environment={"DISPLAY": x_screen}) as demo:
        demo.wait_for(r"^叫号 ([A-Z]+\d+) → ", times=3)

        for program in ("jiaohao-kiosk", "jiaohao-display"):
            assert "--offscreen" not in demo.program(program).cmdline()
        assert "comes to the kiosk" not in demo.output()
        demo.send(signal.SIGINT)
        assert demo.end() == 0


@pytest.fixture
def x_screen() -> Iterator[str]:
    """An X server without a monitor; what ``DISPLAY`` has to be."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()
