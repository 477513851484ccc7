"""A press whose sender gave up must not call anybody later: the clerk saw that it was not taken."""

from __future__ import annotations

import json
import resource
import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from ports import LOCAL, free_port
from real_hall import RealHall, until

from protocol.answers import TicketAnswer
from protocol.clients.hub_client import HubAway, HubRefused
from protocol.requests import IssueTicket, WindowRequest
from protocol.vocabulary import TicketState


def command(name: str) -> WindowRequest:
    return WindowRequest(request_id=f"late-press-{name}")


def hall_with_one_visitor(hall: RealHall) -> TicketAnswer:
    hall.client("window-1").set_window("window-1", "open", command("open"))
    return hall.client("kiosk-1").issue(IssueTicket(request_id="late-press-visitor", service="id-card"))


def raw_press(hall: RealHall, *, name: str) -> socket.socket:
    """Send a press as bytes and return the connection, its answer unread."""
    body = json.dumps({"request_id": f"late-press-{name}"}).encode()
    head = (
        f"POST /v1/windows/window-1/call-next HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {hall.key('window-1')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((LOCAL, hall.port), timeout=20)
    connection.sendall(head.encode() + body)
    return connection


def test_a_press_left_in_a_stopped_hubs_socket_does_not_fire_when_the_hub_goes_on(real_hall: RealHall) -> None:
    hall = real_hall
    waiting = hall_with_one_visitor(hall)
    hall.hub.freeze()
    try:
        for count in range(5):
            raw_press(hall, name=f"frozen-{count}").close()
    finally:
        hall.hub.resume()
    board = hall.client("display-1").board()
    assert board.calls == []
    assert hall.client("monitor-1").ticket(waiting.id).state is TicketState.WAITING
    assert hall.client("window-1").command_window("window-1", "call-next", command("real")).id == waiting.id


def test_a_press_whose_sender_waits_on_is_carried_out_when_the_hub_goes_on(real_hall: RealHall) -> None:
    hall = real_hall
    waiting = hall_with_one_visitor(hall)
    hall.hub.freeze()
    try:
        patient = raw_press(hall, name="patient")
    finally:
        hall.hub.resume()
    with patient:
        assert patient.recv(64).startswith(b"HTTP/1.1 200")
    assert hall.client("monitor-1").ticket(waiting.id).state is TicketState.CALLED


@pytest.fixture
def held(real_hall: RealHall) -> sqlite3.Connection:
    """Another program that can hold the database's only writing place, as a slow disk does."""
    return sqlite3.connect(real_hall.data / "hall.sqlite", isolation_level=None, check_same_thread=False)


def test_a_press_that_waited_for_the_disk_longer_than_its_sender_does_not_fire(
    real_hall: RealHall, held: sqlite3.Connection
) -> None:
    hall = real_hall
    waiting = hall_with_one_visitor(hall)
    with closing(held):
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(HubAway):
            hall.client("window-1", timeout_s=4.0).command_window("window-1", "call-next", command("slow"))
        held.execute("ROLLBACK")
    with pytest.raises(HubRefused) as refused:
        hall.client("window-2").command_window("window-2", "call-next", command("after"))
    assert refused.value.answer.error == "window_not_open", "the line of commands has moved on"
    assert hall.client("monitor-1").ticket(waiting.id).state is TicketState.WAITING
    again = hall.client("window-1").command_window("window-1", "call-next", command("slow"))
    assert again.id == waiting.id, "what was not carried out is not remembered: the same press may be tried again"


def test_a_press_that_waited_a_moment_is_carried_out(real_hall: RealHall, held: sqlite3.Connection) -> None:
    hall = real_hall
    waiting = hall_with_one_visitor(hall)
    answers: list[TicketAnswer] = []
    with closing(held):
        display = hall.client("display-1")
        held.execute("BEGIN IMMEDIATE")
        press = threading.Thread(
            target=lambda: answers.append(
                hall.client("window-1").command_window("window-1", "call-next", command("moment"))
            )
        )
        press.start()
        display.board()
        held.execute("ROLLBACK")
    press.join(timeout=30)
    assert [a.id for a in answers] == [waiting.id]


def test_a_disk_that_takes_nothing_is_reported_loses_nothing_and_goes_on_later(real_hall: RealHall) -> None:
    hall = real_hall
    taken = hall_with_one_visitor(hall)
    files = [p.stat().st_size for p in hall.data.glob("hall.sqlite*")]
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(hall.hub.pid, resource.RLIMIT_FSIZE, (max(files), unlimited))
    refused = []
    for count in range(100):
        body = {"request_id": f"no-room-{count:04}", "service": "id-card"}
        answer = hall.request("POST", "/v1/tickets", body, device="kiosk-1")
        if answer.status != 200:
            refused.append((answer.status, answer.json()["error"]))
            assert answer.json()["message"]["zh"].startswith("没有保存，请告诉工作人员：数据库出错")
            assert answer.json()["message"]["en"].startswith("nothing was saved: the database failed: ")
            break
    assert refused == [(503, "store_fault")]
    known = hall.client("display-1").services()
    assert hall.client("monitor-1").ticket(taken.id).state is TicketState.WAITING, "reading goes on"

    resource.prlimit(hall.hub.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    after = hall.client("kiosk-1").issue(IssueTicket(request_id=f"no-room-{count:04}", service="id-card"))
    waiting = hall.client("kiosk-1").services().services[0].waiting
    assert waiting == known.services[0].waiting + 1, "the refused ticket was not taken, its repeat is"
    hall.hub.kill()
    hall.start_hub()
    assert hall.client("monitor-1").ticket(after.id).number == after.number
    assert hall.client("monitor-1").ticket(taken.id).number == taken.number


def test_a_site_folder_is_kept_by_one_hub(real_hall: RealHall, tmp_path: Path) -> None:
    """A second hub in the same folder ends with one sentence and leaves the first alone."""
    second = real_hall.hub.__class__(real_hall.hub.command, log=tmp_path / "second.log")
    second.start()
    until(lambda: not second.running, what="the second hub gave up")
    assert second.stop() != 0
    assert "another jiaohao-hub is using" in second.output()
    assert real_hall.health().status == "ok"


def test_a_site_folder_is_kept_by_one_hub_also_when_its_lock_was_deleted(real_hall: RealHall, tmp_path: Path) -> None:
    """The second hub has a port of its own: nothing but the database tells it of the first."""
    site = real_hall.settings.with_name("second.toml")
    text = real_hall.settings.read_text(encoding="utf-8")
    site.write_text(text.replace(f"port = {real_hall.port}", f"port = {free_port()}"), encoding="utf-8")
    command = [str(site) if part == str(real_hall.settings) else part for part in real_hall.hub.command]
    for attempt in range(2):
        (real_hall.data / "hub.lock").unlink(missing_ok=True)
        with real_hall.hub.__class__(command, log=tmp_path / f"second-{attempt}.log") as second:
            until(lambda running=second: not running.running, what="the second hub gave up")
            assert "another jiaohao-hub is using" in second.output()
    assert real_hall.health().status == "ok"
    assert real_hall.client("kiosk-1").issue(IssueTicket(request_id="after-second-hub", service="id-card")).number


def test_a_failed_read_is_not_reported_as_a_failed_write(real_hall: RealHall) -> None:
    with closing(sqlite3.connect(real_hall.data / "hall.sqlite", isolation_level=None)) as by_hand:
        by_hand.execute("ALTER TABLE tickets RENAME TO tickets_gone")
    answer = real_hall.request("GET", "/v1/tickets/AAAAAAAAAAAAAAAA", device="kiosk-1")
    assert (answer.status, answer.json()["error"]) == (503, "unreadable")
    assert answer.json()["message"]["zh"] == "暂时读不出来，请告诉工作人员：数据库出错"
    assert answer.json()["message"]["en"] == "cannot be read now: the database failed: no such table: tickets"
    with closing(sqlite3.connect(real_hall.data / "hall.sqlite", isolation_level=None)) as by_hand:
        by_hand.execute("ALTER TABLE tickets_gone RENAME TO tickets")
    assert real_hall.request("GET", "/v1/tickets/AAAAAAAAAAAAAAAA", device="kiosk-1").status == 404
    logged = [line for line in real_hall.hub.output().splitlines() if "the database cannot be read" in line]
    assert len(logged) == 2
    assert "恢复正常 / over" in logged[1]
