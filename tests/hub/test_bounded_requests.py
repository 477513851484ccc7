"""What one peer can make the hub keep is bounded: bytes, time, and number of connections."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import psutil
import pytest
from ports import LOCAL
from real_hall import RealHall, until

HEAD = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n"
POST = b"POST /v1/tickets HTTP/1.1\r\nHost: hub\r\n"
PIECE = b"a" * 1_000_000
LIMITS = {"connections": 40, "connections_per_address": 20, "request_s": 2, "answer_s": 1}
PATIENT_S = 60


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHall]:
    """A hall whose hub has narrow limits."""
    with RealHall(tmp_path_factory.mktemp("hall"), with_broker=False, limits=LIMITS) as running:
        yield running


def connect(hall: RealHall) -> socket.socket:
    return socket.create_connection((LOCAL, hall.port), timeout=PATIENT_S)


def answer_to(hall: RealHall, *pieces: bytes) -> bytes:
    """Send pieces until the hub closes the connection; return all that it answered."""
    with closing(connect(hall)) as peer:
        try:
            for piece in pieces:
                peer.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return all_from(peer)


def all_from(peer: socket.socket) -> bytes:
    received = b""
    try:
        while piece := peer.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


REFUSED: dict[str, tuple[list[bytes], int, str]] = {
    "a field without end": ([HEAD + b"Cookie: ", *[PIECE] * 30], 431, "head_too_large"),
    "fields without end": ([HEAD, *[b"A: b\r\n" * 20_000] * 20], 431, "head_too_large"),
    "a name without end": ([HEAD, *[PIECE] * 5], 431, "head_too_large"),
    "a large head at once": ([HEAD + b"Cookie: " + b"a" * 20_000 + b"\r\n\r\n"], 431, "head_too_large"),
    "an address without end": ([b"GET /", *[PIECE] * 30], 414, "target_too_long"),
    "a long address": ([b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: hub\r\n\r\n"], 414, "target_too_long"),
    "no HTTP": ([b"\x16\x03\x01 hello\r\n\r\n"], 400, "not_http"),
    "trailers without end": (
        [POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n", *[b"T: a\r\n" * 20_000] * 20],
        413,
        "body_too_large",
    ),
    "a chunk's extension without end": (
        [POST + b"Transfer-Encoding: chunked\r\n\r\n1;x=", *[PIECE] * 5],
        413,
        "body_too_large",
    ),
    "half a head": ([HEAD], 408, "request_timeout"),
    "half a body": ([POST + b'Content-Length: 100\r\n\r\n{"request'], 408, "request_timeout"),
    "empty lines": ([b"\r\n"], 408, "request_timeout"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_too_much_or_too_slow_is_refused_in_one_sentence(hall: RealHall, name: str) -> None:
    pieces, status, error = REFUSED[name]
    head, _, body = answer_to(hall, *pieces).partition(b"\r\n\r\n")
    refusal = json.loads(body)
    assert (int(head.split()[1]), refusal["error"]) == (status, error)
    assert refusal["message"]["zh"] != refusal["message"]["en"]
    assert b"connection: close" in head


def test_a_connection_that_sends_nothing_is_closed_without_an_answer(hall: RealHall) -> None:
    assert answer_to(hall) == b""


def test_a_second_request_that_does_not_become_whole_is_refused_too(hall: RealHall) -> None:
    answers = answer_to(hall, HEAD + b"\r\n", HEAD)
    assert answers.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in answers


def test_answers_that_nobody_reads_are_given_up(hall: RealHall) -> None:
    hub = psutil.Process(hall.hub.pid)
    key = hall.key("monitor-1")
    request = f"GET /openapi.json HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    with closing(socket.socket()) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.connect((LOCAL, hall.port))
        own = peer.getsockname()
        peer.sendall(request * 8)
        until(lambda: not any(c.raddr == own for c in hub.net_connections()), what="the hub gave the answers up")


def test_requests_that_wait_on_one_connection_are_few(hall: RealHall) -> None:
    few = answer_to(hall, (HEAD + b"\r\n") * 5 + HEAD + b"Connection: close\r\n\r\n")
    assert few.count(b"HTTP/1.1 200 OK") == 6
    assert answer_to(hall, (HEAD + b"\r\n") * 5_000).count(b"HTTP/1.1 200 OK") < 50


def test_an_address_with_many_connections_loses_its_oldest_and_is_still_served(hall: RealHall) -> None:
    hub = psutil.Process(hall.hub.pid)
    with ExitStack() as peers:
        half = [peers.enter_context(closing(connect(hall))) for _ in range(60)]
        for peer in half[40:]:
            peer.sendall(HEAD)
        assert hall.request("GET", "/healthz").status == 200, "the hub has received what was sent before"
        for _ in range(20):
            peers.enter_context(closing(connect(hall)))
        issue = {"request_id": "crowded-1", "service": "id-card"}
        assert hall.request("POST", "/v1/tickets", issue, device="kiosk-1").status == 200
        assert all_from(half[0]) == b""
        assert all_from(half[50]).startswith(b"HTTP/1.1 503 ")
        assert len(hub.net_connections()) <= LIMITS["connections"]
    assert "too many connections" in hall.hub.output()


def test_websockets_and_pages_of_the_staff_are_closed_to_others(hall: RealHall) -> None:
    until(lambda: hall.request("GET", "/login").status == 200, what="the pages are loaded")
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    websocket = b"GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: hub\r\n" + upgrade
    assert answer_to(hall, websocket).startswith(b"HTTP/1.1 403 ")
    polling = hall.request("POST", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", body=b"x" * 1000)
    assert polling.status == 403
    page = hall.request("GET", "/manager?day=today", headers={"Connection": "close"})
    assert (page.status, page.headers["Location"]) == (303, "/login?role=manager")


def test_no_refusal_has_a_traceback_or_a_line_of_its_own_in_the_log(hall: RealHall) -> None:
    for _ in range(20):
        assert answer_to(hall, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    with closing(connect(hall)) as peer:
        peer.sendall(POST + b"Content-Length: 100\r\n\r\n{")
    assert hall.request("GET", "/healthz").status == 200
    assert "Traceback" not in hall.hub.output()
    assert "Invalid HTTP" not in hall.hub.output()
