"""A real kiosk process with a real window, at a real hub, broker and printer on the wire."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_twin import PrinterTwin, TwinFault
from protocol.answers import DeviceAnswer, DevicesAnswer
from protocol.vocabulary import PaperState, Presence, PrintOutcome


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[PrinterTwin]:
    with PrinterTwin(tmp_path / "paper") as printer:
        yield printer


def at(twin: PrinterTwin) -> str:
    return f'driver = "network"\nhost = "127.0.0.1"\nport = {twin.port}\njob_limit_s = 10'


def printed(state: dict[str, Any]) -> bool:
    return state["paper"] == "printed"


def test_a_visitor_takes_a_number_and_the_paper_comes_out(
    hall: Any, twin: PrinterTwin, start_kiosk: Callable[..., Any], tmp_path: Path, wait_for: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(hall, printer=at(twin))
    kiosk.finger.wait_for_page("welcome")
    kiosk.finger.touch("toggle-language")
    kiosk.issue_ticket("police", "id-card")
    state = kiosk.finger.wait_for(printed, what="a printed ticket")
    assert (state["page"], state["language"], state["number"]) == (
        "number",
        "en",
        hall.client("monitor-1").ticket(state["ticket"]).number,
    )
    assert "Please take your ticket" in state["texts"]
    twin.wait_for_pages(1, within_s=30)
    kiosk.finger.save_picture(tmp_path / "number.png")
    with Image.open(tmp_path / "number.png") as picture:
        assert picture.size == (1920, 1080)
    wait_for(lambda: outcome(hall, state) is PrintOutcome.PRINTED, what="the hub journals the paper down")
    kiosk.finger.touch("done")
    assert kiosk.finger.wait_for_page("welcome")["language"] == "zh"
    assert kiosk.stop() == 0
    assert not kiosk.socket.exists()


def outcome(hall: Any, state: dict[str, Any]) -> PrintOutcome | None:
    """Return the hub's outcome of the last print job of the shown number."""
    job = hall.client("monitor-1").ticket(state["ticket"]).print_job
    return job.outcome if job else None


def waiting(hall: Any, service: str) -> int:
    return next(s.waiting for s in hall.client("kiosk-1").services().services if s.id == service)


def figures(hall: Any) -> set[str]:
    """Return the hub's figures for monitoring, line by line."""
    answer = hall.request("GET", "/metrics", device="kiosk-1")
    return set(answer.data.decode().splitlines())


def status_of(hall: Any) -> DeviceAnswer:
    """Return what the hub knows of the kiosk."""
    answer = hall.request("GET", "/v1/devices", device="kiosk-1")
    return next(d for d in DevicesAnswer.model_validate_json(answer.data).devices if d.id == "kiosk-1")


def test_without_paper_the_number_is_large_the_fault_is_published_and_one_reprint_is_possible(
    hall: Any, twin: PrinterTwin, start_kiosk: Callable[..., Any], wait_for: Callable[..., Any]
) -> None:
    twin.set_fault(TwinFault.PAPER_OUT)
    kiosk = start_kiosk(hall, printer=at(twin))
    kiosk.issue_ticket("police", "id-card")
    state = kiosk.finger.wait_for(lambda s: s["paper"] == "trouble", what="the trouble with the paper")
    advice = f"打印机缺纸，您的号码是 {state['number']}，请记下或拍照，并告诉工作人员。"
    assert advice in "".join(state["texts"])
    assert outcome(hall, state) in {PrintOutcome.PENDING, PrintOutcome.FAILED}
    wait_for(lambda: status_of(hall).faults == [PrinterFault.PAPER_OUT.text], what="the fault at the hub")
    assert (status_of(hall).presence, status_of(hall).paper) == (Presence.ONLINE, PaperState.OUT)

    twin.set_fault(TwinFault.OK)
    kiosk.finger.touch("print-again")
    state = kiosk.finger.wait_for(printed, what="the reprint")
    assert len(twin.wait_for_pages(1, within_s=30)) == 1
    wait_for(lambda: outcome(hall, state) is PrintOutcome.PRINTED, what="the hub journals the reprint down")
    wait_for(lambda: status_of(hall).faults == [], what="the fault gone at the hub")
    assert "print-again" not in {target["touch"] for target in state["targets"]}


