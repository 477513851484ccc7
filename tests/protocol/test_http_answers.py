"""Answers that do not come whole, or not in order: whoever asked is free again, and has not kept what was said."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pytest
from ports import LOCAL

from protocol import http_answers
from protocol.county import CHAIN_START, JournalPush
from protocol.county_client import CountyAway, CountyClient
from protocol.http_answers import MAX_ANSWER_BYTES
from protocol.hub_client import HubAway, HubClient
from protocol.settings import CountyAddress, HubAddress

Pieces = Sequence[bytes]

LATE_S = 0.05
"""Between two pieces of an answer that drips; the time-out is six times as long."""
DRIPS = 60
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
TAKEN = b'{"seq": 7, "chain": "%b"}' % CHAIN_START.encode()
BOARD = (
    b'{"seq": 1, "as_of": "2026-11-20T01:00:00Z", "site": "hall", "name": {"zh": "", "en": ""}, "calls": [],'
    b' "waiting": [], "open": true}'
)
PUSH = JournalPush(after=0, chain=CHAIN_START)


class Somebody:
    """At an address of its own, says the same pieces to every question, ``late_s`` apart."""

    def __init__(self, pieces: Pieces, *, late_s: float = 0.0) -> None:
        self._pieces = pieces
        self._late_s = late_s
        self._listening = socket.create_server((LOCAL, 0))
        self.url = f"http://{LOCAL}:{self._listening.getsockname()[1]}"
        self.met = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def leave(self) -> None:
        """Meet nobody any more."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.met += 1
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as asked:
            while _whole_question(asked):
                for piece in self._pieces:
                    connection.sendall(piece)
                    time.sleep(self._late_s)
                if HEAD in self._pieces:
                    return


def _whole_question(asked: BinaryIO) -> bool:
    """Hear a question to its end; False when nobody asks any more."""
    length = 0
    while (line := asked.readline()).strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return bool(line) and len(asked.read(length)) == length


@pytest.fixture
def somebody() -> Iterator[Callable[..., Somebody]]:
    """Make somebody who answers so."""
    everybody: list[Somebody] = []

    def make(pieces: Pieces, *, late_s: float = 0.0) -> Somebody:
        everybody.append(Somebody(pieces, late_s=late_s))
        return everybody[-1]

    yield make
    for one in everybody:
        one.leave()


def push(url: str, *, timeout_s: float) -> int:
    address = CountyAddress.model_validate({"url": url, "key": "k" * 40})
    return CountyClient(address, site="hall", timeout_s=timeout_s).push(PUSH).seq


def board(url: str, *, timeout_s: float) -> int:
    address = HubAddress.model_validate({"url": url, "device": "kiosk-1", "key": "k"})
    return HubClient(address, timeout_s=timeout_s).board().seq


ASKED = [
    pytest.param(push, TAKEN, CountyAway, id="of a hub to the county"),
    pytest.param(board, BOARD, HubAway, id="of a device to the hub"),
]


@pytest.mark.parametrize(("ask", "body", "away"), ASKED)
@pytest.mark.parametrize("slow", ["head", "body"])
def test_an_answer_that_drips_is_not_waited_for(
    somebody: Callable[..., Somebody], ask: Callable[..., int], body: bytes, away: type[OSError], slow: str
) -> None:
    in_head = [HEAD, b"X-Slow: ", *[b"x"] * DRIPS, b"\r\n\r\n", body]
    in_body = [HEAD, b"\r\n", *[b" "] * DRIPS, body]
    dripping = somebody(in_head if slow == "head" else in_body, late_s=LATE_S)
    with pytest.raises(away, match="timed out"):
        ask(dripping.url, timeout_s=6 * LATE_S)


@pytest.mark.parametrize(("ask", "body", "away"), ASKED)
def test_an_answer_without_end_is_not_kept(
    somebody: Callable[..., Somebody], ask: Callable[..., int], body: bytes, away: type[OSError]
) -> None:
    with pytest.raises(away, match="longer"):
        ask(somebody([HEAD, b"\r\n", b" " * (MAX_ANSWER_BYTES + 1), body]).url, timeout_s=20)


def test_a_connection_serves_again_after_a_whole_answer(
    somebody: Callable[..., Somebody], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_answers, "REUSE_WITHIN_S", 60.0)
    kept = somebody([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BOARD), BOARD])
    client = HubClient(HubAddress.model_validate({"url": kept.url, "device": "kiosk-1", "key": "k"}), timeout_s=20)
    assert [client.board().seq for _ in range(3)] == [1, 1, 1]
    assert kept.met == 1


def test_a_connection_is_left_before_the_other_side_leaves_it(
    somebody: Callable[..., Somebody], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_answers.REUSE_WITHIN_S < http_answers.KEEP_ALIVE_S
    monkeypatch.setattr(http_answers, "REUSE_WITHIN_S", 0.0)
    kept = somebody([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BOARD), BOARD])
    client = HubClient(HubAddress.model_validate({"url": kept.url, "device": "kiosk-1", "key": "k"}), timeout_s=20)
    assert [client.board().seq for _ in range(3)] == [1, 1, 1]
    assert kept.met == 3


@pytest.mark.parametrize(
    "said",
    [
        b'200 OK|{"seq": -5, "chain": "%b"}' % CHAIN_START.encode(),
        b'409 Conflict|{"error": "gap", "message": {"zh": "", "en": ""}, "seq": -1}',
    ],
    ids=["taken", "a gap"],
)
def test_a_journal_that_goes_back_behind_its_beginning_is_none_of_the_countys(
    somebody: Callable[..., Somebody], said: bytes
) -> None:
    status, _, body = said.partition(b"|")
    wrong = somebody([b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)])
    with pytest.raises(CountyAway, match="not the county's"):
        push(wrong.url, timeout_s=5)
