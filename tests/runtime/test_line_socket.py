"""The socket through which a device's program is controlled."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from runtime.line_socket import SocketFault, serve_lines


def exchange(path: Path, *lines: str) -> list[object]:
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("r", encoding="utf-8") as answers:
        connection.connect(str(path))
        connection.sendall("".join(f"{line}\n" for line in lines).encode())
        return [json.loads(answers.readline()) for _ in lines]


def test_each_line_has_one_line_of_json_for_an_answer_and_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "panel.sock"
    path.write_text("left by a program that was killed", encoding="utf-8")
    with serve_lines(path, lambda line: {"号码": line.decode().strip()}):
        assert exchange(path, "A017", "", "A018") == [{"号码": "A017"}, {"号码": ""}, {"号码": "A018"}]
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


@pytest.mark.parametrize("name", ["no such folder/panel.sock", "x" * 200])
def test_a_path_that_cannot_be_a_socket_is_named_in_both_languages(tmp_path: Path, name: str) -> None:
    with pytest.raises(SocketFault) as raised, serve_lines(tmp_path / name, lambda line: {"line": line.decode()}):
        pass
    assert name in raised.value.text.zh
    assert raised.value.text.en.startswith("cannot open the control socket")


def test_who_goes_without_an_answer_leaves_no_traceback(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, gone = tmp_path / "panel.sock", threading.Event()

    def answer(line: bytes) -> dict[str, object]:
        gone.wait()
        return {"line": line.decode()}

    with serve_lines(path, answer):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(b"lamp?\nlamp?\n")
        gone.set()
        assert exchange(path, "lamp?") == [{"line": "lamp?\n"}]
        for thread in threading.enumerate():
            if "process_request" in thread.name:
                thread.join()
    assert capfd.readouterr().err == ""
