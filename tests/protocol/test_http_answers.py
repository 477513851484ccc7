"""Slow, endless and wrong answers: the client's thread is free after its timeout, and nothing of them is kept."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pytest
from ports import LOCAL

from protocol.clients import http_answers
from protocol.clients.county_client import CountyAway, CountyClient
from protocol.clients.http_answers import MAX_ANSWER_BYTES
from protocol.clients.hub_client import HubAway, HubClient
from protocol.county import CHAIN_START, JournalPush
from protocol.settings import CountyAddress, HubAddress

Pieces = Sequence[bytes]

LATE_S = 0.05
"""Pause between two pieces of a slow answer, seconds; the timeout is six times as long."""
PIECES = 60
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
TAKEN = b'{"seq": 7, "chain": "%b"}' % CHAIN_START.encode()
BOARD = (
    b'{"seq": 1, "as_of": "2026-11-20T01:00:00Z", "site": "hall", "name": {"zh": "", "en": ""}, "calls": [],'
    b' "waiting": [], "open": true}'
)
PUSH = JournalPush(after=0, chain=CHAIN_START)


class ScriptedServer:
    """Sends the same pieces as the answer to every request, ``late_s`` apart."""

    def __init__(self, pieces: Pieces, *, late_s: float = 0.0) -> None:
        self._pieces = pieces
        self._late_s = late_s
        self._listening = socket.create_server((LOCAL, 0))
        self.url = f"http://{LOCAL}:{self._listening.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as received:
            while _read_request(received):
                for piece in self._pieces:
                    connection.sendall(piece)
                    time.sleep(self._late_s)
                if HEAD in self._pieces:
                    return


def _read_request(received: BinaryIO) -> bool:
    """Read a request to its end; False when the client has closed the connection."""
    length = 0
    while (line := received.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return bool(line) and len(received.read(length)) == length


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Return a function that starts such a server."""
    servers: list[ScriptedServer] = []

    def make(pieces: Pieces, *, late_s: float = 0.0) -> ScriptedServer:
        servers.append(ScriptedServer(pieces, late_s=late_s))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


def push(url: str, *, timeout_s: float) -> int:
    address = CountyAddress.model_validate({"url": url, "key": "k" * 40})
    return CountyClient(address, site="hall", timeout_s=timeout_s).push(PUSH).seq


def board(url: str, *, timeout_s: float) -> int:
    address = HubAddress.model_validate({"url": url, "device": "kiosk-1", "key": "k"})
    return HubClient(address, timeout_s=timeout_s).board().seq


CLIENTS = [
    pytest.param(push, TAKEN, CountyAway, id="of a hub to the county"),
    pytest.param(board, BOARD, HubAway, id="of a device to the hub"),
]


@pytest.mark.parametrize(("exchange", "body", "away"), CLIENTS)
@pytest.mark.parametrize("slow", ["head", "body"])
def test_a_slow_answer_is_given_up_after_the_timeout(
    serve: Callable[..., ScriptedServer], exchange: Callable[..., int], body: bytes, away: type[OSError], slow: str
) -> None:
    in_head = [HEAD, b"X-Slow: ", *[b"x"] * PIECES, b"\r\n\r\n", body]
    in_body = [HEAD, b"\r\n", *[b" "] * PIECES, body]
    slow_server = serve(in_head if slow == "head" else in_body, late_s=LATE_S)
    with pytest.raises(away, match="timed out"):
        exchange(slow_server.url, timeout_s=6 * LATE_S)


@pytest.mark.parametrize(("exchange", "body", "away"), CLIENTS)
def test_an_answer_without_end_is_not_kept(
    serve: Callable[..., ScriptedServer], exchange: Callable[..., int], body: bytes, away: type[OSError]
) -> None:
    with pytest.raises(away, match="longer"):
        exchange(serve([HEAD, b"\r\n", b" " * (MAX_ANSWER_BYTES + 1), body]).url, timeout_s=20)


def test_a_connection_serves_again_after_a_whole_answer(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_answers, "REUSE_WITHIN_S", 60.0)
    kept = serve([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BOARD), BOARD])
    client = HubClient(HubAddress.model_validate({"url": kept.url, "device": "kiosk-1", "key": "k"}), timeout_s=20)
    assert [client.board().seq for _ in range(3)] == [1, 1, 1]
    assert kept.connections == 1


def test_a_connection_is_closed_before_the_server_closes_it(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_answers.REUSE_WITHIN_S < http_answers.KEEP_ALIVE_S
    monkeypatch.setattr(http_answers, "REUSE_WITHIN_S", 0.0)
    kept = serve([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BOARD), BOARD])
    client = HubClient(HubAddress.model_validate({"url": kept.url, "device": "kiosk-1", "key": "k"}), timeout_s=20)
    assert [client.board().seq for _ in range(3)] == [1, 1, 1]
    assert kept.connections == 3


@pytest.mark.parametrize(
    "answer",
    [
        b'200 OK|{"seq": -5, "chain": "%b"}' % CHAIN_START.encode(),
        b'409 Conflict|{"error": "gap", "message": {"zh": "", "en": ""}, "seq": -1}',
    ],
    ids=["taken", "a gap"],
)
def test_a_journal_that_goes_back_behind_its_beginning_is_none_of_the_countys(
    serve: Callable[..., ScriptedServer], answer: bytes
) -> None:
    status, _, body = answer.partition(b"|")
    wrong = serve([b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)])
    with pytest.raises(CountyAway, match="not the county's") as away:
        push(wrong.url, timeout_s=5)
    assert re.fullmatch(r"POST /journal: the answer is not the county's: HTTP \d+, seq: [^\n]*", str(away.value))
