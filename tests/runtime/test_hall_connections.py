"""A device whose hub or broker is away says so once, with the cause, and once when it is over."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ports import LOCAL, free_port
from real_hall import Process, until

from protocol.clients.hub_client import HubError
from protocol.settings import HubAddress
from runtime.hall_connections import hub_client


class Refusal(BaseHTTPRequestHandler):
    """A hub that answers everything with a refusal."""

    status = 409

    def do_GET(self) -> None:
        body = b'{"error":"hall_closed","message":{"zh":"\xe5\x85\xb3","en":"closed"}}'
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        """Log nothing."""


def request_often(port: int) -> None:
    client = hub_client(
        HubAddress.model_validate({"url": f"http://{LOCAL}:{port}", "device": "kiosk-1", "key": "k"}), tls=None
    )
    for _ in range(20):
        for request in (client.board, client.services):
            with suppress(HubError):
                request()


def test_a_hub_that_is_away_is_logged_once_for_all_requests(caplog: pytest.LogCaptureFixture) -> None:
    request_often(free_port())
    (message,) = caplog.messages
    assert message.startswith("站点服务器没有回答 / the hub does not answer: ")
    assert "refused" in message


@pytest.mark.parametrize(("status", "logged"), [(409, 0), (401, 1)])
def test_a_refusal_is_an_answer_unless_it_refuses_the_key(
    caplog: pytest.LogCaptureFixture, status: int, logged: int
) -> None:
    caplog.set_level(logging.INFO)
    refusing = type("Refusing", (Refusal,), {"status": status})
    server = ThreadingHTTPServer((LOCAL, 0), refusing)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        request_often(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
    assert len(caplog.messages) == logged


@pytest.fixture
def closing_port() -> Iterator[tuple[int, list[int]]]:
    """A port that closes every connection at once, and its connections so far."""
    taken: list[int] = []
    with socket.create_server((LOCAL, 0)) as server:

        def take() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    taken.append(1)
                    connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], taken
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def test_the_panel_of_a_hall_without_broker_and_hub_logs_few_lines(
    tmp_path: Path, closing_port: tuple[int, list[int]]
) -> None:
    port, taken = closing_port
    settings = tmp_path / "window.toml"
    settings.write_text(
        f'site = "hall"\nwindow = "window-1"\ntwin_control = "{tmp_path}/twin.sock"\n'
        f'[hub]\nurl = "http://{LOCAL}:{free_port()}"\ndevice = "window-1"\nkey = "k"\n'
        f'[broker]\nhost = "{LOCAL}"\nport = {port}\n'
        "[keys]\ncall = 17\n[lamp]\nred = 5\ngreen = 6\nblue = 13\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "hardware.panel.window_agent", "--twin", "--settings", str(settings)]
    with Process(command, log=tmp_path / "window.log") as window:
        until(lambda: len(taken) >= 5 or not window.running, what="five attempts")
        output = window.output()
    assert len(taken) >= 5, output
    assert "消息服务器离线 / the broker is away" in output
    assert output.count("\n") <= 5, output
    assert "Traceback" not in output
