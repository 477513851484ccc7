"""A port at which something else than a broker answers."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from ports import LOCAL
from real_hall import until

from protocol.clients.mqtt_client import MqttClient
from protocol.settings import BrokerAddress


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def send_garbage(connection: socket.socket) -> None:
    connection.sendall(b"\x80\x80\x80 no MQTT")


def send_a_page(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("answer", [reset, send_garbage, send_a_page])
def test_what_is_no_broker_is_a_failure_and_no_line_in_the_log_each_time(
    answer: Callable[[socket.socket], None], caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[object] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                answer(connection)

    with closing(socket.create_server((LOCAL, 0))) as listening, caplog.at_level(logging.INFO):
        threading.Thread(target=serve, daemon=True).start()
        address = BrokerAddress(host=LOCAL, port=listening.getsockname()[1])
        client = MqttClient(address, on_failure=failures.append)
        client.start()
        until(lambda: len(failures) >= 2, what="it was tried again")
        client.stop()
    assert caplog.messages == []
