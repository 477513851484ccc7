"""Calls of several windows at once on screen and loudspeaker, and what clerks do when it is not that simple."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from hall_devices import ScreenProcess
from real_hall import until

from hardware.panel.lamp import LampState
from hardware.voice.clip_files import ClipArchive
from hardware.voice.phrases import Utterance
from hardware.voice.voice import ClipReader, Loudspeaker, Player, ReadAhead
from protocol.clients.hub_client import new_request_id
from protocol.requests import ReturnToQueue, TransferTicket
from protocol.retained_messages import Call
from protocol.vocabulary import Language, TicketState, WindowState

Album = Callable[[str], Path]
HIGHLIGHT_S = 2.0
STALL_S = 3.0
"""A busy machine may paint the first call so long after its turn began."""
AT_ONCE = {
    "window-3": "medical-reimbursement",
    "window-4": "social-card",
    "window-6": "birth-registration",
    "window-8": "invoice",
    "window-12": "road-vehicle",
}


def highlights(screen: ScreenProcess, *, after: int) -> list[tuple[int, str, float]]:
    """Return the calls that were highlighted, each with its number and when it began, in order."""
    calling = [line for line in screen.lines()[after:] if line["view"]["calling"]]
    return [
        (call_seq, line["view"]["rows"][0]["number"], line["monotonic_s"])
        for call_seq, lines in groupby(calling, key=lambda line: line["view"]["rows"][0]["call_seq"])
        for line in [next(lines)]
    ]


def test_calls_of_several_windows_are_shown_and_spoken_one_after_the_other(
    equipment: Any, album: Album, tmp_path: Path
) -> None:
    hall = equipment.hall
    played, wanted = tmp_path / "played", tmp_path / "wanted"
    played.mkdir()
    wanted.mkdir()
    voice = f'voice = {{ player = ["cp", "--backup=numbered", "{{file}}", "{played}"] }}'
    screen = hall.start_screen(device="display-3", voice=voice, more=f"highlight_s = {HIGHLIGHT_S}")
    for window, service in AT_ONCE.items():
        hall.at_window(window, "open")
        hall.visitor(service)
    before = len(screen.lines())
    with ThreadPoolExecutor(len(AT_ONCE)) as clerks:
        called = {ticket.number: window for window, ticket in zip(AT_ONCE, clerks.map(hall.call, AT_ONCE), strict=True)}
    calls: list[Call] = sorted(hall.client("monitor-1").board().calls[: len(AT_ONCE)], key=lambda call: call.call_seq)
    assert {call.number: call.window for call in calls} == called

    until(lambda: len(list(played.iterdir())) >= len(calls), within_s=60, what="every call was spoken")
    screen.picture(album("screen-five-calls-at-once"))
    screen.shows(lambda view: not view["calling"], what="the end of the announcements")
    shown = highlights(screen, after=before)
    assert [(seq, number) for seq, number, _ in shown] == [(call.call_seq, call.number) for call in calls]
    began = [at for _, _, at in shown]
    assert began[-1] - began[0] >= (len(began) - 1) * HIGHLIGHT_S - STALL_S, began
    assert [row["number"] for row in screen.views()[-1]["rows"]][: len(calls)] == [c.number for c in reversed(calls)]
    sounds = {sound: call.number for call in calls for sound in sounds_of(call, call.language, wanted)}
    assert [sounds[sound] for sound in spoken(played) if sound in sounds] == [call.number for call in calls]
    others = {
        sound for call in calls for language in (None, Language.EN) for sound in sounds_of(call, language, wanted)
    }
    assert set(spoken(played)) <= others | set(sounds)
    assert screen.stop() == 0


def spoken(folder: Path) -> list[bytes]:
    """Return the sounds that were played into a folder, in order."""
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)]


def sounds_of(call: Call, language: Language | None, folder: Path) -> list[bytes]:
    """Return how a call may sound in one language, brief or in full, or as a chime when there is none."""
    clips = ReadAhead(ClipReader(clips=ClipArchive()))
    voice = Loudspeaker(reader=clips, player=Player(command=("cp", "{file}", str(folder / "kept.wav"))))
    sounds = []
    for brief in (False, True):
        voice.speak(Utterance(call=call, language=language, brief=brief))
        sounds.append((folder / "kept.wav").read_bytes())
    return sounds


def test_a_recall_is_announced_again_and_changes_nothing_else(equipment: Any) -> None:
    hall, screen, panel = equipment.hall, equipment.screen, equipment.panel("window-1")
    hall.at_window("window-1", "open")
    ticket = hall.visitor("passport")
    panel.wait_for_lamp(LampState.FREE)
    before = len(screen.lines())
    panel.press("call")
    screen.painted(lambda view: view["calling"], what="the call", after=before)
    screen.shows(lambda view: not view["calling"], what="the end of the call")
    panel.hold("call")
    until(lambda: len(highlights(screen, after=before)) == 2, what="the recall is announced")
    assert [number for _, number, _ in highlights(screen, after=before)] == [ticket.number] * 2
    rows = [row["number"] for row in screen.views()[-1]["rows"]]
    assert rows.count(ticket.number) == 1
    assert hall.facts(ticket.id) == ["ticket_issued", "ticket_called", "ticket_recalled"]
    assert panel.lamp()["state"] in (LampState.CALLED, LampState.NO_SHOW_POSSIBLE)


def test_who_misses_the_call_may_return_once(equipment: Any) -> None:
    hall, screen, panel = equipment.hall, equipment.screen, equipment.panel("window-1")
    hall.at_window("window-1", "open")
    late, other = hall.visitor("passport"), hall.visitor("passport")
    panel.wait_for_lamp(LampState.FREE)
    called = panel.press("call")
    panel.wait_until_shown(LampState.CALLED, since=called)
    panel.wait_until_shown(LampState.NO_SHOW_POSSIBLE, since=called)
    missed = panel.press("no_show")
    panel.wait_until_shown(LampState.FREE, since=missed)
    assert hall.ticket(late.id).state is TicketState.NO_SHOW

    back = return_to_queue(hall, late.id)
    assert (back.status, hall.ticket(late.id).state) == (200, TicketState.WAITING)
    assert [hall.ticket(t.id).people_ahead for t in (other, late)] == [0, 1]
    assert hall.call("window-1").id == other.id
    hall.at_window("window-1", "finish")
    before = len(screen.lines())
    assert hall.call("window-1").id == late.id
    screen.painted(
        lambda view: view["calling"] and view["rows"][0]["number"] == late.number, what="the second call", after=before
    )
    panel.wait_for_lamp(LampState.NO_SHOW_POSSIBLE)
    hall.at_window("window-1", "no-show")
    assert return_to_queue(hall, late.id).json()["error"] == "no_return_left"
    assert hall.facts(late.id) == [
        "ticket_issued",
        "ticket_called",
        "ticket_no_show",
        "ticket_returned",
        "ticket_called",
        "ticket_no_show",
    ]


def return_to_queue(hall: Any, ticket: str) -> Any:
    """Let staff put a visitor who missed the call back, and return the hub's answer."""
    command = ReturnToQueue(request_id=new_request_id("kiosk-9"))
    return hall.request("POST", f"/v1/tickets/{ticket}/return-to-queue", command.model_dump(), device="kiosk-9")