def test_a_hub_lost_at_the_touch_shows_the_staff_page_and_its_return_makes_one_ticket(
    hall: Any, start_kiosk: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(hall, printer='driver = "none"')
    kiosk.finger.touch("start")
    kiosk.finger.touch("choose-department:police")
    kiosk.finger.touch("choose-service:id-card")
    kiosk.finger.wait_for_page("confirm")
    before = waiting(hall, "id-card")
    hall.hub.freeze()
    kiosk.finger.touch("confirm")
    hall.hub.kill()
    assert "retry" in {target["touch"] for target in kiosk.finger.wait_for_page("staff")["targets"]}
    hall.start_hub()
    kiosk.finger.wait_for_page("confirm")
    kiosk.finger.touch("confirm")
    kiosk.finger.wait_for_page("number")
    assert waiting(hall, "id-card") == before + 1


def test_an_unanswered_ticket_request_of_a_visitor_who_went_back_does_not_stay_in_the_queue(
    hall: Any, start_kiosk: Callable[..., Any], wait_for: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(hall, printer='driver = "none"')
    kiosk.finger.touch("start")
    kiosk.finger.touch("choose-department:police")
    kiosk.finger.touch("choose-service:household")
    kiosk.finger.wait_for_page("confirm")
    hall.hub.freeze()
    kiosk.finger.touch("confirm")
    hall.hub.kill()
    kiosk.finger.wait_for_page("staff")
    hall.start_hub()
    kiosk.finger.wait_for_page("confirm")
    kiosk.finger.touch("back")
    kiosk.finger.wait_for_page("service")
    made_and_cancelled = {
        'jiaohao_tickets_issued_today{letter="E"} 1.0',
        'jiaohao_waiting_tickets{service="household"} 0.0',
    }
    wait_for(lambda: made_and_cancelled <= figures(hall), what="the ticket made and cancelled")


def test_a_double_touch_makes_one_ticket(hall: Any, start_kiosk: Callable[..., Any]) -> None:
    kiosk = start_kiosk(hall, printer='driver = "none"')
    kiosk.finger.touch("start")
    kiosk.finger.touch("choose-department:police")
    kiosk.finger.touch("choose-service:id-card")
    target = next(t for t in kiosk.finger.wait_for_page("confirm")["targets"] if t["touch"] == "confirm")
    before = waiting(hall, "id-card")
    for _ in range(4):
        kiosk.finger.touch_at(target["x"] + 50, target["y"] + 50)
    kiosk.finger.wait_for_page("number")
    assert waiting(hall, "id-card") == before + 1


def test_an_untouched_page_returns_to_welcome_after_a_warning_and_a_killed_kiosk_is_published_as_lost(
    hall: Any, start_kiosk: Callable[..., Any], wait_for: Callable[..., Any]
) -> None:
    patience = "patience = { idle_s = 12.0, warning_s = 11.5 }"
    kiosk = start_kiosk(hall, printer='driver = "none"', more=patience)
    kiosk.finger.touch("start")
    state = kiosk.finger.wait_for(lambda s: s["warning"] is not None, what="the warning")
    assert "还在吗？" in state["texts"]
    assert [target["touch"] for target in state["targets"]] == ["still-here"]
    kiosk.finger.wait_for_page("welcome")
    wait_for(lambda: status_of(hall).presence is Presence.ONLINE, what="the kiosk is online")
    kiosk.process.kill()
    kiosk.process.wait()
    wait_for(lambda: status_of(hall).presence is Presence.LOST, what="the kiosk is lost")


def test_a_kiosk_that_stops_publishes_offline(
    hall: Any, start_kiosk: Callable[..., Any], wait_for: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(hall, printer='driver = "none"')
    wait_for(lambda: status_of(hall).presence is Presence.ONLINE, what="the kiosk is online")
    kiosk.process.send_signal(signal.SIGINT)
    assert kiosk.process.wait(timeout=20) == 0
    wait_for(lambda: status_of(hall).presence is Presence.OFFLINE, what="the kiosk is offline")


def test_the_remote_control_answers_an_unknown_command_with_an_error(
    hall: Any, start_kiosk: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(hall, printer='driver = "none"')
    kiosk.finger.wait_for_page("welcome")
    for line in (b"nonsense\n", b'{"command": "all"}\n', b'{"command": "picture", "path": "/nowhere/a.png"}\n'):
        with socket.socket(socket.AF_UNIX) as line_in:
            line_in.connect(str(kiosk.socket))
            line_in.sendall(line)
            assert "error" in json.loads(line_in.makefile().readline())
    assert kiosk.finger.state()["page"] == "welcome"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('site = "Main Hall"', "site = 'Main Hall'"),
        ("[patience]\nidle_s = 5\nwarning_s = 9", "warning_s must be less than idle_s"),
        ('time_zone = "Mars"', "must be a time zone such as"),
        ("colour = 3", "there is no setting colour"),
    ],
)
def test_wrong_settings_are_a_sentence_and_exit_code_78(tmp_path: Path, settings: str, sentence: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(settings)
    command = [str(Path(sys.executable).parent / "jiaohao-kiosk"), "--settings", str(file), "--offscreen"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert sentence in ended.stderr
    assert str(file) in ended.stderr
