"""Promises of a running hub: they come from a process beside it and delay no press."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from child_processes import is_running
from real_hall import RealHall, until

from protocol.answers import TicketAnswer
from protocol.requests import IssueTicket
from protocol.vocabulary import Promise


def forecaster_pid(hall: RealHall) -> int | None:
    """Process id of this hub's forecasting process, if it runs."""
    for child in psutil.Process(hall.hub.pid).children():
        with suppress(psutil.NoSuchProcess):  # nor is a zombie one
            if "server.runtime.forecast_worker" in child.cmdline():
                return child.pid
    return None


def running_forecaster(hall: RealHall) -> int:
    until(lambda: forecaster_pid(hall) is not None, what="a process forecasts", within_s=20)
    found = forecaster_pid(hall)
    assert found is not None
    return found


def issue(hall: RealHall, name: str, *, priority: str | None = None) -> TicketAnswer:
    request = IssueTicket(request_id=f"predict-{name}", service="id-card", priority=priority)
    return hall.client("kiosk-1").issue(request)


def press(hall: RealHall, window: str, key: str, name: str) -> None:
    path = f"/v1/windows/{window}/{key}"
    answer = hall.request("POST", path, {"request_id": f"predict-{window}-{key}-{name}"}, device=window)
    assert answer.status == 200, answer.data


def promised(hall: RealHall) -> Promise | None:
    """The promise that the kiosk shows for an identity card."""
    return next(s.promise for s in hall.client("kiosk-1").services().services if s.id == "id-card")


@pytest.fixture
def busy(real_hall: RealHall) -> RealHall:
    """One window is open, one visitor is served, eight wait."""
    press(real_hall, "window-2", "open", "first")
    for visitor in range(9):
        issue(real_hall, f"busy-{visitor}")
    press(real_hall, "window-2", "call-next", "first")
    until(lambda: long(promised(real_hall)), what="a long wait is promised", within_s=20)
    return real_hall


def long(promise: Promise | None) -> bool:
    return promise is not None and promise.low_min >= 30


def test_a_ticket_carries_the_levels_it_is_judged_by_and_the_menu_the_range_alone(busy: RealHall) -> None:
    shown, ticket = promised(busy), issue(busy, "promised").promise
    assert shown is not None
    assert (shown.p50_min, shown.p80_min, shown.p90_min) == (None, None, None)
    assert ticket is not None
    assert ticket.p50_min is not None
    assert ticket.low_min <= ticket.p50_min <= ticket.low_min + 5
    assert ticket.p80_min is not None
    assert ticket.p80_min <= ticket.high_min


def test_a_protected_visitor_is_promised_a_shorter_wait(busy: RealHall) -> None:
    plain, protected = issue(busy, "plain").promise, issue(busy, "old", priority="elderly").promise
    assert plain is not None
    assert protected is not None
    assert protected.high_min < plain.low_min


def test_the_page_of_a_ticket_shows_the_rest_of_the_wait(busy: RealHall) -> None:
    last = issue(busy, "last")

    def rest() -> Promise | None:
        answer = busy.request("GET", f"/v1/tickets/{last.id}", device="kiosk-1")
        return TicketAnswer.model_validate_json(answer.data).promise

    assert long(rest()), "at once"
    for turn in range(8):
        press(busy, "window-2", "call-next", f"turn-{turn}")
    until(lambda: (now := rest()) is not None and now.low_min < 20, what="the rest is short", within_s=20)


def test_a_forecasting_process_that_dies_is_replaced_and_logged(busy: RealHall) -> None:
    first = running_forecaster(busy)
    os.kill(first, signal.SIGKILL)
    issue(busy, "after")
    until(lambda: forecaster_pid(busy) not in (None, first), what="another process forecasts", within_s=20)
    until(lambda: long(promised(busy)), what="a wait is promised again", within_s=20)
    assert "the process restarts" in busy.hub.output()


def test_a_forecast_that_hangs_delays_no_press(busy: RealHall) -> None:
    hanging = running_forecaster(busy)
    os.kill(hanging, signal.SIGSTOP)
    try:
        for turn in range(3):
            ticket = issue(busy, f"hangs-{turn}")
            press(busy, "window-2", "call-next", f"hangs-{turn}")
            assert long(ticket.promise), "the newest there is"
    finally:
        os.kill(hanging, signal.SIGCONT)  # a stopped process would outlive its hub


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_forecasting_process_outlives_its_hub(real_hall: RealHall, end: str) -> None:
    left = psutil.Process(running_forecaster(real_hall))
    getattr(real_hall.hub, end)()
    until(lambda: not is_running(left), what="it has ended")


def test_forecasts_come_where_the_system_forbids_another_priority(tmp_path: Path) -> None:
    with RealHall(tmp_path, start_hub=False) as hall:
        refused = ["-e", "trace=setpriority", "-e", "inject=setpriority:error=EPERM", "-o", str(tmp_path / "refused")]
        hall.hub.command[:0] = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", *refused]
        hall.start_hub()
        press(hall, "window-2", "open", "first")
        issue(hall, "first")
        until(lambda: promised(hall) is not None, what="a wait is promised")
        assert hall.hub.output().count("keeps its priority") == 1
