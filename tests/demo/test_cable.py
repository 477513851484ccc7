"""The demo's cable carries bytes both ways; cut it closes every connection, healed it accepts connections again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from ports import LOCAL, free_port, listens
from real_hall import until

from demo.network.cable import Cable


@pytest.fixture
def county() -> Iterator[int]:
    """An echo server; yields its port."""
    with socket.create_server((LOCAL, 0)) as listening:

        def answer(connection: socket.socket) -> None:
            with connection:
                while received := connection.recv(65536):
                    connection.sendall(received)

        def take() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def call(port: int) -> socket.socket:
    connection = socket.create_connection((LOCAL, port), timeout=10)
    connection.sendall(b"are you there?")
    assert connection.recv(100) == b"are you there?"
    return connection


def test_a_cut_cable_closes_connections_and_a_healed_one_carries_again(county: int) -> None:
    with Cable(port=free_port(), to=county) as cable:
        until(lambda: listens(cable.port), what="the cable is there")
        with call(cable.port) as before, call(cable.port):
            cable.cut()

            assert before.recv(100) == b""
            until(lambda: not listens(cable.port), what="nobody is taken")
        cable.heal()
        until(lambda: listens(cable.port), what="the cable is whole")
        with call(cable.port):
            pass
    assert not listens(cable.port)


def test_without_a_county_behind_it_connections_are_closed_and_the_cable_stays() -> None:
    gone = free_port()
    with Cable(port=free_port(), to=gone) as cable:
        until(lambda: listens(cable.port), what="the cable is there")
        with socket.create_connection((LOCAL, cable.port), timeout=10) as connection:
            assert connection.recv(100) == b""
        assert listens(cable.port)
