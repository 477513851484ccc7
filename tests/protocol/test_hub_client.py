from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from ports import LOCAL
from real_hall import RealHall

from protocol.clients.hub_client import HubAway, HubClient, HubRefused
from protocol.requests import CancelTicket, EndPrint, IssueTicket, StartPrint, TransferTicket, WindowRequest
from protocol.settings import HubAddress
from protocol.vocabulary import PrintOutcome, TicketState, WindowState

StartServer = Callable[[bytes], str]


def http(status: str, body: str) -> bytes:
    content = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content


@pytest.fixture
def answering() -> Iterator[StartServer]:
    """Return a function that starts a server which answers each request with these bytes; without any it never does."""
    sockets: list[socket.socket] = []

    def start(content: bytes) -> str:
        listening = socket.create_server((LOCAL, 0))
        sockets.append(listening)
        threading.Thread(target=answer, args=(listening, content), daemon=True).start()
        return f"http://{LOCAL}:{listening.getsockname()[1]}"

    def answer(listening: socket.socket, content: bytes) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            sockets.append(connection)
            connection.recv(65536)
            if content:
                connection.sendall(content)
                connection.close()

    yield start
    for used in sockets:
        used.close()


def client(url: str, *, timeout_s: float = 2.0) -> HubClient:
    return HubClient(HubAddress.model_validate({"url": url, "device": "kiosk-1", "key": "k"}), timeout_s=timeout_s)


def test_a_hub_that_is_not_there_is_away() -> None:
    with closing(socket.create_server((LOCAL, 0))) as once:
        port = once.getsockname()[1]
    with pytest.raises(HubAway):
        client(f"http://{LOCAL}:{port}").board()


def test_a_hub_that_does_not_answer_is_away_after_the_timeout(answering: StartServer) -> None:
    began = time.monotonic()
    with pytest.raises(HubAway):
        client(answering(b""), timeout_s=0.3).board()
    assert 0.2 < time.monotonic() - began < 15


AWAY = {
    "a fault of the hub": http("500 Internal Server Error", "{}"),
    "a full disk": http("503 Service Unavailable", '{"error": "disk_full"}'),
    "a page of another server": http("200 OK", "<html>router login</html>"),
    "an answer of another kind": http("200 OK", '{"seq": "many"}'),
    "a refusal of another server": http("403 Forbidden", "<html>proxy</html>"),
    "half an answer": http("200 OK", '{"seq": 1}')[:-5],
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
}


@pytest.mark.parametrize("content", AWAY.values(), ids=AWAY.keys())
def test_whatever_is_not_the_hubs_own_answer_is_away(answering: StartServer, content: bytes) -> None:
    with pytest.raises(HubAway):
        client(answering(content)).board()


def test_of_a_foreign_answer_the_cause_is_one_plain_line(answering: StartServer) -> None:
    causes: list[object] = []
    address = HubAddress.model_validate({"url": answering(AWAY["a page of another server"]), "device": "k", "key": "k"})
    with pytest.raises(HubAway):
        HubClient(address, timeout_s=20, on_result=causes.append).board()
    (cause,) = causes
    assert re.fullmatch(r"the answer is not the hub's: HTTP 200, Invalid JSON: [^\n]*", str(cause))
    assert "pydantic" not in str(cause)


def test_a_refusal_has_its_name_and_sentence(shared_hall: RealHall) -> None:
    with pytest.raises(HubRefused) as refused:
        shared_hall.client("window-1").command_window("window-1", "start", WindowRequest(request_id="client-refused"))
    assert (refused.value.status, refused.value.answer.error) == (409, "no_ticket_at_window")
    assert refused.value.answer.message.zh


def test_every_method_gets_its_answer_from_the_real_hub(shared_hall: RealHall) -> None:
    kiosk, clerk = shared_hall.client("kiosk-1"), shared_hall.client("window-1")

    def press(name: str) -> WindowRequest:
        return WindowRequest(request_id=f"client-{name}")

    ticket = kiosk.issue(IssueTicket(request_id="client-issue", service="id-card"))
    other = kiosk.issue(IssueTicket(request_id="client-other", service="id-card"))
    assert kiosk.services().services[0].waiting == 2
    assert clerk.set_window("window-1", "open", press("open")).state is WindowState.OPEN
    assert clerk.command_window("window-1", "call-next", press("next")).id == ticket.id
    assert kiosk.board().calls[0].number == ticket.number
    moved = clerk.transfer("window-1", TransferTicket(request_id="client-transfer", service="invoice"))
    assert (moved.id, moved.service) == (ticket.id, "invoice")
    assert clerk.call_number("window-1", other.number, press("number")).id == other.id
    assert next(w for w in clerk.windows().windows if w.id == "window-1").ticket == other.number
    job = kiosk.start_print(other.id, StartPrint(request_id="client-print"))
    ended = kiosk.end_print(job.job, EndPrint(request_id="client-printed", outcome=PrintOutcome.PRINTED))
    assert (ended.job, ended.outcome) == (job.job, PrintOutcome.PRINTED)
    assert kiosk.cancel(ticket.id, CancelTicket(request_id="client-cancel")).state is TicketState.CANCELLED
    assert kiosk.ticket(ticket.id).state is TicketState.CANCELLED
