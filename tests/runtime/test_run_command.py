"""How every program starts, and with which exit code it ends."""

from __future__ import annotations

import argparse
import errno
import logging
import socket
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from protocol.settings import SettingsError
from protocol.vocabulary import Text
from runtime.run_command import (
    FAILED,
    RESTART_PAUSE_S,
    WRONG_SETTINGS,
    CommandFailed,
    add_settings_option,
    command_parser,
    run_command,
)


class NoScreen(RuntimeError):
    """A failure that only one program knows."""


def done(_: argparse.Namespace) -> int:
    return 0


def raising(error: Exception) -> Callable[[argparse.Namespace], int]:
    def run(_: argparse.Namespace) -> int:
        raise error

    return run


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_a_library_writes_to_the_root_logger_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers.clear()

    def write(_: argparse.Namespace) -> int:
        logging.info("Closing Network connection")
        logging.warning("loud")
        logging.getLogger("hall").info("ours")
        return 0

    assert run(write) == 0
    assert capsys.readouterr().err == "WARNING root: loud\nINFO hall: ours\n"


def test_the_log_level_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers.clear()

    def log_twice(_: argparse.Namespace) -> int:
        logging.getLogger("hall").info("quiet")
        logging.getLogger("hall").warning("loud")
        return 0

    assert run(log_twice, "--log-level", "warning") == 0
    assert capsys.readouterr().err == "WARNING hall: loud\n"


def run(work: Callable[[argparse.Namespace], int], *arguments: str) -> int:
    parser = command_parser("jiaohao-test", description="A test.")
    return run_command(parser, work, arguments, failures=(NoScreen,))


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (SettingsError("hub.toml", Text(zh="port 错", en="port is wrong")), 78, "hub.toml: port 错 / port is wrong"),
        (CommandFailed(Text(zh="两者不同", en="they differ")), 1, "两者不同 / they differ"),
        (CommandFailed(Text(zh="请修复", en="repair it"), report="3 rows"), 1, "3 rows\n请修复 / repair it"),
        (NoScreen("没有屏幕 / no screen"), 1, "没有屏幕 / no screen"),
        (OSError(errno.ENOSPC, "No space left"), 1, "磁盘已满，请清理磁盘 / the disk is full, please make room"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_an_exit_code(
    error: Exception, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raising(error)) == code
    assert capsys.readouterr() == ("", f"jiaohao-test: {sentence}\n")


def test_a_programs_own_exit_code_is_returned() -> None:
    assert run(done) == 0
    assert run(lambda _: 130) == 130


def test_a_defect_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


def test_wrong_usage_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(done, "--nonsense")
    assert "unrecognized arguments: --nonsense" in capsys.readouterr().err


def test_every_program_states_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(done, "--version")
    assert capsys.readouterr().out == f"jiaohao-test {version('jiaohao')}\n"


def test_a_device_names_its_settings_file_and_a_server_has_a_default(capsys: pytest.CaptureFixture[str]) -> None:
    device, server = command_parser("device", description=None), command_parser("server", description=None)
    add_settings_option(device)
    add_settings_option(server, default=Path("/etc/jiaohao/hub.toml"))

    assert server.parse_args([]).settings == Path("/etc/jiaohao/hub.toml")
    assert device.parse_args(["--settings", "kiosk.toml"]).settings == Path("kiosk.toml")
    with pytest.raises(SystemExit, match="2"):
        device.parse_args([])
    assert "--settings" in capsys.readouterr().err


def test_under_systemd_a_fault_that_may_pass_is_tried_again_later_and_one_that_lasts_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd starts a program again a second after its end: the pause keeps the log short."""
    paused: list[float] = []
    monkeypatch.setattr("runtime.systemd_notify.time.sleep", paused.append)
    parser = command_parser("jiaohao-test", description=None)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert run_command(parser, raising(OSError(errno.EIO, "I/O error")), []) == FAILED
        assert systemd.recv(100) == b"STOPPING=1"
        assert run_command(parser, raising(OSError(errno.EACCES, "Permission denied")), []) == WRONG_SETTINGS
    assert paused == [RESTART_PAUSE_S]
    assert 60 / RESTART_PAUSE_S < 5
