"""However the demo ends, or cannot start: one clear sentence, and no process is left."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import DemoRun
from real_hall import COUNTY_HALL, until

pytestmark = pytest.mark.timeout(300)  # a small machine takes a while to start a whole hall

FIRST_CALL = r"^叫号 ([A-Z]+\d+) → "


def sentence_of(folder: Path, *options: str, exit_code: int = 1) -> str:
    """Return the one sentence with which a demo that cannot begin ends."""
    with DemoRun(folder, *options) as demo:
        assert demo.end() == exit_code
        [sentence] = [line for line in demo.output().splitlines() if line.startswith("✗")]
        assert "Traceback" not in demo.output()
        return sentence


def test_the_demo_killed_outright_takes_its_programs_with_it(tmp_path: Path) -> None:
    with DemoRun(tmp_path, "--speed", "40") as demo:
        demo.wait_for(FIRST_CALL)
        until(lambda: len(demo.programs()) == 6, what="broker, hub with its forecasts, kiosk, screen, panels")
        demo.send(signal.SIGKILL)

        assert demo.end() == -signal.SIGKILL


def test_sigterm_while_the_hall_gets_ready_ends_everything(tmp_path: Path) -> None:
    with DemoRun(tmp_path) as demo:
        until(lambda: len(demo.programs()) >= 2, within_s=30, what="the first programs")
        demo.send(signal.SIGTERM)

        assert demo.end() == 0


def test_it_ends_by_itself_after_its_duration(tmp_path: Path) -> None:
    with DemoRun(tmp_path, "--duration", "1") as demo:
        assert demo.end(within_s=120) == 0
        assert "the demo has ended after" in demo.output()


def test_a_hub_that_dies_is_one_sentence(tmp_path: Path) -> None:
    with DemoRun(tmp_path, "--speed", "40") as demo:
        demo.wait_for(FIRST_CALL)
        demo.program("jiaohao-hub").kill()

        assert demo.end() == 1
        [sentence] = [line for line in demo.output().splitlines() if line.startswith("✗")]
        assert "hub-main-hall 意外结束" in sentence
        assert "hub-main-hall has ended, see" in sentence


def test_without_a_system_library_the_package_is_named_and_the_hall_goes_on(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for library in ("libEGL.so.1", "libGL.so.1"):
        (hidden / library).write_bytes(bytes(4096))
    with DemoRun(tmp_path, "--speed", "40", environment={"LD_LIBRARY_PATH": str(hidden)}) as demo:
        demo.wait_for(r"the (kiosk|hall screen) has no window, everything else goes on$", times=2)
        demo.wait_for(r"sudo apt install (libe?gl1)", times=2)
        demo.wait_for(FIRST_CALL, times=2)
        demo.send(signal.SIGINT)

        assert demo.end() == 0


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]

        assert sentence_of(tmp_path, "--port", str(port)) == (
            f"✗ 端口 127.0.0.1:{port} 用不了（Address already in use），请换一个 --port 或不写 / "
            f"127.0.0.1:{port} cannot be used (Address already in use); choose another --port or none"
        )


def test_a_full_disk(tmp_path: Path) -> None:
    sentence = sentence_of(tmp_path, "--folder", "/proc/demo")

    assert "磁盘空间不足" in sentence
    assert "the disk is full: 0 MB are left under /proc/demo and 200 MB are needed" in sentence


def test_a_package_that_is_not_installed() -> None:
    hide = "import sys; sys.modules['urllib3'] = None; sys.argv = ['demo']"
    program = f"{hide}; from demo.main import main; sys.exit(main())"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (
        1,
        "✗ 缺少软件包 urllib3，请运行 make demo / the package urllib3 is missing, run: make demo\n",
    )


def test_ctrl_c_while_the_packages_are_read_ends_it_quietly() -> None:
    program = """
import os, signal, sys
class PressesCtrlC:
    def find_spec(self, name, *_):
        if name == "urllib3":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, PressesCtrlC())
sys.argv = ["demo"]
from demo.main import main
sys.exit(main())
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ('area = "b"', 'area = "z"', "is not described; known: a, b, c"),
        ("[[areas]]", "[[aeras]]", "缺少 areas / areas is missing"),
        ("[[areas]]", "[areas", "is not valid TOML"),
    ],
)
def test_a_wrong_description_of_the_hall(tmp_path: Path, old: str, new: str, reported: str) -> None:
    wrong = tmp_path / "hall.toml"
    wrong.write_text(COUNTY_HALL.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    sentence = sentence_of(tmp_path, "--hall", str(wrong), exit_code=78)

    assert reported in sentence
    assert str(wrong) in sentence


def test_a_second_demo_in_the_same_folder(tmp_path: Path) -> None:
    with DemoRun(tmp_path) as first:
        until(lambda: len(first.programs()) >= 2, within_s=30, what="the first programs")
        (tmp_path / "second").mkdir()
        (tmp_path / "second" / "demo").symlink_to(first.folder)

        assert "another demo plays in" in sentence_of(tmp_path / "second")
        first.send(signal.SIGINT)
        assert first.end() == 0