def test_a_transferred_visitor_is_called_at_another_window_before_those_who_came_later(equipment: Any) -> None:
    hall, screen = equipment.hall, equipment.screen
    for window in ("window-1", "window-3"):
        hall.at_window(window, "open")
    moving = hall.visitor("id-card")
    later = hall.visitor("medical-reimbursement")
    assert hall.call("window-1").id == moving.id
    hall.client("window-1").transfer(
        "window-1", TransferTicket(request_id=new_request_id("window-1"), service="medical-reimbursement")
    )
    assert (hall.ticket(moving.id).state, hall.window("window-1").ticket) == (TicketState.WAITING, None)
    before = len(screen.lines())
    assert hall.call("window-3").id == moving.id
    line = screen.painted(
        lambda view: (
            view["calling"] and (view["rows"][0]["number"], view["rows"][0]["window_label"]) == (moving.number, "3")
        ),
        what=f"{moving.number} at window 3",
        after=before,
    )
    assert [row["number"] for row in line["view"]["rows"]].count(moving.number) == 1
    assert hall.ticket(later.id).people_ahead == 0


def test_a_cancelled_number_is_counted_and_called_no_more(equipment: Any) -> None:
    hall, screen = equipment.hall, equipment.screen
    hall.at_window("window-6", "open")
    gone, stays = hall.visitor("public-rental"), hall.visitor("public-rental")
    waits = lambda count: lambda view: [row["waiting"] for row in view["waiting"]] == [count]
    screen.shows(waits(2), what="two who wait")
    assert hall.cancel(gone.id).state is TicketState.CANCELLED
    screen.shows(waits(1), what="one who waits")
    assert hall.call("window-6").id == stays.id
    assert hall.facts(gone.id) == ["ticket_issued", "ticket_cancelled"]


def test_a_paused_window_and_a_closed_one_call_nobody(equipment: Any) -> None:
    hall, panel = equipment.hall, equipment.panel("window-1")
    sign = hall.start_screen(device="display-4", more='layout = "sign"\nwindow = "window-1"\nwidth = 960\nheight = 540')
    hall.at_window("window-1", "open")
    ticket = hall.visitor("passport")
    panel.wait_for_lamp(LampState.FREE)
    paused = panel.press("pause")
    panel.wait_until_shown(LampState.PAUSED, since=paused)
    sign.shows(lambda view: view["state"] == "paused", what="that the window is paused")
    pressed = panel.press("call")
    panel.wait_until_shown(LampState.NOT_TAKEN, since=pressed)
    assert (hall.window("window-1").state, hall.ticket(ticket.id).state) == (WindowState.PAUSED, TicketState.WAITING)

    opened = panel.press("pause")
    panel.wait_until_shown(LampState.FREE, since=opened)
    called = panel.press("call")
    panel.wait_until_shown(LampState.CALLED, since=called)
    sign.shows(lambda view: (view["state"], view["number"]) == ("called", ticket.number), what="the called number")
    hall.at_window("window-1", "finish")
    hall.at_window("window-1", "close")
    panel.wait_for_lamp(LampState.CLOSED)
    sign.shows(lambda view: view["state"] == "closed", what="that the window is closed")
    assert hall.ticket(ticket.id).state is TicketState.FINISHED
