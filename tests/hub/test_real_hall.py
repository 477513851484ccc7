from __future__ import annotations

from real_hall import RealHall

from protocol import topics
from protocol.clients.hub_client import new_request_id
from protocol.requests import IssueTicket, WindowRequest
from protocol.retained_messages import Board
from protocol.vocabulary import TicketState


def test_a_touch_and_a_press_reach_the_board(real_hall: RealHall) -> None:
    hall = real_hall
    subscriber = hall.subscribe(topics.board(hall.site))
    ticket = hall.client("kiosk-1").issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))
    clerk = hall.client("window-1")
    clerk.set_window("window-1", "open", WindowRequest(request_id=new_request_id("window-1")))
    called = clerk.command_window("window-1", "call-next", WindowRequest(request_id=new_request_id("window-1")))

    assert (ticket.number, called.number, called.state) == ("A001", "A001", TicketState.CALLED)
    board = subscriber.wait_for(topics.board(hall.site), Board, lambda b: b.calls)
    assert [(c.number, c.window_label, c.recall) for c in board.calls] == [("A001", "1", False)]
