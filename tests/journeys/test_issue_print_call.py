"""The main journey: touch, paper, press, board and voice, lamp; in both languages. And what comes after a call."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hardware.panel.lamp import LampState
from protocol.vocabulary import Language, PrintOutcome, TicketState, WindowState

Album = Callable[[str], Path]
PRINTED = {Language.ZH: "请取走小票", Language.EN: "Please take your ticket"}
WAIT = {Language.ZH: "请到 A区 1楼 等候", Language.EN: "Please wait in Area A, 1st floor"}


def lit(lights: list[dict[str, Any]], state: LampState) -> set[tuple[bool, bool, bool]]:
    """Return the colours (red, green, blue) that were lit while the lamp showed a state."""
    return {(light["red"], light["green"], light["blue"]) for light in lights if light["state"] == state}


DARK, GREEN, BLUE = (False, False, False), (False, True, False), (False, False, True)


@pytest.mark.parametrize("language", Language)
def test_a_visitor_takes_a_number_is_called_and_served(equipment: Any, album: Album, language: Language) -> None:
    hall, kiosk, panel = equipment.hall, equipment.kiosk, equipment.panel("window-1")
    panel.wait_for_lamp(LampState.CLOSED)
    opened = panel.press("pause")
    panel.wait_until_shown(LampState.NOBODY, since=opened)
    papers = len(equipment.printer.pages)

    confirm = kiosk.walk_to_confirm("police", "id-card", english=language is Language.EN)
    assert confirm["language"] == language
    kiosk.finger.save_picture(album(f"1-kiosk-confirm-{language}"))
    kiosk.touch("confirm")
    shown = kiosk.finger.wait_for(lambda state: state["paper"] == "printed", what="that the paper came")
    ticket, number = shown["ticket"], shown["number"]
    hall.remember(ticket)
    assert (shown["page"], shown["language"]) == ("number", language)
    assert {number, PRINTED[language], WAIT[language]} <= set(shown["texts"])
    kiosk.finger.save_picture(album(f"2-kiosk-number-{language}"))

    page = equipment.printer.wait_for_pages(papers + 1, within_s=30)[papers]
    shutil.copy(page, album(f"3-paper-{language}"))
    assert hall.same_paper(page, ticket)
    hall.wait_for_outcome(ticket, PrintOutcome.PRINTED)
    assert hall.facts(ticket) == ["ticket_issued", "print_ended"]
    assert hall.ticket(ticket).language is language

    panel.wait_for_lamp(LampState.FREE)
    before = len(equipment.screen.lines())
    called = panel.press("call")
    line = equipment.screen.painted(
        lambda view: view["rows"] and view["rows"][0]["number"] == number, what=f"{number} on top", after=before
    )
    first = line["view"]["rows"][0]
    assert (first["window_label"], first["area"]["zh"], line["view"]["calling"]) == ("1", "A区 1楼", True)
    assert line["view"]["caption"] == {
        "zh": f"请 {number} 号到 1 号窗口",
        "en": f"Number {number}, please go to window 1",
    }
    assert {number, "→", "1", "号窗口", "A区 1楼", line["view"]["caption"]["zh"]} <= set(line["words"])
    equipment.screen.picture(album(f"4-screen-call-{language}"))
    assert hall.ticket(ticket).state is TicketState.CALLED
    panel.wait_until_shown(LampState.CALLED, since=called)

    equipment.screen.shows(lambda view: not view["calling"], what="the end of the announcement")
    started = panel.press("start_finish")
    panel.wait_until_shown(LampState.SERVING, since=started)
    assert lit(panel.shown(since=called), LampState.CALLED) == {BLUE, DARK}
    assert lit(panel.shown(since=started), LampState.SERVING) == {BLUE}
    assert hall.ticket(ticket).state is TicketState.SERVING

    finished = panel.press("start_finish")
    panel.wait_until_shown(LampState.NOBODY, since=finished)
    assert GREEN in lit(panel.shown(since=finished), LampState.NOBODY)
    assert hall.ticket(ticket).state is TicketState.FINISHED
    assert hall.facts(ticket) == ["ticket_issued", "print_ended", "ticket_called", "ticket_started", "ticket_finished"]
    kiosk.touch("done")
    assert kiosk.finger.wait_for_page("welcome")["language"] == Language.ZH
    assert hall.window("window-1").state is WindowState.OPEN


def test_fingers_that_tremble_get_one_number_and_a_key_pressed_twice_calls_once(equipment: Any) -> None:
    hall, kiosk, panel = equipment.hall, equipment.kiosk, equipment.panel("window-1")
    hall.at_window("window-1", "open")
    confirm = next(
        target for target in kiosk.walk_to_confirm("police", "household")["targets"] if target["touch"] == "confirm"
    )
    papers = len(equipment.printer.pages)
    for _ in range(4):
        kiosk.finger.touch_at(confirm["x"] + confirm["w"] / 2, confirm["y"] + confirm["h"] / 2)
    first = kiosk.finger.wait_for(lambda state: state["paper"] == "printed", what="that the paper came")["ticket"]
    hall.remember(first)
    second = hall.visitor("household").id
    assert hall.waiting("household") == 2
    assert hall.same_paper(equipment.printer.wait_for_pages(papers + 1, within_s=30)[papers], first)

    panel.wait_for_lamp(LampState.FREE)
    pressed = panel.press("call")
    panel.wait_until_shown(LampState.CALLED, since=pressed)
    again = panel.press("call")
    panel.wait_until_shown(LampState.NOT_TAKEN, since=again)
    panel.wait_for_lamp(LampState.CALLED, LampState.NO_SHOW_POSSIBLE)
    states = {ticket: hall.ticket(ticket).state for ticket in (first, second)}
    assert states == {first: TicketState.CALLED, second: TicketState.WAITING}
    assert hall.facts(first).count("ticket_called") == 1
    assert len(equipment.printer.pages) == papers + 1
